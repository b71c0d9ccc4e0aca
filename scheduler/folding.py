"""After each batch: touched series are folded again, and what really changed is announced, once."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

import structlog

from evidence.episodes import Outage, episodes, restart_index, to_iso
from models.episode import Episode, Interval, Look
from models.store import Judged, Store, StoreError
from models.words import BLOCKED, EpisodeState
from scheduler.timetable import Pair

log = structlog.get_logger("episodes")


class Folding:
    """Keeps episodes in step with the looks; remembers for each pair from where its series must be folded.

    Runs in the store's thread alone.
    """

    def __init__(self, store: Store, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._store, self._now = store, now
        self._since: dict[Pair, datetime | None] = {}
        self._known: dict[Pair, dict[str, Episode]] = {}

    def written(self, batch: Sequence[Judged]) -> None:
        """Folds what a batch touched. Raises StoreError when the store did not take the result."""
        for pair in sorted({_pair(each) for each in batch if self._matters(each)}):
            try:
                self.fold(pair)
            except StoreError:
                raise
            except Exception:
                log.exception("a series could not be folded; `wallwatch judge` tries again", pair=pair)

    def _matters(self, each: Judged) -> bool:
        """Tells whether a look can change an episode: all do while one is open, else only a blocked one."""
        return each.verdict.outcome in BLOCKED or any(
            episode.state is not EpisodeState.RELEASED for episode in self._episodes(_pair(each)).values()
        )

    def _episodes(self, pair: Pair) -> dict[str, Episode]:
        if pair not in self._known:
            self._known[pair] = {each.id: each for each in self._store.episodes(pair.target, pair.vantage)}
        return self._known[pair]

    def fold(self, pair: Pair) -> None:
        """Folds one series from where its past is settled, writes its episodes and announces changes."""
        since, before = self._since.get(pair), self._episodes(pair)
        looks = self._store.looks(pair.target, pair.vantage, since)
        if since and (not looks or looks[0].at != since):
            since, looks = None, self._store.looks(pair.target, pair.vantage)
        found = episodes(pair.target, pair.vantage, looks)
        self._store.replace_episodes(pair.target, pair.vantage, found, from_onset=since)
        for episode in found:
            self._announce(before.get(episode.id), episode)
        settled = {name: each for name, each in before.items() if since and each.onset.by < since}
        self._known[pair] = settled | {each.id: each for each in found}
        self._since[pair] = _restart(looks) or since

    def _announce(self, before: Episode | None, now: Episode) -> None:
        if now.confirmed_at and not (before and before.confirmed_at):
            self._say(now, "onset", onset_sentence(now), now.onset)
        if now.release and now.state is EpisodeState.RELEASED and not (before and before.state is now.state):
            self._say(now, "release", release_sentence(now), now.release)

    def _say(self, episode: Episode, kind: str, text: str, edge: Interval) -> None:
        ends = [name for name in (edge.after_measurement, edge.by_measurement) if name]
        number = self._store.announce(
            f"{episode.id}:{kind}",
            kind,
            text,
            at=self._now(),
            target=episode.target,
            vantage=episode.vantage,
            episode=episode.id,
            measurements=ends or episode.witnesses[:2],
        )
        if number is not None:
            log.info("announced", number=number, text=text)


def _pair(each: Judged) -> Pair:
    measurement = each.finished.measurement
    return Pair(measurement.target.id, measurement.vantage.id)


def _restart(looks: Sequence[Look]) -> datetime | None:
    index = restart_index(looks)
    return looks[index].at if index else None


def onset_sentence(episode: Episode) -> str:
    how = _words(episode)
    start = (
        f"the block began after {to_iso(episode.onset.after)} and no later than {to_iso(episode.onset.by)}"
        if episode.onset.after
        else f"it was blocked already when watching began, at {to_iso(episode.onset.by)}"
    )
    return f"{episode.target} is blocked at {episode.vantage}{how}: {start}."


def release_sentence(episode: Episode) -> str:
    assert episode.release is not None
    end = f"no later than {to_iso(episode.release.by)}"
    if episode.release.after:
        end = f"after {to_iso(episode.release.after)} and {end}"
    return f"{episode.target} is reachable again at {episode.vantage}{_words(episode)}: the block ended {end}."


def _words(episode: Episode) -> str:
    return f" ({', '.join(each.value for each in episode.mechanisms)})" if episode.mechanisms else ""


def fold_all(store: Store, pairs: Iterable[Pair], outages: Sequence[Outage] = ()) -> tuple[int, int]:
    """Folds whole series anew, announcing nothing; returns how many episodes there are and how many differ from before."""
    total = changed = 0
    for pair in pairs:
        before = {each.id: each for each in store.episodes(pair.target, pair.vantage)}
        found = episodes(pair.target, pair.vantage, store.looks(pair.target, pair.vantage), outages=outages)
        after = {each.id: each for each in found}
        total += len(found)
        changed += sum(before.get(name) != after.get(name) for name in before.keys() | after.keys())
        if before != after:
            store.replace_episodes(pair.target, pair.vantage, found)
    return total, changed
