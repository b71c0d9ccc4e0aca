"""The overview as data: targets by vantage points, filtered and sorted, with headline counts."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dashboard.drawing.states import ORDER, Shown, shown_of
from models.store import Current
from models.targets import Configuration, Target, VantagePoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One target at one vantage point."""

    target: str
    vantage: str
    current: Current | None
    stale: bool = False  # the last look is older than twice the usual time between looks

    @property
    def shown(self) -> Shown:
        return shown_of(self.current.outcome if self.current else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One target at every vantage point."""

    target: Target
    cells: tuple[Cell, ...]
    configured: bool = True  # false: no longer in the configuration, its history is kept

    @property
    def worst(self) -> Shown:
        return min((cell.shown for cell in self.cells), key=ORDER.__getitem__, default=Shown.UNOBSERVED)

    @property
    def last(self) -> datetime | None:
        return max((cell.current.at for cell in self.cells if cell.current), default=None)

    @property
    def changed(self) -> datetime | None:
        return max((cell.current.since for cell in self.cells if cell.current), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What the reader asked to see; all of it stands in the URL."""

    search: str = ""
    campaign: str | None = None
    category: str | None = None
    states: frozenset[Shown] = frozenset()
    sort: str = "state"


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """All of the overview page but its bars."""

    rows: tuple[Row, ...]
    vantages: tuple[VantagePoint, ...]
    counts: dict[Shown, int]  # cells, before the filter on states
    targets: int  # before any filter
    last: datetime | None


def vantages_of(configuration: Configuration, current: Iterable[Current]) -> tuple[VantagePoint, ...]:
    """Returns the vantage points in use, then those that only the store remembers."""
    known = {v.id: v for v in configuration.vantage_points}
    seen = {row.vantage for row in current}
    used = [v for v in known.values() if (v.enabled and v.consent is not None) or v.id in seen]
    return (*used, *(VantagePoint.model_construct(id=name) for name in sorted(seen - known.keys())))


def rows_of(
    configuration: Configuration, current: Sequence[Current], vantages: Sequence[VantagePoint], now: datetime
) -> list[Row]:
    """Returns every target's row: the configured ones in their order, then those that only the store remembers."""
    found = {(c.target, c.vantage): c for c in current}
    configured = {target.id: target for target in configuration.targets if target.enabled}
    others = sorted({c.target for c in current} - configured.keys())
    every = configuration.defaults.every
    remembered = [Target.model_construct(id=name, url="") for name in others]
    return [
        *(_row(t, found, vantages, now - 2 * (t.every or every)) for t in configured.values()),
        *(_row(t, found, vantages, now - 2 * every, configured=False) for t in remembered),
    ]


def _row(
    target: Target,
    found: dict[tuple[str, str], Current],
    vantages: Sequence[VantagePoint],
    fresh: datetime,
    *,
    configured: bool = True,
) -> Row:
    cells = []
    for vantage in vantages:
        current = found.get((target.id, vantage.id))
        stale = current is not None and current.at < fresh
        cells.append(Cell(target=target.id, vantage=vantage.id, current=current, stale=stale))
    return Row(target=target, cells=tuple(cells), configured=configured)


def overview(configuration: Configuration, current: Sequence[Current], wanted: Filter, now: datetime) -> Overview:
    """Builds the overview."""
    vantages = vantages_of(configuration, current)
    rows = rows_of(configuration, current, vantages, now)
    counts = Counter(cell.shown for row in rows for cell in row.cells)
    kept = [row for row in rows if _wanted(row, wanted)]
    kept.sort(key=SORTS.get(wanted.sort, SORTS["state"]))
    last = max((c.at for c in current), default=None)
    return Overview(rows=tuple(kept), vantages=vantages, counts=dict(counts), targets=len(rows), last=last)


def _wanted(row: Row, wanted: Filter) -> bool:
    target = row.target
    text = " ".join(filter(None, (target.id, target.url, target.name, *target.tags))).lower()
    return (
        wanted.search.strip().lower() in text
        and (wanted.campaign is None or wanted.campaign in target.campaigns)
        and (wanted.category is None or wanted.category == target.category)
        and (not wanted.states or any(cell.shown in wanted.states for cell in row.cells))
    )


_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def _age(at: datetime | None) -> timedelta:
    return datetime.max.replace(tzinfo=UTC) - (at or _NEVER)


SORTS = {
    "state": lambda row: (ORDER[row.worst], row.target.id),
    "name": lambda row: (row.target.name or row.target.id).lower(),
    "changed": lambda row: _age(row.changed),
    "looked": lambda row: _age(row.last),
}
"""The orders of the overview, by the name that stands in the URL."""
