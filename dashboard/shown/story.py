"""A campaign's timeline as data: what was measured, and what was said, promised and done by others, each as what it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from dashboard.drawing import when
from dashboard.strings import say
from models.episode import Episode
from models.targets import Campaign, Claim


class Kind(StrEnum):
    """What an entry of a campaign's timeline is."""

    PROMISE = "promise"
    EVENT = "event"
    CLAIM = "claim"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One dated thing that somebody said or did; as exact as its source is."""

    kind: Kind
    start: datetime
    end: datetime
    dated: str
    text: str
    by: str | None = None
    quote: str | None = None
    source: str | None = None
    note: str | None = None
    target: str | None = None  # the site that a claim is about


def entries(campaign: Campaign, names: Mapping[str, str]) -> list[Entry]:
    """Returns promises, events and claims in time order; `names` are the targets' by id."""
    found = [_promise(campaign, i) for i in range(len(campaign.promises))]
    found += [_event(campaign, i) for i in range(len(campaign.events))]
    found += [_claim(claim, names) for claim in campaign.claims]
    return sorted(found, key=lambda entry: (entry.start, entry.end, entry.kind))


def _promise(campaign: Campaign, place: int) -> Entry:
    promise = campaign.promises[place]
    start, end, dated = span(promise.on.isoformat())
    return Entry(
        kind=Kind.PROMISE,
        start=start,
        end=end,
        dated=dated,
        text=say("story.promise"),
        by=promise.by,
        quote=promise.quote,
        source=promise.source,
        note=promise.note,
    )


def _event(campaign: Campaign, place: int) -> Entry:
    event = campaign.events[place]
    start, end, dated = span(event.on.isoformat())
    if event.at:
        dated = exactly(event.at)
    return Entry(
        kind=Kind.EVENT, start=start, end=end, dated=dated, text=event.title, source=event.source, note=event.note
    )


def _claim(claim: Claim, names: Mapping[str, str]) -> Entry:
    start, end, dated = span(claim.on)
    parts = {
        "target": names.get(claim.target, claim.target) if claim.target else say("story.sites"),
        "where": claim.where or say("story.somewhere"),
        "state": claim.state,
    }
    note = " ".join(filter(None, (claim.weight and say("story.weight", weight=claim.weight), claim.note))) or None
    return Entry(
        kind=Kind.CLAIM,
        start=start,
        end=end,
        dated=dated,
        text=say("story.claim", **parts),
        by=claim.by,
        quote=claim.quote,
        target=claim.target,
        source=claim.source,
        note=note,
    )


def span(on: str) -> tuple[datetime, datetime, str]:
    """Returns the span that `2008`, `2007-11` or `2008-07-28` names, and how it is written."""
    parts = [int(part) for part in on.split("-")]
    start = datetime(parts[0], parts[1] if len(parts) > 1 else 1, parts[2] if len(parts) > 2 else 1, tzinfo=UTC)
    if len(parts) == 3:
        return start, start + timedelta(days=1), when.day(start)
    if len(parts) == 2:
        end = datetime(start.year + start.month // 12, start.month % 12 + 1, 1, tzinfo=UTC)
        return start, end, when.month(start)
    return start, datetime(start.year + 1, 1, 1, tzinfo=UTC), str(start.year)


def exactly(text: str) -> str:
    """Returns an instant as every other is written, or the words as they stand where they are none."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return when.minute(at if at.tzinfo else at.replace(tzinfo=UTC))


def coincidences(entry: Entry, episodes: Sequence[Episode], now: datetime) -> list[Episode]:
    """Returns the episodes in which an entry's time falls: that they coincide is all that is said.

    A claim about one site is laid beside that site's episodes only.
    """
    mine = [e for e in episodes if entry.target in {None, e.target}]
    return [e for e in mine if _begins(e) < entry.end and _ends(e, now) > entry.start]


def _begins(episode: Episode) -> datetime:
    return episode.onset.after or episode.onset.by


def _ends(episode: Episode, now: datetime) -> datetime:
    return episode.release.by if episode.release else now


def known_spans(
    found: Sequence[Entry], episodes: Sequence[Episode], watched: tuple[datetime, datetime] | None, now: datetime
) -> list[tuple[datetime, datetime]]:
    """Returns the stretches about which anything is known: entries, episodes, and the time in which we looked."""
    spans = [(entry.start, entry.end) for entry in found]
    spans += [(_begins(e), _ends(e, now)) for e in episodes]
    return [*spans, *([watched] if watched else [])] or [(now - timedelta(days=30), now)]
