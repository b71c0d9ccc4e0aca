"""Daily rollups as tallies, one for each day of a stretch, days without a look included."""

from collections.abc import Iterable
from datetime import date

from dashboard.drawing.states import Shown, Tally
from models.store import Day

_OUTCOMES = (Shown.CONFIRMED, Shown.ANOMALY, Shown.DOWN, Shown.RESTRICTED, Shown.INCONCLUSIVE, Shown.OK)
EMPTY = Tally()


def tally(day: Day) -> Tally:
    """Returns a day's counts, without those that are none."""
    counts = ((shown, getattr(day, shown.value)) for shown in _OUTCOMES)
    return Tally(tuple((shown, n) for shown, n in counts if n))


def tallies_by_vantage(days: Iterable[Day], first: date, length: int) -> dict[str, list[Tally]]:
    """Returns, for each vantage point, one tally for each of `length` days beginning at `first`."""
    found: dict[str, list[Tally]] = {}
    for day in days:
        place = (day.day - first).days
        if 0 <= place < length:
            found.setdefault(day.vantage, [EMPTY] * length)[place] = tally(day)
    return found
