"""The instance's key: made when first needed, kept beside the store, readable by its owner alone; Ed25519."""

import hashlib
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from models.errors import WallwatchError

_OTHERS = 0o077


class SigningError(WallwatchError):
    """The key cannot be used."""


@dataclass(frozen=True, slots=True)
class Signer:
    """A key that signs."""

    key: Ed25519PrivateKey

    @property
    def public_pem(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    @property
    def id(self) -> str:
        return _id(self.key.public_key())

    def sign(self, content: bytes) -> bytes:
        """Returns 64 bytes; the same for the same content."""
        return self.key.sign(content)


def signer_at(path: Path) -> Signer:
    """Returns the key of a file, which is made where it is not there. Raises SigningError."""
    try:
        if not path.exists():
            _make(path)
        if path.stat().st_mode & _OTHERS:
            raise SigningError(f"{path} can be read by others; a key must not be: chmod 600 {path}")
        key = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise SigningError(
            f"{path}: the signing key cannot be read or made: {error.strerror}; name another file with --key"
        ) from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SigningError(f"{path} is no unencrypted private key in PEM; name another file with --key") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SigningError(f"{path} holds another kind of key than Ed25519; name another file with --key")
    return Signer(key)


def key_id(public_pem: bytes) -> str:
    """Returns the SHA-256 of a public key in DER, in hex. Raises ValueError where it is no Ed25519 key."""
    return _id(_public(public_pem))


def signed(content: bytes, signature: bytes, public_pem: bytes) -> bool:
    """Tells whether the owner of a public key signed exactly this. Raises ValueError where it is no Ed25519 key."""
    try:
        _public(public_pem).verify(signature, content)
    except InvalidSignature:
        return False
    return True


def _public(pem: bytes) -> Ed25519PublicKey:
    try:
        key = load_pem_public_key(pem)
    except UnsupportedAlgorithm as error:
        raise ValueError(str(error)) from error
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("another kind of key than Ed25519")
    return key


def _id(key: Ed25519PublicKey) -> str:
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def _make(path: Path) -> None:
    """Writes a new key; of two processes that do so at once, one wins and both use its key."""
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".signing-key-")  # mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(name, path)
    finally:
        Path(name).unlink()
