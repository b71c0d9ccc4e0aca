"""What changed lately: onsets and releases of episodes, the newest first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from models.episode import Episode
from models.words import EpisodeState


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One end of one episode."""

    at: datetime
    kind: str  # onset, suspected or release
    episode: Episode


def latest_changes(episodes: Iterable[Episode], limit: int) -> list[Change]:
    """Returns the latest changes of these episodes."""
    found: list[Change] = []
    for episode in episodes:
        kind = "suspected" if episode.state is EpisodeState.SUSPECTED else "onset"
        found.append(Change(at=episode.onset.by, kind=kind, episode=episode))
        if episode.release is not None:
            found.append(Change(at=episode.release.by, kind="release", episode=episode))
    return sorted(found, key=lambda change: change.at, reverse=True)[:limit]
