"""What a rule is: one line of a table, and how the first that holds is found."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from evidence.facts import Hop
from models.words import Mechanism, Outcome, Stage

Predicate = Callable[[Hop], bool]
MechanismOf = Callable[[Hop], Mechanism | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One line: when `holds`, the outcome is this; an outcome of None sends the look on to the next table."""

    id: str
    outcome: Outcome | None
    stage: Stage | None = None
    mechanism: Mechanism | MechanismOf | None = None
    sentence: str  # its {placeholders} are the properties of `evidence.wording.Words`
    would_change: str | None = None
    holds: Predicate

    def mechanism_for(self, hop: Hop) -> Mechanism | None:
        """Returns the mechanism that this look shows, where the rule names one."""
        if self.mechanism is None or isinstance(self.mechanism, Mechanism):
            return self.mechanism
        return self.mechanism(hop)


def first_that_holds(table: Sequence[Rule], hop: Hop) -> Rule:
    """Returns the first rule that holds; the last one of every table always does."""
    return next(rule for rule in table if rule.holds(hop))


def always(_: Hop) -> bool:
    """Holds whatever was seen."""
    return True
