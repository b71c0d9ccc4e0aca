"""Putting new verdicts in the place of old ones, a chunk at a time, each chunk whole with its counts and current state."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from models.measurement import Finished, from_canonical
from models.store.codec import from_name, to_name
from models.store.engine import Database, Row, Sql
from models.store.evidence import RECORD_COLUMNS, record_of
from models.store.names import Names
from models.store.prepare import prepare, say
from models.store.read import verdict_said
from models.store.rollups import move_daily, restand, update_daily
from models.store.rows import DAY_US, Change, Judged, Rejudged, from_us
from models.store.write import put_looks
from models.verdict import Verdict

_CHUNK = 500
_AT = "day = ? AND vantage = ? AND target = ? AND at = ? AND seq = ?"


def differences(sql: Sql, verdicts: Iterable[tuple[str, Verdict]]) -> Iterator[Change]:
    """Yields what `rejudge` would change, and changes nothing."""
    for chunk in _chunks(verdicts):
        here = _here(sql, [name for name, _ in chunk])
        for name, verdict in chunk:
            row = here.get(name)
            if row is not None:
                before = verdict_of(sql, row)
                if before != verdict:
                    yield _change(sql, row, before, verdict)


def rejudge(database: Database, names: Names, verdicts: Iterable[tuple[str, Verdict]]) -> Rejudged:
    """Replaces verdicts, and makes index rows for records that have none; what was done stays done if a later chunk fails."""
    seen, changes, unknown = 0, list[Change](), list[str]()
    for chunk in _chunks(verdicts):
        with database.writing() as sql:
            here = _here(sql, [name for name, _ in chunk])
            unknown += [name for name, _ in chunk if name not in here]
            found = _replace(sql, names, [(here[name], verdict) for name, verdict in chunk if name in here])
        seen += len(chunk)
        changes += found
    return Rejudged(seen=seen, changes=tuple(changes), unknown=tuple(unknown))


def _replace(sql: Sql, names: Names, chunk: Sequence[tuple[Row, Verdict]]) -> list[Change]:
    changes, moves, pairs, fresh = [], [], set(), []
    for row, verdict in chunk:
        before = verdict_of(sql, row)
        if before == verdict:
            continue
        changes.append(_change(sql, row, before, verdict))
        pairs.add((row[2], row[3]))
        if before is None:
            fresh.append((row, verdict))
            continue
        key = _key(row)
        sql.run(
            f"UPDATE look SET outcome = ?, stage = ?, mechanism = ?, also = ?, ruling = ?, opinion = ? WHERE {_AT}",
            (*names.verdict(sql, say(verdict)), *key),
        )
        moves.append((key[0], row[2], row[3], str(before.outcome), str(verdict.outcome)))
    move_daily(sql, [move for move in moves if move[3] != move[4]])
    _index(sql, names, fresh)
    restand(sql, pairs)
    return changes


def _index(sql: Sql, names: Names, fresh: Sequence[tuple[Row, Verdict]]) -> None:
    """Makes the index rows of records that have none."""
    ready = []
    for (seq, *_), verdict in fresh:
        record = record_of(sql, sql.one(f"SELECT {RECORD_COLUMNS} FROM record WHERE seq = ?", (seq,)) or ())
        ready.append((seq, prepare(Judged(Finished(measurement=from_canonical(record), blobs={}), verdict, record))))
    update_daily(sql, put_looks(sql, names, ready))


def _here(sql: Sql, found: list[str]) -> dict[str, Row]:
    """Returns (seq, id, target, vantage, at) of the records that are here, by name."""
    rows = sql.within(
        "SELECT seq, id, target, vantage, at FROM record WHERE id IN ({keys})", [from_name(name) for name in found]
    )
    return {to_name(row[1]): row for row in rows}


def _key(row: Row) -> tuple[int, int, int, int, int]:
    seq, _, target, vantage, at = row
    return at // DAY_US, vantage, target, at, seq


def verdict_of(sql: Sql, row: Row) -> Verdict | None:
    """Returns the verdict of the record (seq, id, target, vantage, at)."""
    found = sql.one(
        f"SELECT codec, body FROM look JOIN opinion ON opinion.number = look.opinion WHERE {_AT}",
        _key(row),
    )
    return verdict_said(*found) if found else None


def verdict(sql: Sql, name: str) -> Verdict | None:
    """Returns the verdict of the measurement of that name."""
    row = _here(sql, [name]).get(name)
    return verdict_of(sql, row) if row else None


def _change(sql: Sql, row: Row, before: Verdict | None, after: Verdict) -> Change:
    names = [
        sql.one(f"SELECT name FROM {table} WHERE number = ?", (key,))
        for table, key in (("target", row[2]), ("vantage", row[3]))
    ]
    target, vantage = (found[0] if found else "" for found in names)
    return Change(
        measurement=to_name(row[1]), target=target, vantage=vantage, at=from_us(row[4]), before=before, after=after
    )


def _chunks(verdicts: Iterable[tuple[str, Verdict]]) -> Iterator[list[tuple[str, Verdict]]]:
    each = iter(verdicts)
    while chunk := list(islice(each, _CHUNK)):
        yield chunk
