"""The rules in force as a page without any script: each has an anchor, so that a verdict can link to its rule."""

from pathlib import Path

from markupsafe import Markup

from dashboard.drawing.markup import el, joined
from dashboard.strings import say
from evidence.rule import Rule
from evidence.rules import TABLES
from evidence.ruleset import RULESET
from models.words import Mechanism

_STYLE = (Path(__file__).parent.parent / "assets" / "docs.css").read_text("utf-8")
_COLUMNS = ("rule", "outcome", "says", "would_change")


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
    return "<!doctype html>" + el("html", head, el("body", main), lang="en")


def _table(name: str, rules: tuple[Rule, ...]) -> Markup:
    head = joined(el("th", say(f"rules.{column}"), scope="col") for column in _COLUMNS)
    table = el("table", el("thead", el("tr", head)), el("tbody", joined(map(_row, rules))))
    return el("section", el("h2", say(f"rules.table.{name}")), el("article", table, tabindex="0", aria_label=name))


def _row(rule: Rule) -> Markup:
    mechanism = rule.mechanism.value if isinstance(rule.mechanism, Mechanism) else None
    outcome = rule.outcome.value if rule.outcome else say("rules.further")
    return el(
        "tr",
        el("th", el("code", rule.id), scope="row"),
        el("td", outcome, joined([el("br"), el("code", mechanism)]) if mechanism else None),
        el("td", rule.sentence),
        el("td", rule.would_change or ""),
        id=rule.id,
    )
