"""A verdict that explains itself: outcome, rule, reasons, what it stood on, what would have changed it."""

from collections.abc import Iterable

from markupsafe import Markup

from dashboard.drawing.markup import el, foreign, joined, plain
from dashboard.drawing.states import badge, sentence, shown_of
from dashboard.strings import say
from models.verdict import Verdict
from models.words import Mechanism


def verdict_sheet(verdict: Verdict, *, without_control: Markup | None = None) -> Markup:
    """Draws the sheet."""
    shown = shown_of(verdict.outcome)
    return el(
        "section",
        el("p", badge(shown), " ", sentence(shown), class_="lead"),
        joined(el("p", foreign(reason, 600, "span")) for reason in verdict.reasons),
        without_control,
        el("dl", joined(_facts(verdict)), class_="ww-facts"),
        class_="ww-sheet",
    )


def _facts(verdict: Verdict) -> Iterable[Markup]:
    yield from _pair("verdict.stage", f"{verdict.stage}: {verdict.stage.sentence}" if verdict.stage else None)
    yield from _pair("verdict.mechanism", explained(verdict.mechanism) if verdict.mechanism else None)
    yield from _pair("verdict.also", joined(el("div", explained(m)) for m in verdict.also) if verdict.also else None)
    yield from _pair("verdict.facts", _lines(verdict.facts))
    yield from _pair(
        "verdict.control", plain(verdict.control_saw, 400) if verdict.control_saw else say("verdict.control.none")
    )
    yield from _pair("verdict.contrasts", _lines(verdict.contrasts_showed))
    yield from _pair("verdict.would_change", _lines(verdict.would_change))
    fingerprints = say("verdict.fingerprints", digest=verdict.fingerprints[:19]) if verdict.fingerprints else ""
    yield from _pair(
        "verdict.rule",
        el("span", el("code", verdict.rule), " ", say("verdict.ruleset", ruleset=verdict.ruleset), fingerprints),
    )


def _pair(key: str, value: object) -> Iterable[Markup]:
    if value:
        yield el("dt", say(key))
        yield el("dd", value)


def _lines(lines: tuple[str, ...]) -> Markup | None:
    return joined(el("div", foreign(line, 400)) for line in lines) if lines else None


def explained(mechanism: Mechanism) -> Markup:
    """Returns a mechanism's word with its sentence."""
    return joined([el("code", mechanism.value), " ", mechanism.sentence])
