"""Reading: each answer bounded, made of frozen dataclasses, and as cheap after ten years as on the first day."""

from collections.abc import Iterator
from datetime import datetime
from heapq import merge
from itertools import islice
from pathlib import Path

import msgspec

from models.episode import Look
from models.store.codec import to_name, unpack
from models.store.engine import Row, Sql
from models.store.rollups import SERIES, days
from models.store.rows import DAY_US, Counts, Current, Day, VerdictRow, from_day, from_us, to_us
from models.verdict import Verdict
from models.words import EpisodeState, Mechanism, Outcome, Stage

LIMIT = 1000  # rows of one list, unless asked for otherwise
FAR = 1 << 62
_VERDICTS = msgspec.json.Decoder(Verdict)
_OUTCOME = {str(one): one for one in Outcome}
_STAGE: dict[str | None, Stage] = {str(one): one for one in Stage}
_MECHANISM: dict[str | None, Mechanism] = {str(one): one for one in Mechanism}
_STATE: dict[str | None, EpisodeState] = {str(one): one for one in EpisodeState}

_CURRENT = (
    "SELECT t.name, v.name, c.at, c.id, c.outcome, c.stage, c.mechanism, r.rule, c.opinion, c.runtime, c.load, c.since,"
    " c.in_a_row, c.first_at, c.looks, c.last_ok, c.last_blocked, c.last_usable, c.episode, c.episode_state"
    " FROM current c JOIN target t ON t.number = c.target JOIN vantage v ON v.number = c.vantage JOIN ruling r ON r.number = c.ruling"
)
_DAILY = (
    "SELECT d.day, t.name, v.name, ok, anomaly, confirmed, restricted, down, inconclusive, loads, load_sum, load_min, load_max,"
    " h0, h1, h2, h3, h4, h5, h6, h7, h8, h9 FROM {days}"
    " JOIN target t ON t.number = d.target JOIN vantage v ON v.number = d.vantage WHERE {which} ORDER BY d.day, d.target, d.vantage"
)
_ALL_DAYS = _DAILY.format(days="daily d", which="d.day BETWEEN ? AND ?")
_TARGETS_DAYS = (
    "WITH RECURSIVE span(day) AS (SELECT CAST(? AS BIGINT) UNION ALL SELECT day + 1 FROM span WHERE day < ?) "
    + _DAILY.format(days="span CROSS JOIN daily d", which="d.day = span.day AND d.target = ?")
)
VERDICT_COLUMNS = "look.at, look.seq, look.id, outcome, stage, mechanism, also, ruling, runtime, dns, tcp, tls, http, load, look.target, look.vantage"
_SERIES = SERIES.format(columns="look.at, outcome, mechanism, look.id") + " AND look.at >= ? ORDER BY look.at, look.seq"
_RECENT = SERIES.format(columns=VERDICT_COLUMNS) + " AND look.at < ? ORDER BY look.at DESC, look.seq DESC LIMIT ?"
_ARRIVED = (
    f"SELECT {VERDICT_COLUMNS} FROM (SELECT seq, target, vantage, at FROM record WHERE seq < ? ORDER BY seq DESC LIMIT ?) r"
    f" JOIN look ON look.day = r.at / {DAY_US} AND look.vantage = r.vantage AND look.target = r.target"
    " AND look.at = r.at AND look.seq = r.seq ORDER BY look.seq DESC"
)


def number(sql: Sql, table: str, name: str) -> int | None:
    row = sql.one(f"SELECT number FROM {table} WHERE name = ?", (name,))
    return row[0] if row else None


def name_of(sql: Sql, table: str) -> dict[int, str]:
    return dict(sql.all(f"SELECT number, name FROM {table}"))


def current(sql: Sql, target: str | None, vantage: str | None) -> list[Current]:
    where = [f"{side} = ?" for side, name in (("t.name", target), ("v.name", vantage)) if name is not None]
    values = [name for name in (target, vantage) if name is not None]
    rows = sql.all(
        _CURRENT + (" WHERE " + " AND ".join(where) if where else "") + " ORDER BY c.target, c.vantage", values
    )
    reasons = _reasons(sql, sorted({row[8] for row in rows}))
    return [_to_current(row, reasons.get(row[8])) for row in rows]


def _reasons(sql: Sql, opinions: list[int]) -> dict[int, str | None]:
    """Returns the first sentence of each of these verdicts."""
    found = sql.within("SELECT number, codec, body FROM opinion WHERE number IN ({keys})", opinions)
    return {place: (verdict_said(codec, body).reasons or (None,))[0] for place, codec, body in found}


def verdict_said(codec: int, body: bytes) -> Verdict:
    return _VERDICTS.decode(unpack(codec, bytes(body)))


def daily(sql: Sql, target: str | None, count: int, until: datetime) -> list[Day]:
    """Returns the counts of the last `count` days up to the day of `until`, oldest first."""
    last = to_us(until) // DAY_US
    span = (last - count + 1, last)
    if target is None:
        return _to_days(sql.all(_ALL_DAYS, span))
    wanted = number(sql, "target", target)
    return _to_days(sql.all(_TARGETS_DAYS, (*span, wanted)))


