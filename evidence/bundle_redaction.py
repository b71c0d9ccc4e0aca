"""Redaction before export: a copy of a measurement and of its blobs without what is private, and an account of it.

It fails closed: what cannot be looked through is withheld, and what still holds something private is refused.
"""

import ipaddress
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from evidence.bundle_private import COOKIE, Address, Private, cookie_values, field_mark
from evidence.bundle_zip import BundleError
from models.measurement import Measurement, from_canonical
from models.store.evidence_names import all_names

_TEXTS = {
    *(
        "url",
        "location",
        "host",
        "asked_url",
        "final_url",
        "title",
        "detail",
        "notes",
        "own_fault",
        "malformed",
        "alert",
    ),
    *("failure", "way_out_failure", "http_failure", "dns_failure", "tcp_failure", "tls_failure", "extended_error"),
}
_FIELDS = "headers"
_ARCHIVES_OWN = {"probe_ip", "client_resolver", "resolver_ip"}
_OPT, _CLIENT_SUBNET = b"\0\0\x29", 8
_UNREADABLE = "it is no text that could be looked through"


@dataclass(frozen=True, slots=True, kw_only=True)
class Blob:
    """One blob as it may be shown: as it was, as a redacted copy, or not at all."""

    name: str
    kind: str
    content: bytes | None
    redacted: tuple[str, ...] = ()
    withheld: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Redacted:
    """One measurement as it may be shown."""

    id: str  # of the original
    record: bytes
    measurement: Measurement
    redacted: tuple[str, ...]  # where in the record, and what
    blobs: tuple[Blob, ...]
    private: Private

    @property
    def shown(self) -> dict[str, bytes]:
        """Returns the contents that may be shown, under the names that the record gives them."""
        return {blob.name: blob.content for blob in self.blobs if blob.content is not None}

    @property
    def whole(self) -> bool:
        """Tells whether all of it is as it was measured."""
        return not self.redacted and all(blob.content is not None and not blob.redacted for blob in self.blobs)


def redacted(name: str, record: bytes, blobs: Mapping[str, bytes], own: Sequence[Address]) -> Redacted:
    """Returns the copy that may be shown. Raises BundleError where something private would be left in it."""
    measurement = from_canonical(record)
    private = Private(own=tuple(own), known=_servers(measurement, {one.text for one in own}))
    document = json.loads(record)
    for field, value in _fields(document):
        _collect(private, field, value)
    where: list[str] = []
    copy = msgspec.json.encode(_walk(document, "", where, private), order="sorted")
    if not where:
        copy = record
    if (left := private.left(copy)) is not None:
        raise BundleError(f"the record {name} holds {left} where it cannot be taken out; leave this measurement out")
    return Redacted(
        id=name,
        record=copy,
        measurement=from_canonical(copy),
        redacted=tuple(sorted(where)),
        blobs=tuple(_blob(blob, kind, blobs.get(blob), private) for blob, kind in _kinds(measurement)),
        private=private,
    )


def _servers(measurement: Measurement, own: set[str]) -> frozenset[str]:
    """Returns the addresses that the look itself was about: what was asked, answered and connected to."""
    contrasts = measurement.contrasts
    lookups = [*measurement.dns, *(one for contrast in contrasts for one in contrast.dns)]
    found = [record.value for one in lookups for reply in one.replies for record in reply.records]
    found += [address for one in lookups for address in one.addresses]
    steps = [*measurement.tcp, *(one for contrast in contrasts for one in contrast.tcp)]
    found += [step.address for step in steps]
    for report in measurement.controls:
        found += [*report.addresses, *report.valid_addresses, *(endpoint.address for endpoint in report.endpoints)]
    return frozenset(filter(None, map(_address, found))) - own


def _address(text: str) -> str | None:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None


def _fields(document: Any) -> Iterator[tuple[str, str]]:
    """Yields all header fields of a document, wherever they stand, as pairs or as a map."""
    if isinstance(document, dict):
        for key, value in document.items():
            if key == _FIELDS and isinstance(value, list):
                yield from ((str(pair[0]), str(pair[1])) for pair in value if _is_pair(pair))
            elif isinstance(value, str):
                yield key, value
            else:
                yield from _fields(value)
    elif isinstance(document, list):
        for value in document:
            yield from _fields(value)


def _collect(private: Private, field: str, value: str) -> None:
    if field_mark(field) == COOKIE:
        for held in cookie_values(value):
            private.keep_secret(held)


def _walk(value: Any, where: str, found: list[str], private: Private, key: str = "") -> Any:
    """Returns a copy of a record's part; `found` takes where something was taken out."""
    if isinstance(value, dict):
        return {name: _walk(part, f"{where}.{name}".lstrip("."), found, private, name) for name, part in value.items()}
    if isinstance(value, list):
        if key == _FIELDS:
            return [_pair(pair, where, found, private) for pair in value]
        return [_walk(part, f"{where}[{at}]", found, private, key) for at, part in enumerate(value)]
    if not isinstance(value, str):
        return value
    return _string(value, where, found, private, key)


