"""OONI's connections (df-005), handshakes (df-006) and requests (df-001) as ours."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urljoin, urlsplit

from evidence.ooni_endpoints import MOST_DEPTH, address, depth, endpoint, tags, transaction
from evidence.ooni_words import Json, failure, mapping, micros, objects, octets, text, whole
from models.failures import SSL_WORDS
from models.measurement import digest
from models.observations import HttpFetch, Purpose, TcpConnect, TlsHandshake

_MOST_STEPS, _MOST_CHAIN, _MOST_HEADERS = 300, 10, 200
_MOST_BODY, _MOST_CERTIFICATE = 1 << 20, 1 << 16
Step = TypeVar("Step")
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass
class Walk:
    """What is known of the walk while its steps are read."""

    url: str
    blobs: dict[str, bytes]
    of_system: frozenset[str]  # the addresses that the system's resolver gave
    marks_walk: bool  # the probe itself marks what belongs to its walk ("classic")
    verifies: bool  # this engine refuses certificates that are not valid
    inferred: list[TlsHandshake] = field(default_factory=list)

    def purpose(self, entry: Json, where: str | None) -> Purpose:
        """Says whether a visitor would have done this, or whether it checks an address that only others named."""
        marks = tags(entry)
        if "fetch_body=false" in marks or (self.marks_walk and "classic" not in marks):
            return Purpose.CHECK
        named = self.marks_walk or not self.of_system or where is None or where in self.of_system or depth(entry)
        return Purpose.WALK if named else Purpose.CHECK


def connects(keys: Json, walk: Walk) -> tuple[TcpConnect, ...]:
    return tuple(_each(objects(keys.get("tcp_connect"), _MOST_STEPS), lambda entry, n: _connect(entry, n, walk)))


def handshakes(keys: Json, walk: Walk) -> tuple[TlsHandshake, ...]:
    return tuple(_each(objects(keys.get("tls_handshakes"), _MOST_STEPS), lambda entry, n: _handshake(entry, n, walk)))


def fetches(keys: Json, walk: Walk) -> tuple[HttpFetch, ...]:
    """Returns the requests in the order of the walk; archives hold the last one first."""
    entries = objects(keys.get("requests"), _MOST_STEPS)[::-1]
    hops = _hops(entries)
    found = (_fetch(entry, hop, n, walk) for n, (entry, hop) in enumerate(zip(entries, hops, strict=True), 1))
    return tuple(fetch for fetch in found if fetch is not None)


def hosts(keys: Json) -> dict[str, int]:
    """Returns the hop at which each host was first asked, for lookups that do not say where they belong."""
    entries = objects(keys.get("requests"), _MOST_STEPS)[::-1]
    known: dict[str, int] = {}
    for entry, hop in zip(entries, _hops(entries), strict=True):
        known.setdefault(_host(text(mapping(entry.get("request")).get("url")) or ""), hop)
    return known


def _each(entries: Sequence[Json], read: Callable[[Json, int], Step | None]) -> list[Step]:
    found = (read(entry, number) for number, entry in enumerate(entries, 1))
    return [step for step in found if step is not None]


def _connect(entry: Json, number: int, walk: Walk) -> TcpConnect | None:
    where, port = address(entry.get("ip")), whole(entry.get("port"), 1, 65535)
    if where is None or port is None:
        return None
    status = mapping(entry.get("status"))
    return TcpConnect(
        hop=depth(entry) or 0,
        purpose=walk.purpose(entry, where),
        connection=transaction(entry, number),
        address=where,
        port=port,
        started_us=micros(entry.get("t0")),
        duration_us=max(0, micros(entry.get("t")) - micros(entry.get("t0"))),
        failure=failure(status.get("failure"), succeeded=status.get("success")),
    )


def _handshake(entry: Json, number: int, walk: Walk) -> TlsHandshake | None:
    met = endpoint(entry.get("address"))
    if met is None or entry.get("network") not in (None, "", "tcp"):
        return None
    failed = failure(entry.get("failure"))
    judged = failed if failed in SSL_WORDS else None
    unverified = entry.get("no_tls_verify") is True
    return TlsHandshake(
        hop=depth(entry) or 0,
        purpose=walk.purpose(entry, met[0]),
        connection=transaction(entry, number),
        address=met[0],
        port=met[1],
        server_name=text(entry.get("server_name"), 300) or None,
        started_us=micros(entry.get("t0")),
        duration_us=max(0, micros(entry.get("t")) - micros(entry.get("t0"))),
        failure=None if judged else failed,
        version=text(entry.get("tls_version"), 20) or None,
        cipher=text(entry.get("cipher_suite"), 60) or None,
        alpn=text(entry.get("negotiated_protocol"), 20) or None,
        chain=_chain(entry, walk.blobs),
        opinion=judged or (None if failed or unverified else "ok"),
    )


def _chain(entry: Json, blobs: dict[str, bytes]) -> tuple[str, ...]:
    shown = objects(entry.get("peer_certificates"), _MOST_CHAIN)
    chain = [der for certificate in shown if (der := octets(certificate, _MOST_CERTIFICATE))]
    blobs.update((digest(der), der) for der in chain)
    return tuple(map(digest, chain))


def _hops(entries: Sequence[Json]) -> list[int]:
    """Returns each request's hop: as the probe says, or one further for each other URL; a retry stays where it was."""
    hops: list[int] = []
    last: str | None = None
    for entry in entries:
        url = text(mapping(entry.get("request")).get("url"))
        told = depth(entry)
        before = hops[-1] if hops else 0
        hops.append(told if told is not None else min(before + (last is not None and url != last), MOST_DEPTH))
        last = url
    return hops


