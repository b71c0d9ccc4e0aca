"""Where a series turns from open to blocked and back: odds of a block against chance, look by look (Wald, Page)."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import chain, pairwise
from math import log

from evidence.episode_series import CONFIRMED, OK, Series, middle

MEMORY = 2000  # usable looks from which the rate of chance failures is taken
MISSES = 0.1  # the share of looks that a block is allowed to miss while its onset is weighed
FORGED_BY_CHANCE = 1e-4  # how often an open site gives a `confirmed` look
ONCE_IN = timedelta(days=30 * 365.25)  # measured, chance confirms less often still: docs/methods.md
LONGEST_USUAL = timedelta(days=1)
APART = timedelta(seconds=180)  # residual blocking: nearer looks that agree are one piece of evidence
ONSET_LOOKS = 3  # blocked in a row; an artefact counts twice
RELEASE_LOOKS = 3
RELEASE_TIME = timedelta(days=1)  # some blocks keep hours of the day
_USUAL_OF = 20


@dataclass(slots=True)
class Phase:
    """A blocked phase, by positions among the usable looks."""

    start: int  # the first blocked look of the run that led to it
    confirmed: int | None = None  # the look that settled the onset
    reopened: int | None = None  # the first ok look of the run that led to the release
    settled: int | None = None  # the look that settled the release


def usual(series: Series, upto: int) -> timedelta:
    """The median time between the last twenty usable looks."""
    times = series.times[max(0, upto - _USUAL_OF) : upto + 1]
    apart = [later - sooner for sooner, later in pairwise(times)]
    return middle(apart) if apart else LONGEST_USUAL


def enough(series: Series, upto: int) -> float:
    """Log odds that chance reaches at most once in thirty years of looking at this pace (Page 1954, Lorden 1971)."""
    return log(ONCE_IN / min(max(usual(series, upto), APART), LONGEST_USUAL))


LEAST = log(ONCE_IN / LONGEST_USUAL)


@dataclass(frozen=True, slots=True)
class Weights:
    """What one look adds to the log odds of a block."""

    ok: float
    anomaly: float
    confirmed: float

    def __getitem__(self, letter: int) -> float:
        if letter == OK:
            return self.ok
        return self.confirmed if letter == CONFIRMED else self.anomaly


def weights(failing: float, missing: float) -> Weights:
    """From the share of failures while open and the share of misses while blocked."""
    return Weights(
        ok=log(missing / (1 - failing)),
        anomaly=log((1 - missing) / failing),
        confirmed=log((1 - missing) / min(failing, FORGED_BY_CHANCE)),
    )


def phases(series: Series) -> list[Phase]:
    """All blocked phases that reached `enough`, and the one that may be beginning at the end of the series."""
    found: list[Phase] = []
    at = 0
    while (phase := _onset(series, at, found)) is not None:
        found.append(phase)
        if phase.confirmed is None or not _release(series, phase, failing(series, phase.start, found[:-1])):
            break
        at = (phase.settled or 0) + 1
    return found


def failing(series: Series, before: int, earlier: list[Phase]) -> float:
    """The share of looks that failed while open, of the last looks before a position; 1.5 % where few were made."""
    failed, looked, end = 0, 0, before
    for phase in chain(reversed(earlier), (None,)):
        first = phase.reopened or 0 if phase else 0
        first = max(first, end - (MEMORY - looked))
        looked += max(0, end - first)
        failed += series.marks.count(b"x", first, max(first, end))
        if looked >= MEMORY or phase is None:
            break
        end = phase.start
    return min(max((3 + failed) / (200 + looked), 0.005), 0.2)


def _onset(series: Series, at: int, earlier: list[Phase]) -> Phase | None:
    while (start := series.marks.find(b"x", at)) >= 0:
        gains = weights(failing(series, start, earlier), MISSES)
        at, confirmed = _weigh_onset(series, start, gains)
        if confirmed or at == len(series):
            return Phase(start, at if confirmed else None)
        at += 1
    return None


def _weigh_onset(series: Series, start: int, gains: Weights) -> tuple[int, bool]:
    """Walks on from a first failure until a block is certain enough (True), unlikely (False), or looks run out."""
    odds, in_a_row, artefacts, counted = 0.0, 0, 0, None
    for at in range(start, len(series)):
        if counted is not None and _repeats(series, counted, at):
            continue
        counted = at
        letter = series.letters[at]
        odds += gains[letter]
        in_a_row = in_a_row + 1 if letter != OK else 0
        artefacts += letter == CONFIRMED
        if odds <= 0:
            return at, False
        if odds >= LEAST and in_a_row + artefacts >= ONSET_LOOKS and odds >= enough(series, at):
            return at, True
    return len(series), False


def _repeats(series: Series, counted: int, at: int) -> bool:
    return series.marks[counted] == series.marks[at] and series.times[at] - series.times[counted] < APART


def _release(series: Series, phase: Phase, failed: float) -> bool:
    """Finds the release of a confirmed phase, or says that there is none yet."""
    at = (phase.confirmed or phase.start) + 1
    missed = series.marks.count(b"o", phase.start, at)
    while (first := series.marks.find(b"o", at)) >= 0:
        missing = min((0.5 + missed) / (20 + first - phase.start), 0.3)
        at, settled = _weigh_release(series, first, weights(failed, missing))
        if settled:
            phase.reopened, phase.settled = first, at
            return True
        missed += series.marks.count(b"o", first, at)
    return False


def _weigh_release(series: Series, first: int, gains: Weights) -> tuple[int, bool]:
    """Walks on from a first success until the block is surely over (True), surely not (False), or looks run out."""
    odds, in_a_row, counted, limit = 0.0, 0, None, enough(series, first)
    for at in range(first, len(series)):
        if counted is not None and _repeats(series, counted, at):
            continue
        counted = at
        letter = series.letters[at]
        # Capped, so that a long calm does not outweigh a block that comes back.
        odds = min(odds - gains[letter], limit)
        in_a_row = in_a_row + 1 if letter == OK else 0
        if odds <= 0:
            return at + 1, False
        if in_a_row >= RELEASE_LOOKS and odds >= limit and series.times[at] - series.times[first] >= RELEASE_TIME:
            return at, True
    return len(series), False
