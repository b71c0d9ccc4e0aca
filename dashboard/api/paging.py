"""Pages of looks by keyset: the cursor names the last look that was given out, so nothing is lost or told twice."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from models.store import VerdictRow

FAR = datetime(9000, 1, 1, tzinfo=UTC)
SCANNED_AT_MOST = 20_000
"""Looks that one request goes through for a rare outcome before it hands back a cursor instead."""

Fetch = Callable[[int, datetime], list[VerdictRow]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which looks are asked for."""

    outcome: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last look that was given out."""

    at: datetime
    id: str

    def __str__(self) -> str:
        return f"{int(self.at.timestamp() * 1_000_000)}~{self.id}"


def cursor(text: str) -> Cursor:
    """Reads a cursor; raises ValueError for anything else."""
    us, _, name = text.partition("~")
    if not us.isdigit() or len(us) > 17 or not name.startswith("sha256:"):
        raise ValueError("not a cursor of ours; take `next` as it is")
    return Cursor(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(us)), name)


def page(fetch: Fetch, wanted: Wanted, limit: int, after: Cursor | None) -> tuple[list[VerdictRow], Cursor | None]:
    """Returns at most `limit` looks, newest first, and the cursor of the next page."""
    found: list[VerdictRow] = []
    last, scanned, more = after, 0, True
    while len(found) < limit and more and scanned < SCANNED_AT_MOST:
        rows, more = _batch(fetch, wanted, last, max(limit - len(found), 500 if wanted.outcome else 0))
        for row in rows:
            if wanted.since is not None and row.at < wanted.since:
                return found, None
            scanned, last = scanned + 1, Cursor(row.at, row.measurement)
            if wanted.outcome in {None, row.outcome}:
                found.append(row)
            if len(found) == limit:
                return found, last if more or row is not rows[-1] else None
    return found, last if more else None


def _batch(fetch: Fetch, wanted: Wanted, after: Cursor | None, size: int) -> tuple[list[VerdictRow], bool]:
    """Returns looks after the cursor, and whether there may be more. Looks of one instant are told apart by their id."""
    if after is None:
        rows = fetch(size + 1, wanted.until or FAR)
        return rows[:size], len(rows) > size
    ask = size + 1
    while True:
        rows = fetch(ask, after.at + timedelta(microseconds=1))
        place = next((i for i, row in enumerate(rows) if row.measurement == after.id), None)
        rest = [row for row in rows if row.at < after.at] if place is None else rows[place + 1 :]
        if len(rest) > size or len(rows) < ask:
            return rest[:size], len(rest) > size
        ask *= 2
