"""A verdict that explains itself: outcome, rule, reasons, what it stood on, what would have changed it."""

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from dashboard.drawing import links
from dashboard.drawing.contrasts import contrast_table
from dashboard.drawing.markup import el, foreign, joined, plain
from dashboard.drawing.states import badge, sentence, shown_of
from dashboard.shown.contrasts import contrast_lines
from dashboard.shown.rules import rule_of
from dashboard.strings import say
from models.observations import Contrast
from models.verdict import Verdict
from models.words import Mechanism, Outcome


def verdict_sheet(
    verdict: Verdict, *, contrasts: Sequence[Contrast] = (), without_control: Markup | None = None
) -> Markup:
    """Draws the sheet; `contrasts` are the measurement's, told in place of the verdict's short lines about them."""
    shown = shown_of(verdict.outcome)
    return el(
        "section",
        el("p", badge(shown), " ", sentence(shown), class_="lead"),
        joined(el("p", foreign(reason, 600, "span")) for reason in verdict.reasons),
        without_control,
        el("dl", joined(_facts(verdict, contrasts)), class_="ww-facts"),
        class_="ww-sheet",
    )


def _facts(verdict: Verdict, contrasts: Sequence[Contrast]) -> Iterable[Markup]:
    yield from _pair("verdict.stage", f"{verdict.stage}: {verdict.stage.sentence}" if verdict.stage else None)
    yield from _pair("verdict.mechanism", explained(verdict.mechanism) if verdict.mechanism else None)
    yield from _pair("verdict.also", joined(el("div", explained(m)) for m in verdict.also) if verdict.also else None)
    yield from _pair("verdict.facts", _lines(verdict.facts))
    yield from _pair(
        "verdict.control", plain(verdict.control_saw, 400) if verdict.control_saw else say("verdict.control.none")
    )
    yield from _pair("verdict.contrasts", _contrasts(verdict, contrasts))
    yield from _pair("verdict.would_change", _lines(verdict.would_change))
    yield from _pair("verdict.rule", _rule(verdict))


def _contrasts(verdict: Verdict, contrasts: Sequence[Contrast]) -> Markup | str | None:
    if contrasts:
        return contrast_table(contrast_lines(contrasts))
    return _lines(verdict.contrasts_showed) or (
        None if verdict.outcome is Outcome.OK else say("verdict.contrasts.none")
    )


def _rule(verdict: Verdict) -> Markup:
    """The rule's id, linked to its line where the tables in force have it, and what it says before words are filled in."""
    known = rule_of(verdict.rule)
    name: Markup = el("code", verdict.rule)
    if known is not None:
        name = el("a", name, href=links.rule(verdict.rule), target="_self")
    fingerprints = say("verdict.fingerprints", digest=verdict.fingerprints[:19]) if verdict.fingerprints else ""
    said = el("div", say("verdict.rule.says"), " ", known.sentence, class_="soft small") if known else None
    return el("span", name, " ", say("verdict.ruleset", ruleset=verdict.ruleset), fingerprints, said)


def _pair(key: str, value: object) -> Iterable[Markup]:
    if value:
        yield el("dt", say(key))
        yield el("dd", value)


def _lines(lines: tuple[str, ...]) -> Markup | None:
    return joined(el("div", foreign(line, 400)) for line in lines) if lines else None


def explained(mechanism: Mechanism) -> Markup:
    """Returns a mechanism's word with its sentence."""
    return joined([el("code", mechanism.value), " ", mechanism.sentence])
