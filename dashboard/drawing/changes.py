"""What changed lately, as a list: the interval in words, never a bare date."""

from collections.abc import Sequence
from datetime import datetime

from markupsafe import Markup

from dashboard.drawing import links, when
from dashboard.drawing.markup import el, foreign, joined
from dashboard.drawing.states import Shown, glyph
from dashboard.shown.changes import Change
from dashboard.strings import say
from models.targets import Configuration


def changes(found: Sequence[Change], configuration: Configuration, now: datetime) -> Markup:
    """Draws the list, or says that nothing changed."""
    if not found:
        return el("p", say("changes.none"), class_="soft")
    names = {t.id: t.name or t.id for t in configuration.targets} | {
        f"@{v.id}": v.name or v.id for v in configuration.vantage_points
    }
    return el("ul", joined(_line(change, names, now) for change in found), class_="ww-changes")


def _line(change: Change, names: dict[str, str], now: datetime) -> Markup:
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
    return el("li", when.stamp(change.at, when.ago(change.at, now)), el("span", text))
