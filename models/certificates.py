"""Certificates as evidence: what they say, and whether a chain was to be trusted for a name, at a time, under given roots.

Chains come from whoever sits on the wire, so nothing here raises for what they hold.
"""

import hashlib
import ipaddress
import warnings
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from threading import Lock

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from OpenSSL import crypto

from models.failures import Failure
from models.roots import Roots, default_roots

__all__ = ["Certificate", "Roots", "chain_failure", "covers", "default_roots", "parse"]

_MOST_CERTIFICATES = 16
_MOST_NAMES = 1000
_AUTHORITY_ERRORS = frozenset({2, 18, 19, 20, 21, 24, 27, 28, 33})  # x509_vfy.h: no issuer, self-signed, untrusted …
_SERVER_USAGES = frozenset({ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What one certificate says of itself."""

    fingerprint: str  # SHA-256 of the DER, hex
    subject: str  # RFC 4514, most specific part first
    issuer: str
    common_name: str | None
    names: tuple[str, ...]  # dNSName and iPAddress subject alternative names
    not_before: datetime
    not_after: datetime
    self_issued: bool
    for_servers: bool  # may be used as a TLS server's
    serial: str  # hex


def chain_failure(chain: Sequence[bytes], name: str | None, at: datetime, roots: Roots) -> str | None:
    """Returns null for a chain (DER, leaf first) trusted for `name` at that time, else its `ssl_*` word.

    An unknown authority outranks an expired certificate, which outranks a wrong name. A null name is not checked.
    """
    presented = tuple(chain[:_MOST_CERTIFICATES])
    if not presented:
        return Failure.SSL_INVALID_CERTIFICATE
    try:
        failure = _trust(presented, roots, _epoch(presented, at), at.astimezone(UTC))
    except UnreadableError:
        return Failure.SSL_INVALID_CERTIFICATE
    if failure is not None or name is None or covers(presented[0], name):
        return failure
    return Failure.SSL_INVALID_HOSTNAME


def covers(leaf: bytes, name: str) -> bool:
    """Tells whether a certificate is for this host name or address (RFC 9525: never by its common name)."""
    certificate = parse(leaf)
    if certificate is None:
        return False
    wanted = name.rstrip(".").lower()
    return any(_matches(known, wanted) for known in certificate.names)


@lru_cache(maxsize=4096)
def parse(der: bytes) -> Certificate | None:
    """Returns what a certificate says, or null when it cannot be read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a strange certificate is evidence, not news for stderr
            return _read(x509.load_der_x509_certificate(der))
    except Exception:
        return None


class UnreadableError(Exception):
    """A certificate of the chain cannot be read."""


def _matches(known: str, wanted: str) -> bool:
    if known == wanted:
        return True
    if not known.startswith("*.") or _is_address(wanted):
        return False
    _, _, parent = wanted.partition(".")
    return "." in parent and known[2:] == parent


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _read(certificate: x509.Certificate) -> Certificate:
    common = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return Certificate(
        fingerprint=hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest(),
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        common_name=str(common[-1].value) if common else None,
        names=_names(certificate.extensions),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        self_issued=certificate.subject == certificate.issuer,
        for_servers=_for_servers(certificate.extensions),
        serial=f"{certificate.serial_number:x}",
    )


def _names(extensions: x509.Extensions) -> tuple[str, ...]:
    try:
        names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    hosts = [name.lower() for name in names.get_values_for_type(x509.DNSName)]
    addresses = [str(address) for address in names.get_values_for_type(x509.IPAddress)]
    return tuple((hosts + addresses)[:_MOST_NAMES])


def _for_servers(extensions: x509.Extensions) -> bool:
    try:
        usages = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return not _SERVER_USAGES.isdisjoint(usages)


def _epoch(chain: tuple[bytes, ...], at: datetime) -> tuple[int, ...]:
    """Says where `at` lies among the chain's dates: within one such stretch the answer cannot change."""
    moment = at.timestamp()
    return tuple(bisect_right(_dates(der), moment) for der in chain)


def _dates(der: bytes) -> tuple[float, float]:
    certificate = parse(der)
    if certificate is None:
        raise UnreadableError
    return certificate.not_before.timestamp(), certificate.not_after.timestamp()


def _trust(chain: tuple[bytes, ...], roots: Roots, epoch: tuple[int, ...], at: datetime) -> str | None:
    key = hashlib.sha256(b"".join(hashlib.sha256(der).digest() for der in chain)).digest()
    return _TRUST.get((key, roots.digest, epoch, bisect_right(roots.dates, at.timestamp())), chain, roots, at)


class _Cache:
    """Remembers answers: one site shows the same chain at each look, and OpenSSL takes 0.2 ms for each."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: dict[tuple[object, ...], str | None] = {}
        self._lock = Lock()  # the store's time is set for each verification

    def get(self, key: tuple[object, ...], chain: tuple[bytes, ...], roots: Roots, at: datetime) -> str | None:
        if key in self._known:
            return self._known[key]
        with self._lock:
            failure = _verify(chain, roots, at)
            if len(self._known) >= self._most:
                self._known.clear()
            self._known[key] = failure
        return failure


_TRUST = _Cache(20_000)


def _verify(chain: tuple[bytes, ...], roots: Roots, at: datetime) -> str | None:
    leaf = parse(chain[0])
    try:
        certificates = [crypto.load_certificate(crypto.FILETYPE_ASN1, der) for der in chain]
        store = roots.store()
        store.set_time(at)
        crypto.X509StoreContext(store, certificates[0], certificates[1:]).verify_certificate()
    except crypto.X509StoreContextError as error:
        return (
            Failure.SSL_UNKNOWN_AUTHORITY if error.errors[0] in _AUTHORITY_ERRORS else Failure.SSL_INVALID_CERTIFICATE
        )
    except (crypto.Error, ValueError, OverflowError):
        return Failure.SSL_INVALID_CERTIFICATE
    return None if leaf is not None and leaf.for_servers else Failure.SSL_INVALID_CERTIFICATE
