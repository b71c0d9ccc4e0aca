"""Timelines: lanes over one axis. HTML boxes placed in percent, not SVG: text keeps its size on a phone, marks are real
links with names, and Streamlit's sanitiser lets HTML through where it drops SVG.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from dashboard.drawing.axis import Axis
from dashboard.drawing.markup import Child, el, joined
from dashboard.drawing.when import length
from dashboard.strings import say


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One thing on a lane, from `start` to `end`; `kind` gives it its look, `name` what is said of it."""

    kind: str
    start: datetime
    end: datetime
    name: str
    href: str | None = None
    text: Child = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One line of a timeline."""

    label: Child
    marks: tuple[Mark, ...]
    note: str | None = None  # said in the lane where there is nothing to draw
    tall: int = 1  # tracks that numbers need, one above the other


def timeline(axis: Axis, lanes: Sequence[Lane], label: str) -> Markup:
    """Draws lanes over their axis."""
    drawn = joined(_lane(axis, lane) for lane in lanes)
    return el("div", drawn, _scale(axis), class_="ww-time", role="group", aria_label=label)


def _lane(axis: Axis, lane: Lane) -> Markup:
    marks = joined(_mark(axis, mark) for mark in lane.marks)
    note = el("span", lane.note, class_="ww-lane-note") if lane.note else None
    strip = el(
        "div",
        joined(_breaks(axis)),
        marks,
        note,
        class_="ww-lane",
        role="list",
        style=f"--tall:{lane.tall}" if lane.tall > 1 else None,
    )
    return el("div", el("div", lane.label, class_="ww-lane-label"), strip, class_="ww-lane-row")


def _mark(axis: Axis, mark: Mark) -> Markup:
    left, right = axis.place(mark.start), axis.place(mark.end)
    inner = mark.text if mark.href is None else el("a", mark.text, href=mark.href, target="_self", aria_label=mark.name)
    return el(
        "div",
        inner,
        class_=f"ww-mark ww-m-{mark.kind}",
        style=f"left:{left:g}%;width:{max(0.0, right - left):.3g}%",
        role="listitem",
        title=mark.name,
        aria_label=mark.name,
    )


def _breaks(axis: Axis) -> Iterable[Markup]:
    for left, right, span in axis.breaks():
        name = say("timeline.break", length=length(span))
        yield el(
            "div",
            class_="ww-break",
            style=f"left:{left:g}%;width:{right - left:.3g}%",
            title=name,
            aria_label=name,
            role="listitem",
        )


def _scale(axis: Axis) -> Markup:
    ticks = joined(el("span", tick.text, class_="ww-tick", style=f"left:{tick.left:g}%") for tick in axis.ticks())
    return el(
        "div",
        el("div", class_="ww-lane-label"),
        el("div", ticks, class_="ww-scale"),
        class_="ww-lane-row",
        aria_hidden="true",
    )
