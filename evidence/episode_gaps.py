"""Where an episode was not watched: nobody looked (a gap), or no look could tell (unusable)."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from operator import attrgetter, sub

from evidence.episode_series import Series, middle
from models.episode import Gap, Look, Unusable

NEIGHBOURS = 10  # times between looks, on either side, that say what is usual there
_CHUNK = 256
_AT = attrgetter("at")


def gaps(looks: Sequence[Look], first: datetime, last: datetime) -> tuple[Gap, ...]:
    """Where nobody looked for more than twice the usual time, between two instants."""
    start, stop = bisect_left(looks, first, key=_AT), bisect_right(looks, last, key=_AT) - 1
    found: list[Gap] = []
    for low in range(start, stop, _CHUNK):
        high = min(low + _CHUNK, stop)
        margin = max(0, low - NEIGHBOURS)
        times = list(map(_AT, looks[margin : high + NEIGHBOURS + 1]))
        apart = list(map(sub, times[1:], times))
        found += [
            Gap(after=looks[margin + at].at, by=looks[margin + at + 1].at)
            for at in _too_long(apart, low - margin, high - margin)
        ]
    return tuple(found)


def _too_long(apart: list[timedelta], low: int, high: int) -> list[int]:
    # A median of ten is never below the fifth smallest of all, so most stretches need no closer look.
    least = sorted(apart)[min(NEIGHBOURS // 2 - 1, (len(apart) - 1) // 2)]
    return [at for at in range(low, high) if apart[at] > 2 * least and apart[at] > 2 * _usual(apart, at)]


def _usual(apart: list[timedelta], at: int) -> timedelta:
    """The larger of the medians before and after, so that a change of pace is not a row of gaps."""
    before, after = apart[max(0, at - NEIGHBOURS) : at], apart[at + 1 : at + 1 + NEIGHBOURS]
    return max((middle(side) for side in (before, after) if side), default=apart[at])


def unusable(series: Series, first: datetime, last: datetime) -> tuple[Unusable, ...]:
    """Where looks were made and none was usable, for more than twice the usual time between looks."""
    if len(series.looks) == len(series):
        return ()
    start, stop = bisect_left(series.times, first), bisect_right(series.times, last) - 1
    pairs = zip(series.times[start:stop], series.times[start + 1 : stop + 1], strict=True)
    return tuple(blind for after, by in pairs if (blind := _blind(series, after, by)) is not None)


def _blind(series: Series, after: datetime, by: datetime) -> Unusable | None:
    low, high = bisect_right(series.looks, after, key=_AT), bisect_left(series.looks, by, key=_AT)
    between = series.looks[low:high]
    is_long = bool(between) and by - after > 2 * _usual_between(series.looks, low, high)
    if not is_long and not any(look.at in series.voided for look in between):
        return None
    return Unusable(after=after, by=by, looks=len(between), why=_why(series, between))


def _usual_between(looks: Sequence[Look], low: int, high: int) -> timedelta:
    times = list(map(_AT, looks[max(0, low - NEIGHBOURS) : high + NEIGHBOURS]))
    return middle(list(map(sub, times[1:], times)))


def _why(series: Series, between: Sequence[Look]) -> str:
    words = {
        "suspected outage of the vantage point" if one.at in series.voided else one.outcome.value for one in between
    }
    return ", ".join(sorted(words))
