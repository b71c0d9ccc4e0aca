"""How fast each pair's recent looks were that were `ok`: what a throttle is measured against."""

from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace

from models.measurement import Baseline, Finished, Measurement
from models.speed import ENOUGH, Speed, baseline, speed
from models.store import Store
from models.words import Outcome
from scheduler.timetable import Pair

_KEPT = 20  # looks of a pair
_READ = 60  # rows in which an earlier run's good looks are looked for

Read = Callable[[Pair], Awaitable[list[Measurement]]]


class Baselines:
    """Kept in memory; what an earlier process saw is read only when a look was slow and there is nothing to compare."""

    def __init__(self, read: Read | None = None) -> None:
        self._read = read
        self._speeds: dict[Pair, deque[Speed]] = {}
        self._asked: set[Pair] = set()

    def of(self, pair: Pair) -> Baseline | None:
        """Returns this pair's usual speed; null where no look of it is known."""
        return baseline(self._speeds.get(pair, ()))

    def note(self, pair: Pair, measurement: Measurement, outcome: Outcome) -> None:
        """Takes a look up that was `ok`; others say nothing of what is usual."""
        seen = speed(measurement) if outcome is Outcome.OK else None
        if seen is not None:
            self._speeds.setdefault(pair, deque(maxlen=_KEPT)).append(seen)

    async def completed(self, pair: Pair, finished: Finished) -> Finished:
        """Returns a slow look with the baseline that only the store knew."""
        known, seen = finished.measurement.baseline, speed(finished.measurement)
        if self._read is None or seen is None or not seen.slow or (known and known.looks >= ENOUGH):
            return finished
        if pair not in self._asked:
            self._asked.add(pair)
            self._take_up(pair, await self._read(pair))
        return replace(finished, measurement=replace(finished.measurement, baseline=self.of(pair)))

    def forget(self, pairs: Iterable[Pair]) -> None:
        """Drops pairs that are no longer looked at."""
        for pair in pairs:
            self._speeds.pop(pair, None)
            self._asked.discard(pair)

    def _take_up(self, pair: Pair, earlier: Iterable[Measurement]) -> None:
        known = list(self._speeds.get(pair, ()))
        found = [seen for seen in map(speed, earlier) if seen is not None]
        self._speeds[pair] = deque([*found, *known], maxlen=_KEPT)


def earlier_looks(store: Store, pair: Pair) -> list[Measurement]:
    """Returns a pair's last good looks from the store, oldest first."""
    rows = [row for row in store.recent(pair.target, pair.vantage, _READ) if row.outcome is Outcome.OK]
    found = (store.measurement(row.measurement) for row in rows[: 2 * ENOUGH])
    return [measurement for measurement in found if measurement is not None][::-1]
