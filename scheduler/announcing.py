"""What is said of episodes, once each; and what was said and no longer holds: a new row that names the one it supersedes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

import structlog

from evidence.episodes import to_iso
from models.episode import Episode, Interval
from models.store import Announcement, Store
from models.words import EpisodeState
from scheduler.timetable import Pair

Side = Literal["onset", "release"]
SIDES: tuple[Side, ...] = ("onset", "release")
SINCE_THEN = "looks that came in since then"
_ALL = 1 << 31

log = structlog.get_logger("episodes")


When = Callable[[str], datetime | None]
"""The time of the look of that name."""


def _unknown(_: str) -> None:
    return None


def when_in(store: Store) -> When:
    """Returns what finds the time of a stored look."""

    def when(name: str) -> datetime | None:
        found = store.measurement(name)
        return found.started if found else None

    return when


class Edge(NamedTuple):
    """One end of one episode."""

    episode: str
    side: Side


@dataclass(frozen=True, slots=True)
class Said:
    """The last word on one edge."""

    last: Announcement

    @property
    def stands(self) -> bool:
        return self.last.kind != "withdrawal"


@dataclass(frozen=True, slots=True)
class Statement:
    """Something to announce."""

    edge: Edge
    kind: str  # onset, release; correction: with other dates; withdrawal: it no longer holds
    text: str
    measurements: tuple[str, ...]
    supersedes: Announcement | None = None

    @property
    def key(self) -> str:
        """Names the change: an announcement is superseded at most once, so nothing is corrected twice."""
        named = f"{self.edge.episode}:{self.edge.side}"
        return f"{named}:{self.supersedes.number}" if self.supersedes else named


def said_of(store: Store, pair: Pair) -> dict[Edge, Said]:
    """Returns the last word on each edge of a pair's episodes."""
    found: dict[Edge, Said] = {}
    for one in reversed(store.announcements(_ALL, target=pair.target, vantage=pair.vantage)):
        edge = _edge(one)
        if edge is not None:
            found[edge] = Said(one)
    return found


def _edge(one: Announcement) -> Edge | None:
    name, _, rest = one.key.partition(":")
    side = next((side for side in SIDES if rest.partition(":")[0] == side), None)
    return Edge(name, side) if side else None


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why series are folded again, and whether dates that became more exact are worth a correction."""

    why: str = SINCE_THEN
    exactly: bool = False  # false: an announcement stands as long as the interval that it named holds the one of now
    when: When = _unknown


def statements(
    found: Iterable[Episode], said: Mapping[Edge, Said], occasion: Occasion, *, gone: Iterable[str] = ()
) -> list[Statement]:
    """Returns what is to be announced, so that what stands announced is true of the episodes.

    `gone` names episodes that were announced and are no more.
    """
    why = occasion.why
    wanted = [_wanted(one, side, said.get(Edge(one.id, side)), occasion) for one in found for side in SIDES]
    lost = (said.get(Edge(name, side)) for name in gone for side in SIDES)
    reason = f"no episode is found there any more ({why})"
    taken_back = [_withdrawal(one.last, reason) for one in lost if one and one.stands]
    return [*taken_back, *(one for one in wanted if one)]


def _wanted(now: Episode, side: Side, said: Said | None, occasion: Occasion) -> Statement | None:
    why = occasion.why
    edge, text = (now.onset, onset_sentence) if side == "onset" else (now.release, release_sentence)
    holds = now.confirmed_at is not None if side == "onset" else now.state is EpisodeState.RELEASED
    if edge is None or not holds:
        return _withdrawal(said.last, f"the series does not bear it out ({why})") if said and said.stands else None
    ends = _ends(edge) or now.witnesses[:2]
    if said is None or not said.stands:
        found = "" if why == SINCE_THEN else f" Found only now: {why}."
        return Statement(Edge(now.id, side), side, text(now) + found, ends, said.last if said else None)
    if said.last.measurements == ends or (not occasion.exactly and _holds(said.last, edge, occasion.when)):
        return None
    return Statement(Edge(now.id, side), "correction", _corrected(said.last, text(now), why), ends, said.last)


def _holds(last: Announcement, edge: Interval, when: When) -> bool:
    """Tells whether the interval that was announced, named by its one or two looks, holds the one of now."""
    ends = [when(name) for name in last.measurements]
    if None in ends or not ends:
        return False
    before, by = (ends[0] if len(ends) > 1 else None), ends[-1]
    reaches = before is None or (edge.after is not None and before <= edge.after)
    return reaches and by is not None and edge.by <= by


def _withdrawal(last: Announcement, reason: str) -> Statement:
    edge = _edge(last)
    assert edge is not None
    text = (
        f"Withdrawn: what announcement {last.number} of {last.at:%Y-%m-%d} said of {last.target} at {last.vantage} "
        f"({edge.side}) no longer holds: {reason}."
    )
    return Statement(edge, "withdrawal", text, last.measurements, last)


def _corrected(last: Announcement, sentence: str, why: str) -> str:
    return f"Correction of announcement {last.number} of {last.at:%Y-%m-%d}: {sentence} Why: {why}."


def _ends(edge: Interval) -> tuple[str, ...]:
    return tuple(name for name in (edge.after_measurement, edge.by_measurement) if name)


def announce(store: Store, pair: Pair, wanted: Iterable[Statement], *, now: Callable[[], datetime]) -> int:
    """Writes announcements and returns how many were not there yet."""
    written = 0
    for one in wanted:
        number = store.announce(
            one.key,
            one.kind,
            one.text,
            at=now(),
            target=pair.target,
            vantage=pair.vantage,
            episode=one.edge.episode,
            measurements=one.measurements,
            supersedes=one.supersedes.number if one.supersedes else None,
        )
        if number is not None:
            written += 1
            log.info("announced", number=number, text=one.text)
    return written


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
