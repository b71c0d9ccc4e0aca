"""The states that are shown: the contract's outcomes and "not observed", each with a word, a shape and a height."""

from dataclasses import dataclass
from enum import StrEnum

from markupsafe import Markup

from dashboard.drawing.markup import el
from dashboard.strings import say
from models.words import Outcome


class Shown(StrEnum):
    """What a cell, a bar or a line of a list shows; ordered by how much it wants to be seen."""

    CONFIRMED = "confirmed"
    ANOMALY = "anomaly"
    DOWN = "down"
    RESTRICTED = "restricted"
    INCONCLUSIVE = "inconclusive"
    OK = "ok"
    UNOBSERVED = "unobserved"


ORDER = {shown: place for place, shown in enumerate(Shown)}


@dataclass(frozen=True, slots=True)
class Tally:
    """How many looks of each outcome one day had, or any other span."""

    counts: tuple[tuple[Shown, int], ...] = ()

    @property
    def total(self) -> int:
        return sum(n for _, n in self.counts)

    def of(self, shown: Shown) -> int:
        return dict(self.counts).get(shown, 0)

    @property
    def blocked(self) -> int:
        return self.of(Shown.CONFIRMED) + self.of(Shown.ANOMALY)

    @property
    def main(self) -> Shown:
        """The state that a bar takes: blocked where at least half of the usable looks were, else what most looks saw."""
        if self.blocked and self.blocked >= self.of(Shown.OK):
            return Shown.CONFIRMED if self.of(Shown.CONFIRMED) else Shown.ANOMALY
        rest = [(n, shown) for shown, n in self.counts if n and shown not in {Shown.CONFIRMED, Shown.ANOMALY}]
        usable = [pair for pair in rest if pair[1] is not Shown.INCONCLUSIVE]
        return max(usable or rest, default=(0, Shown.UNOBSERVED), key=lambda pair: (pair[0], -ORDER[pair[1]]))[1]


def shown_of(outcome: Outcome | str | None) -> Shown:
    """Returns how an outcome is shown; null is "not observed"."""
    return Shown.UNOBSERVED if outcome is None else Shown(str(outcome))


def word(shown: Shown) -> str:
    """Returns the word for a state."""
    return say(f"state.{shown.value}")


def sentence(shown: Shown) -> str:
    """Returns the sentence that explains a state."""
    return (
        say("state.unobserved.sentence")
        if shown is Shown.UNOBSERVED
        else next(o.sentence for o in Outcome if o.value == shown.value)
    )


def glyph(shown: Shown) -> Markup:
    """Returns the shape of a state; the word always stands beside it, so screen readers skip the shape."""
    return el("i", class_=f"ww-g ww-g-{shown.value}", aria_hidden="true")


def badge(shown: Shown) -> Markup:
    """Returns shape and word."""
    return el(
        "span", glyph(shown), el("span", word(shown)), class_=f"ww-state ww-c-{shown.value}", title=sentence(shown)
    )
