"""The root certificates that trust is judged by: the system's store, and what `SSL_CERT_FILE` adds to it."""

import hashlib
import os
import re
import ssl
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import certifi
from cryptography import x509
from OpenSSL import crypto

_SYSTEM_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu, Alpine, Arch
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora, RHEL
    "/etc/ssl/ca-bundle.pem",  # openSUSE
    "/etc/ssl/cert.pem",  # macOS, BSD
)
_PEM = re.compile(rb"-----BEGIN (?:TRUSTED )?CERTIFICATE-----[^-]+-----END (?:TRUSTED )?CERTIFICATE-----")


@dataclass(frozen=True)
class Roots:
    """A set of trusted root certificates, in DER."""

    certificates: tuple[bytes, ...]

    @cached_property
    def digest(self) -> str:
        """Names the set: SHA-256 over its certificates, sorted."""
        return hashlib.sha256(b"".join(sorted(hashlib.sha256(der).digest() for der in self.certificates))).hexdigest()

    @cached_property
    def dates(self) -> tuple[float, ...]:
        """All instants at which a root begins or ends to be valid, sorted, as Unix times."""
        return tuple(sorted(instant for der in self.certificates for instant in _validity(der)))

    def store(self) -> crypto.X509Store:
        """Returns a new OpenSSL store of these roots, for one verification: its time can be set once, never changed."""
        return _store(self)

    def __hash__(self) -> int:
        return hash(self.digest)

    def __getstate__(self) -> dict[str, object]:
        return {"certificates": self.certificates}


def default_roots() -> Roots:
    """Returns the system's roots and those in the file that `SSL_CERT_FILE` names.

    Raises ValueError when that file cannot be read or holds no certificate.
    """
    return _roots_with(os.environ.get("SSL_CERT_FILE") or None)


def from_pem(*bundles: bytes) -> Roots:
    """Returns the roots in PEM bundles, each once."""
    return Roots(tuple(dict.fromkeys(_ders(bundles))))


@lru_cache(maxsize=8)
def _roots_with(added: str | None) -> Roots:
    system = _system_bundle().read_bytes()
    if added is None:
        return from_pem(system)
    try:
        bundle = Path(added).read_bytes()
    except OSError as error:
        raise ValueError(f"SSL_CERT_FILE names {added}, which cannot be read: {error.strerror}") from error
    if not _PEM.search(bundle):
        raise ValueError(f"SSL_CERT_FILE names {added}, which holds no PEM certificate")
    return from_pem(system, bundle)


def _system_bundle() -> Path:
    compiled_in = ssl.get_default_verify_paths().openssl_cafile  # unlike .cafile, not moved by SSL_CERT_FILE
    found = (Path(path) for path in (*_SYSTEM_BUNDLES, compiled_in) if path and Path(path).is_file())
    return next(found, Path(certifi.where()))


def _ders(bundles: Iterable[bytes]) -> Iterable[bytes]:
    for bundle in bundles:
        for block in _PEM.findall(bundle):
            yield ssl.PEM_cert_to_DER_cert(block.replace(b"TRUSTED ", b"").decode("ascii"))


def _validity(der: bytes) -> tuple[float, ...]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            certificate = x509.load_der_x509_certificate(der)
            return certificate.not_valid_before_utc.timestamp(), certificate.not_valid_after_utc.timestamp()
    except ValueError:
        return ()


def _store(roots: Roots) -> crypto.X509Store:
    store = crypto.X509Store()
    for certificate in _loaded(roots):
        store.add_cert(certificate)
    return store


@lru_cache(maxsize=8)
def _loaded(roots: Roots) -> tuple[crypto.X509, ...]:
    loaded = []
    for der in roots.certificates:
        try:
            loaded.append(crypto.load_certificate(crypto.FILETYPE_ASN1, der))
        except crypto.Error:  # an operator's bundle may hold one that this OpenSSL cannot read
            continue
    return tuple(loaded)
