"""Putting batches: records, blobs, looks, current state and daily counts in one transaction, each measurement once."""

from collections.abc import Iterable, Sequence

from models.store.codec import ZSTD, pack, to_name
from models.store.engine import Database, Row, Sql
from models.store.names import Names
from models.store.prepare import Ready, prepare, verified
from models.store.rollups import Seen, update_current, update_daily
from models.store.rows import Judged, Stored


def put(database: Database, names: Names, batch: Sequence[Judged]) -> Stored:
    """Writes what is new of a batch. Raises StoreError and writes nothing where any of it cannot be written."""
    ready = [prepare(judged) for judged in batch]
    ids = tuple(to_name(one.id) for one in ready)
    fresh = {one.id: one for one in ready}
    return Stored(ids=ids, new=put_ready(database, names, list(fresh.values()))) if ready else Stored(ids=(), new=0)


def put_ready(database: Database, names: Names, ready: Sequence[Ready]) -> int:
    """Writes what is new of prepared measurements, and returns how many were."""
    with database.reading() as sql:
        blobs = _packed(sql, ready)
    with database.writing() as sql:
        known = {row[0] for row in sql.within("SELECT id FROM record WHERE id IN ({keys})", [one.id for one in ready])}
        fresh = [one for one in ready if one.id not in known]
        if fresh:
            _put_blobs(sql, blobs)
            first = _put_records(sql, names, fresh)
            seen = put_looks(sql, names, [(first + index, one) for index, one in enumerate(fresh)])
            update_daily(sql, seen)
            update_current(sql, seen)
    return len(fresh)


def _packed(sql: Sql, ready: Iterable[Ready]) -> list[Row]:
    """Returns the rows of those shared blobs that are not here yet, each verified."""
    all_of_them = {digest: content for one in ready for digest, content in one.shared.items()}
    here = {row[0] for row in sql.within("SELECT digest FROM blob WHERE digest IN ({keys})", list(all_of_them))}
    return [
        (digest, *pack(verified(digest, content), ZSTD))
        for digest, content in all_of_them.items()
        if digest not in here
    ]  # fmt: skip


def _put_blobs(sql: Sql, blobs: list[Row]) -> None:
    first = next_number(sql, "blob", "seq")
    rows = [(first + index, *blob) for index, blob in enumerate(blobs)]
    sql.many("INSERT INTO blob (seq, digest, codec, body) VALUES (?, ?, ?, ?) ON CONFLICT (digest) DO NOTHING", rows)


def _put_records(sql: Sql, names: Names, fresh: Sequence[Ready]) -> int:
    """Writes records in order of arrival and returns the first one's number."""
    first = next_number(sql, "record", "seq")
    sql.many(
        "INSERT INTO record (seq, id, target, vantage, at, codec, body) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (
                first + index,
                one.id,
                names.target(sql, one.target),
                names.vantage(sql, one.vantage),
                one.at,
                one.codec,
                one.body,
            )
            for index, one in enumerate(fresh)
        ],
    )
    digests = b"".join(one.within for one in fresh)
    if digests:
        sql.run("INSERT INTO within (first, last, digests) VALUES (?, ?, ?)", (first, first + len(fresh) - 1, digests))
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


def next_number(sql: Sql, table: str, column: str) -> int:
    """Returns the next number of an append-only table; writers hold the lock, so nobody else takes it."""
    row = sql.one(f"SELECT max({column}) FROM {table}")
    return (row[0] or 0) + 1 if row else 1
