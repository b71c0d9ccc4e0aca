"""OONI's archived measurements as ours: web_connectivity 0.0 to 0.5, each with its original bytes, or a reason why not.

Formats: one JSON document, JSON lines, either in gzip, and the API's wrapping with `raw_measurement`. The same rules
judge them as judge our own.
"""

import gzip
import io
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from evidence.ooni_control import report
from evidence.ooni_dns import asns, lookups
from evidence.ooni_endpoints import tags
from evidence.ooni_steps import Walk, connects, fetches, handshakes, hosts
from evidence.ooni_words import Json, asn, mapping, micros, objects, text
from models.measurement import Finished, Measurement, Software, TargetFacts, VantageFacts, digest, to_instant
from models.observations import DnsLookup, Purpose
from models.targets_values import listed_id, same_url

MOST_DOCUMENT = 32 << 20  # octets of one measurement: as much as OONI's collector takes
_NEWEST = (0, 5)
_GZIP = b"\x1f\x8b"
_GO_ENGINES = frozenset({"ooniprobe-engine", "miniooni"})
_DOORS = ("http://", "https://")


@dataclass(frozen=True, slots=True)
class Refused:
    """What could not be read, and why."""

    where: str  # "line 3", or "" for a file of one document
    reason: str


def read_ooni(source: bytes | BinaryIO, known: Mapping[str, str] | None = None) -> Iterator[Finished | Refused]:
    """Yields a measurement, or the reason why there is none, for each document of a file; never raises for its content.

    `known` names the targets that are watched already: `same_url(url)` to id.
    """
    stream = io.BytesIO(source) if isinstance(source, bytes) else source
    try:
        for document, where in _documents(_unpacked(stream)):
            yield document if isinstance(document, Refused) else _one(document, where, known or {})
    except (OSError, EOFError, zlib.error) as error:
        yield Refused("", f"the file breaks off or is no gzip: {error}")


def _unpacked(stream: BinaryIO) -> BinaryIO:
    buffered = io.BufferedReader(stream) if not isinstance(stream, io.BytesIO | io.BufferedReader) else stream  # type: ignore[type-var]
    start = buffered.getvalue()[:2] if isinstance(buffered, io.BytesIO) else buffered.peek(2)[:2]
    return gzip.GzipFile(fileobj=buffered) if start == _GZIP else buffered  # type: ignore[return-value]


def _documents(stream: BinaryIO) -> Iterator[tuple[bytes | Refused, str]]:
    """Reads line by line while each line is a document; else the file is one."""
    first = stream.readline(MOST_DOCUMENT + 1)
    while first and not first.strip():
        first = stream.readline(MOST_DOCUMENT + 1)
    if not first:
        yield Refused("", "the file is empty"), ""
        return
    if not isinstance(_parsed(first), dict):
        whole = first + stream.read(MOST_DOCUMENT + 1 - min(len(first), MOST_DOCUMENT))
        yield from _whole(whole)
        return
    number, line = 1, first
    following = stream.readline(MOST_DOCUMENT + 1)
    alone = not following
    while line:
        if line.strip():
            yield line, "" if alone else f"line {number}"
        line, following = following, stream.readline(MOST_DOCUMENT + 1)
        number += 1


def _whole(data: bytes) -> Iterator[tuple[bytes, str]]:
    found = _parsed(data) if len(data) <= MOST_DOCUMENT else None
    if not isinstance(found, list):
        yield data, ""
        return
    for number, entry in enumerate(found, 1):
        yield json.dumps(entry).encode(), f"entry {number}"


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _one(data: bytes, where: str, known: Mapping[str, str]) -> Finished | Refused:
    if len(data) > MOST_DOCUMENT:
        return Refused(where, f"the document is longer than {MOST_DOCUMENT >> 20} MiB")
    document = _parsed(data)
    if isinstance(document, dict) and "raw_measurement" in document:
        raw = document["raw_measurement"]
        document = _parsed(raw.encode("utf-8", "replace")) if isinstance(raw, str) else raw
    if not isinstance(document, dict):
        return Refused(where, "it is not a JSON object")
    reason = _unfit(document)
    return Refused(where, reason) if reason else _measurement(document, data.strip(), known)


