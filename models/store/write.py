"""Putting batches: records, blobs, looks, current state and daily counts in one transaction, each measurement once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from models.store.codec import ZSTD, pack, to_name
from models.store.engine import Database, Row, Sql
from models.store.names import Names, next_number
from models.store.prepare import Ready, prepare, verified
from models.store.rollups import Seen, update_current, update_daily
from models.store.rows import Judged, Stored
from models.store.samples import Key, Packed, Samples, put_samples


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch with everything packed, ready for its transaction."""

    ready: Sequence[Ready]
    packed: Sequence[Packed]  # beside `ready`
    blobs: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes batches into one database; remembers numbers and samples between them."""

    database: Database
    names: Names
    samples: Samples

    def put(self, batch: Sequence[Judged]) -> Stored:
        """Writes what is new of a batch. Raises StoreError and writes nothing where any of it cannot be written."""
        ready = [prepare(judged) for judged in batch]
        fresh = {one.id: one for one in ready}
        new = self.write(self.pack(list(fresh.values()))) if ready else 0
        return Stored(ids=tuple(to_name(one.id) for one in ready), new=new)

    def pack(self, ready: Sequence[Ready]) -> Batch:
        with self.database.reading() as sql:
            return Batch(ready, self.samples.packed(sql, ready), _packed(sql, ready))

    def write(self, batch: Batch) -> int:
        """Writes what is new of a packed batch, and returns how many measurements were."""
        with self.database.writing() as sql:
            ids = [one.id for one in batch.ready]
            known = {row[0] for row in sql.within("SELECT id FROM record WHERE id IN ({keys})", ids)}
            both = [(one, packed) for one, packed in zip(batch.ready, batch.packed, strict=True) if one.id not in known]
            if not both:
                return 0
            _put_blobs(sql, batch.blobs)
            samples = put_samples(sql, self.names, [packed for _, packed in both])
            first = _put_records(sql, self.names, both, samples)
            seen = put_looks(sql, self.names, [(first + index, one) for index, (one, _) in enumerate(both)])
            update_daily(sql, seen)
            update_current(sql, seen)
        self.samples.settled(batch.packed, samples)
        return len(both)


def _packed(sql: Sql, ready: Iterable[Ready]) -> list[Row]:
    """Returns the rows of those shared blobs that are not here yet, each verified."""
    all_of_them = {digest: content for one in ready for digest, content in one.shared.items()}
    here = {row[0] for row in sql.within("SELECT digest FROM blob WHERE digest IN ({keys})", list(all_of_them))}
    return [
        (digest, *pack(verified(digest, content), ZSTD))
        for digest, content in all_of_them.items()
        if digest not in here
    ]  # fmt: skip


def _put_blobs(sql: Sql, blobs: Sequence[Row]) -> None:
    first = next_number(sql, "blob", "seq")
    rows = [(first + index, *blob) for index, blob in enumerate(blobs)]
    sql.many("INSERT INTO blob (seq, digest, codec, body) VALUES (?, ?, ?, ?) ON CONFLICT (digest) DO NOTHING", rows)


def _put_records(sql: Sql, names: Names, both: Sequence[tuple[Ready, Packed]], samples: Mapping[Key, int]) -> int:
    """Writes records in order of arrival and returns the first one's number."""
    first = next_number(sql, "record", "seq")
    rows = []
    for seq, (one, packed) in enumerate(both, first):
        place = (seq, one.id, names.target(sql, one.target), names.vantage(sql, one.vantage), one.at)
        rows.append((*place, packed.codec, packed.body, samples[packed.key] if packed.key else None))
    sql.many(
        "INSERT INTO record (seq, id, target, vantage, at, codec, body, base) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows
    )
    digests = b"".join(one.within for one, _ in both)
    if digests:
        sql.run("INSERT INTO within (first, last, digests) VALUES (?, ?, ?)", (first, first + len(both) - 1, digests))
    return first


def put_looks(sql: Sql, names: Names, fresh: Sequence[tuple[int, Ready]]) -> list[Seen]:
    """Writes the index rows of records that are already here."""
    rows = [_seen(sql, names, seq, one) for seq, one in fresh]
    sql.many(_PUT_LOOK, rows)
    return rows


_PUT_LOOK = f"INSERT INTO look ({', '.join(Seen._fields)}) VALUES ({', '.join('?' * len(Seen._fields))})"


def _seen(sql: Sql, names: Names, seq: int, one: Ready) -> Seen:
    target, vantage, times = names.target(sql, one.target), names.vantage(sql, one.vantage), one.times
    place = (one.day, vantage, target, one.at, seq, one.id)
    sizes = (one.runtime, times.dns, times.tcp, times.tls, times.http, times.load)
    return Seen._make((*place, *names.verdict(sql, one.said), *sizes))
