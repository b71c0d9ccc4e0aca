"""Walking through all looks in order of day, vantage point, target and time: for exports, a page of rows at a time."""

from collections.abc import Iterator
from datetime import datetime

from models.measurement import Measurement, from_canonical
from models.store.engine import Row, Sql
from models.store.evidence import RECORD_COLUMNS, record_of
from models.store.read import FAR, VERDICT_COLUMNS, number, to_verdict_rows, verdict_said
from models.store.rows import DAY_US, VerdictRow, to_us
from models.verdict import Verdict

_PAGE = 500
_KEY = "look.day, look.vantage, look.target, look.at, look.seq"


def each_verdict(
    sql: Sql, target: str | None, vantage: str | None, since: datetime | None
) -> Iterator[tuple[VerdictRow, Verdict]]:
    for rows in _pages(sql, target, vantage, since):
        wanted = sorted({row[-6] for row in rows})
        found = sql.within("SELECT number, codec, body FROM opinion WHERE number IN ({keys})", wanted)
        said = {place: verdict_said(codec, body) for place, codec, body in found}
        for row, seen in zip(rows, to_verdict_rows(sql, rows), strict=True):
            yield seen, said[row[-6]]


def each_record(
    sql: Sql, target: str | None, vantage: str | None, since: datetime | None
) -> Iterator[tuple[VerdictRow, Measurement]]:
    for rows in _pages(sql, target, vantage, since):
        wanted = [row[-1] for row in rows]
        found = sql.within(f"SELECT seq, {RECORD_COLUMNS} FROM record WHERE seq IN ({{keys}})", wanted)
        records = {record[0]: record[1:] for record in found}
        for row, seen in zip(rows, to_verdict_rows(sql, rows), strict=True):
            yield seen, from_canonical(record_of(sql, records[row[-1]]))


def _pages(sql: Sql, target: str | None, vantage: str | None, since: datetime | None) -> Iterator[list[Row]]:
    """Yields rows of VERDICT_COLUMNS, opinion, and the key."""
    start = to_us(since) if since is not None else 0
    where, values = "look.at >= ?", [start]
    for column, name in (("target", target), ("vantage", vantage)):
        if name is not None:
            where += f" AND look.{column} = ?"
            values.append(number(sql, column, name) or -1)
    last: tuple[int, ...] = (start // DAY_US - 1, FAR, FAR, FAR, FAR)
    while rows := sql.all(
        f"SELECT {VERDICT_COLUMNS}, look.opinion, {_KEY} FROM look"
        f" WHERE (day, vantage, target, at, seq) > (?, ?, ?, ?, ?) AND {where}"
        f" ORDER BY day, vantage, target, at, seq LIMIT {_PAGE}",
        (*last, *values),
    ):
        yield rows
        last = tuple(rows[-1][-5:])
