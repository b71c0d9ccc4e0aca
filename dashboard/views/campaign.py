"""A campaign's page: its petition, today's state in one sentence, what was measured over what was said, how to embed it."""

from datetime import UTC, datetime, timedelta

import streamlit as st
from markupsafe import Markup

from dashboard.drawing import badge, links, when
from dashboard.drawing.axis import Axis, broken_axis
from dashboard.drawing.episodes import episode_table
from dashboard.drawing.lanes import Lane, Mark
from dashboard.drawing.markup import el, foreign, is_web, joined, outward, plain
from dashboard.drawing.matrix import label, where
from dashboard.drawing.states import Shown, glyph
from dashboard.drawing.story import entry_list, story
from dashboard.house import House, the_house
from dashboard.shown.badges import campaign_badge
from dashboard.shown.claim import Today, sentence, sites_of, today
from dashboard.shown.history import episode_marks
from dashboard.shown.overview import Filter, Overview, overview
from dashboard.shown.story import entries, known_spans
from dashboard.strings import say
from dashboard.views.frame import missing, put
from dashboard.views.history import KEPT, drawn_matrix
from models.episode import Episode
from models.targets import Campaign, Configuration

_LOOK = {"blocked": Shown.CONFIRMED, "signs": Shown.ANOMALY, "reachable": Shown.OK, "unobserved": Shown.UNOBSERVED}


def page() -> None:
    """Shows the campaign that the URL names, or the list of all."""
    house, now = the_house(), datetime.now(UTC)
    configuration = house.keeper.loaded().configuration
    wanted = st.query_params.get("id", "")
    campaigns = {c.id: c for c in configuration.campaigns}
    if len(campaigns) == 1 and not wanted:
        wanted = next(iter(campaigns))
    if wanted in campaigns:
        _campaign(house, configuration, campaigns[wanted], now)
    elif wanted or not campaigns:
        missing("campaign", wanted)
    else:
        _list(house, configuration, now)


def _list(house: House, configuration: Configuration, now: datetime) -> None:
    current, every = house.reader.current(), configuration.defaults.every
    sheets = [
        el(
            "section",
            el("h2", el("a", foreign(c.title, 200), href=links.campaign(c.id), target="_self")),
            el("p", foreign(c.organisation, 200), " · ", _petition_state(c), class_="soft"),
            el("p", sentence(today(sites_of(c, configuration), current, every, now))),
            class_="ww-sheet",
        )
        for c in configuration.campaigns
    ]
    put(el("h1", say("nav.campaign")), joined(sheets))


def _campaign(house: House, configuration: Configuration, campaign: Campaign, now: datetime) -> None:
    st.set_page_config(page_title=say("title", page=plain(campaign.title, 80)))
    current = house.reader.current()
    found = overview(configuration, current, Filter(campaign=campaign.id), now)
    key = ("campaign", campaign.id, found.last, house.keeper.loaded().good_since)
    st.html(house.reader.memory.get(key, KEPT, lambda: _drawn(house, campaign, found, now)))
    put(_embed(house, campaign, now))


def _drawn(house: House, campaign: Campaign, found: Overview, now: datetime) -> str:
    configuration = house.keeper.loaded().configuration
    sites = sites_of(campaign, configuration)
    state = today(sites, house.reader.current(), configuration.defaults.every, now)
    episodes = [e for t in sites for e in house.reader.episodes(t.id)]
    episodes.sort(key=lambda e: e.onset.by, reverse=True)
    names = {t.id: label(t) for t in sites} | {f"@{v.id}": v.name or v.id for v in found.vantages}
    table = episode_table(episodes[:50], {**names, **{v.id: v.name or v.id for v in found.vantages}}, with_target=True)
    parts = [
        *(_heading(campaign), _claim(state), _petition(campaign)),
        _timeline(campaign, found, episodes, names, now),
        _sites(house, found, now),
        *(el("h2", say("campaign.episodes")), table),
    ]
    return str(el("div", joined(parts), class_="ww"))


def _heading(campaign: Campaign) -> Markup:
    return joined(
        [
            el("p", foreign(campaign.organisation, 200), class_="eyebrow"),
            el("h1", foreign(campaign.title, 200)),
            el("p", foreign(campaign.summary, 600), class_="lead") if campaign.summary else None,
        ]
    )


def _claim(state: Today) -> Markup:
    shown = _LOOK.get(state.state, Shown.INCONCLUSIVE)
    if shown is Shown.CONFIRMED and not state.confirmed:
        shown = Shown.ANOMALY
    mark = el("span", glyph(shown), class_=f"ww-c-{shown.value}")
    return el(
        "section",
        el("p", say("campaign.today"), class_="eyebrow"),
        el("p", mark, " ", sentence(state), class_="ww-claim"),
        el("p", say("campaign.claim.how"), class_="soft small"),
        class_="ww-sheet",
    )


def _petition_state(campaign: Campaign) -> Markup:
    petition = campaign.petition
    since = say("petition.since", at=when.day(petition.state_since)) if petition.state_since else ""
    return el("span", say(f"petition.state.{petition.state}"), since)


