"""One measurement: everything that was recorded, step by step, and the record itself to download and check."""

import streamlit as st
from markupsafe import Markup

from dashboard.drawing import links, raw
from dashboard.drawing.contrasts import raw_contrasts
from dashboard.drawing.markup import Child, el, foreign, prose
from dashboard.drawing.steps import steps
from dashboard.drawing.verdict import verdict_sheet
from dashboard.drawing.waiting import no_control
from dashboard.drawing.when import stamp
from dashboard.house import the_house
from dashboard.shown.walk import walk
from dashboard.strings import say
from dashboard.views.frame import missing, put
from models.measurement import Measurement


def page() -> None:
    """Shows the measurement that the URL names."""
    house = the_house()
    wanted = st.query_params.get("id", "")
    measurement = house.reader.measurement(wanted) if wanted.startswith("sha256:") and len(wanted) == 71 else None
    if measurement is None:
        missing("measurement", wanted)
        return
    verdict = house.reader.verdict(wanted)
    without = no_control(house.keeper.loaded().configuration) if not measurement.controls else None
    put(
        _heading(measurement),
        _simulated(measurement) if not house.reader.simulated() else None,  # every page says it then
        verdict_sheet(verdict, contrasts=measurement.contrasts, without_control=without)
        if verdict
        else el("p", say("measurement.unjudged")),
        el("h2", say("measurement.steps")),
        steps(walk(measurement)),
    )
    _raw(measurement, house.reader.blobs_of(wanted))
    put(_record(wanted))


def _heading(measurement: Measurement) -> Markup:
    target = measurement.target
    link = el("a", foreign(target.id, 80), href=links.target(target.id, vantage=measurement.vantage.id), target="_self")
    return el(
        "div",
        el("p", say("nav.measurement"), class_="eyebrow"),
        el("h1", link),
        el("p", foreign(target.url, 200), " · ", stamp(measurement.started), class_="lead"),
    )


def _simulated(measurement: Measurement) -> Markup | None:
    if not measurement.simulated:
        return None
    return el(
        "div",
        el("p", el("b", say("banner.simulated")), " ", say("banner.simulated.record")),
        class_="ww-banner simulated",
        role="note",
    )


def _raw(measurement: Measurement, blobs: dict[str, bytes]) -> None:
    contrasts = measurement.contrasts
    lookups = [*measurement.dns, *(one for c in contrasts for one in c.dns)]
    handshakes = [*measurement.tls, *(one for c in contrasts for one in c.tls)]
    fetches = [*measurement.http, *(one for c in contrasts for one in c.http)]
    put(
        _section("contrasts", raw_contrasts(contrasts) if contrasts else None),
        _section("dns", raw.dns(lookups)),
        _section("tls", raw.certificates(handshakes, blobs)),
        _section("http", raw.exchanges(fetches, blobs)),
        _section("control", raw.controls(measurement.controls) or el("p", say("verdict.control.none"))),
        _section("canaries", raw.canaries(measurement)),
        _section("about", raw.facts(measurement)),
    )


def _section(name: str, content: Child) -> Markup | None:
    return el("section", el("h2", say(f"measurement.{name}"), id=name), content) if content else None


def _record(name: str) -> Markup:
    get = el("a", say("measurement.download"), href=links.record(name), download="", class_="ww-button")
    return el(
        "section",
        el("h2", say("measurement.record")),
        el("p", get),
        el("p", prose(say("measurement.check"))),
        el("pre", name, tabindex="0", aria_label=say("measurement.id")),
    )
