"""Why a state says nothing of a block, in a few words for a cell: by rule, else the beginning of the rule's sentence."""

from dashboard.drawing.markup import plain
from dashboard.strings import TEXT
from evidence.rules import ALL
from models.store import Current
from models.words import Outcome

LONGEST = 44
_TOLD = {Outcome.INCONCLUSIVE, Outcome.DOWN, Outcome.RESTRICTED}

_NEEDS_CONTROL = frozenset(rule.id for rule in ALL if "{no_control}" in rule.sentence)

NOT_THE_SITE = frozenset(
    f"measurement.{name}"
    for name in (
        *("way_out_failed", "offline", "nothing_connects", "clock_wrong"),
        *("resolver_dead", "network_intercepts", "captive_portal", "canary_failed"),
    )
)
"""Rules by which the vantage point itself cannot see: what they say holds for every site looked at from there."""


def needs_control(current: Current) -> bool:
    """The last look would have said more if a control had been asked."""
    return current.outcome is Outcome.INCONCLUSIVE and current.rule in _NEEDS_CONTROL


def short_reason(current: Current) -> str | None:
    """Returns why a look that is neither open nor blocked is what it is; null where the state says it all."""
    if current.outcome not in _TOLD:
        return None
    known = TEXT.get(f"short.{current.rule}")
    return known or (beginning(current.reason) if current.reason else None)


def beginning(sentence: str) -> str:
    """Returns the first clause of a sentence, cut at a word where it is long."""
    first = plain(sentence, 400).rstrip(".")
    for mark in ("; ", ": ", " ("):
        first = first.partition(mark)[0]
    if len(first) <= LONGEST:
        return first
    return first[: LONGEST - 1].rpartition(" ")[0].rstrip(",") + "…"
