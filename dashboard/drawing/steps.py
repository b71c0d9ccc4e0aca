"""The steps of one measurement as a table with the time that each took drawn beside it."""

from collections.abc import Sequence

from markupsafe import Markup

from dashboard.drawing.markup import el, foreign, joined, plain
from dashboard.drawing.when import milliseconds
from dashboard.shown.walk import Step
from dashboard.strings import say
from models.failures import Failure
from models.observations import Purpose


def steps(found: Sequence[Step]) -> Markup:
    """Draws the table."""
    if not found:
        return el("p", say("steps.none"), class_="soft")
    columns = ("operation", "what", "result", "took", "when")
    head = joined(
        el("th", say(f"steps.{name}"), scope="col", class_="num" if name == "took" else None) for name in columns
    )
    whole = max(1, *(step.started_us + step.duration_us for step in found))
    rows = joined(_row(step, whole) for step in found)
    return el(
        "div",
        el("table", el("thead", el("tr", head)), el("tbody", rows), class_="ww-table ww-steps ww-stack"),
        class_="ww-wide",
    )


def _row(step: Step, whole: int) -> Markup:
    return el(
        "tr",
        el("td", el("code", step.operation), _why(step), data_label=say("steps.operation")),
        el("td", foreign(step.what, 160), data_label=say("steps.what")),
        el("td", result(step), data_label=say("steps.result")),
        el("td", milliseconds(step.duration_us), class_="num", data_label=say("steps.took")),
        el("td", _bar(step, whole), data_label=say("steps.when")),
    )


def _why(step: Step) -> Markup | None:
    parts = [say("steps.hop", n=step.hop)] if step.hop else []
    if step.contrast:
        parts.append(say("steps.contrast", kind=step.contrast))
    elif step.purpose is not Purpose.WALK:
        parts.append(say(f"steps.purpose.{step.purpose.value}"))
    return el("div", " · ".join(parts), class_="soft small") if parts else None


def result(step: Step) -> Markup:
    """Returns what came of a step: the failure word with its sentence, or what was got."""
    if step.failure is None:
        return foreign(step.outcome or "ok", 300)
    return el(
        "span",
        el("code", plain(step.failure, 120), class_=None if step.expected else "ww-bad"),
        " ",
        failure_sentence(step.failure),
    )


def failure_sentence(failure: str) -> str:
    """Returns what a failure word means."""
    known = next((word.sentence for word in Failure if word == failure), None)
    return known or (say("failure.unknown") if failure.startswith("unknown_failure") else "")


def _bar(step: Step, whole: int) -> Markup:
    left, width = 100 * step.started_us / whole, 100 * step.duration_us / whole
    name = say("steps.bar", start=milliseconds(step.started_us), took=milliseconds(step.duration_us))
    inner = el(
        "i", class_="bad" if step.failure and not step.expected else None, style=f"left:{left:.2f}%;width:{width:.2f}%"
    )
    return el("div", inner, class_="ww-fall", role="img", aria_label=name, title=name)
