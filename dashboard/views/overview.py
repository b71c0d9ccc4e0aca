"""The overview page: every target from every vantage point, what changed lately, and what happens next."""

from datetime import UTC, datetime
from math import ceil

import streamlit as st
from markupsafe import Markup

from dashboard.drawing.changes import changes
from dashboard.drawing.markup import el, plain
from dashboard.drawing.matrix import counts, legend, summary
from dashboard.drawing.notices import notices
from dashboard.drawing.states import Shown, word
from dashboard.drawing.waiting import waiting
from dashboard.house import House, the_house
from dashboard.shown.announced import lately
from dashboard.shown.offline import offline_now
from dashboard.shown.overview import SORTS, Filter, Overview, overview
from dashboard.shown.reasons import needs_control
from dashboard.strings import say
from dashboard.views import choice
from dashboard.views.frame import put
from dashboard.views.history import drawn_matrix
from models.targets import Configuration

ROWS = 25


def page() -> None:
    """Shows the overview."""
    house, now = the_house(), datetime.now(UTC)
    loaded = house.keeper.loaded()
    heading, filters = st.container(), st.container()
    with filters:
        wanted = _filter(loaded.configuration)
    found = overview(loaded.configuration, house.reader.current(), wanted, now)
    with heading:
        _heading(house, found, wanted, now)
    _table(house, found, now)


def _heading(house: House, found: Overview, wanted: Filter, now: datetime) -> None:
    configuration = house.keeper.loaded().configuration
    put(el("h1", say("overview.title")), summary(found, now), counts(found, wanted.states))
    if drawn := _notices(house, configuration, found, now):
        put(drawn)
    if found.last is None:
        put(waiting(configuration, house.reader, now))
        return
    listed = lately(house.reader.announcements(limit=60), house.reader.episodes(limit=60), limit=5)
    put(el("h2", say("changes.title")), changes(listed, configuration, now))
    put(el("h2", say("overview.all")))


def _notices(house: House, configuration: Configuration, found: Overview, now: datetime) -> Markup:
    current, status = house.reader.current(), house.reader.status()
    offline = offline_now(found.vantages, current, status, every=configuration.defaults.every, now=now)
    return notices(offline, 0 if configuration.controls else sum(map(needs_control, current)))


def _filter(configuration: Configuration) -> Filter:
    first, second, third, fourth, fifth = st.columns([3, 3, 2, 3, 2])
    campaigns = {c.id: plain(c.title, 80) for c in configuration.campaigns}
    categories = {c: c for c in sorted({str(t.category) for t in configuration.targets if t.category})}
    shown = {state.value: word(state) for state in Shown}
    every = say("filter.all")
    search = first.text_input(say("filter.search"), key="q", bind="query-params", max_chars=100)
    campaign = choice.one(second, say("filter.campaign"), campaigns, "campaign", empty=every)
    category = choice.one(third, say("filter.category"), categories, "category", empty=every)
    states = choice.several(fourth, say("filter.state"), shown, "state", empty=every)
    sort = choice.one(fifth, say("filter.sort"), {name: say(f"sort.{name}") for name in SORTS}, "sort")
    return Filter(
        search=search or "",
        campaign=campaign,
        category=category,
        states=frozenset(map(Shown, states)),
        sort=sort or "state",
    )


def _table(house: House, found: Overview, now: datetime) -> None:
    if not found.rows:
        put(el("p", say("overview.none" if found.targets else "overview.no_targets")))
        return
    pages = ceil(len(found.rows) / ROWS)
    chosen = 1
    slot = st.container()
    if pages > 1:
        chosen = st.pagination(pages, key="page", bind="query-params")
    shown = found.rows[(chosen - 1) * ROWS : chosen * ROWS]
    part = Overview(rows=shown, vantages=found.vantages, counts=found.counts, targets=found.targets, last=found.last)
    with slot:
        st.html(drawn_matrix(house, part, now))
    put(legend())
