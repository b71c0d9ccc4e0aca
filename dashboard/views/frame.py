"""What stands around every page: the style, the banners, the foot."""

from pathlib import Path

import streamlit as st
from markupsafe import Markup

from dashboard.configuration import Loaded
from dashboard.drawing.markup import Child, el, plain, verbatim
from dashboard.drawing.when import minute
from dashboard.house import the_house
from dashboard.strings import say
from models.store import StoreError

STYLE = "<style>" + (Path(__file__).parent.parent / "assets" / "style.css").read_text("utf-8") + "</style>"


def put(*children: Child) -> None:
    """Puts one block of our own HTML onto the page."""
    st.html(str(el("div", *children, class_="ww")))


def banners(loaded: Loaded, *, simulated: bool) -> Markup:
    """Draws what every page says first: that all is simulated, that the configuration is broken."""
    return el("div", _simulated() if simulated else None, _broken(loaded), class_="ww")


def _simulated() -> Markup:
    return el(
        "div",
        el("p", el("b", say("banner.simulated")), " ", say("banner.simulated.more")),
        class_="ww-banner simulated",
        role="note",
    )


def _broken(loaded: Loaded) -> Markup | None:
    if loaded.error is None:
        return None
    text = say("banner.broken.kept", at=minute(loaded.good_since)) if loaded.good_since else say("banner.broken.none")
    pre = el("pre", verbatim(loaded.error, 4000))
    return el(
        "div",
        el("p", el("b", say("banner.broken")), " ", text),
        el("details", el("summary", say("banner.broken.show")), pre),
        class_="ww-banner wrong",
        role="alert",
    )


def opening() -> None:
    """Puts style and banners."""
    st.html(STYLE)
    house = the_house()
    loaded = house.keeper.loaded()
    simulated = loaded.configuration.simulated or house.reader.simulated()
    if simulated or loaded.error:
        st.html(str(banners(loaded, simulated=simulated)))


def closing() -> None:
    """Puts the foot: what this is, and where the same facts are for programs."""
    put(
        el(
            "footer",
            say("foot.what"),
            " ",
            el("a", say("foot.api"), href="/api/v1/docs", target="_self"),
            class_="ww-foot",
        )
    )


def missing(kind: str, wanted: str) -> None:
    """Says that there is nothing of that id, and where to look instead."""
    text = say(f"missing.{kind}", id=plain(wanted, 120)) if wanted else say(f"missing.{kind}.none")
    put(
        el("h1", say("missing.title")),
        el("p", text),
        el("p", el("a", say("missing.overview"), href="/", target="_self")),
    )


def store_trouble(error: StoreError) -> None:
    """Says that the store cannot be read, and why."""
    text = el("p", el("b", say("banner.store")), " ", plain(error, 600))
    st.html(str(el("div", el("div", text, class_="ww-banner wrong", role="alert"), class_="ww")))
