"""Waves in live series: how many other targets of a vantage point changed within an hour of each onset, kept up to date."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from evidence.episode_outages import WAVE
from models.episode import Episode
from models.store import Store
from scheduler.timetable import Pair

_ALL = 1 << 31


class _Change(NamedTuple):
    """A target began or ceased to be blocked."""

    at: datetime
    target: str


class Waves:
    """The changes of each vantage point by time: small beside the episodes, so that each new one is counted at once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._changes: dict[str, list[_Change]] = {}

    def forget(self) -> None:
        """Reads all anew when it is next asked, because somebody else wrote episodes."""
        self._changes.clear()

    def counted(self, episodes: Iterable[Episode]) -> list[Episode]:
        """Returns the episodes with their waves, as all changes known now make them."""
        return [replace(one, wave=self._wave(one)) for one in episodes]

    def moved(self, pair: Pair, before: Sequence[Episode], after: Sequence[Episode]) -> set[Pair]:
        """Takes in what changed in a pair, and returns the other pairs whose waves may count otherwise now."""
        lost, come = set(_changes(before)), set(_changes(after))
        known = self._of(pair.vantage)
        for change in lost - come:
            if (at := _place(known, change)) is not None:
                del known[at]
        for change in come - lost:
            if _place(known, change) is None:
                insort(known, change)
        near = {other.target for change in lost ^ come for other in self._near(known, change.at)}
        return {Pair(target, pair.vantage) for target in near - {pair.target}}

    def _wave(self, one: Episode) -> int:
        if one.onset.after is None:  # nobody saw it change
            return 0
        return len({change.target for change in self._near(self._of(one.vantage), one.onset.by)} - {one.target})

    def _of(self, vantage: str) -> list[_Change]:
        if vantage not in self._changes:
            self._changes[vantage] = sorted(_changes(self._store.episodes(vantage=vantage, limit=_ALL)))
        return self._changes[vantage]

    def _near(self, known: list[_Change], at: datetime) -> list[_Change]:
        low = bisect_left(known, at - WAVE, key=lambda change: change.at)
        return known[low : bisect_right(known, at + WAVE, key=lambda change: change.at)]


def _place(known: list[_Change], change: _Change) -> int | None:
    at = bisect_left(known, change)
    return at if at < len(known) and known[at] == change else None


def _changes(episodes: Iterable[Episode]) -> Iterable[_Change]:
    for one in episodes:
        if one.onset.after:
            yield _Change(one.onset.by, one.target)
        if one.release:
            yield _Change(one.release.by, one.target)
