"""Two other ways to date a block, for comparison: a CUSUM detector as OONI describes its own, and plain run lengths."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from models.episode import Look
from models.words import BLOCKED, USABLE


@dataclass(frozen=True)
class Dated:
    """An episode as a rival tells it: (after, by] of its onset and of its release, and when it was sure."""

    onset: tuple[datetime | None, datetime]
    release: tuple[datetime, datetime] | None
    sure: datetime
    clean: tuple[bool, bool] = (True, True)


def run_length(looks: list[Look], need: int = 3) -> list[Dated]:
    """Blocked after three blocked looks in a row, open after three open ones; the neighbouring looks are the interval."""
    usable = [look for look in looks if look.outcome in USABLE]
    found: list[Dated] = []
    blocked, run, open_since = False, 0, None
    for index, look in enumerate(usable):
        run = run + 1 if (look.outcome in BLOCKED) != blocked else 0
        if run < need:
            continue
        first = index - need + 1
        ends = (usable[first - 1].at if first else None, usable[first].at)
        if not blocked:
            open_since = (ends, look.at)
        elif open_since and ends[0]:
            found.append(Dated(open_since[0], (ends[0], ends[1]), open_since[1]))
            open_since = None
        blocked, run = not blocked, 0
    return [*found, Dated(open_since[0], None, open_since[1])] if open_since else found


MU0, MU1, DELAY = 0.0, 0.7, 20
HALF_LIFE, FRESH = timedelta(hours=48), timedelta(days=10)


def cusum(looks: list[Look], *, at_last_zero: bool = False) -> list[Dated]:
    """Two-sided CUSUM on hourly medians: mu0 0, mu1 0.7, expected delay 20, h = 20 * 0.7 / 2, half-life 48 h over gaps.

    Dated at the alarm, as the detector does; or, kinder, at the hour after its sum was last zero.
    """
    found: list[Dated] = []
    blocked, total, zero, before = False, 0.0, None, None
    opened: tuple[tuple[datetime | None, datetime], datetime] | None = None
    for at, value in _hours(looks):
        if before is not None:
            gap = at - before
            total *= 0.5 ** (max(timedelta(0), gap - timedelta(hours=1)) / HALF_LIFE)
            if gap > FRESH:
                blocked, total, opened = False, 0.0, None
        if total == 0:
            zero = (before, at)
        drift = value - (MU0 + MU1) / 2
        total = max(0.0, total + (-drift if blocked else drift))
        if total >= DELAY * (MU1 - MU0) / 2:
            dated = zero if at_last_zero and zero else (before, at)
            if not blocked:
                opened = (dated, at)
            elif opened and dated[0]:
                found.append(Dated(opened[0], (dated[0], dated[1]), opened[1]))
                opened = None
            blocked, total = not blocked, 0.0
        before = at
    return [*found, Dated(opened[0], None, opened[1])] if opened else found


def _hours(looks: list[Look]) -> list[tuple[datetime, float]]:
    """The median of the usable looks of each hour that has any, at its last look."""
    hours: dict[datetime, list[Look]] = {}
    for look in looks:
        if look.outcome in USABLE:
            hours.setdefault(look.at.replace(minute=0, second=0, microsecond=0), []).append(look)
    return [(of[-1].at, median(float(look.outcome in BLOCKED) for look in of)) for of in hours.values()]
