"""What changed lately, as a list: the interval in words, never a bare date."""

from collections.abc import Sequence
from datetime import datetime

from markupsafe import Markup

from dashboard.drawing import links, when
from dashboard.drawing.markup import el, foreign, joined
from dashboard.drawing.states import Shown, glyph
from dashboard.shown.announced import Told, reason_of
from dashboard.shown.changes import Change
from dashboard.strings import say
from models.targets import Configuration


def changes(found: Sequence[Told | Change], configuration: Configuration, now: datetime) -> Markup:
    """Draws the list, or says that nothing changed."""
    if not found:
        return el("p", say("changes.none"), class_="soft")
    names = {t.id: t.name or t.id for t in configuration.targets} | {
        f"@{v.id}": v.name or v.id for v in configuration.vantage_points
    }
    return el("ul", joined(_entry(one, names, now) for one in found), class_="ww-changes")


def _entry(one: Told | Change, names: dict[str, str], now: datetime) -> Markup:
    if isinstance(one, Change):
        return _line(one, names, now)
    number = f"announcement-{one.said.number}"
    if one.episode is not None:
        change = Change(at=one.at, kind=one.said.kind, episode=one.episode)
        return _line(change, names, now, number)
    text = foreign(one.said.text, 600)
    said = joined([el("del", text), _superseded(one)]) if one.superseded_by else text
    return el("li", when.stamp(one.at, when.ago(one.at, now)), el("span", said), id=number)


def _superseded(one: Told) -> Markup | None:
    after = one.superseded_by
    if after is None:
        return None
    key = "changes.withdrawn" if after.kind == "withdrawal" else "changes.corrected"
    link = el("a", say("changes.announcement", n=after.number), href=f"#announcement-{after.number}", target="_self")
    return el("div", say(key, at=when.day(after.at)), " ", link, ": ", foreign(reason_of(after), 400), class_="small")


def _line(change: Change, names: dict[str, str], now: datetime, number: str | None = None) -> Markup:
    episode = change.episode
    shown = {"onset": Shown.CONFIRMED, "suspected": Shown.ANOMALY, "release": Shown.OK}[change.kind]
    target = el(
        "a",
        foreign(names.get(episode.target, episode.target), 80),
        href=links.target(episode.target, vantage=episode.vantage),
        target="_self",
    )
    place = foreign(names.get(f"@{episode.vantage}", episode.vantage), 60)
    interval = (
        when.release(episode.release, episode.last_blocked) if change.kind == "release" else when.onset(episode.onset)
    )
    how = (
        say("changes.how", mechanisms=", ".join(episode.mechanisms))
        if episode.mechanisms and change.kind != "release"
        else ""
    )
    said = el("span", glyph(shown), class_=f"ww-c-{shown.value}")
    text = joined(
        [
            said,
            " ",
            target,
            " ",
            say("changes.from"),
            " ",
            place,
            ": ",
            interval,
            how,
            say("changes.suspected") if change.kind == "suspected" else None,
        ]
    )
    return el("li", when.stamp(change.at, when.ago(change.at, now)), el("span", text), id=number)
