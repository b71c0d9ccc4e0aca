"""After each batch: touched series are folded again, and what really changed is announced, once."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import structlog

from evidence.episodes import episodes, restart_index
from models.episode import Episode, Look
from models.store import Judged, Store, StoreError
from models.words import BLOCKED, EpisodeState
from scheduler.announcing import Edge, Occasion, Said, announce, said_of, statements, when_in
from scheduler.refolding import ALL, folded_elsewhere
from scheduler.timetable import Pair
from scheduler.waves import Waves

log = structlog.get_logger("episodes")


class Folding:
    """Keeps episodes in step with the looks; remembers for each pair from where its series must be folded.

    Runs in the store's thread alone.
    """

    def __init__(self, store: Store, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._store, self._now = store, now
        self._since: dict[Pair, datetime | None] = {}
        self._known: dict[Pair, dict[str, Episode]] = {}
        self._said: dict[Pair, dict[Edge, Said]] = {}
        self._newest: dict[Pair, datetime] = {}
        self._waves = Waves(store)
        self._elsewhere = folded_elsewhere(store)

    def written(self, batch: Sequence[Judged]) -> None:
        """Folds what a batch touched. Raises StoreError when the store did not take the result."""
        self._notice_others()
        for pair, looks in _by_pair(batch).items():
            try:
                late = self._come_late(pair, looks)
                if late:
                    self.fold_whole(pair)
                elif self._touched(pair, looks):
                    self.fold(pair)
            except StoreError:
                raise
            except Exception:
                log.exception("a series could not be folded; `wallwatch judge` tries again", pair=pair)

    def _notice_others(self) -> None:
        """Forgets what is remembered where another process has folded since: `wallwatch judge` or an import."""
        mark = folded_elsewhere(self._store)
        if mark != self._elsewhere:
            self._elsewhere = mark
            for remembered in (self._since, self._known, self._said):
                remembered.clear()
            self._waves.forget()

    def _touched(self, pair: Pair, looks: Sequence[Judged]) -> bool:
        """Tells whether looks can change an episode: blocked ones can, and all while one is open."""
        still_open = any(one.state is not EpisodeState.RELEASED for one in self._episodes(pair).values())
        return still_open or any(each.verdict.outcome in BLOCKED for each in looks)

    def _come_late(self, pair: Pair, looks: Sequence[Judged]) -> bool:
        """Tells whether a look lies before one that was folded already."""
        times = [each.finished.measurement.started for each in looks]
        newest = self._newest.get(pair)
        if newest is None and self._episodes(pair):
            before = self._store.recent(pair.target, pair.vantage, len(looks))
            newest = before[-1].at if before else None
        self._newest[pair] = max(newest or times[0], *times)
        return newest is not None and min(times) < newest

    def _episodes(self, pair: Pair) -> dict[str, Episode]:
        if pair not in self._known:
            self._known[pair] = {each.id: each for each in self._store.episodes(pair.target, pair.vantage, limit=ALL)}
        return self._known[pair]

    def fold(self, pair: Pair, *, exactly: bool = False) -> None:
        """Folds one series from where its past is settled, writes its episodes and announces changes.

        `exactly`: dates that became more exact are corrected too, because looks came late or are judged otherwise.
        """
        since, before = self._since.get(pair), self._episodes(pair)
        looks = self._store.looks(pair.target, pair.vantage, since)
        if since and (not looks or looks[0].at != since):
            since, looks = None, self._store.looks(pair.target, pair.vantage)
        found = episodes(pair.target, pair.vantage, looks)
        settled = {name: each for name, each in before.items() if since and each.onset.by < since}
        again = self._waves.moved(pair, list(before.values()), [*settled.values(), *found])
        found = self._waves.counted(found)
        self._store.replace_episodes(pair.target, pair.vantage, found, from_onset=since)
        self._known[pair] = settled | {each.id: each for each in found}
        self._since[pair] = _restart(looks) or since
        self._announce(pair, found, exactly=exactly)
        for other in sorted(again):
            self._recount(other)

    def fold_whole(self, pair: Pair) -> None:
        """Folds one series from its beginning: looks that were folded already are judged otherwise now."""
        self._since[pair] = None
        self.fold(pair, exactly=True)

    def _recount(self, pair: Pair) -> None:
        """Writes a pair's episodes again where their waves count otherwise now."""
        before = self._store.episodes(pair.target, pair.vantage, limit=ALL)
        after = self._waves.counted(before)
        if after != before:
            self._store.replace_episodes(pair.target, pair.vantage, after)
            self._known.pop(pair, None)

    def _announce(self, pair: Pair, found: Sequence[Episode], *, exactly: bool) -> None:
        if pair not in self._said:
            self._said[pair] = said_of(self._store, pair)
        gone = {edge.episode for edge, said in self._said[pair].items() if said.stands} - self._known[pair].keys()
        occasion = Occasion(exactly=exactly, when=when_in(self._store))
        wanted = statements(found, self._said[pair], occasion, gone=sorted(gone))
        if wanted:
            announce(self._store, pair, wanted, now=self._now)
            del self._said[pair]


def _by_pair(batch: Sequence[Judged]) -> dict[Pair, list[Judged]]:
    found: dict[Pair, list[Judged]] = {}
    for each in batch:
        measurement = each.finished.measurement
        found.setdefault(Pair(measurement.target.id, measurement.vantage.id), []).append(each)
    return dict(sorted(found.items()))


def _restart(looks: Sequence[Look]) -> datetime | None:
    index = restart_index(looks)
    return looks[index].at if index else None
