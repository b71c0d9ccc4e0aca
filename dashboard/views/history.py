"""Bars of several targets, read from the rollups."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from dashboard.drawing.bars import Run, runs
from dashboard.house import House
from dashboard.shown.days import tallies_by_vantage
from dashboard.shown.overview import Row


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
