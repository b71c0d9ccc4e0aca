"""What pages need, kept ready: where each pair stands now, and its counts for each day. Both are folds over looks."""

from bisect import bisect_left
from collections.abc import Iterable
from operator import attrgetter
from typing import NamedTuple

from models.store.engine import Sql
from models.store.rows import LOAD_BOUNDS_MS
from models.words import BLOCKED, USABLE, Outcome

_OUTCOMES = [str(outcome) for outcome in Outcome]  # also the names of the columns
_BUCKETS = len(LOAD_BOUNDS_MS) + 1
_BOUNDS_US = [bound * 1000 for bound in LOAD_BOUNDS_MS]


class Seen(NamedTuple):
    """One row of the table `look`; the fields are its columns, in its order. Numbers stand for names."""

    day: int
    vantage: int
    target: int
    at: int
    seq: int
    id: bytes
    outcome: str
    stage: str | None
    mechanism: str | None
    also: str | None
    ruling: int
    opinion: int
    runtime: int
    dns: int | None
    tcp: int | None
    tls: int | None
    http: int | None
    load: int | None


class Standing(NamedTuple):
    """One pair's row of the table `current`; the fields are its columns, in its order."""

    target: int
    vantage: int
    at: int
    seq: int
    id: bytes
    outcome: str
    stage: str | None
    mechanism: str | None
    ruling: int
    opinion: int
    runtime: int
    load: int | None
    since: int
    in_a_row: int
    first_at: int
    looks: int
    last_ok: int | None
    last_blocked: int | None
    last_usable: int | None


def advance(before: Standing | None, look: Seen) -> Standing:
    """Returns where a pair stands after one more look, later than all before it."""
    at, outcome = look.at, look.outcome
    ok, blocked, usable = (at if outcome in kind else None for kind in _KINDS)
    facts = (look.target, look.vantage, at, look.seq, look.id, outcome, look.stage, look.mechanism)
    sizes = (look.ruling, look.opinion, look.runtime, look.load)
    if before is None:
        return Standing(*facts, *sizes, at, 1, at, 1, ok, blocked, usable)
    run = (before.since, before.in_a_row + 1) if before.outcome == outcome else (at, 1)
    last = (ok or before.last_ok, blocked or before.last_blocked, usable or before.last_usable)
    return Standing(*facts, *sizes, *run, before.first_at, before.looks + 1, *last)


_KINDS = (frozenset({str(Outcome.OK)}), frozenset(map(str, BLOCKED)), frozenset(map(str, USABLE)))
_COLUMNS = ", ".join(Standing._fields)
_PUT = f"INSERT INTO current ({_COLUMNS}) VALUES ({', '.join('?' * len(Standing._fields))}) ON CONFLICT (target, vantage) DO UPDATE SET "
_LAST_LOOK = Standing._fields[2 : Standing._fields.index("since")]
_REPLACE = _PUT + ", ".join(f"{column} = excluded.{column}" for column in Standing._fields[2:])
_CARRIES_ON = "current.outcome = excluded.outcome AND excluded.since = excluded.first_at"
_CONTINUE = (
    _PUT
    + ", ".join(
        [
            *(f"{column} = excluded.{column}" for column in _LAST_LOOK),
            f"since = CASE WHEN {_CARRIES_ON} THEN current.since ELSE excluded.since END",
            f"in_a_row = excluded.in_a_row + CASE WHEN {_CARRIES_ON} THEN current.in_a_row ELSE 0 END",
            "looks = current.looks + excluded.looks",
            *(
                f"{column} = coalesce(excluded.{column}, current.{column})"
                for column in ("last_ok", "last_blocked", "last_usable")
            ),
        ]
    )
    + " WHERE excluded.first_at > current.at"
)


def update_current(sql: Sql, looks: Iterable[Seen]) -> None:
    """Brings the pairs of these looks, already in the table `look`, up to date; late ones have their pair folded anew."""
    by_pair: dict[tuple[int, int], list[Seen]] = {}
    for look in looks:
        by_pair.setdefault((look.target, look.vantage), []).append(look)
    folded = [_folded(some) for some in by_pair.values()]
    if sql.many(_CONTINUE, folded) != len(folded):
        last = {(one.target, one.vantage): one.seq for one in folded}
        restand(sql, [pair for pair, seq in _last_seqs(sql, list(last)).items() if last[pair] != seq])


def _folded(looks: list[Seen]) -> Standing:
    standing = None
    for look in sorted(looks, key=_AT) if len(looks) > 1 else looks:
        standing = advance(standing, look)
    assert standing is not None
    return standing


_AT = attrgetter("at", "seq")


def _last_seqs(sql: Sql, pairs: list[tuple[int, int]]) -> dict[tuple[int, int], int]:
    found = {}
    for target, vantage in pairs:
        row = sql.one("SELECT seq FROM current WHERE target = ? AND vantage = ?", (target, vantage))
        found[target, vantage] = row[0] if row else -1
    return found


