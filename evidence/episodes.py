"""Folds a series into episodes of blocking, with dates no more exact than the looks allow (docs/methods.md)."""

import base64
import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime

from evidence.episode_edges import Edge, interval, noise, onset_edge, release_edge
from evidence.episode_gaps import gaps, unusable
from evidence.episode_phases import Phase, phases
from evidence.episode_restart import restart_index
from evidence.episode_series import OK, Outage, Series, mechanisms, series_of
from models.episode import Episode, Interruption, Interval, Look
from models.words import EpisodeState

__all__ = ["Outage", "episode_id", "episodes", "restart_index", "to_iso", "to_json"]

_WITNESSES_BETWEEN = 5
_OK_RUN = re.compile(b"o+")


def episodes(target: str, vantage: str, looks: Sequence[Look], *, outages: Sequence[Outage] = ()) -> list[Episode]:
    """All episodes of one series, in time order; the looks may come in any order.

    A phase that began and died away before it was confirmed is chance and is not listed; one that may be
    beginning at the last look is, as `suspected`. Raises ValueError for a look whose time has no zone.
    """
    series = series_of(looks, outages)
    found = phases(series)
    told: list[Episode] = []
    floor = 0
    for index, phase in enumerate(found):
        near = noise(series, found, index)
        onset = onset_edge(series, phase, near, floor)
        release = release_edge(series, phase, near, onset.last + 1) if phase.settled is not None else None
        told.append(_episode(target, vantage, series, phase, (onset, release)))
        floor = release.last + 1 if release else 0
    return told


def _episode(target: str, vantage: str, series: Series, phase: Phase, edges: tuple[Edge, Edge | None]) -> Episode:
    onset, release = interval(series, edges[0]), interval(series, edges[1]) if edges[1] else None
    first, end = edges[0].last, edges[1].last if edges[1] else len(series)
    last_blocked = series.marks.rfind(b"x", first, end)
    watched = series.times[min(end, len(series) - 1)]
    checked = last_blocked + 1 if release else end
    return Episode(
        id=episode_id(target, vantage, series.times[phase.start]),
        target=target,
        vantage=vantage,
        mechanisms=mechanisms(series.usable[phase.start : last_blocked + 1]),
        onset=onset,
        release=release,
        state=_state(series, phase),
        checks=checked - first,
        blocked_checks=series.marks.count(b"x", first, checked),
        interruptions=_interruptions(series, first, checked),
        gaps=gaps(series.looks, onset.by, watched),
        unusable=unusable(series, onset.by, watched),
        last_blocked=series.times[last_blocked],
        last_look=watched,
        confirmed_at=series.times[phase.confirmed] if phase.confirmed is not None else None,
        witnesses=_witnesses(series, onset, release, (first, last_blocked)),
    )


def _state(series: Series, phase: Phase) -> EpisodeState:
    if phase.confirmed is None:
        return EpisodeState.SUSPECTED
    if phase.settled is not None:
        return EpisodeState.RELEASED
    return EpisodeState.INTERRUPTED if series.letters[-1] == OK else EpisodeState.ONGOING


def _interruptions(series: Series, first: int, end: int) -> tuple[Interruption, ...]:
    runs = _OK_RUN.finditer(series.marks, first, end)
    return tuple(Interruption(first_ok=series.times[run.start()], last_ok=series.times[run.end() - 1]) for run in runs)


def _witnesses(series: Series, onset: Interval, release: Interval | None, span: tuple[int, int]) -> tuple[str, ...]:
    ends = [onset.after_measurement, onset.by_measurement]
    if release:
        ends += [release.after_measurement, release.by_measurement]
    first, last = span
    step = max(1, (last - first) // (_WITNESSES_BETWEEN + 1))
    between = [series.usable[at] for at in range(first + step, last, step)][: _WITNESSES_BETWEEN + 1]
    named = [*ends, *(look.measurement for look in between if look.outcome != "ok")]
    return tuple(dict.fromkeys(name for name in named if name))


def episode_id(target: str, vantage: str, first_blocked: datetime) -> str:
    """Short, and the same as long as the first blocked look that led to the episode is the same."""
    named = "\n".join((target, vantage, to_iso(first_blocked)))
    return base64.b32encode(hashlib.sha256(named.encode()).digest()).decode()[:10].lower()


def to_iso(at: datetime) -> str:
    """ISO 8601 in UTC, ending in Z, with a fraction only where there is one."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def to_json(episode: Episode) -> dict[str, object]:
    """The contract's form of an episode, and what we add to it."""
    return {
        "id": episode.id,
        "target": episode.target,
        "vantage": episode.vantage,
        "mechanisms": [mechanism.value for mechanism in episode.mechanisms],
        "onset": _ends(episode.onset),
        "release": _ends(episode.release) if episode.release else None,
        "state": episode.state.value,
        "edges": {"onset": _edge(episode.onset), "release": _edge(episode.release)},
        "checks": episode.checks,
        "blocked_checks": episode.blocked_checks,
        "interruptions": [
            {"first_ok": to_iso(one.first_ok), "last_ok": to_iso(one.last_ok)} for one in episode.interruptions
        ],
        "gaps": [{"after": to_iso(gap.after), "by": to_iso(gap.by)} for gap in episode.gaps],
        "unusable": [
            {"after": to_iso(one.after), "by": to_iso(one.by), "looks": one.looks, "why": one.why}
            for one in episode.unusable
        ],
        "last_blocked": to_iso(episode.last_blocked),
        "last_look": to_iso(episode.last_look),
        "confirmed_at": to_iso(episode.confirmed_at) if episode.confirmed_at else None,
        "wave": episode.wave,
    }


def _ends(of: Interval) -> dict[str, str | None]:
    return {"after": to_iso(of.after) if of.after else None, "by": to_iso(of.by)}


def _edge(of: Interval | None) -> str | None:
    if of is None:
        return None
    return "clean" if of.clean else "mixed"
