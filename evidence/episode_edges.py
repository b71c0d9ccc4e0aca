"""How far apart the ends of an onset or a release must lie, so that the change is between them 99 times in 100."""

import re
from dataclasses import dataclass
from math import exp, log

from evidence.episode_phases import FORGED_BY_CHANCE, Phase
from evidence.episode_series import ANOMALY, CONFIRMED, OK, Series
from models.episode import Interval

BEYOND = 0.003  # the odds that may be left beyond either end
NEAR = 500  # usable looks on either side from which the noise is taken
_FAILED, _MISSED = re.compile(b"(?<=o)x(?=o)"), re.compile(b"(?<=x)o(?=x)")
_REACH = 64  # usable looks on either side of an edge that are weighed,
_OPENING = b"ooo"  # and none beyond such a one: the block was open there, whatever its looks miss


@dataclass(frozen=True, slots=True)
class Noise:
    """How often looks near an episode disagree with what was the case."""

    failing: float  # the share that failed while open
    missing: float  # the share that got through while blocked


@dataclass(frozen=True, slots=True)
class Edge:
    """The change lies after look `first - 1` and no later than look `last`, by position."""

    first: int
    last: int


def noise(series: Series, found: list[Phase], index: int) -> Noise:
    """Counts the looks that disagree with both their neighbours, from 500 looks before an episode to 500 after it."""
    own = found[index]
    at, high = max(0, own.start - NEAR), min(len(series), _end(series, own) + NEAR)
    opened = blocked = failed = missed = 0
    for phase in _near(series, found, index, at, high):
        first, end = max(at, phase.start), min(high, _end(series, phase))
        opened, failed = opened + first - at, failed + _alone(series, _FAILED, at, first)
        blocked, missed = blocked + end - first, missed + _alone(series, _MISSED, first, end)
        at = end
    opened, failed = opened + high - at, failed + _alone(series, _FAILED, at, high)
    # Hardly any prior: a series in which at most one look disagreed is taken at its word.
    return Noise(_share(failed, opened), _share(missed, blocked))


def _alone(series: Series, pattern: re.Pattern[bytes], first: int, end: int) -> int:
    # Two in a row are more likely a short block, or an opening of a block that comes and goes, than chance.
    return len(pattern.findall(series.marks, first, end))


def _near(series: Series, found: list[Phase], index: int, low: int, high: int) -> list[Phase]:
    first, last = index, index
    while first > 0 and _end(series, found[first - 1]) > low:
        first -= 1
    while last + 1 < len(found) and found[last + 1].start < high:
        last += 1
    return found[first : last + 1]


def _end(series: Series, phase: Phase) -> int:
    return len(series) if phase.settled is None or phase.reopened is None else phase.reopened


def _share(count: int, total: int) -> float:
    return min((0.05 + (count if count > 1 else 0)) / (20 + total), 0.25)


def onset_edge(series: Series, phase: Phase, near: Noise, floor: int) -> Edge:
    """Where the block began, no earlier than position `floor`."""
    low = max(floor, phase.start - _REACH)
    sure = phase.confirmed or len(series)
    high = min(phase.reopened or len(series), sure + _REACH)
    opening = series.marks.find(_OPENING, sure, high)
    high = series.marks.rfind(b"x", phase.start, opening if opening > 0 else high)
    edge = _hull(series, low, high, near, sign=1)
    return _outwards(series, edge, floor, high, before=b"o")


def release_edge(series: Series, phase: Phase, near: Noise, floor: int) -> Edge:
    """Where the block ended, no earlier than position `floor`."""
    reopened, settled = phase.reopened or floor, phase.settled or floor
    low, high = max(floor, reopened - _REACH), min(settled, reopened + _REACH)
    opening = series.marks.rfind(_OPENING, low, reopened)
    edge = _hull(series, opening + len(_OPENING) if opening > 0 else low, high, near, sign=-1)
    return _outwards(series, edge, floor, settled, before=b"x")


def _hull(series: Series, low: int, high: int, near: Noise, *, sign: int) -> Edge:
    """The shortest stretch of positions of the change that leaves less than BEYOND on either side of it."""
    steps = _steps(near)
    odds, total = [0.0], 0.0
    for letter in series.letters[low:high]:
        total += sign * steps[letter]
        odds.append(total)
    best = max(odds)
    mass = [exp(one - best) for one in odds]
    spare = BEYOND * sum(mass)
    return Edge(low + _trim(mass, spare), high - _trim(mass[::-1], spare))


def _trim(mass: list[float], spare: float) -> int:
    for position, one in enumerate(mass):
        spare -= one
        if spare < 0:
            return position
    return len(mass) - 1


def _steps(near: Noise) -> dict[int, float]:
    """By how much the log odds grow when the onset is taken to lie one look later."""
    anomaly = log(near.failing / (1 - near.missing))
    return {
        OK: log((1 - near.failing) / near.missing),
        CONFIRMED: min(anomaly, log(FORGED_BY_CHANCE / (1 - near.missing))),
        ANOMALY: anomaly,
    }


def _outwards(series: Series, edge: Edge, floor: int, ceiling: int, *, before: bytes) -> Edge:
    """Moves the ends out to the nearest looks that saw what an end must have seen."""
    after = b"x" if before == b"o" else b"o"
    first = max(series.marks.rfind(before, max(floor - 1, 0), edge.first) + 1, floor)
    last = series.marks.find(after, edge.last, ceiling + 1)
    return Edge(first, last if last >= 0 else ceiling)


def interval(series: Series, edge: Edge) -> Interval:
    """The interval in the words of the contract; `after` is null where nobody looked before."""
    before = series.usable[edge.first - 1] if edge.first else None
    by = series.usable[edge.last]
    return Interval(
        after=before.at if before else None,
        by=by.at,
        clean=edge.first == edge.last,
        after_measurement=before.measurement if before else None,
        by_measurement=by.measurement,
    )