def restand(sql: Sql, pairs: Iterable[tuple[int, int]]) -> None:
    """Folds these pairs anew from the table `look`."""
    standings = [stand(sql, *pair) for pair in sorted(pairs)]
    sql.many(_REPLACE, [standing for standing in standings if standing])


SERIES = (
    "WITH RECURSIVE span(day) AS (SELECT CAST(? AS BIGINT) UNION ALL SELECT day + 1 FROM span WHERE day < ?)"
    " SELECT {columns} FROM span CROSS JOIN look WHERE look.day = span.day AND look.vantage = ? AND look.target = ?"
)
"""One pair's looks between two days, each day a seek; parameters: first day, last day, vantage, target."""


def days(sql: Sql) -> tuple[int, int]:
    """Returns the first and the last day on which anybody looked."""
    row = sql.one("SELECT (SELECT min(day) FROM look), (SELECT max(day) FROM look)")
    return (row[0], row[1]) if row and row[0] is not None else (0, -1)


_TOTALS = SERIES.format(
    columns="count(*), min(at), max(CASE WHEN outcome = 'ok' THEN at END),"
    " max(CASE WHEN outcome IN ('anomaly', 'confirmed') THEN at END),"
    " max(CASE WHEN outcome IN ('ok', 'anomaly', 'confirmed') THEN at END)"
)
_LAST = SERIES.format(
    columns="look.target, look.vantage, look.at, look.seq, look.id, outcome, stage, mechanism, ruling, opinion, runtime, load"
) + (" ORDER BY look.at DESC, look.seq DESC LIMIT 1")
_OTHER = SERIES.format(columns="look.at, look.seq") + " AND outcome <> ? ORDER BY look.at DESC, look.seq DESC LIMIT 1"
_RUN = SERIES.format(columns="min(at), count(*)") + " AND (look.at, look.seq) > (?, ?)"


def stand(sql: Sql, target: int, vantage: int) -> Standing | None:
    """Returns where a pair stands by all of its looks, as `advance` over them in order would."""
    series = (*days(sql), vantage, target)
    last = sql.one(_LAST, series)
    if last is None:
        return None
    looks, first_at, *lasts = sql.one(_TOTALS, series) or ()
    other = sql.one(_OTHER, (*series, last[5])) or (-1 << 62, 0)
    since, in_a_row = sql.one(_RUN, (*series, *other)) or ()
    return Standing._make((*last, since, in_a_row, first_at, looks, *lasts))


_COUNTED = [*_OUTCOMES, "loads", "load_sum", *(f"h{index}" for index in range(_BUCKETS))]
_DAILY = ["day", "target", "vantage", *_COUNTED, "load_min", "load_max"]
_ADD = (
    f"INSERT INTO daily ({', '.join(_DAILY)}) VALUES ({', '.join('?' * len(_DAILY))})"
    f" ON CONFLICT (day, target, vantage) DO UPDATE SET {', '.join(f'{c} = daily.{c} + excluded.{c}' for c in _COUNTED)},"
    " load_min = CASE WHEN daily.load_min IS NULL OR excluded.load_min < daily.load_min THEN excluded.load_min ELSE daily.load_min END,"
    " load_max = CASE WHEN daily.load_max IS NULL OR excluded.load_max > daily.load_max THEN excluded.load_max ELSE daily.load_max END"
)
_LOADS, _SUM, _H0 = len(_OUTCOMES), len(_OUTCOMES) + 1, len(_OUTCOMES) + 2
_PLACE = {outcome: index for index, outcome in enumerate(_OUTCOMES)}


def update_daily(sql: Sql, looks: Iterable[Seen]) -> None:
    """Adds these looks to the counts of their days."""
    rows: dict[tuple[int, int, int], list[int | None]] = {}
    for look in looks:
        row = rows.setdefault((look.day, look.target, look.vantage), [0] * len(_COUNTED) + [None, None])
        row[_PLACE[look.outcome]] += 1  # type: ignore[operator]
        if look.load is not None:
            _add_load(row, look.load)
    sql.many(_ADD, [(*key, *row) for key, row in sorted(rows.items())])


def _add_load(row: list[int | None], load: int) -> None:
    row[_LOADS] += 1  # type: ignore[operator]
    row[_SUM] += load  # type: ignore[operator]
    row[_H0 + bisect_left(_BOUNDS_US, load)] += 1  # type: ignore[operator]
    row[-2] = load if row[-2] is None else min(row[-2], load)
    row[-1] = load if row[-1] is None else max(row[-1], load)


def move_daily(sql: Sql, moves: Iterable[tuple[int, int, int, str, str]]) -> None:
    """Moves looks from one outcome's count to another's: (day, target, vantage, before, after)."""
    for day, target, vantage, before, after in moves:
        where = (day, target, vantage)
        sql.run(
            f"UPDATE daily SET {before} = {before} - 1, {after} = {after} + 1 WHERE day = ? AND target = ? AND vantage = ?",
            where,
        )
