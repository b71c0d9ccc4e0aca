"""The rules as the pages name them: by id, with the sentence of the table that is in force."""

from evidence.rule import Rule
from evidence.rules import ALL

_KNOWN: dict[str, Rule] = {rule.id: rule for rule in ALL}


def rule_of(name: str) -> Rule | None:
    """Returns a rule of the tables in force; null where another ruleset named it."""
    return _KNOWN.get(name)
