"""A campaign's timeline drawn: measured lanes above, what others said and did beneath, numbered and listed in words."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from markupsafe import Markup

from dashboard.drawing import when
from dashboard.drawing.axis import Axis
from dashboard.drawing.lanes import Lane, Mark, timeline
from dashboard.drawing.markup import el, foreign, is_web, joined, outward, plain
from dashboard.shown.story import Entry, Kind, coincidences
from dashboard.strings import say, say_count
from models.episode import Episode

_TRACKS = 4
_COINCIDENCES = 3
_CLOSE = 3.4
"""Numbers nearer to one another than this many percent stand on different tracks."""


def story(axis: Axis, measured: Sequence[Lane], found: Sequence[Entry], label: str) -> Markup:
    """Draws measured lanes, then one lane for each kind of entry."""
    said = [lane for kind in (Kind.EVENT, Kind.PROMISE, Kind.CLAIM) if (lane := _lane(axis, kind, found))]
    return timeline(axis, [*measured, *said], label)


def _lane(axis: Axis, kind: Kind, found: Sequence[Entry]) -> Lane | None:
    mine = [(number, entry) for number, entry in enumerate(found, 1) if entry.kind is kind]
    if not mine:
        return None
    marks, placed = [], [-100.0] * _TRACKS
    for number, entry in mine:
        left = axis.place(entry.start)
        track = next((t for t in range(_TRACKS) if left - placed[t] >= _CLOSE), _TRACKS - 1)
        placed[track] = left
        marks.append(_mark(number, entry, track))
    tracks = 1 + max(i for i, left in enumerate(placed) if left > -100)
    return Lane(
        label=joined(
            [el("b", say(f"story.{kind.value}s")), el("div", say(f"story.{kind.value}s.are"), class_="soft small")]
        ),
        marks=tuple(marks),
        tall=tracks,
    )


def _mark(number: int, entry: Entry, track: int) -> Mark:
    name = f"{entry.dated}: {plain(entry.text, 200)}"
    inner = el("span", number, class_="ww-num", style=f"--track:{track}")
    return Mark(
        kind=f"number ww-m-{entry.kind.value}",
        start=entry.start,
        end=entry.end,
        name=name,
        href=f"#entry-{number}",
        text=inner,
    )


def entry_list(found: Sequence[Entry], episodes: Sequence[Episode], names: Mapping[str, str], now: datetime) -> Markup:
    """Lists the entries in words: the table twin of the drawing."""
    return el(
        "ol",
        joined(_entry(n, entry, coincidences(entry, episodes, now), names) for n, entry in enumerate(found, 1)),
        class_="ww-keys",
    )


def _entry(number: int, entry: Entry, during: Sequence[Episode], names: Mapping[str, str]) -> Markup:
    by = el("span", say("story.by"), " ", foreign(entry.by, 120)) if entry.by else None
    head = joined([el("b", entry.dated), " · ", say(f"story.is.{entry.kind.value}"), " ", by])
    quote = el("blockquote", "“", foreign(entry.quote, 600), "”", class_="ww-quote") if entry.quote else None
    lines = [
        el("div", head, class_="small"),
        el("div", foreign(entry.text, 400)) if entry.kind is not Kind.PROMISE else None,
        quote,
        el("div", foreign(entry.note, 400), class_="soft small") if entry.note else None,
        _source(entry.source),
        _during(during, names),
    ]
    return el(
        "li", el("span", number, class_=f"ww-num {entry.kind.value}"), el("div", joined(lines)), id=f"entry-{number}"
    )


def _source(source: str | None) -> Markup | None:
    if not source:
        return None
    shown = outward(source) if is_web(source) else foreign(source, 200)
    return el("div", say("story.source"), " ", shown, class_="soft small")


def _during(during: Sequence[Episode], names: Mapping[str, str]) -> Markup | None:
    if not during:
        return None
    told = [
        say(
            "story.coincides.one",
            target=plain(names.get(e.target, e.target), 60),
            vantage=plain(names.get(f"@{e.vantage}", e.vantage), 60),
            onset=when.onset(e.onset),
        )
        for e in during[:_COINCIDENCES]
    ]
    if len(during) > _COINCIDENCES:
        told.append(say_count("story.coincides.more", len(during) - _COINCIDENCES))
    return joined(el("div", text, class_="small") for text in told)