def _fetch(entry: Json, hop: int, number: int, walk: Walk) -> HttpFetch | None:
    request, response = mapping(entry.get("request")), mapping(entry.get("response"))
    url = text(request.get("url")) or (walk.url if hop == 0 else None)
    if url is None or mapping(request.get("tor")).get("is_tor") is True:
        return None  # legacy probes asked once more through Tor as their control
    where, port = endpoint(entry.get("address")) or ("", 443 if url.startswith("https:") else 80)
    failed = failure(entry.get("failure"))
    if failed in SSL_WORDS or (failed is None and walk.verifies and hop and url.startswith("https:")):
        walk.inferred.append(_inferred(url, hop, number, failed))
    status, body = whole(response.get("code"), 100, 999), octets(response.get("body"), _MOST_BODY)
    headers = headers_of(response)
    if body is not None:
        walk.blobs[digest(body)] = body
    return HttpFetch(
        hop=hop,
        purpose=walk.purpose(entry, where or None),
        connection=transaction(entry, number),
        method=text(request.get("method"), 10) or "GET",
        url=url,
        host=_host(url),
        address=where,
        port=port,
        started_us=micros(entry.get("t0")),
        duration_us=max(0, micros(entry.get("t")) - micros(entry.get("t0"))),
        failure=failed,
        status=status,
        headers=headers,
        location=_location(url, status, headers),
        body=None if body is None else digest(body),
        body_bytes=len(body or b""),
        body_truncated=response.get("body_is_truncated") is True,
    )


def _inferred(url: str, hop: int, number: int, failed: str | None) -> TlsHandshake:
    """Returns the handshake that a request over https tells of, where the record holds none."""
    return TlsHandshake(
        hop=hop,
        connection=number,
        address="",
        port=443,
        server_name=_host(url),
        started_us=0,
        duration_us=0,
        failure=None,
        opinion=failed or "ok",
    )


def headers_of(response: Json) -> tuple[tuple[str, str], ...]:
    listed = response.get("headers_list")
    pairs = listed if isinstance(listed, list) and listed else list(mapping(response.get("headers")).items())
    found = (
        (text(p[0], 200), text(p[1])) for p in pairs[:_MOST_HEADERS] if isinstance(p, list | tuple) and len(p) == 2
    )
    return tuple((key, value) for key, value in found if key and value is not None)


def _location(url: str, status: int | None, headers: tuple[tuple[str, str], ...]) -> str | None:
    told = next((value for key, value in headers if key.lower() == "location"), None)
    if status not in _REDIRECTS or told is None:
        return None
    try:
        return urljoin(url, told)
    except ValueError:
        return told


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""
