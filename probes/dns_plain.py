"""Reads the DNS messages that nearly all are: one question, addresses and aliases. 0.02 ms where dnspython takes 0.2.

Whatever is not exactly that gives null, and dnspython reads it: odd messages have one reader, not two.
"""

import re
import struct
from dataclasses import dataclass
from socket import inet_ntoa

import dns.ipv6

from models.observations import DnsRecord

_A, _NS, _CNAME, _SOA, _AAAA, _OPT = 1, 2, 5, 6, 28, 41
_TEXT = {_A: "A", _CNAME: "CNAME", _AAAA: "AAAA"}
_IN = 1
_QR, _OPCODE = 0x8000, 0x7800
_MOST_RECORDS = 32  # of one section
_MOST_POINTERS = 8  # of one name
_LABEL = re.compile(rb"[A-Za-z0-9_-]+")  # what is written as text without escapes
_HEADER = struct.Struct("!HHHHHH")
_QUESTION = struct.Struct("!HH")
_FIXED = struct.Struct("!HHIH")  # a record's type, class, TTL and length
_SOA_NUMBERS = struct.Struct("!IIIII")


@dataclass(frozen=True, slots=True)
class Said:
    """What a message says, whoever read it."""

    id: int
    flags: int
    code: int  # with the upper bits that an OPT record adds
    questions: tuple[tuple[bytes, int, int], ...]  # name on the wire in lower case, type, class
    name: str  # of the first question, as text in lower case; empty where there is none
    records: tuple[DnsRecord, ...]  # of the answer section
    extended_error: str | None = None


class _OddError(Exception):
    """Nothing that is read here."""


def plain(wire: bytes) -> Said | None:
    """Returns what a plain reply says, exactly as dnspython would read it, or null for all others."""
    try:
        return _read(wire)
    except (_OddError, struct.error, IndexError):
        return None


def _read(wire: bytes) -> Said:
    number, flags, questions, answers, authorities, additional = _HEADER.unpack_from(wire)
    _only(flags & _QR and not flags & _OPCODE and questions == 1)
    _only(max(answers, authorities) <= _MOST_RECORDS and additional <= 1)
    name, at = _name(wire, 12)
    asked = wire[12:at].lower()
    kind, group = _QUESTION.unpack_from(wire, at)
    _only(len(asked) == len(name) + 2)  # no pointers within
    records, at = _answers(wire, at + 4, answers)
    for _ in range(authorities):
        at = _authority(wire, at)
    if additional:
        _only(wire[at] == 0 and _opt(*_FIXED.unpack_from(wire, at + 1)))
    return Said(number, flags, flags & 15, ((asked, kind, group),), name.lower(), records)


def _only(holds: object) -> None:
    if not holds:
        raise _OddError


def _answers(wire: bytes, at: int, count: int) -> tuple[tuple[DnsRecord, ...], int]:
    """Returns the records set by set, each set with its least TTL (RFC 2181, section 5.2)."""
    sets: dict[tuple[str, int], dict[str, None]] = {}
    ttls: dict[tuple[str, int], int] = {}
    for _ in range(count):
        owner, kind, ttl, at, length = _record(wire, at)
        key = (owner.lower(), kind)
        _only(kind != _CNAME or key not in sets)
        sets.setdefault(key, {})[_value(wire, at, kind, length)] = None
        ttls[key] = min(ttl, ttls.get(key, ttl))
        at += length
    records = tuple(
        DnsRecord(name=key[0], type=_TEXT[key[1]], value=value, ttl=ttls[key])
        for key, values in sets.items()
        for value in values
    )
    return records, at


def _record(wire: bytes, at: int) -> tuple[str, int, int, int, int]:
    """Returns owner, type, TTL, and where the content lies."""
    owner, at = _name(wire, at)
    kind, group, ttl, length = _FIXED.unpack_from(wire, at)
    _only(group == _IN and ttl < 1 << 31 and at + 10 + length <= len(wire))
    return owner, kind, ttl, at + 10, length


def _value(wire: bytes, at: int, kind: int, length: int) -> str:
    content = wire[at : at + length]
    if kind == _A and length == 4:
        return inet_ntoa(content)
    if kind == _AAAA and length == 16:
        return dns.ipv6.inet_ntoa(content)
    _only(kind == _CNAME)
    alias, end = _name(wire, at)
    _only(end == at + length)
    return alias


def _authority(wire: bytes, at: int) -> int:
    """Looks through what says who is in charge, and returns where it ends; nothing of it is kept."""
    _, kind, _, at, length = _record(wire, at)
    _only(kind in (_NS, _SOA))
    _, end = _name(wire, at)
    if kind == _SOA:
        _, end = _name(wire, end)
        _only(max(_SOA_NUMBERS.unpack_from(wire, end)[1:]) < 1 << 31)
        end += _SOA_NUMBERS.size
    _only(end == at + length)
    return end


def _opt(kind: int, _payload: int, ttl: int, length: int) -> bool:
    """An OPT record (RFC 6891) that says nothing: no upper bits of an error, version 0, no options."""
    return kind == _OPT and ttl >> 16 == 0 and length == 0


def _name(wire: bytes, at: int) -> tuple[str, int]:
    """Returns a name as text, in its own case, and where what follows it begins."""
    labels: list[bytes] = []
    behind, before, size, pointers = 0, at, 0, 0
    while length := wire[at]:
        if length >= 0xC0:
            behind = behind or at + 2
            at = (length & 0x3F) << 8 | wire[at + 1]
            pointers += 1
            _only(at < before and pointers <= _MOST_POINTERS)
            before = at
            continue
        label = wire[at + 1 : at + 1 + length]
        size += 1 + length
        _only(length < 64 and size < 255 and _LABEL.fullmatch(label))
        labels.append(label)
        at += 1 + length
    return b".".join(labels).decode("ascii"), behind or at + 1
