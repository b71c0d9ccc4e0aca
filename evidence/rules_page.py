"""The rules as text and as the page `docs/rules.md`, made from the tables, so that they cannot say otherwise."""

from collections.abc import Mapping

from evidence.fingerprint_cluster import RULE as CLUSTER
from evidence.rule import Rule
from evidence.rules import TABLES
from evidence.ruleset import RULESET
from models.words import Mechanism

_INTRODUCTION = f"""# The rules

Made by `wallwatch rules --write docs/rules.md`; a test fails when this page and the tables differ. Ruleset `{RULESET}`.

One look is judged table by table: first whether the vantage point could see anything at all (`measurement`), then each
hop of the walk by `dns`, `tcp`, `tls` and `http`, in that order. In each table the first rule that holds wins, and the
last one always holds. A rule without an outcome sends the look on to the next table. The verdict's stage is where
interference manifested first; what the same walk ran into after that stands in `also`. Where what began as suspicion or
doubt is settled later on the same walk by an artefact, the outcome is `confirmed`, and its rule is the one that settled it.

Two principles stand above the tables. Certificate before ASN, ASN before anything looser: an address that holds a valid
certificate for the name is the site's, whatever other resolvers say. And a missing control is never evidence of blocking.

Rows of other people's series (`wallwatch import series`) hold no observation to judge. They get the outcome and the mechanism
that the row states, by the rule `archive.as_stated`, and their reason says so.

One rule stands outside the tables because it needs several looks: `{CLUSTER}` makes an `anomaly` with mechanism `blockpage` of a strange page that
came instead of three or more unrelated sites, and for none of them at the control ([fingerprints](fingerprints.md)).

The last column names a scenario of the [selftest](selftest.md) that shows the rule at work on real sockets; each rule
has, besides, at least one case of its own in the tests. Words in braces are filled from the record. Ids are never used again for something else.
"""
_TITLES = {
    "measurement": "Could this vantage point see anything?",
    "dns": "The name",
    "tcp": "The address",
    "tls": "The handshake and the certificate",
    "http": "The page",
}


def page(shown_by: Mapping[str, str]) -> str:
    """Returns `docs/rules.md`; `shown_by` names for a rule the scenario of the selftest that shows it at work."""
    return _INTRODUCTION + "".join(_table(name, rules, shown_by) for name, rules in TABLES.items())


def lines() -> list[str]:
    """Returns one line for each rule: id, outcome, mechanism, sentence."""
    return [f"{rule.id}\t{_outcome(rule)}\t{_mechanism(rule)}\t{rule.sentence}" for t in TABLES.values() for rule in t]


def _table(name: str, rules: tuple[Rule, ...], shown_by: Mapping[str, str]) -> str:
    head = f"\n## {_TITLES[name]} (`{name}`)\n\n| Rule | Outcome | Mechanism | It says | What would change it | Scenario |\n|---|---|---|---|---|---|\n"
    return head + "".join(_row(rule, shown_by.get(rule.id)) for rule in rules)


def _row(rule: Rule, scenario: str | None) -> str:
    shown = f"[{scenario}](selftest.md)" if scenario else ""
    cells = (f"`{rule.id}`", _outcome(rule), _mechanism(rule), rule.sentence, rule.would_change or "", shown)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _outcome(rule: Rule) -> str:
    return rule.outcome.value if rule.outcome else "(look further)"


def _mechanism(rule: Rule) -> str:
    if rule.mechanism is None:
        return ""
    return f"`{rule.mechanism.value}`" if isinstance(rule.mechanism, Mechanism) else "as it was seen"