def _string(value: str, where: str, found: list[str], private: Private, key: str) -> str:
    if key in _TEXTS:
        copy, marks = private.text(value)
    else:
        copy, marks = Private(own=private.own, known=_every(value), secrets=private.secrets).text(value)
    found += [f"{where}: {mark}" for mark in sorted(marks)]
    return copy


def _every(value: str) -> frozenset[str]:
    """Facts name servers: each address in them stays, but our own."""
    return frozenset(filter(None, [_address(value), _address(value.rpartition("/")[2].rpartition(":")[0].strip("[]"))]))


def _is_pair(pair: Any) -> bool:
    return isinstance(pair, list) and len(pair) == 2


def _pair(pair: Any, where: str, found: list[str], private: Private) -> Any:
    name, value = pair
    copy, marks = _field(name, value, private)
    found += [f"{where}.{name}: {mark}" for mark in sorted(marks)]
    return [name, copy]


def _field(name: str, value: str, private: Private) -> tuple[str, set[str]]:
    if (mark := field_mark(name)) is not None:
        return mark, {mark}
    return private.text(value)


def _kinds(measurement: Measurement) -> Iterator[tuple[str, str]]:
    """Yields each blob that a record names, once, and what it is."""
    kinds: dict[str, str] = {}
    contrasts = measurement.contrasts
    lookups = [*measurement.dns, *(one for contrast in contrasts for one in contrast.dns)]
    kinds |= {reply.raw: "dns" for one in lookups for reply in one.replies if reply.raw}
    kinds |= {report.raw: "controls" for report in measurement.controls if report.raw}
    shakes = [*measurement.tls, *(one for contrast in contrasts for one in contrast.tls)]
    kinds |= {der: "certificates" for one in shakes for der in one.chain}
    fetches = [*measurement.http, *(one for contrast in contrasts for one in contrast.http)]
    kinds |= {fetch.body: "bodies" for fetch in fetches if fetch.body}
    if measurement.source:
        kinds[measurement.source] = "sources"
    yield from ((name, kinds[name]) for name in sorted(all_names(measurement)))


def _blob(name: str, kind: str, content: bytes | None, private: Private) -> Blob:
    if content is None:
        return Blob(name=name, kind=kind, content=None, withheld="the store does not have it")
    if kind in ("dns", "certificates"):
        return _message(name, kind, content, private)
    copy, marks = _document(content, private) if kind in ("controls", "sources") else _body(content, private)
    if copy is None:
        return Blob(name=name, kind=kind, content=None, withheld=_UNREADABLE)
    if (left := private.left(copy)) is not None:
        return Blob(name=name, kind=kind, content=None, withheld=f"it holds {left} in a form that cannot be taken out")
    return Blob(name=name, kind=kind, content=copy, redacted=tuple(sorted(marks)))


def _message(name: str, kind: str, content: bytes, private: Private) -> Blob:
    left = private.left(content, binary=True)
    if left is None and kind == "dns" and _names_a_subnet(content):
        left = "the client's network (EDNS client subnet)"
    if left is not None:
        return Blob(name=name, kind=kind, content=None, withheld=f"it holds {left}")
    return Blob(name=name, kind=kind, content=content)


def _names_a_subnet(message: bytes) -> bool:
    """Tells whether a DNS message carries the option of RFC 7871; one that looks like it counts as well."""
    at = message.find(_OPT, 12)
    while at >= 0:
        options = message[at + 11 : at + 11 + int.from_bytes(message[at + 9 : at + 11])]
        while len(options) >= 4:
            if int.from_bytes(options[:2]) == _CLIENT_SUBNET:
                return True
            options = options[4 + int.from_bytes(options[2:4]) :]
        at = message.find(_OPT, at + 1)
    return False


def _body(content: bytes, private: Private) -> tuple[bytes | None, set[str]]:
    if b"\0" in content or content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None, set()
    copy, marks = private.text(content.decode("latin-1"))
    return copy.encode("latin-1"), marks


def _document(content: bytes, private: Private) -> tuple[bytes | None, set[str]]:
    """Looks through JSON with its header fields; what is no JSON, as a page."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return _body(content, private)
    found: set[str] = set()
    for field, value in _fields(document):
        _collect(private, field, value)
    try:
        copy = _json(document, found, private)
    except RecursionError:
        return None, set()
    return (json.dumps(copy, ensure_ascii=False).encode() if found else content), found


def _json(value: Any, found: set[str], private: Private, key: str = "") -> Any:
    if isinstance(value, dict):
        return {private.text(name)[0]: _json(part, found, private, name) for name, part in value.items()}
    if isinstance(value, list):
        if _is_pair(value) and isinstance(value[0], str) and field_mark(value[0]):
            return [value[0], _json(value[1], found, private, value[0])]
        return [_json(part, found, private, key) for part in value]
    if not isinstance(value, str):
        return value
    copy, marks = _field("cookie" if key in _ARCHIVES_OWN else key, value, private)
    found |= marks
    return copy
