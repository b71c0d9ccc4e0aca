"""What was announced lately, each with the word that took its place, if any; suspicions, which nobody announces, beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dashboard.shown.changes import Change, latest_changes
from models.episode import Episode
from models.store import Announcement
from models.words import EpisodeState

_REASONS = (" Why: ", " no longer holds: ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One announcement, and the one that superseded it."""

    at: datetime  # of what it tells; of its successor where there is one, so that both stand together
    said: Announcement
    superseded_by: Announcement | None
    episode: Episode | None  # that it tells of, where it still stands and is to be told in the words of today


def lately(announced: Sequence[Announcement], episodes: Sequence[Episode], limit: int) -> list[Told | Change]:
    """Returns the latest, newest first. Where nothing was ever announced (an import), the episodes' own ends."""
    if not announced:
        return [*latest_changes(episodes, limit)]
    later = {one.supersedes: one for one in announced if one.supersedes is not None}
    known = {episode.id: episode for episode in episodes}
    found: list[Told | Change] = [_told(one, later, known) for one in announced]
    found += latest_changes([e for e in episodes if e.state is EpisodeState.SUSPECTED], limit)
    return sorted(found, key=_order, reverse=True)[:limit]


def _told(one: Announcement, later: dict[int, Announcement], known: dict[str, Episode]) -> Told:
    after = later.get(one.number)
    episode = known.get(one.episode or "") if after is None and one.kind in {"onset", "release"} else None
    return Told(at=_when(after or one, episode), said=one, superseded_by=after, episode=episode)


def _when(one: Announcement, episode: Episode | None) -> datetime:
    edge = None if episode is None else episode.release if one.kind == "release" else episode.onset
    return edge.by if edge else one.at


def _order(one: Told | Change) -> tuple[datetime, int]:
    return one.at, one.said.number if isinstance(one, Told) else 0


def reason_of(one: Announcement) -> str:
    """Returns why a correction or a withdrawal was made, as it says itself; all of it where it names no reason apart."""
    for mark in _REASONS:
        _, found, reason = one.text.rpartition(mark)
        if found:
            return reason
    return one.text
