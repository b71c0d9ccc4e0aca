"""The rules in force as a page without any script: each has an anchor, so that a verdict can link to its rule."""

from pathlib import Path

from markupsafe import Markup

from dashboard.drawing.markup import el, joined, prose
from dashboard.strings import say
from evidence.rule import Rule
from evidence.rules import TABLES
from evidence.ruleset import RULESET
from models.words import Mechanism

_STYLE = (Path(__file__).parent.parent / "assets" / "docs.css").read_text("utf-8")


def rules_page() -> str:
    """Returns the page."""
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width"),
        el("title", say("title", page=say("rules.title"))),
        el("style", Markup(_STYLE)),  # noqa: S704 - our own file
    )
    main = el(
        "main",
        el("p", el("a", say("docs.back"), href="/")),
        el("h1", say("rules.title")),
        el("p", say("rules.intro", ruleset=RULESET)),
        joined(_table(name, rules) for name, rules in TABLES.items()),
    )
    return f"<!doctype html>{el('html', head, el('body', main), lang='en')}"


def _table(name: str, rules: tuple[Rule, ...]) -> Markup:
    return el("section", el("h2", say(f"rules.table.{name}")), joined(map(_rule, rules)))


def _rule(rule: Rule) -> Markup:
    mechanism = rule.mechanism.value if isinstance(rule.mechanism, Mechanism) else None
    outcome = rule.outcome.value if rule.outcome else say("rules.further")
    change = joined([say("rules.would_change"), " ", prose(rule.would_change)]) if rule.would_change else None
    return el(
        "article",
        el("h3", el("code", rule.id), " ", outcome, joined([" ", el("code", mechanism)]) if mechanism else None),
        el("p", prose(rule.sentence)),
        el("p", change) if change else None,
        id=rule.id,
    )
