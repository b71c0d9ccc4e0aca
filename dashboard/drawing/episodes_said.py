"""What an episode's dates do not say by themselves, in sentences: alternation, interruptions, gaps, blind stretches, waves."""

from collections.abc import Iterable

from dashboard.drawing import when
from dashboard.strings import say, say_count
from models.episode import Episode, Interval

_MOST = 4


def alternation(edge: Interval | None) -> str | None:
    """Returns why an interval is wider than two neighbouring checks, where it is."""
    return say("episodes.unclean") if edge is not None and not edge.clean else None


def remarks(episode: Episode) -> list[str]:
    """Returns one sentence for each thing that a reader of the dates must know."""
    parts = [*_interruptions(episode), *_gaps(episode), *_unusable(episode)]
    if episode.wave:
        parts.append(say_count("episodes.wave", episode.wave))
    return parts


def _interruptions(episode: Episode) -> Iterable[str]:
    found = episode.interruptions
    for one in found[-_MOST:]:
        yield say("episodes.interruption", first=when.minute(one.first_ok), last=when.minute(one.last_ok))
    yield from _more("episodes.interruptions.more", len(found))


def _gaps(episode: Episode) -> Iterable[str]:
    found = episode.gaps
    for one in found[-_MOST:]:
        yield say(
            "episodes.gap", after=when.minute(one.after), by=when.minute(one.by), length=when.length(one.by - one.after)
        )
    yield from _more("episodes.gaps.more", len(found))


def _unusable(episode: Episode) -> Iterable[str]:
    found = episode.unusable
    for one in found[-_MOST:]:
        looks = say_count("bars.looks", one.looks)
        yield say("episodes.blind", after=when.minute(one.after), by=when.minute(one.by), looks=looks, why=one.why)
    yield from _more("episodes.blind.more", len(found))


def _more(key: str, n: int) -> Iterable[str]:
    if n > _MOST:
        yield say_count(key, n - _MOST)
