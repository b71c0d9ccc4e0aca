"""Vantage points' health, and an operator's view of schedule, configuration and store."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from markupsafe import Markup

from dashboard.configuration import Loaded
from dashboard.drawing import when
from dashboard.drawing.markup import el, foreign, joined, plain, prose, verbatim
from dashboard.drawing.matrix import where
from dashboard.drawing.states import Shown, glyph, shown_of
from dashboard.drawing.waiting import no_control, waiting
from dashboard.house import House, the_house
from dashboard.shown.overview import vantages_of
from dashboard.shown.status import canary_lines, document_rows, last_change, scheduler_lag, works
from dashboard.strings import say
from dashboard.views.frame import put
from models.store import Current, Status
from models.targets import VantagePoint

_MUCH = 0.5
"""From this share of inconclusive last looks on, a vantage point is said to be in trouble."""


def page() -> None:
    """Shows every vantage point, then the state of wallwatch itself."""
    house, now = the_house(), datetime.now(UTC)
    loaded = house.keeper.loaded()
    current, status = house.reader.current(), house.reader.status()
    vantages = vantages_of(loaded.configuration, current)
    put(el("h1", say("vantage.title")), el("p", say("vantage.lead"), class_="lead"))
    if not vantages:
        put(el("p", say("vantage.none")))
    put(
        joined(
            _vantage(v, [c for c in current if c.vantage == v.id], status.get(f"vantage:{v.id}"), now) for v in vantages
        )
    )
    unused = [v for v in loaded.configuration.vantage_points if v not in vantages]
    if unused:
        put(el("h2", say("vantage.unused")), el("ul", joined(_unused(v) for v in unused)))
    put(no_control(loaded.configuration))
    if house.reader.counts() is None or not current:
        put(waiting(loaded.configuration, house.reader, now))
    _operator(house, loaded, now)


def _vantage(vantage: VantagePoint, mine: list[Current], left: Status | None, now: datetime) -> Markup:
    place = where(vantage)
    head = el(
        "h2",
        foreign(vantage.name or vantage.id, 80),
        el("span", f" {place}" if place else "", class_="soft small"),
        id=plain(vantage.id, 80),
    )
    rows = {
        "vantage.health": _health(mine, left),
        "vantage.last": _last(mine, now),
        "vantage.shares": _shares(mine),
        "vantage.canaries": _canaries(left, now),
        "vantage.via": plain(vantage.via.partition("://")[0], 40),
        "vantage.consent": _consent(vantage),
        "vantage.risk": foreign(vantage.risk, 400) if vantage.risk else say("vantage.risk.none"),
    }
    return el(
        "section",
        head,
        el("dl", joined(joined([el("dt", say(k)), el("dd", v)]) for k, v in rows.items() if v), class_="ww-facts"),
        class_="ww-sheet",
    )


def _health(mine: list[Current], left: Status | None) -> Markup:
    held = [line.held for line in canary_lines(left)]
    unsure = sum(c.outcome == "inconclusive" for c in mine)
    if not mine:
        shown, key = Shown.UNOBSERVED, "unobserved"
    elif works(left) is False or not all(held):
        shown, key = Shown.DOWN, "canaries"
    elif unsure >= _MUCH * len(mine):
        shown, key = Shown.INCONCLUSIVE, "inconclusive"
    else:
        shown, key = Shown.OK, "ok"
    return el("span", glyph(shown), " ", say(f"vantage.health.{key}"), class_=f"ww-c-{shown.value}")


def _last(mine: list[Current], now: datetime) -> Markup | str:
    last = max((c.at for c in mine), default=None)
    return when.stamp(last, f"{when.ago(last, now)} ({when.minute(last)})") if last else say("overview.never")


def _shares(mine: list[Current]) -> Markup | None:
    counts = Counter(shown_of(c.outcome) for c in mine)
    parts = [
        el(
            "span",
            glyph(shown),
            f" {counts[shown]} {say(f'state.{shown.value}')}",
            class_=f"ww-state ww-c-{shown.value}",
        )
        for shown in Shown
        if counts[shown]
    ]
    return joined(joined([part, "  "]) for part in parts) if parts else None


def _canaries(left: Status | None, now: datetime) -> Markup | str:
    lines = canary_lines(left)
    if left is None or not lines:
        return say("vantage.canaries.none")
    listed = joined(
        el(
            "div",
            el("b", foreign(line.id, 60)),
            " ",
            say("canary.held" if line.held else "canary.not_held"),
            " ",
            foreign(line.detail, 300),
        )
        for line in lines
    )
    return joined([listed, el("div", when.ago(left.at, now), class_="soft small")])


def _consent(vantage: VantagePoint) -> str:
    consent = vantage.consent
    return (
        say("vantage.consent.by", by=plain(consent.by, 120), on=when.day(consent.on))
        if consent
        else say("vantage.consent.none")
    )


def _unused(vantage: VantagePoint) -> Markup:
    return el(
        "li",
        foreign(vantage.name or vantage.id, 80),
        ": ",
        say("vantage.unused.consent" if vantage.consent is None else "vantage.unused.disabled"),
    )


def _operator(house: House, loaded: Loaded, now: datetime) -> None:
    counts, status = house.reader.counts(), house.reader.status()
    lag = scheduler_lag(status)
    scheduler = status.get("scheduler")
    rows = {
        "status.prober": say("status.prober.at", ago=when.ago(scheduler.at, now))
        if scheduler
        else prose(say("status.prober.none")),
        "status.lag": when.length(timedelta(seconds=lag)) if lag is not None else say("status.unknown"),
        "status.configuration": _configuration(loaded),
        "status.change": joined(el("div", foreign(one, 300)) for one in last_change(status)),
        "status.store": say("status.store.size", n=f"{counts.measurements:,}", size=_size(counts.bytes))
        if counts
        else house.reader.problem(),
    }
    put(
        el("h2", say("status.title"), id="status"),
        el("dl", joined(joined([el("dt", say(k)), el("dd", v)]) for k, v in rows.items() if v), class_="ww-facts"),
        el("pre", verbatim(loaded.error, 4000), tabindex="0") if loaded.error else None,
        joined(
            _document(name, found, now) for name, found in sorted(status.items()) if not name.startswith("vantage:")
        ),
    )


def _configuration(loaded: Loaded) -> str:
    if loaded.error is None:
        return (
            say("status.configuration.good", at=when.minute(loaded.good_since))
            if loaded.good_since
            else say("status.unknown")
        )
    return (
        say("status.configuration.broken", at=when.minute(loaded.good_since))
        if loaded.good_since
        else say("banner.broken.none")
    )


def _document(name: str, found: Status, now: datetime) -> Markup:
    rows = joined(
        el("tr", el("th", foreign(key, 80), scope="row"), el("td", foreign(value, 600)))
        for key, value in document_rows(found)
    )
    return el(
        "details",
        el("summary", say("status.document", name=plain(name, 60), ago=when.ago(found.at, now))),
        el("table", el("tbody", rows), class_="ww-table"),
    )


def _size(size: int | None) -> str:
    return f"{size / 1_000_000:,.1f} MB" if size is not None else say("status.unknown")
