"""Stretches in which nobody looked are written down, with the reason: silence must never look like health."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from models.store import Missed, Store
from scheduler.timetable import Cadence, Pair

LEAST = timedelta(minutes=1)  # shorter ones are told by the looks themselves


def last_alive(store: Store) -> datetime | None:
    """Returns when a prober last said that it runs."""
    heartbeat = store.status().get("scheduler")
    return heartbeat.at if heartbeat else None


def since_last_run(
    alive: datetime | None, now: datetime, pairs: Mapping[Pair, Cadence], lasts: Mapping[Pair, datetime]
) -> Missed | None:
    """Returns the gap before this start, if a look of any pair fell into it."""
    if alive is None or now - alive < LEAST:
        return None
    missed = sum(1 for pair, last in lasts.items() if pair in pairs and last + pairs[pair].every < now)
    if not missed:
        return None
    return Missed(after=alive, by=now, reason=f"wallwatch was not running; looks of {missed} pairs fell due")


def pause(after: datetime, by: datetime, reason: str, vantage: str | None = None) -> Missed | None:
    """Returns the gap of a stretch in which measuring had to pause, unless it was a short one."""
    return Missed(after=after, by=by, reason=reason[:300], vantage=vantage) if by - after >= LEAST else None
