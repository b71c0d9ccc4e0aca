"""The matrix of several targets with their bars, read from the rollups and kept drawn for a moment."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from dashboard.drawing.bars import Run, runs
from dashboard.drawing.matrix import matrix
from dashboard.house import House
from dashboard.shown.days import tallies_by_vantage
from dashboard.shown.overview import Overview, Row

DAYS = 90
KEPT = 3.0
"""Seconds for which a drawing is given to everybody who asks for the same; its ages are that old at most."""


def drawn_matrix(house: House, found: Overview, now: datetime) -> str:
    """Returns the matrix of these rows."""
    rows = tuple((row.target.id, row.last, row.configured) for row in found.rows)
    key = ("matrix", rows, tuple(v.id for v in found.vantages), house.keeper.loaded().good_since)
    return house.reader.memory.get(
        key, KEPT, lambda: str(matrix(found, bars_for(house, found.rows, now, DAYS), now, DAYS))
    )


def bars_for(house: House, rows: Iterable[Row], now: datetime, days: int) -> dict[tuple[str, str], list[Run]]:
    """Returns the runs of the last days by target and vantage point."""
    found: dict[tuple[str, str], list[Run]] = {}
    for row in rows:
        key = ("runs", row.target.id, days, row.last, now.date())
        found |= house.reader.memory.get(key, 60.0, lambda row=row: _runs(house, row, now, days))  # type: ignore[misc]
    return found


def _runs(house: House, row: Row, now: datetime, days: int) -> dict[tuple[str, str], list[Run]]:
    first = now.date() - timedelta(days=days - 1)
    by_vantage = tallies_by_vantage(house.reader.daily(row.target.id, days, row.last), first, days)
    return {(row.target.id, vantage): runs(first, tallies) for vantage, tallies in by_vantage.items()}