def _unfit(document: Json) -> str | None:
    """Returns why a document cannot be used, in words that say which field."""
    test = text(document.get("test_name"), 60)
    if test != "web_connectivity":
        return f"test_name is {test or 'missing'}; only web_connectivity is read"
    version = text(document.get("test_version"), 20) or "0"
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isascii() and part.isdigit() and len(part) < 6)
    if numbers > _NEWEST:
        return f"test_version is {version}; 0.0 to 0.5 are read"
    if not isinstance(document.get("test_keys"), dict):
        return "test_keys is missing or null: the probe recorded nothing"
    if not _is_url(text(document.get("input")) or ""):
        return "input is not an http or https URL"
    if _started(document) is None:
        return "measurement_start_time is not a date and time"
    return None


def _measurement(document: Json, data: bytes, known: Mapping[str, str]) -> Finished:
    keys: Json = document["test_keys"]
    url = text(document["input"]) or ""
    blobs = {digest(data): data}
    dns = lookups(keys, hosts(keys), blobs)
    walk = _walk(document, url, dns, blobs)
    http, shaken = fetches(keys, walk), handshakes(keys, walk)
    shown = {(hello.hop, hello.server_name) for hello in shaken}
    inferred = tuple(hello for hello in walk.inferred if (hello.hop, hello.server_name) not in shown)
    measurement = Measurement(
        origin="ooni",
        target=TargetFacts(id=known.get(same_url(url)) or listed_id(url), url=url),
        vantage=_vantage(document),
        started_at=to_instant(_started(document) or datetime.now(UTC)),
        runtime_us=micros(document.get("test_runtime")),
        software=_software(document),
        dns=dns,
        tcp=connects(keys, walk),
        tls=shaken + inferred,
        http=http,
        controls=report(keys, url, document.get("test_helpers"), asns(keys)),
        source=digest(data),
        notes=tuple(_notes(keys, inferred=bool(inferred))),
    )
    return Finished(measurement=measurement, blobs=blobs)


def _walk(document: Json, url: str, dns: tuple[DnsLookup, ...], blobs: dict[str, bytes]) -> Walk:
    keys: Json = document["test_keys"]
    steps = [*objects(keys.get("tcp_connect"), 300), *objects(keys.get("queries"), 300)]
    told = text(mapping(document.get("annotations")).get("engine_name"), 40) or text(document.get("software_name"), 40)
    return Walk(
        url=url,
        blobs=blobs,
        of_system=frozenset(a for look in dns if look.purpose is Purpose.WALK for a in look.addresses),
        marks_walk=any("classic" in tags(step) for step in steps),
        verifies=told in _GO_ENGINES,
    )


def _vantage(document: Json) -> VantageFacts:
    country = text(document.get("probe_cc"), 2)
    number = asn(document.get("probe_asn"))
    country = country if country and country.isalpha() and country != "ZZ" else None
    return VantageFacts(
        id="-".join(["ooni", (country or "zz").lower(), f"as{number or 0}"]),
        via="ooni",
        country=country.upper() if country else None,
        asn=number,
        network=text(document.get("probe_network_name"), 200) or None,
    )


def _software(document: Json) -> Software:
    version = text(document.get("test_version"), 20) or "unknown"
    return Software(
        name=text(document.get("software_name"), 60) or "ooniprobe",
        version=text(document.get("software_version"), 60) or "unknown",
        client=f"web_connectivity {version}",
    )


def _is_url(url: str) -> bool:
    try:
        return url.lower().startswith(_DOORS) and bool(same_url(url)) and bool(urlsplit(url).hostname)
    except ValueError:
        return False


def _started(document: Json) -> datetime | None:
    told = text(document.get("measurement_start_time"), 40) or ""
    try:
        at = datetime.fromisoformat(told)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _notes(keys: Json, *, inferred: bool) -> Iterator[str]:
    left = [name for name in ("network_events", "x_doh", "x_do53", "x_conn_priority_log") if keys.get(name)]
    if left:
        yield f"Not carried over, and kept in the source: {', '.join(left)}."
    if inferred:
        yield "A handshake over which a request was made is inferred from the request: the archive holds none."
