"""A clock that is set, a machine that sleeps."""

from datetime import UTC, datetime, timedelta

import pytest

from scheduler.clock_watch import Clocks, ClockWatch, Jolt, now

START = Clocks(datetime(2026, 11, 22, tzinfo=UTC), 1000.0, 1000.0)


def after(wall: float, boot: float, awake: float) -> Jolt | None:
    """Ticks once, with the three clocks that many seconds further."""
    later = Clocks(START.wall + timedelta(seconds=wall), START.boot + boot, START.awake + awake)
    clocks = iter([START, later])
    return ClockWatch(lambda: next(clocks)).tick()


def test_clocks_that_agree_or_drift_a_little_are_no_jolt() -> None:
    assert after(5, 5, 5) is None
    assert after(5.5, 5, 5) is None
    assert ClockWatch(now).tick() is None


@pytest.mark.parametrize(("seconds", "way"), [(3600, "forward"), (-86400, "back"), (1.8e9, "forward")])
def test_a_clock_that_was_set_is_told_with_its_direction(seconds: float, way: str) -> None:
    jolt = after(5 + seconds, 5, 5)
    assert jolt is not None
    assert jolt.set_by == timedelta(seconds=seconds)
    assert jolt.slept == timedelta(0)
    assert way in str(jolt)


def test_sleep_is_no_setting_of_the_clock() -> None:
    jolt = after(3605, 3605, 5)
    assert jolt is not None
    assert jolt.set_by == timedelta(0)
    assert jolt.slept == timedelta(hours=1)
    assert "slept for 3600 s" in str(jolt)
