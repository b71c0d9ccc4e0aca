"""Packing records against a sample of the same target: what a site sends differs little from one look to the next.

The first record of a target in a period is kept as a blob, and the period's records are packed with it as zstd's
dictionary. A period bounds how stale a sample gets, and how much is lost with one.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock

import zstandard

from models.store.codec import RECORD_1, SAMPLE, pack, packer, sha256, unpack
from models.store.engine import Sql
from models.store.names import Names, next_number
from models.store.prepare import Ready
from models.store.rows import DAY_US

PERIOD_US = 30 * DAY_US
_SHORTEST, _LONGEST = 512, 131_072  # what is packed without a sample: too short to gain, too long to keep at hand
_AT_HAND = 512  # samples, at some 90 kB each with their tables

Key = tuple[str, int]  # target, period


@dataclass(slots=True)
class Sample:
    """One target's sample, at hand for packing."""

    content: bytes
    packer: zstandard.ZstdCompressor
    seq: int | None  # its blob's number; null until it was written


@dataclass(frozen=True, slots=True)
class Packed:
    """One record's bytes as they are written."""

    codec: int
    body: bytes
    key: Key | None  # of the sample that it needs
    sample: Sample | None


class Samples:
    """The samples that were used last; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._at_hand: OrderedDict[Key, Sample] = OrderedDict()

    def packed(self, sql: Sql, ready: Iterable[Ready]) -> list[Packed]:
        with self._lock:
            return [self._pack(sql, one) for one in ready]

    def settled(self, packed: Iterable[Packed], numbers: Mapping[Key, int]) -> None:
        """Remembers the numbers of samples that are written for good."""
        with self._lock:
            for one in packed:
                if one.sample is not None and one.key is not None and one.key in numbers:
                    one.sample.seq = numbers[one.key]

    def _pack(self, sql: Sql, one: Ready) -> Packed:
        if not _SHORTEST <= len(one.joined) <= _LONGEST:
            return Packed(*pack(one.joined, RECORD_1), None, None)
        key = (one.target, one.at // PERIOD_US)
        sample = self._at_hand.get(key)
        if sample is None:
            sample = self._at_hand[key] = _found(sql, key) or Sample(one.joined, packer(one.joined), None)
            while len(self._at_hand) > _AT_HAND:
                self._at_hand.popitem(last=False)
        else:
            self._at_hand.move_to_end(key)
        return Packed(SAMPLE, sample.packer.compress(one.joined), key, sample)


def _found(sql: Sql, key: Key) -> Sample | None:
    row = sql.one(
        "SELECT b.seq, b.codec, b.body FROM sample s JOIN target t ON t.number = s.target JOIN blob b ON b.seq = s.blob"
        " WHERE t.name = ? AND s.period = ?",
        key,
    )
    if row is None:
        return None
    content = unpack(row[1], bytes(row[2]))
    return Sample(content, packer(content), row[0])


def put_samples(sql: Sql, names: Names, packed: Sequence[Packed]) -> dict[Key, int]:
    """Writes the samples that these records need and that are not written yet; returns the numbers of all they need."""
    numbers: dict[Key, int] = {}
    for one in packed:
        if one.key is not None and one.sample is not None and one.key not in numbers:
            seq = one.sample.seq
            numbers[one.key] = _put(sql, names, one.key, one.sample) if seq is None else seq
    return numbers


def _put(sql: Sql, names: Names, key: Key, sample: Sample) -> int:
    digest = sha256(sample.content)
    row = sql.one("SELECT seq FROM blob WHERE digest = ?", (digest,))
    written: int = row[0] if row else next_number(sql, "blob", "seq")
    if row is None:
        sql.run(
            "INSERT INTO blob (seq, digest, codec, body) VALUES (?, ?, ?, ?)",
            (written, digest, *pack(sample.content, RECORD_1)),
        )
    target = names.target(sql, key[0])
    sql.run(
        "INSERT INTO sample (target, period, blob) VALUES (?, ?, ?) ON CONFLICT (target, period) DO NOTHING",
        (target, key[1], written),
    )
    return written
