"""Watches the machine's clock: whether it was set, and whether the machine slept."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

JUMP = timedelta(seconds=2)  # NTP slews by far less between two ticks
SLEEP = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Clocks:
    """The three clocks at one instant: of the wall, since boot with sleep, since boot without."""

    wall: datetime
    boot: float
    awake: float


def now() -> Clocks:
    boot = time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()
    return Clocks(datetime.now(UTC), boot, time.monotonic())


@dataclass(frozen=True, slots=True)
class Jolt:
    """What happened to time between two ticks."""

    at: datetime  # by the clock before
    set_by: timedelta  # the clock was set: positive is forward
    slept: timedelta

    def __str__(self) -> str:
        if self.slept:
            return f"the machine slept for {self.slept.total_seconds():.0f} s"
        way = "forward" if self.set_by > timedelta(0) else "back"
        return f"the machine's clock was set {way} by {abs(self.set_by).total_seconds():.0f} s"


class ClockWatch:
    """Compares clocks from tick to tick."""

    def __init__(self, clocks: Callable[[], Clocks] = now) -> None:
        self._clocks = clocks
        self._last = clocks()

    def tick(self) -> Jolt | None:
        """Returns what happened since the last tick, if anything did."""
        before, self._last = self._last, self._clocks()
        real = timedelta(seconds=self._last.boot - before.boot)
        set_by = self._last.wall - before.wall - real
        slept = real - timedelta(seconds=self._last.awake - before.awake)
        if abs(set_by) < JUMP and slept < SLEEP:
            return None
        return Jolt(
            before.wall, set_by if abs(set_by) >= JUMP else timedelta(0), slept if slept >= SLEEP else timedelta(0)
        )
