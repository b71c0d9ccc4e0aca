"""From where a series must be folded anew after looks were appended, so that a long one need not be folded whole."""

from bisect import bisect_left
from collections.abc import Sequence
from math import log
from operator import attrgetter

from evidence.episode_edges import NEAR
from evidence.episode_phases import APART, LEAST, MEMORY, ONCE_IN, ONSET_LOOKS, Phase, phases, weights
from evidence.episode_series import CONFIRMED, OK, Series, series_of
from models.episode import Look

_MOST = log(ONCE_IN / APART)  # no odds are ever asked to be higher
_STEP = 16


def restart_index(looks: Sequence[Look]) -> int:
    """The index from which to fold these looks (in time order) and later ones, keeping the episodes before it.

    All episodes whose onset lies before that look are settled: no look appended to the series changes them. For a
    look that arrives late, fold from an index that was right before it, or from 0.
    """
    series = series_of(looks)
    found = phases(series)
    until = _unsettled(found, len(series))
    floor = max((phase.settled or 0 for phase in found if phase.start < until), default=-1) + 1
    for at in range(until - MEMORY, floor - 1, -_STEP):
        if _forgets(series, at):
            return bisect_left(looks, series.times[at], key=attrgetter("at"))
    return 0


def _unsettled(found: list[Phase], until: int) -> int:
    """The first position that belongs to an episode which later looks may still change."""
    for phase in reversed(found):
        if phase.settled is not None and max(phase.settled, (phase.reopened or 0) + NEAR) < until:
            break
        until = phase.start
    return until


def _forgets(series: Series, at: int) -> bool:
    """Whether, 2000 looks after `at`, nothing depends on what was before it, however noisy that was."""
    gain, loss = weights(0.005, 0.1), weights(0.2, 0.1).ok
    carried, fresh, in_a_row, artefacts = _MOST, 0.0, 0, 0
    for here in range(at, at + MEMORY):
        letter = series.letters[here]
        if letter == OK:
            apart = not here or series.times[here] - series.times[here - 1] >= APART
            carried, fresh = max(0.0, carried + loss * apart), max(0.0, fresh + loss * apart)
            in_a_row, artefacts = 0, artefacts if fresh else 0
            continue
        carried, fresh = carried + gain[letter], fresh + gain[letter]
        in_a_row, artefacts = in_a_row + 1, artefacts + (letter == CONFIRMED)
        if fresh >= LEAST and in_a_row + artefacts >= ONSET_LOOKS:
            return False
    return carried <= 0
