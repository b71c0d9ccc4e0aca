"""A target's page: its history at each vantage point, its episodes, the latest look step by step, response times."""

from datetime import UTC, datetime, timedelta

import streamlit as st
from markupsafe import Markup

from dashboard.drawing import links, when
from dashboard.drawing.axis import axis
from dashboard.drawing.bars import runs
from dashboard.drawing.episodes import episode_state, episode_table
from dashboard.drawing.lanes import Lane, Mark, timeline
from dashboard.drawing.markup import el, foreign, joined, outward, plain
from dashboard.drawing.matrix import label, legend, where
from dashboard.drawing.states import badge, shown_of
from dashboard.drawing.steps import steps
from dashboard.drawing.verdict import verdict_sheet
from dashboard.drawing.waiting import no_control
from dashboard.house import House, the_house
from dashboard.shown.days import tallies_by_vantage
from dashboard.shown.history import day_marks, episode_marks, episode_sentence, missed_marks
from dashboard.shown.overview import Cell, Row, rows_of, vantages_of
from dashboard.shown.walk import walk
from dashboard.strings import say
from dashboard.views import choice
from dashboard.views.frame import missing, put
from dashboard.views.times import response_times
from models.categories import Category
from models.episode import Episode
from models.targets import Configuration, Target, VantagePoint

SPANS = {"30": 30, "90": 90, "365": 365, "1100": 1100}
RECENT = 20


def page() -> None:
    """Shows the target that the URL names."""
    house, now = the_house(), datetime.now(UTC)
    configuration = house.keeper.loaded().configuration
    current = house.reader.current()
    vantages = vantages_of(configuration, current)
    wanted = st.query_params.get("id", "")
    row = next((r for r in rows_of(configuration, current, vantages, now) if r.target.id == wanted), None)
    if row is None:
        missing("target", wanted)
        return
    st.set_page_config(page_title=say("title", page=plain(label(row.target), 60)))
    _heading(row, configuration)
    cells = [
        (cell, vantage) for cell, vantage in zip(row.cells, vantages, strict=True) if cell.current or row.configured
    ]
    episodes = house.reader.episodes(row.target.id)
    put(el("h2", say("target.now")), joined(_standing(cell, vantage, episodes, now) for cell, vantage in cells))
    _history(house, row, cells, episodes, now)
    looked = [pair for pair in cells if pair[0].current]
    if looked:
        _latest(house, row, looked)
    else:
        put(el("p", say("target.not_yet")), no_control(configuration))


def _heading(row: Row, configuration: Configuration) -> None:
    target = row.target
    put(
        el("p", say("nav.target"), class_="eyebrow"),
        el("h1", foreign(label(target), 120)),
        el("p", outward(target.url) if target.url else None, _category(target), class_="lead"),
        None if row.configured else el("p", say("overview.gone"), class_="soft"),
        _campaigns(target, configuration),
        el("p", foreign(target.note, 400)) if target.note else None,
    )


def _category(target: Target) -> Markup | None:
    if not target.category:
        return None
    known = next((c.sentence for c in Category if c == target.category), None)
    return el("span", " · ", target.category, f": {known}" if known else "", class_="soft small")


def _campaigns(target: Target, configuration: Configuration) -> Markup | None:
    mine = [c for c in configuration.campaigns if c.id in target.campaigns]
    found = [joined([el("a", foreign(c.title, 120), href=links.campaign(c.id), target="_self"), " "]) for c in mine]
    return el("p", say("target.campaigns"), " ", joined(found)) if found else None


def _standing(cell: Cell, vantage: VantagePoint, episodes: list[Episode], now: datetime) -> Markup:
    """One vantage point's state today, with the sentence of its open episode."""
    latest = next((e for e in episodes if e.vantage == cell.vantage and e.release is None), None)
    current = cell.current
    name = el("b", foreign(vantage.name or vantage.id, 60))
    place = where(vantage)
    lines = [
        el(
            "div",
            badge(cell.shown),
            " ",
            say("target.from"),
            " ",
            name,
            el("span", f" ({place})" if place else "", class_="soft"),
        )
    ]
    if current is not None:
        lines.append(el("div", foreign(current.reason or "", 400)) if current.reason else Markup())
        text = say("target.looked", ago=when.ago(current.at, now), n=f"{current.looks:,}".replace(",", " "))
        lines.append(el("div", when.stamp(current.at, text), class_="soft small"))
    if latest is not None:
        lines.append(el("div", episode_state(latest.state), ": ", episode_sentence(latest)))
    return el("div", joined(lines), class_="ww-sheet")


