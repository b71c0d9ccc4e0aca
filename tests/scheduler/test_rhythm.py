"""The grid of instants at which a pair is due."""

import itertools
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.rhythm import Rhythm

START = datetime(2026, 11, 22, 7, 20, tzinfo=UTC)
HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)


def looks(rhythm: Rhythm, count: int) -> list[datetime]:
    found, at = [], rhythm.get_next_fire_time(None, START)
    for _ in range(count):
        found.append(at)
        at = rhythm.get_next_fire_time(at, at)
    return found


@pytest.mark.parametrize(("every", "jitter"), [(MINUTE, 10), (10 * MINUTE, 60), (6 * HOUR, 1200), (DAY, 1200)])
def test_mean_period_is_the_period_when_there_is_jitter(every: timedelta, jitter: int) -> None:
    found = looks(Rhythm(anchor=START, every=every, jitter=timedelta(seconds=jitter), seed=7), 48 * 20 + 1)
    mean = (found[-1] - found[0]) / (48 * 20)
    assert abs(mean - every) < timedelta(seconds=jitter) / (48 * 20) + timedelta(milliseconds=1)


def test_daily_looks_visit_every_hour_of_the_day_within_a_month_and_a_half() -> None:
    hours = Counter(at.hour for at in looks(Rhythm(anchor=START, every=DAY, jitter=20 * MINUTE, seed=1), 48))
    assert set(hours) == set(range(24))


def test_daily_looks_stay_near_a_day_apart_while_they_walk_through_the_hours() -> None:
    found = looks(Rhythm(anchor=START, every=DAY, jitter=20 * MINUTE, seed=1), 200)
    apart = [b - a for a, b in itertools.pairwise(found)]
    assert min(apart) > 22 * HOUR
    assert max(apart) < 26 * HOUR


def test_jitter_differs_from_slot_to_slot_and_never_exceeds_half_the_period() -> None:
    rhythm = Rhythm(anchor=START, every=MINUTE, jitter=timedelta(hours=5), seed=3)
    late = [at - START - n * MINUTE for n, at in enumerate(looks(rhythm, 100))]
    late = [each % MINUTE for each in late]
    assert len(set(late)) > 80
    assert max(late) <= 30 * timedelta(seconds=1) + timedelta(milliseconds=100)


def test_slots_slept_through_are_skipped_and_cost_nothing() -> None:
    rhythm = Rhythm(anchor=START, every=MINUTE, jitter=timedelta(0), seed=3)
    awake = START + timedelta(days=3650, seconds=10)
    assert rhythm.get_next_fire_time(START, awake) == START + timedelta(days=3650, seconds=60)


def test_a_look_out_of_turn_pushes_away_a_slot_within_a_quarter_period() -> None:
    rhythm = Rhythm(anchor=START, every=HOUR, jitter=timedelta(0), seed=3)
    rhythm.roam_us = 0
    early = START + timedelta(minutes=50)
    assert rhythm.get_next_fire_time(early, early) == START + 2 * HOUR


@given(
    every=st.integers(1, 10**6),
    jitter=st.integers(0, 10**6),
    seed=st.integers(0, 2**64 - 1),
    ahead=st.integers(-(10**8), 10**8),
)
def test_the_next_slot_always_lies_after_now_and_within_two_periods(
    every: int, jitter: int, seed: int, ahead: int
) -> None:
    rhythm = Rhythm(anchor=START, every=timedelta(seconds=every), jitter=timedelta(seconds=jitter), seed=seed)
    now = START + timedelta(seconds=ahead)
    following = rhythm.get_next_fire_time(None, now)
    assert now < following <= now + 2 * timedelta(seconds=every) + timedelta(milliseconds=100)
    again = rhythm.get_next_fire_time(following, following)
    assert again > following
