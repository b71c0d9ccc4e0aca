"""HTTP exchanges as WARC/1.1 (ISO 28500:2017), written by hand: field values stay the bytes that came, digests are SHA-256,
and dates and ids come from the record, so that the same record gives the same bytes.
"""

import hashlib
import ipaddress
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from urllib.parse import quote, urlsplit

from models.measurement import Measurement, to_instant
from models.observations import HttpFetch

_NAMESPACE = uuid.UUID("7a1f9d3e-0c55-5c2b-9f0e-5b1f2c6f8a10")
_AS_IT_CAME = {"content-encoding", "transfer-encoding", "content-length"}
_NO_TOKEN = re.compile(r"[^A-Za-z0-9!#$%&'*+.^_`|~-]")  # RFC 9110, section 5.6.2
_URL_SAFE = ":/?#[]@!$&'()*+,;=-._~%"
_REVISIT = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
_NOTE = """software: wallwatch {version}
format: WARC File Format 1.1
description: The exchanges of wallwatch measurements. Bodies are decoded as they were recorded (at most 1 MiB), so fields that
 describe them on the wire are kept under the names X-Archive-Orig-…; reason phrases were not recorded. Requests show method,
 target and Host; the other fields are those of the client id in each measurement. What was redacted is named in contents.jsonl.
"""

Fields = list[tuple[str, str]]


class Exchanges:
    """Renders measurements one after the other; a body that came before is referred to, not repeated."""

    def __init__(self, version: str, started_at: str) -> None:
        self._version, self._started_at = version, started_at
        self._seen: dict[str, tuple[str, str, str]] = {}  # payload digest -> record id, URL, date

    def head(self) -> bytes:
        """Returns the record that describes the file."""
        note = _NOTE.format(version=self._version).encode()
        fields = [
            ("WARC-Type", "warcinfo"),
            ("WARC-Date", self._started_at),
            ("Content-Type", "application/warc-fields"),
        ]
        return _record([*fields, ("WARC-Record-ID", _id("warcinfo", self._started_at))], note)

    def of(self, name: str, measurement: Measurement, blobs: Mapping[str, bytes]) -> Iterator[bytes]:
        """Yields the records of one measurement; `blobs` holds the bodies as they may be shown."""
        fetches = [*measurement.http, *(fetch for contrast in measurement.contrasts for fetch in contrast.http)]
        for number, fetch in enumerate(fetches):
            at = to_instant(measurement.started + timedelta(microseconds=fetch.started_us))
            shared = [("WARC-Target-URI", _uri(fetch.url)), ("WARC-Date", at)]
            if _is_address(fetch.address):
                shared.append(("WARC-IP-Address", fetch.address))
            ids = [_id(name, str(number), part) for part in ("request", "answer")]
            yield _request(fetch, [*shared, ("WARC-Record-ID", ids[0]), ("WARC-Concurrent-To", ids[1])])
            yield self._answer(fetch, [*shared, ("WARC-Record-ID", ids[1])], (name, at), blobs)

    def _answer(self, fetch: HttpFetch, shared: Fields, source: tuple[str, str], blobs: Mapping[str, bytes]) -> bytes:
        body = blobs.get(fetch.body) if fetch.body else b""
        if fetch.status is None or body is None or not _uri(fetch.url).lower().startswith(("http://", "https://")):
            return _without(fetch, [*shared, ("WARC-Refers-To-Measurement", source[0])])
        digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
        fields = [*shared, ("Content-Type", "application/http;msgtype=response"), ("WARC-Payload-Digest", digest)]
        if fetch.body_truncated or fetch.failure:
            fields.append(("WARC-Truncated", "length" if fetch.body_truncated else "disconnect"))
        if body and digest in self._seen:
            first, url, date = self._seen[digest]
            fields += [("WARC-Profile", _REVISIT), ("WARC-Refers-To", first)]
            fields += [("WARC-Refers-To-Target-URI", url), ("WARC-Refers-To-Date", date)]
            return _record([("WARC-Type", "revisit"), *fields], _head_of(fetch))
        self._seen[digest] = (dict(shared)["WARC-Record-ID"], dict(shared)["WARC-Target-URI"], source[1])
        return _record([("WARC-Type", "response"), *fields], _head_of(fetch) + body)


def _request(fetch: HttpFetch, fields: Fields) -> bytes:
    block = f"{_line(fetch.method)} {_target(fetch.url)} HTTP/1.1\r\nHost: {_line(fetch.host)}\r\n\r\n".encode(
        "utf-8", "replace"
    )
    return _record([("WARC-Type", "request"), ("Content-Type", "application/http;msgtype=request"), *fields], block)


def _target(url: str) -> str:
    try:
        parts = urlsplit(_uri(url))
    except ValueError:  # an address in brackets that is none
        return "/"
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _without(fetch: HttpFetch, fields: Fields) -> bytes:
    """Says how a request ended that got no answer, none that may be shown, or none that a reader could place."""
    said = f"failure: {_line(fetch.failure or 'none')}\nstatus: {fetch.status or 'none'}\n"
    said += f"body-octets: {fetch.body_bytes}\nbody: {'withheld' if fetch.body else 'none'}\n"
    kind = [("WARC-Type", "metadata"), ("Content-Type", "application/warc-fields")]
    return _record([*kind, *fields], said.encode("utf-8", "replace"))


def _head_of(fetch: HttpFetch) -> bytes:
    lines = [f"HTTP/1.1 {fetch.status} "]
    for name, value in fetch.headers:
        mark = "X-Archive-Orig-" if name.lower() in _AS_IT_CAME else ""
        lines.append(f"{mark}{_NO_TOKEN.sub('_', name) or '_'}: {_line(value)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "replace")


def _record(fields: Iterable[tuple[str, str]], block: bytes) -> bytes:
    told = [*fields, ("WARC-Block-Digest", f"sha256:{hashlib.sha256(block).hexdigest()}")]
    told.append(("Content-Length", str(len(block))))
    head = "".join(f"{name}: {value}\r\n" for name, value in told)
    return f"WARC/1.1\r\n{head}\r\n".encode() + block + b"\r\n\r\n"


def _id(*parts: str) -> str:
    return f"<urn:uuid:{uuid.uuid5(_NAMESPACE, '/'.join(parts))}>"


def _uri(url: str) -> str:
    return quote(url.encode("utf-8", "replace"), safe=_URL_SAFE)


def _line(text: str) -> str:
    """Returns text that cannot end its line: an archive may hold any characters."""
    return "".join(" " if char in "\r\n\0" else char for char in text)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