def _history(
    house: House, row: Row, cells: list[tuple[Cell, VantagePoint]], episodes: list[Episode], now: datetime
) -> None:
    put(el("h2", say("target.history")))
    spans = {name: say(f"span.{name}") for name in SPANS}
    days = SPANS[choice.segment(st, say("target.span"), spans, "span", default="90")]
    first = now.date() - timedelta(days=days - 1)
    start = datetime(first.year, first.month, first.day, tzinfo=UTC)
    tallies = tallies_by_vantage(house.reader.daily(row.target.id, days, row.last), first, days)
    lanes = []
    for cell, vantage in cells:
        mine = [e for e in episodes if e.vantage == cell.vantage]
        marks = day_marks(runs(first, tallies.get(cell.vantage, [])), mine, now)
        marks += missed_marks(house.reader.gaps(), row.target.id, cell.vantage)
        marks += [m for episode in mine for m in episode_marks(episode, "#episodes")]
        lanes.append(
            Lane(
                label=_lane_label(vantage),
                marks=_within(marks, start, now),
                note=None if cell.current else say("overview.never"),
            )
        )
    put(
        timeline(axis(start, now), lanes, say("target.timeline", target=plain(label(row.target), 80))),
        el("p", say("target.timeline.how"), class_="soft small"),
        legend(),
    )
    names = {v.id: v.name or v.id for _, v in cells}
    put(el("h2", say("target.episodes"), id="episodes"), episode_table(episodes, names))


def _lane_label(vantage: VantagePoint) -> Markup:
    place = where(vantage)
    return joined(
        [el("b", foreign(vantage.name or vantage.id, 60)), el("div", place, class_="soft small") if place else None]
    )


def _within(marks: list[Mark], start: datetime, end: datetime) -> tuple[Mark, ...]:
    return tuple(mark for mark in marks if mark.end >= start and mark.start <= end)


def _latest(house: House, row: Row, looked: list[tuple[Cell, VantagePoint]]) -> None:
    names = {vantage.id: plain(vantage.name or vantage.id, 60) for _, vantage in looked}
    put(el("h2", say("target.latest"), id="latest"))
    chosen = choice.one(st, say("target.vantage"), names, "vantage") or ""
    current = next((cell.current for cell, _ in looked if cell.vantage == chosen), None)
    if current is None:
        return
    verdict, measurement = house.reader.verdict(current.measurement), house.reader.measurement(current.measurement)
    without = (
        no_control(house.keeper.loaded().configuration)
        if measurement is not None and not measurement.controls
        else None
    )
    put(
        el(
            "p",
            when.stamp(current.at),
            " · ",
            el("a", say("target.open"), href=links.measurement(current.measurement), target="_self"),
        ),
        verdict_sheet(verdict, contrasts=measurement.contrasts if measurement else (), without_control=without)
        if verdict
        else None,
        steps(walk(measurement)) if measurement else el("p", say("steps.none")),
    )
    response_times(house, row, chosen, names)
    _recent(house, row.target.id, chosen)


def _recent(house: House, target: str, vantage: str) -> None:
    before = st.query_params.get("before")
    found = house.reader.recent(target, vantage, RECENT + 1, _instant(before))
    columns = ("when", "outcome", "mechanism", "rule", "took", "open")
    head = joined(el("th", say(f"recent.{name}"), scope="col") for name in columns)
    rows = joined(
        el(
            "tr",
            el("td", when.stamp(look.at, when.second(look.at)), data_label=say("recent.when")),
            el("td", badge(shown_of(look.outcome)), data_label=say("recent.outcome")),
            el("td", el("code", look.mechanism.value) if look.mechanism else "–", data_label=say("recent.mechanism")),
            el("td", el("code", look.rule), data_label=say("recent.rule")),
            el("td", when.milliseconds(look.runtime_us), data_label=say("recent.took")),
            el("td", el("a", say("recent.open.link"), href=links.measurement(look.measurement), target="_self")),
        )
        for look in found[:RECENT]
    )
    older = None
    if len(found) > RECENT:
        older = el(
            "a",
            say("recent.older"),
            href=links.target(target, vantage=vantage, before=found[RECENT - 1].at.isoformat()) + "#recent",
            target="_self",
        )
    put(
        el("h2", say("recent.title"), id="recent"),
        el(
            "div",
            el("table", el("thead", el("tr", head)), el("tbody", rows), class_="ww-table ww-stack"),
            class_="ww-wide",
        ),
        el("p", older),
    )


def _instant(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)
