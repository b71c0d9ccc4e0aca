"""The last days as bars. Days alike are one element with one accessible name, drawn with the days' gaps in between.

A day apiece would be 90 elements for each target and vantage point: slow to send, and ninety stops for a screen reader.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from markupsafe import Markup

from dashboard.drawing.markup import el, joined
from dashboard.drawing.states import Shown, Tally, word
from dashboard.drawing.when import day
from dashboard.strings import say, say_count


@dataclass(frozen=True, slots=True)
class Run:
    """Days in a row that look alike."""

    first: date
    days: int
    shown: Shown
    some: bool  # a minority of the looks was blocked
    tally: Tally

    @property
    def last(self) -> date:
        return self.first + timedelta(days=self.days - 1)

    @property
    def name(self) -> str:
        """What a screen reader says and a pointer shows."""
        span = day(self.first) if self.days == 1 else say("bars.span", first=day(self.first), last=day(self.last))
        if self.shown is Shown.UNOBSERVED:
            return say("bars.gap", span=span)
        looks = say_count("bars.looks", self.tally.total)
        if self.tally.blocked:
            looks = say("bars.blocked", blocked=self.tally.blocked, looks=looks)
        return say("bars.run", span=span, state=word(self.shown), looks=looks)


def runs(first: date, tallies: Sequence[Tally]) -> list[Run]:
    """Folds one tally a day, beginning at `first`, into runs."""
    dated = [(first + timedelta(days=i), tally) for i, tally in enumerate(tallies)]
    return [_run(list(group)) for _, group in groupby(dated, key=lambda pair: _looks_like(pair[1]))]


def _looks_like(tally: Tally) -> tuple[Shown, bool]:
    blocked = tally.main in {Shown.CONFIRMED, Shown.ANOMALY}
    return tally.main, bool(tally.blocked) and not blocked


def _run(days: list[tuple[date, Tally]]) -> Run:
    totals: dict[Shown, int] = {}
    for _, tally in days:
        for shown, n in tally.counts:
            totals[shown] = totals.get(shown, 0) + n
    shown, some = _looks_like(days[0][1])
    return Run(days[0][0], len(days), shown, some, Tally(tuple(totals.items())))


def bars(found: Sequence[Run], label: str) -> Markup:
    """Draws runs as one list."""
    return el("span", joined(_bar(run) for run in found), class_="ww-bars", role="list", aria_label=label)


def _bar(run: Run) -> Markup:
    name = run.name
    return el(
        "span",
        class_=f"ww-run ww-b-{run.shown.value}{' ww-some' if run.some else ''}",
        role="listitem",
        style=f"--n:{run.days}",
        title=name,
        aria_label=name,
    )
