"""A time axis that leaves out long stretches about which nothing is known, and says where it does."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

BREAK_SHARE = 2.5
"""Width of a break, in percent of the drawing."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the axis that is drawn to one scale, from `left` to `right` percent."""

    start: datetime
    end: datetime
    left: float
    right: float

    def place(self, at: datetime) -> float:
        whole = (self.end - self.start).total_seconds()
        share = (at - self.start).total_seconds() / whole if whole else 0.5
        return self.left + min(1.0, max(0.0, share)) * (self.right - self.left)


@dataclass(frozen=True, slots=True)
class Tick:
    left: float
    text: str


@dataclass(frozen=True, slots=True)
class Axis:
    """Instants to percent of the width."""

    stretches: tuple[Stretch, ...]

    @property
    def start(self) -> datetime:
        return self.stretches[0].start

    @property
    def end(self) -> datetime:
        return self.stretches[-1].end

    def place(self, at: datetime) -> float:
        """Returns where an instant is drawn, in percent; instants within a break lie at its middle."""
        for stretch in self.stretches:
            if at < stretch.start:
                return max(0.0, stretch.left - BREAK_SHARE / 2) if stretch is not self.stretches[0] else 0.0
            if at <= stretch.end:
                return round(stretch.place(at), 3)
        return 100.0

    def breaks(self) -> list[tuple[float, float, timedelta]]:
        """Returns left, right and length of each stretch that is left out."""
        pairs = zip(self.stretches, self.stretches[1:], strict=False)
        return [(a.right, b.left, b.start - a.end) for a, b in pairs]

    def ticks(self, most: int = 7) -> list[Tick]:
        """Returns round dates, at most about `most` in all, at least one for each stretch."""
        found: list[Tick] = []
        for stretch in self.stretches:
            share = (stretch.right - stretch.left) / 100
            found.extend(_ticks(stretch, max(2, round(most * share))))
        return found


def axis(start: datetime, end: datetime) -> Axis:
    """Returns an axis without breaks."""
    return Axis((Stretch(start, max(end, start + timedelta(minutes=1)), 0.0, 100.0),))


def broken_axis(known: Iterable[tuple[datetime, datetime]], *, longest: float = 0.16) -> Axis:
    """Returns an axis over spans of time, without those stretches between them that are over `longest` of the whole."""
    spans = _merged(sorted(known))
    whole = spans[-1][1] - spans[0][0]
    kept: list[tuple[datetime, datetime]] = []
    for start, end in spans:
        if kept and start - kept[-1][1] <= whole * longest:
            kept[-1] = (kept[-1][0], end)
        else:
            kept.append((start, end))
    return _laid_out([_padded(*span, whole) for span in kept])


def _merged(spans: Sequence[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    found: list[tuple[datetime, datetime]] = []
    for start, end in spans:
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _padded(start: datetime, end: datetime, whole: timedelta) -> tuple[datetime, datetime]:
    room = max((end - start) * 0.06, whole * 0.004, timedelta(hours=1))
    return start - room, end + room


def _laid_out(spans: Sequence[tuple[datetime, datetime]]) -> Axis:
    # Widths follow the square root of the length, so that days of measuring stay readable beside years of claims.
    weights = [max((end - start).total_seconds(), 1.0) ** 0.5 for start, end in spans]
    weights = [max(w, 0.14 * max(weights)) for w in weights]
    room = 100.0 - BREAK_SHARE * (len(spans) - 1)
    left, found = 0.0, []
    for (start, end), weight in zip(spans, weights, strict=True):
        right = left + room * weight / sum(weights)
        found.append(Stretch(start, end, round(left, 3), round(right, 3)))
        left = right + BREAK_SHARE
    return Axis(tuple(found))


_DAY = timedelta(days=1)
_STEPS: tuple[tuple[timedelta, str], ...] = (
    (timedelta(hours=1), "%H:%M"),
    (timedelta(hours=6), "%-d %b %H:%M"),
    (_DAY, "%-d %b"),
    (7 * _DAY, "%-d %b"),
    (14 * _DAY, "%-d %b"),
    (30 * _DAY, "%b %Y"),
    (91 * _DAY, "%b %Y"),
    (182 * _DAY, "%b %Y"),
    (365 * _DAY, "%Y"),
    (730 * _DAY, "%Y"),
    (1825 * _DAY, "%Y"),
)


def _ticks(stretch: Stretch, most: int) -> list[Tick]:
    whole = stretch.end - stretch.start
    step, form = next(((s, f) for s, f in _STEPS if whole / s <= most + 1), _STEPS[-1])
    found = [Tick(round(stretch.place(at), 3), at.strftime(form)) for at in _round_dates(stretch, step)]
    middle = stretch.start + whole / 2
    return found or [Tick(round((stretch.left + stretch.right) / 2, 3), middle.strftime("%b %Y"))]


def _round_dates(stretch: Stretch, step: timedelta) -> list[datetime]:
    if step >= 30 * _DAY:
        return _months(stretch, max(1, round(step.days / 30.4)))
    size = int(step.total_seconds())
    first = (int(stretch.start.timestamp()) // size + 1) * size
    return [datetime.fromtimestamp(t, UTC) for t in range(first, int(stretch.end.timestamp()) + 1, size)]


def _months(stretch: Stretch, step: int) -> list[datetime]:
    count = stretch.start.year * 12 + stretch.start.month - 1
    count += -count % step
    found = []
    while (at := datetime(count // 12, count % 12 + 1, 1, tzinfo=UTC)) <= stretch.end:
        if at >= stretch.start:
            found.append(at)
        count += step
    return found