def looks(sql: Sql, target: str, vantage: str, since: datetime | None) -> list[Look]:
    """Returns a pair's series in time order; the one read that is not bounded, for the fold needs all of it."""
    pair = (number(sql, "vantage", vantage), number(sql, "target", target))
    if None in pair:
        return []
    first, last = days(sql)
    start = to_us(since) if since is not None else -FAR
    return [
        Look(from_us(at), _OUTCOME[outcome], _MECHANISM.get(mechanism), to_name(name))
        for at, outcome, mechanism, name in sql.all(_SERIES, (max(first, start // DAY_US), last, *pair, start))
    ]


def recent(sql: Sql, target: str | None, vantage: str | None, limit: int, before: datetime | None) -> list[VerdictRow]:
    """Returns the latest looks, newest first, of a pair, a target, a vantage point, or all."""
    end = to_us(before) if before is not None else FAR
    if target is None and vantage is None and before is None:
        rows: Iterator[Row] = iter(sql.all(_ARRIVED, (FAR, limit)))
    else:
        each = [_pair(sql, pair, end, limit) for pair in _pairs(sql, target, vantage)]
        rows = islice(merge(*each, key=lambda row: (row[0], row[1]), reverse=True), limit)
    return to_verdict_rows(sql, list(rows))


def _pairs(sql: Sql, target: str | None, vantage: str | None) -> list[Row]:
    found = [
        (number(sql, "target", target) if target else None),
        (number(sql, "vantage", vantage) if vantage else None),
    ]
    if (target and found[0] is None) or (vantage and found[1] is None):
        return []
    where = [f"{column} = ?" for column, value in zip(("target", "vantage"), found, strict=True) if value is not None]
    clause = " WHERE " + " AND ".join(where) if where else ""
    return sql.all(
        "SELECT target, vantage, first_at, at FROM current" + clause, [value for value in found if value is not None]
    )


def _pair(sql: Sql, pair: Row, end: int, limit: int) -> list[Row]:
    """Returns one pair's latest looks before `end`, going back day by day in growing strides."""
    rows: list[Row] = []
    target, vantage, first_at, last_at = pair
    first, last, stride = first_at // DAY_US, min(last_at, end) // DAY_US, 1
    while len(rows) < limit and last >= first:
        start = max(first, last - stride + 1)
        rows += sql.all(_RECENT, (start, last, vantage, target, end, limit - len(rows)))
        last, stride = start - 1, min(stride * 2, 64)
    return rows


def to_verdict_rows(sql: Sql, rows: list[Row]) -> list[VerdictRow]:
    targets, vantages = name_of(sql, "target"), name_of(sql, "vantage")
    rulings = {row[0]: row[1:] for row in sql.all("SELECT number, rule, ruleset, fingerprints FROM ruling")}
    return [_to_verdict_row(row, rulings[row[7]], targets[row[14]], vantages[row[15]]) for row in rows]


def _to_verdict_row(row: Row, ruling: Row, target: str, vantage: str) -> VerdictRow:
    at, _, name, outcome, stage, mechanism, also, _, runtime, dns, tcp, tls, http, load = row[:14]
    return VerdictRow(
        measurement=to_name(name),
        target=target,
        vantage=vantage,
        at=from_us(at),
        outcome=_OUTCOME[outcome],
        stage=_STAGE.get(stage),
        mechanism=_MECHANISM.get(mechanism),
        also=tuple(_MECHANISM[word] for word in also.split()) if also else (),
        rule=ruling[0],
        ruleset=ruling[1],
        fingerprints=ruling[2] or None,
        runtime_us=runtime,
        dns_us=dns,
        tcp_us=tcp,
        tls_us=tls,
        http_us=http,
        load_us=load,
    )


def _to_current(row: Row, reason: str | None) -> Current:
    return Current(
        target=row[0],
        vantage=row[1],
        at=from_us(row[2]),
        measurement=to_name(row[3]),
        outcome=_OUTCOME[row[4]],
        stage=_STAGE.get(row[5]),
        mechanism=_MECHANISM.get(row[6]),
        rule=row[7],
        reason=reason,
        runtime_us=row[9],
        load_us=row[10],
        since=from_us(row[11]),
        in_a_row=row[12],
        first_at=from_us(row[13]),
        looks=row[14],
        last_ok=_instant(row[15]),
        last_blocked=_instant(row[16]),
        last_usable=_instant(row[17]),
        episode=row[18],
        episode_state=_STATE.get(row[19]),
    )


def _to_days(rows: list[Row]) -> list[Day]:
    dates = {day: from_day(day) for day in {row[0] for row in rows}}
    return [Day._make((dates[row[0]], *row[1:13], row[13:])) for row in rows]


def _instant(us: int | None) -> datetime | None:
    return None if us is None else from_us(us)


_COUNTS = (
    "SELECT coalesce((SELECT max(seq) FROM record) - (SELECT min(seq) FROM record) + 1, 0),"
    " coalesce((SELECT max(seq) FROM blob) - (SELECT min(seq) FROM blob) + 1, 0),"
    " (SELECT count(*) FROM episode), (SELECT count(*) FROM announcement), (SELECT count(*) FROM target),"
    " (SELECT count(*) FROM vantage), (SELECT count(*) FROM current), (SELECT min(first_at) FROM current), (SELECT max(at) FROM current)"
)


def counts(sql: Sql, path: Path | None) -> Counts:
    """Returns how much is here; records and blobs are numbered without holes, so nothing large is counted."""
    records, blobs, found, said, targets, vantages, pairs, first_at, last_at = sql.one(_COUNTS) or ()
    return Counts(
        measurements=records,
        blobs=blobs,
        episodes=found,
        announcements=said,
        targets=targets,
        vantages=vantages,
        pairs=pairs,
        first_at=_instant(first_at),
        last_at=_instant(last_at),
        bytes=_size(path) if path else (sql.one("SELECT pg_database_size(current_database())") or (None,))[0],
    )


def _size(path: Path) -> int:
    files = (path, path.with_name(path.name + "-wal"))
    return sum(file.stat().st_size for file in files if file.exists())
