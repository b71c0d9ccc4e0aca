"""Response times: one point a day from the rollups, as a chart and as the same numbers in a table."""

from datetime import date, timedelta
from typing import Any

import streamlit as st
from markupsafe import Markup

from dashboard.drawing import when
from dashboard.drawing.markup import el, joined
from dashboard.house import House
from dashboard.shown.overview import Row
from dashboard.strings import say
from dashboard.views.frame import put
from models.store import Day

DAYS = 90


def response_times(house: House, row: Row, vantage: str, names: dict[str, str]) -> None:
    """Shows how long the page took to load, where it loaded."""
    days = [d for d in house.reader.daily(row.target.id, DAYS, row.last) if d.vantage == vantage and d.loads]
    put(el("h2", say("times.title")), None if days else el("p", say("times.none"), class_="soft"))
    if not days:
        return
    st.vega_lite_chart(spec=chart(days), width="stretch", alt=say("times.alt", vantage=names[vantage], days=DAYS))
    put(el("p", say("times.how"), class_="soft small"), el("details", el("summary", say("times.table")), _table(days)))


def chart(days: list[Day]) -> dict[str, Any]:
    """Returns the Vega-Lite chart: the day's median as a line over the day's range."""
    values = points(days)
    # Domains are said outright: Streamlit hands the data over after the chart, and Vega would warn of an empty one.
    ends = {"domain": [values[0]["day"], values[-1]["day"]]}
    top = max(day.load_max_us or 0 for day in days) / 1000
    x = {"field": "day", "type": "temporal", "title": None, "scale": ends, "axis": {"format": "%-d %b", "grid": False}}
    y = {"type": "quantitative", "scale": {"domain": [0, top * 1.1 or 1]}}
    low = {"field": "low", **y, "title": say("times.axis")}
    spread = {"mark": {"type": "bar", "opacity": 0.3, "color": "#5aa3b5", "width": 3}}
    line = {"mark": {"type": "line", "color": "#1a7186", "point": {"size": 24, "color": "#1a7186"}}}
    return {
        "data": {"values": values},
        "height": 220,
        "encoding": {"x": x},
        "layer": [
            {**spread, "encoding": {"y": low, "y2": {"field": "high"}}},
            {**line, "encoding": {"y": {"field": "median", **y}}},
        ],
        "config": {"view": {"stroke": None}},
    }


def points(days: list[Day]) -> list[dict[str, str | float | None]]:
    """Returns one point for each day from the first to the last; empty ones break the line where nothing loaded."""
    found = {day.day: day for day in days}
    first, last = min(found), max(found)
    return [_point(first + timedelta(days=n), found) for n in range((last - first).days + 1)]


def _point(at: date, found: dict[date, Day]) -> dict[str, str | float | None]:
    day = found.get(at)
    times = (day.load_median_us, day.load_min_us, day.load_max_us) if day else (None, None, None)
    median, low, high = (us / 1000 if us is not None else None for us in times)
    return {"day": at.isoformat(), "median": median, "low": low, "high": high}


def _table(days: list[Day]) -> Markup:
    head = joined(el("th", say(f"times.{name}"), scope="col") for name in ("day", "loads", "median", "low", "high"))
    rows = joined(
        el(
            "tr",
            joined(
                el("td", text)
                for text in (
                    d.day.isoformat(),
                    d.loads,
                    *(when.milliseconds(us) for us in (d.load_median_us, d.load_min_us, d.load_max_us)),
                )
            ),
        )
        for d in reversed(days)
    )
    return el("div", el("table", el("thead", el("tr", head)), el("tbody", rows), class_="ww-table"), class_="ww-wide")
