"""Folding whole series anew, a vantage point at a time: what would change, and what stands announced and no longer holds."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from evidence.episode_outages import suspected_outages, with_waves
from evidence.episodes import episodes
from models.episode import Episode, Look
from models.store import Store
from models.words import Mechanism, Outcome
from scheduler.announcing import Occasion, Statement, announce, said_of, statements, when_in
from scheduler.timetable import Pair

ALL = 1 << 31
_MARK = "folded"


class Said(NamedTuple):
    """What a new verdict makes of a look."""

    outcome: Outcome
    mechanism: Mechanism | None


NewLooks = Mapping[Pair, Mapping[bytes, Said]]
"""By pair and by the measurement's digest, where a verdict is about to become another one."""
Why = Callable[[Pair], str]
"""Why a pair's series is folded anew, in the words of an announcement."""


@dataclass(frozen=True, slots=True)
class EpisodeChange:
    """An episode that a new fold brings, drops, dates otherwise, or tells otherwise."""

    kind: Literal["appears", "vanishes", "dates", "details"]
    before: Episode | None
    after: Episode | None


@dataclass(frozen=True, slots=True)
class Refolded:
    """One pair's episodes before and after, and what must be announced so that the announcements are true again."""

    pair: Pair
    before: tuple[Episode, ...]
    after: tuple[Episode, ...]
    wanted: tuple[Statement, ...]

    @property
    def changes(self) -> list[EpisodeChange]:
        """Returns what changes, by onset."""
        before, after = {one.id: one for one in self.before}, {one.id: one for one in self.after}
        both = sorted({*before, *after}, key=lambda name: (before.get(name) or after[name]).onset.by)
        found = (_change(before.get(name), after.get(name)) for name in both)
        return [one for one in found if one]


def _change(before: Episode | None, after: Episode | None) -> EpisodeChange | None:
    if before == after:
        return None
    if before is None or after is None:
        return EpisodeChange("appears" if before is None else "vanishes", before, after)
    same = (before.onset, before.release, before.state) == (after.onset, after.release, after.state)
    return EpisodeChange("details" if same else "dates", before, after)


@dataclass(frozen=True, slots=True)
class _Series:
    """The series of a vantage point's pairs, read from the store each time they are gone through."""

    store: Store
    pairs: Sequence[Pair]
    new: NewLooks

    def of(self, pair: Pair) -> list[Look]:
        looks, new = self.store.looks(*pair), self.new.get(pair)
        return [_as_new(look, new) for look in looks] if new else looks

    def __iter__(self) -> Iterator[list[Look]]:
        return (self.of(pair) for pair in self.pairs)


def _as_new(look: Look, new: Mapping[bytes, Said]) -> Look:
    said = new.get(to_key(look.measurement)) if look.measurement else None
    return replace(look, outcome=said.outcome, mechanism=said.mechanism) if said else look


def to_key(measurement: str) -> bytes:
    """Returns the digest that a measurement's name `sha256:…` spells out."""
    return bytes.fromhex(measurement.removeprefix("sha256:"))


def refolded(
    store: Store, pairs: Iterable[Pair], *, new: NewLooks | None = None, why: Why = lambda _: "looks judged anew"
) -> Iterator[Refolded]:
    """Yields what a new fold of all series of these pairs' vantage points gives; writes nothing.

    Besides one series, the episodes of one vantage point are in memory at a time.
    """
    wanted = {pair.vantage for pair in pairs}
    by_vantage: dict[str, list[Pair]] = {}
    for row in store.current():
        if row.vantage in wanted:
            by_vantage.setdefault(row.vantage, []).append(Pair(row.target, row.vantage))
    for vantage in sorted(by_vantage):
        series = _Series(store, sorted(by_vantage[vantage]), new or {})
        yield from _of_vantage(series, is_archive(store, series.pairs), why)


def _of_vantage(series: _Series, archive: bool, why: Why) -> Iterator[Refolded]:
    # An archive has no canaries, so common failures of all its targets are set aside; live looks answer for themselves.
    outages = suspected_outages(series) if archive else []
    told = [one for pair in series.pairs for one in episodes(*pair, series.of(pair), outages=outages)]
    by_pair: dict[Pair, list[Episode]] = {}
    for one in with_waves(told):
        by_pair.setdefault(Pair(one.target, one.vantage), []).append(one)
    for pair in series.pairs:
        yield _of_pair(series, pair, by_pair.get(pair, []), archive, why)


def _of_pair(series: _Series, pair: Pair, after: list[Episode], archive: bool, why: Why) -> Refolded:
    store, exactly = series.store, pair in series.new
    before = tuple(reversed(store.episodes(*pair, limit=ALL)))
    said = said_of(store, pair)
    gone = sorted({edge.episode for edge, one in said.items() if one.stands} - {one.id for one in after})
    occasion = Occasion(why=why(pair), exactly=exactly, when=when_in(store))
    wanted = statements(after, said, occasion, gone=gone) if said or not archive else []
    if archive:  # nobody is told of an archive's past as if it were news
        wanted = [one for one in wanted if one.supersedes]
    return Refolded(pair, before, tuple(after), tuple(wanted))


def is_archive(store: Store, pairs: Iterable[Pair]) -> bool:
    """Tells whether all that a vantage point showed last came from archives."""
    for pair in pairs:
        for row in store.recent(*pair, 1):
            measurement = store.measurement(row.measurement)
            if measurement is not None and measurement.origin == "wallwatch":
                return False
    return True


def refold(
    store: Store, pairs: Iterable[Pair], *, new: NewLooks | None = None, why: Why = lambda _: "looks judged anew"
) -> tuple[int, int, int]:
    """Folds and writes; returns how many episodes there are, how many differ, how many announcements were needed.

    `new` are the looks that were just judged otherwise.
    """
    at = datetime.now(UTC)
    total = changed = said = 0
    mark_folded(store, at)
    for one in refolded(store, pairs, new=new, why=why):
        total, changed = total + len(one.after), changed + len(one.changes)
        if one.before != one.after:
            store.replace_episodes(*one.pair, one.after)
        said += announce(store, one.pair, one.wanted, now=lambda: at)
    mark_folded(store, datetime.now(UTC))
    return total, changed, said


def mark_folded(store: Store, at: datetime) -> None:
    """Tells a prober that runs beside this process that what it remembers of episodes is out of date."""
    store.put_status(_MARK, {"at": at.isoformat()}, at)


def folded_elsewhere(store: Store) -> datetime | None:
    """Returns when somebody last folded whole series."""
    found = store.status().get(_MARK)
    return found.at if found else None
