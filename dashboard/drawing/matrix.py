"""The overview's table: targets by vantage points, each cell a state in shape and words with its last days as bars."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from markupsafe import Markup

from dashboard.drawing import links
from dashboard.drawing.bars import Run, bars
from dashboard.drawing.markup import el, foreign, joined, plain
from dashboard.drawing.states import Shown, badge, glyph, sentence, word
from dashboard.drawing.when import ago, day, minute
from dashboard.shown.overview import Cell, Overview, Row
from dashboard.shown.reasons import short_reason
from dashboard.strings import say, say_count
from models.targets import Target, VantagePoint
from models.words import EpisodeState

MANY = 4
"""From more vantage points than these the table scrolls sideways instead of sharing the width."""

Bars = Mapping[tuple[str, str], Sequence[Run]]


def matrix(found: Overview, history: Bars, now: datetime, days: int) -> Markup:
    """Draws the table."""
    head = el("tr", el("th", say("overview.column.target"), scope="col"), joined(_head(v) for v in found.vantages))
    rows = joined(_row(row, found.vantages, history, now=now, days=days) for row in found.rows)
    table = el(
        "table",
        el("caption", say("overview.caption"), class_="ww-hide"),
        el("thead", head, role="rowgroup"),
        el("tbody", rows, role="rowgroup"),
        class_="ww-matrix",
        role="table",
    )
    many = " ww-many" if len(found.vantages) > MANY else ""
    return el("div", table, class_=f"ww ww-wide{many}")


def _head(vantage: VantagePoint) -> Markup:
    place = where(vantage)
    return el(
        "th",
        foreign(vantage.name or vantage.id, 60),
        el("br") if place else None,
        el("span", place, class_="soft"),
        scope="col",
        role="columnheader",
    )


def where(vantage: VantagePoint) -> str:
    """Returns country, AS and network of a vantage point, as far as they are stated."""
    asn = f"AS{vantage.asn}" if vantage.asn else None
    return " · ".join(plain(part, 40) for part in (vantage.country, asn, vantage.network) if part)


def _row(row: Row, vantages: Sequence[VantagePoint], history: Bars, *, now: datetime, days: int) -> Markup:
    cells = zip(row.cells, vantages, strict=True)
    drawn = joined(
        _cell(cell, v, history.get((cell.target, cell.vantage), ()), now=now, days=days) for cell, v in cells
    )
    return el("tr", _name(row), drawn, role="row")


def _name(row: Row) -> Markup:
    target = row.target
    gone = None if row.configured else el("div", say("overview.gone"), class_="soft small")
    link = el("a", foreign(label(target), 80), href=links.target(target.id), target="_self")
    url = el("div", foreign(target.url, 80), class_="soft small") if target.url else None
    return el("th", link, url, gone, scope="row", role="rowheader")


def label(target: Target) -> str:
    """Returns what a target is called on the pages."""
    return target.name or target.id


def _cell(cell: Cell, vantage: VantagePoint, runs: Sequence[Run], *, now: datetime, days: int) -> Markup:
    name = plain(vantage.name or vantage.id, 60)
    why = short_reason(cell.current) if cell.current else None
    state = el(
        "a",
        badge(cell.shown),
        el("span", why, class_="why") if why else None,
        since(cell, now),
        href=links.target(cell.target, vantage=cell.vantage),
        target="_self",
        class_="ww-cell",
        title=plain(cell.current.reason, 400) if why and cell.current and cell.current.reason else None,
    )
    drawn = (
        bars(runs, say("bars.label", target=plain(cell.target, 80), vantage=name, days=days)) if cell.current else None
    )
    return el("td", state, drawn, data_label=name, role="cell")


def since(cell: Cell, now: datetime) -> Markup:
    """Returns the words beneath a state: since when, and how old the last look is when it is too old."""
    current = cell.current
    if current is None:
        return el("span", say("overview.never"), class_="since")
    first = current.since <= current.first_at
    text = say("overview.since.first" if first else "overview.since", at=day(current.since), n=current.in_a_row)
    if current.episode_state is EpisodeState.SUSPECTED:
        text = say("overview.since.suspected", n=current.in_a_row)
    stale = el("span", say("overview.stale", ago=ago(current.at, now)), class_="since") if cell.stale else None
    return joined([el("span", text, class_="since", title=minute(current.since)), stale])


def counts(found: Overview, chosen: frozenset[Shown]) -> Markup:
    """Draws the headline counts, each a link that shows those cells only."""
    return el("ul", joined(_count(shown, found.counts.get(shown, 0), chosen) for shown in Shown), class_="ww-counts")


def _count(shown: Shown, n: int, chosen: frozenset[Shown]) -> Markup | None:
    if not n and shown in {Shown.UNOBSERVED, Shown.RESTRICTED, Shown.DOWN}:
        return None
    current = "true" if shown in chosen else None
    href = links.overview() if current else links.overview(state=shown.value)
    number = el("b", n, class_=None if n else "zero")
    inner = el(
        "a",
        number,
        el("span", glyph(shown), " ", word(shown)),
        href=href,
        target="_self",
        aria_current=current,
        title=sentence(shown),
    )
    return el("li", inner, class_=f"ww-c-{shown.value}")


def legend() -> Markup:
    """Explains every state where it stands."""
    lines = joined(el("li", badge(shown), " – ", sentence(shown)) for shown in Shown)
    return el(
        "details",
        el("summary", say("overview.legend")),
        el("ul", lines, class_="ww-legend"),
        el("p", say("overview.legend.bars"), class_="small soft"),
    )


def summary(found: Overview, now: datetime) -> Markup:
    """Says in one line what is watched and when anybody looked last."""
    watched = say_count("overview.targets", found.targets)
    places = say_count("overview.vantages", len(found.vantages))
    last = say("overview.last", ago=ago(found.last, now), at=minute(found.last)) if found.last else ""
    return el("p", say("overview.summary", targets=watched, vantages=places, last=last), class_="lead")