def _petition(campaign: Campaign) -> Markup:
    petition = campaign.petition
    stamp = el("span", say(f"petition.stamp.{petition.state}"), class_=f"ww-stamp {petition.state}")
    since = say("petition.since", at=when.day(petition.state_since)) if petition.state_since else None
    way = (
        el("p", outward(petition.url, say(f"petition.go.{petition.state}"), class_="ww-button"))
        if is_web(petition.url)
        else None
    )
    demands = el("ul", joined(el("li", foreign(d, 400)) for d in petition.demands)) if petition.demands else None
    to = (
        el("p", say("petition.to"), " ", ", ".join(plain(a, 120) for a in petition.addressed_to))
        if petition.addressed_to
        else None
    )
    left = joined(
        [
            el("h2", say("petition.title")),
            el("p", stamp, " ", since),
            el("p", foreign(petition.text, 4000), class_="ww-quote") if petition.text else None,
            to,
            el("p", foreign(petition.note, 800), class_="soft small") if petition.note else None,
            way,
        ]
    )
    right = joined([el("h3", say("petition.demands")) if demands else None, demands, _signatures(campaign)])
    return el("div", el("section", left), el("section", right), class_="ww-two")


def _signatures(campaign: Campaign) -> Markup | None:
    counts = sorted(campaign.petition.signatures.counts, key=lambda c: c.on)
    if not counts:
        return None
    rows = joined(
        el("tr", el("td", when.day(c.on)), el("td", f"{c.total:,}".replace(",", " "), class_="num"))
        for c in reversed(counts[-8:])
    )
    last = counts[-1]
    total = el(
        "p",
        el("b", f"{last.total:,}".replace(",", " "), class_="ww-total"),
        " ",
        say("petition.signatures", at=when.day(last.on)),
    )
    return joined(
        [
            el("h3", say("petition.count")),
            total,
            el("details", el("summary", say("petition.counts")), el("table", el("tbody", rows), class_="ww-table")),
        ]
    )


def _timeline(
    campaign: Campaign, found: Overview, episodes: list[Episode], names: dict[str, str], now: datetime
) -> Markup:
    told = entries(campaign, names)
    axis = broken_axis(known_spans(told, episodes, _watched(found, now), now))
    lanes = _measured(found, episodes, axis)
    parts = [
        el("h2", say("story.title")),
        el("p", say("story.how"), class_="soft"),
        story(axis, lanes, told, say("story.label", campaign=plain(campaign.title, 100))),
        el("p", say("story.drawing.how"), class_="soft small"),
        entry_list(told, episodes, names, now),
    ]
    return joined(parts)


def _watched(found: Overview, now: datetime) -> tuple[datetime, datetime] | None:
    first = min((cell.current.first_at for row in found.rows for cell in row.cells if cell.current), default=None)
    return (first, now) if first is not None and first < now - timedelta(seconds=1) else None


def _measured(found: Overview, episodes: list[Episode], axis: Axis) -> list[Lane]:
    """One lane for each site that was ever blocked, at each vantage point; the rest are named in one line."""
    lanes = []
    vantages = {v.id: v for v in found.vantages}
    for row in found.rows:
        for vantage in dict.fromkeys(e.vantage for e in episodes if e.target == row.target.id):
            mine = [e for e in episodes if e.target == row.target.id and e.vantage == vantage]
            current = next((c.current for c in row.cells if c.vantage == vantage), None)
            marks = (
                [
                    Mark(
                        kind="watched",
                        start=current.first_at,
                        end=current.at,
                        name=say("story.watched", first=when.day(current.first_at), last=when.day(current.at)),
                    )
                ]
                if current
                else []
            )
            marks += [m for e in mine for m in episode_marks(e, links.target(e.target, vantage=e.vantage))]
            place = vantages.get(vantage)
            text = joined(
                [
                    el("b", foreign(label(row.target), 60)),
                    el(
                        "div",
                        say("changes.from"),
                        " ",
                        foreign((place.name if place else None) or vantage, 60),
                        el("span", f" ({where(place)})" if place and where(place) else ""),
                        class_="soft small",
                    ),
                ]
            )
            lanes.append(Lane(label=text, marks=tuple(marks)))
    if not lanes:
        note = say("story.no_episodes" if found.last else "story.not_measured")
        lanes.append(Lane(label=el("b", say("story.measured")), marks=(), note=note))
    return lanes


def _sites(house: House, found: Overview, now: datetime) -> Markup:
    if not found.rows:
        return joined([el("h2", say("campaign.sites")), el("p", say("campaign.no_sites"), class_="soft")])
    return joined([el("h2", say("campaign.sites")), Markup(drawn_matrix(house, found, now))])  # noqa: S704 - drawn by us


def _embed(house: House, campaign: Campaign, now: datetime) -> Markup:
    drawn = campaign_badge(house, campaign, now)
    base = _base()
    picture = f"/badge/campaign/{campaign.id}.svg"
    snippet = badge.snippet(
        f"{base}{picture}", f"{base}{links.campaign(campaign.id)}", f"{drawn.label}: {drawn.message}"
    )
    image = el("img", src=picture, alt=f"{plain(drawn.label, 60)}: {drawn.message}", height=badge.HEIGHT)
    return joined(
        [
            el("h2", say("embed.title")),
            el("p", say("embed.how")),
            el("p", image),
            el("pre", snippet, tabindex="0", aria_label=say("embed.title")),
        ]
    )


def _base() -> str:
    """The address under which the reader came here, for the snippet."""
    url = st.context.url or ""
    return "/".join(url.split("/")[:3]) if is_web(url) else "https://your.host"
