"""Builders of records for the judge's tests: a site that works, and what to change about it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from evidence.fingerprint_seam import Mark
from evidence.judge import Judge
from lab.certificates import Authority
from models.certificates import Roots
from models.measurement import Measurement, Software, TargetFacts, VantageFacts, digest
from models.observations import (
    CanaryLook,
    Contrast,
    ContrastKind,
    ControlEndpoint,
    ControlReport,
    DnsLookup,
    DnsRecord,
    DnsReply,
    HttpFetch,
    Purpose,
    TcpConnect,
    TlsHandshake,
)
from models.sketch import sketch

NAME = "www.amnesty.example"
SITE, SITE_2 = "93.184.216.34", "93.184.216.35"  # the site's own
CDN = "151.101.1.67"  # the site's too, told to others
FORGED, FORGED_2 = "8.7.198.45", "59.24.3.173"
BOGON = "10.10.34.35"
NEUTRAL = "198.41.0.4"
DOH = "https://dns.example/dns-query"
PUBLIC = "udp://9.9.9.9:53"
PAGE = (
    b"<html><head><title>Amnesty International: human rights</title></head><body>"
    + b"<p>Reports, campaigns and news of people who defend the rights of others everywhere.</p>" * 40
    + b"</body></html>"
)
BLOCK_PAGE = (
    b"<html><head><title>Access denied by order</title></head><body>This page cannot be shown here.</body></html>"
)


@dataclass
class Look:
    """A measurement in the making, with its blobs."""

    parts: dict[str, Any]
    blobs: dict[str, bytes] = field(default_factory=dict)

    @property
    def measurement(self) -> Measurement:
        return Measurement(**self.parts)

    def but(self, **changes: Any) -> "Look":
        """Returns the same look with other parts."""
        return Look(self.parts | changes, dict(self.blobs))


class Marks:
    """A set of fingerprints that finds what it is told to find."""

    digest = "sha256:marks"

    def __init__(self, *marks: Mark) -> None:
        self._marks = marks

    def page_marks(self, fetch: HttpFetch, _body: bytes | None, _country: str | None) -> Iterable[Mark]:
        return [mark for mark in self._marks if mark.kind != "address" and mark.hop == fetch.hop]

    def address_marks(self, lookup: DnsLookup, _country: str | None) -> Iterable[Mark]:
        return [mark for mark in self._marks if mark.kind == "address" and mark.hop == lookup.hop]


def look(url: str = f"https://{NAME}/", bodies: Sequence[bytes] = (PAGE, BLOCK_PAGE), **parts: Any) -> Look:
    """Returns a look of a vantage point in order, with no operation but those given."""
    given: dict[str, Any] = {
        "target": TargetFacts(id="amnesty", url=url),
        "vantage": VantageFacts(id="home", via="direct", country="CN", asn=4837, consent="operator, 2026-11-22"),
        "started_at": "2026-11-22T07:20:00.000000Z",
        "runtime_us": 1_420_000,
        "software": Software(name="wallwatch", version="0"),
    }
    return Look(given | {key: _tupled(value) for key, value in parts.items()}, {digest(body): body for body in bodies})


def https(**parts: Any) -> Look:
    """Returns a look at a site that works over https, with a control that says so."""
    whole = {"dns": dns(SITE), "tcp": tcp(SITE), "tls": tls(SITE), "http": http(), "controls": control()}
    return look(**(whole | parts))


def plain(**parts: Any) -> Look:
    """Returns the same over http."""
    whole = {
        "dns": dns(SITE),
        "tcp": tcp(SITE, port=80),
        "http": http(url=f"http://{NAME}/"),
        "controls": control(port=80),
    }
    return look(f"http://{NAME}/", **(whole | parts))


def uncontrolled(found: Look) -> Look:
    return found.but(controls=())


def dns(*addresses: str, failure: str | None = None, replies: Sequence[DnsReply] = (), **changes: Any) -> DnsLookup:
    given = {"name": NAME, "type": "A", "resolver": "system", "started_us": 0, "duration_us": 20_000, "queries_sent": 2}
    return DnsLookup(**(given | {"failure": failure, "addresses": addresses, "replies": tuple(replies)} | changes))


def reply(*addresses: str, rcode: str = "NOERROR", name: str = NAME, at_us: int = 5_000) -> DnsReply:
    records = tuple(DnsRecord(name=name, type="A", value=address, ttl=60) for address in addresses)
    return DnsReply(at_us=at_us, sender="9.9.9.9:53", rcode=rcode, records=records)


def tcp(address: str, failure: str | None = None, *, port: int = 443, **changes: Any) -> TcpConnect:
    given = {"connection": 1, "started_us": 30_000, "duration_us": 40_000}
    return TcpConnect(**(given | {"address": address, "port": port, "failure": failure} | changes))


def tls(address: str, failure: str | None = None, *, opinion: str | None = "ok", **changes: Any) -> TlsHandshake:
    given = {
        "connection": 1,
        "port": 443,
        "server_name": NAME,
        "started_us": 80_000,
        "duration_us": 60_000,
        "opinion": opinion if failure is None else None,
    }
    return TlsHandshake(**(given | {"address": address, "failure": failure} | changes))


def http(
    body: bytes | None = PAGE, *, failure: str | None = None, status: int | None = 200, **changes: Any
) -> HttpFetch:
    given: dict[str, Any] = {
        "connection": 1,
        "url": f"https://{NAME}/",
        "host": NAME,
        "address": SITE,
        "port": 443,
        "started_us": 150_000,
        "duration_us": 200_000,
        "headers": (("Content-Type", "text/html; charset=utf-8"),),
        "body": digest(body) if body is not None else None,
        "body_bytes": len(body or b""),
    }
    return HttpFetch(**(given | {"failure": failure, "status": status} | changes))


def redirect(location: str, **changes: Any) -> HttpFetch:
    return http(None, status=302, location=location, **changes)


def endpoint(
    address: str, tcp_failure: str | None = None, tls_failure: str | None = None, port: int = 443
) -> ControlEndpoint:
    return ControlEndpoint(
        address=address,
        port=port,
        tcp_failure=tcp_failure,
        tls_tried=port == 443 and tcp_failure is None,
        tls_failure=tls_failure,
    )


def control(*addresses: str, port: int = 443, body: bytes = PAGE, **changes: Any) -> ControlReport:
    """Returns the report of a control that gets the page."""
    found = addresses or (SITE,)
    given: dict[str, Any] = {
        "id": "control-1",
        "url": "https://control.example/",
        "asked_url": f"https://{NAME}/",
        "started_us": 0,
        "duration_us": 300_000,
        "failure": None,
        "addresses": found,
        "endpoints": tuple(endpoint(address, port=port) for address in found),
        "valid_addresses": found if port == 443 else (),
        "http_tried": True,
        "status": 200,
        "title": "Amnesty International: human rights",
        "body_length": len(body),
        "body_sketch": sketch(body, "text/html; charset=utf-8"),
    }
    return ControlReport(**(given | changes))


def blind(failure: str = "connection_reset") -> ControlReport:
    """Returns the report of a control that could not be asked."""
    return ControlReport(
        id="control-1",
        url="https://control.example/",
        asked_url=f"https://{NAME}/",
        started_us=0,
        duration_us=10,
        failure=failure,
    )


def pageless(*addresses: str, http_failure: str = "generic_timeout_error", **changes: Any) -> ControlReport:
    """Returns the report of a control that resolves the name and gets no page."""
    return control(
        *addresses, **({"http_failure": http_failure, "status": None, "title": None, "body_length": None} | changes)
    )


def nameless(dns_failure: str | None = "dns_nxdomain_error") -> ControlReport:
    """Returns the report of a control for which the name does not exist."""
    none: dict[str, Any] = {"addresses": (), "endpoints": (), "valid_addresses": ()}
    return pageless(http_failure="dns_nxdomain_error", dns_failure=dns_failure, **none)


def contrast(kind: ContrastKind, *steps: object, **changes: Any) -> Contrast:
    sorted_out = {
        "dns": tuple(step for step in steps if isinstance(step, DnsLookup)),
        "tcp": tuple(step for step in steps if isinstance(step, TcpConnect)),
        "tls": tuple(step for step in steps if isinstance(step, TlsHandshake)),
        "http": tuple(step for step in steps if isinstance(step, HttpFetch)),
    }
    return Contrast(kind=kind, **(sorted_out | changes))


def canary(*, held: bool = True, expect: str = "loads", failure: str | None = None, **changes: Any) -> CanaryLook:
    given = {"id": "canary", "url": "https://canary.example/", "started_at": "2026-11-22T07:19:58.000000Z"}
    return CanaryLook(**(given | {"held": held, "expect": expect, "failure": failure} | changes))


def at(hop: int, *steps: Any) -> tuple[Any, ...]:
    """Returns the same steps at a later hop of the walk."""
    return tuple(replace(step, hop=hop) for step in steps)


def checking(*steps: Any) -> tuple[Any, ...]:
    """Returns the same steps, done to check an address or an answer."""
    return tuple(replace(step, purpose=Purpose.CHECK) for step in steps)


@lru_cache(maxsize=1)
def authority() -> Authority:
    return Authority("The lab's authority")


@lru_cache(maxsize=1)
def judge() -> Judge:
    return Judge(roots=lab_roots())


@lru_cache(maxsize=1)
def lab_roots() -> Roots:
    return Roots((der(authority().pem),))


@lru_cache(maxsize=8)
def forged_leaf(name: str = NAME) -> bytes:
    """Returns a certificate for the name by an authority that nobody trusts."""
    return der(Authority("A censor's authority").leaf(name).certificate)


@lru_cache(maxsize=8)
def true_leaf(name: str = NAME) -> bytes:
    return der(authority().leaf(name).certificate)


def der(pem: bytes) -> bytes:
    return x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)


def _tupled(value: Any) -> Any:
    steps = (DnsLookup, TcpConnect, TlsHandshake, HttpFetch, ControlReport, Contrast, CanaryLook)
    if isinstance(value, steps):
        return (value,)
    return tuple(value) if isinstance(value, list) else value
