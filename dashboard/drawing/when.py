"""Instants and intervals in words: always UTC, always the same form, so that a citation can be compared by eye."""

from datetime import UTC, date, datetime, timedelta

from markupsafe import Markup

from dashboard.drawing.markup import el
from dashboard.strings import say, say_count
from models.episode import Interval

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day(at: date) -> str:
    """Returns `22 Nov 2026`."""
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year}"


def month(at: date) -> str:
    """Returns `Nov 2026`."""
    return f"{_MONTHS[at.month - 1]} {at.year}"


def minute(at: datetime) -> str:
    """Returns `22 Nov 2026, 17:05 UTC`."""
    utc = at.astimezone(UTC)
    return f"{day(utc)}, {utc:%H:%M} UTC"


def second(at: datetime) -> str:
    """Returns `2026-11-22 17:05:09 UTC`."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def stamp(at: datetime, text: str | None = None) -> Markup:
    """Returns a `time` element whose hover tells the exact second."""
    return el("time", text or minute(at), datetime=at.astimezone(UTC).isoformat(timespec="seconds"), title=second(at))


def length(span: timedelta) -> str:
    """Returns a duration in its one or two largest units: `3 days`, `2 hours`, `40 seconds`."""
    seconds = max(0, int(span.total_seconds()))
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= size * (2 if unit == "day" else 1):
            return say_count(f"length.{unit}", seconds // size)
    return say_count("length.second", seconds)


def ago(at: datetime, now: datetime) -> str:
    """Returns `3 days ago`, or `just now`."""
    span = now - at
    return say("when.now") if span < timedelta(seconds=10) else say("when.ago", length=length(span))


def milliseconds(microseconds: int | None) -> str:
    """Returns `12 ms`, `1.42 s` or a dash."""
    if microseconds is None:
        return "–"
    value = microseconds / 1000
    return f"{value / 1000:.2f} s" if value >= 1000 else f"{value:.0f} ms" if value >= 10 else f"{value:.1f} ms"


def onset(interval: Interval) -> str:
    """Returns when a block was first observed, as the interval that it is."""
    if interval.after is None:
        return say("onset.censored", by=minute(interval.by))
    return say("onset.between", after=minute(interval.after), by=minute(interval.by))


def release(interval: Interval | None, last_blocked: datetime) -> str:
    """Returns when a block was first observed to be over, or that it was still there."""
    if interval is None:
        return say("release.none", last=minute(last_blocked))
    return say("release.between", after=minute(interval.after or last_blocked), by=minute(interval.by))
