"""What a fold over one series cannot see: all targets of a vantage point changing together, and waves of blocking."""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import accumulate

from evidence.episode_phases import LONGEST_USUAL, usual
from evidence.episode_series import Outage, Series, series_of
from evidence.episodes import episodes
from models.episode import Episode, Look
from models.words import Mechanism, Outcome

LONGEST = timedelta(days=14)  # a longer common change is taken for what it looks like
NEARLY_ALL = 0.8
FEWEST_BLOCKED = 3  # targets that must have been blocked before a common release is doubted
LEAST_LOOKS = 3  # of each target: a shorter common release is an interruption, and may be chance
FEWEST_OPEN = 10  # targets that must have been open before a common failure is doubted
HABIT, FEW = timedelta(days=30), 3  # more common changes than so many in such a time are no outages
WAVE = timedelta(hours=1)
_T = ord("t")
_OPENED = re.compile(b"(?<=xx)o{%d,}(?=xx)" % LEAST_LOOKS)
_FAILED = re.compile(b"(?<=o)t+(?=[ox])")
_RUN = re.compile(b"o+|x+")
_OUTAGE_LIKE = {None, Mechanism.DNS_TIMEOUT, Mechanism.IP_TIMEOUT, Mechanism.IP_UNREACHABLE, Mechanism.SNI_TIMEOUT}
_OUTAGE_LIKE |= {Mechanism.HTTP_TIMEOUT, Mechanism.STALLED, Mechanism.THROTTLED, Mechanism.DNS_SERVFAIL}

Key = tuple[str, str]  # target, vantage point


@dataclass(frozen=True, slots=True)
class _Dip:
    """A short stretch in which one target looked otherwise than before it and after it."""

    first: datetime
    last: datetime
    slack: timedelta  # how far the dips of two targets that are looked at in turn may lie apart


@dataclass(frozen=True, slots=True)
class _Trace:
    """What is kept of one series while all are compared."""

    dips: list[_Dip]
    changes: list[tuple[datetime, int]]  # when it began (1) and ceased (-1) to look as it does around a dip


def episodes_of(looks: Mapping[Key, Sequence[Look]]) -> list[Episode]:
    """Episodes of many series, with each vantage point's suspected outages set aside and waves counted."""
    by_vantage: dict[str, list[str]] = defaultdict(list)
    for target, vantage in sorted(looks):
        by_vantage[vantage].append(target)
    told: list[Episode] = []
    for vantage, targets in by_vantage.items():
        outages = suspected_outages([looks[target, vantage] for target in targets])
        for target in targets:
            told += episodes(target, vantage, looks[target, vantage], outages=outages)
    return with_waves(told)


def suspected_outages(series: Iterable[Sequence[Look]]) -> list[Outage]:
    """Spans in which nearly all targets of one vantage point changed together and changed back together.

    `series` is gone through twice, and one series of it is held at a time: give something that can be read again.
    """
    failed = _common([_trace(series_of(looks), _failures, b"o") for looks in series], FEWEST_OPEN)
    outages = [Outage(first, last, frozenset({Outcome.ANOMALY})) for first, last in failed]
    opened = _common([_trace(series_of(looks, outages), _openings, b"x") for looks in series], FEWEST_BLOCKED)
    return [*outages, *(Outage(first, last, frozenset({Outcome.OK})) for first, last in opened)]


def _trace(series: Series, dips: Callable[[Series], list[_Dip]], around: bytes) -> _Trace:
    return _Trace(dips(series), list(_changes(series, around[0])))


def _openings(series: Series) -> list[_Dip]:
    """The stretches of ok looks between blocked ones that are too long for chance."""
    return _dips(series, series.marks, _OPENED)


def _failures(series: Series) -> list[_Dip]:
    """The stretches of such failures, after an ok look, as an outage could have made."""
    if b"a" not in series.letters:
        return []
    marks = bytes(
        _T if look.outcome is Outcome.ANOMALY and look.mechanism in _OUTAGE_LIKE else mark
        for look, mark in zip(series.usable, series.marks, strict=True)
    )
    return _dips(series, marks, _FAILED)


def _dips(series: Series, marks: bytes, pattern: re.Pattern[bytes]) -> list[_Dip]:
    found, times = [], series.times
    for run in pattern.finditer(marks):
        first, last = times[run.start()], times[run.end() - 1]
        if last - first <= LONGEST:
            found.append(_Dip(first, last, 2 * min(usual(series, run.end()), LONGEST_USUAL)))
    return found


def _common(traces: Sequence[_Trace], fewest: int) -> list[tuple[datetime, datetime]]:
    """Spans of dips that nearly all targets share which looked as before a dip."""
    flat = sorted(((dip, number) for number, trace in enumerate(traces) for dip in trace.dips), key=_first)
    were = _Level(traces)
    spans: list[tuple[datetime, datetime]] = []
    for dip, _ in flat:
        if spans and spans[-1][0] <= dip.first and dip.last <= spans[-1][1]:
            continue
        low, high = (
            bisect_left(flat, dip.first - dip.slack, key=_first),
            bisect_right(flat, dip.first + dip.slack, key=_first),
        )
        alike = [(other, number) for other, number in flat[low:high] if abs(other.last - dip.last) <= dip.slack]
        if len({number for _, number in alike}) >= max(fewest, NEARLY_ALL * were.at(dip.first - dip.slack)):
            spans.append((min(one.first for one, _ in alike), max(one.last for one, _ in alike)))
    return [span for span in spans if _is_rare(span, spans)]


def _first(dip: tuple[_Dip, int]) -> datetime:
    return dip[0].first


def _is_rare(span: tuple[datetime, datetime], spans: list[tuple[datetime, datetime]]) -> bool:
    """Whether it is not one of many: blocks that keep office hours open together each evening."""
    return sum(abs(other[0] - span[0]) <= HABIT for other in spans) <= FEW


class _Level:
    """How many targets looked in one way at an instant, by their last look before it."""

    def __init__(self, traces: Sequence[_Trace]) -> None:
        changes = sorted(change for trace in traces for change in trace.changes)
        self._times = [at for at, _ in changes]
        self._counts = list(accumulate((by for _, by in changes), initial=0))

    def at(self, instant: datetime) -> int:
        return self._counts[bisect_left(self._times, instant)]


def _changes(series: Series, mark: int) -> Iterator[tuple[datetime, int]]:
    for run in _RUN.finditer(series.marks):
        if series.marks[run.start()] == mark:
            yield series.times[run.start()], 1
            if run.end() < len(series):
                yield series.times[run.end()], -1


def with_waves(told: Sequence[Episode]) -> list[Episode]:
    """Counts, for each episode, the other targets of its vantage point that changed within an hour of its onset."""
    changes: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for one in told:
        if one.onset.after:
            changes[one.vantage].append((one.onset.by, one.target))
        if one.release:
            changes[one.vantage].append((one.release.by, one.target))
    for of_vantage in changes.values():
        of_vantage.sort()
    return [replace(one, wave=_wave(one, changes[one.vantage])) for one in told]


def _wave(one: Episode, changes: list[tuple[datetime, str]]) -> int:
    if one.onset.after is None:  # nobody saw it change
        return 0
    low = bisect_left(changes, one.onset.by - WAVE, key=_when)
    high = bisect_right(changes, one.onset.by + WAVE, key=_when)
    return len({target for _, target in changes[low:high]} - {one.target})


def _when(change: tuple[datetime, str]) -> datetime:
    return change[0]
