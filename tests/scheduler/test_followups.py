"""What follows a change of state."""

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from models.words import Outcome
from scheduler.followups import APART, FollowUps
from scheduler.timetable import Pair

AT, PAIR, SIX_HOURS = datetime(2026, 11, 22, tzinfo=UTC), Pair("a", "here"), timedelta(hours=6)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("change", [(Outcome.OK, Outcome.ANOMALY), (Outcome.CONFIRMED, Outcome.OK)])
def test_a_change_either_way_brings_three_looks_within_the_hour_apart(
    seed: int, change: tuple[Outcome, Outcome]
) -> None:
    follow_ups = FollowUps(random.Random(seed))
    follow_ups.after(PAIR, change[0], AT - SIX_HOURS, SIX_HOURS)
    times = follow_ups.after(PAIR, change[1], AT, SIX_HOURS)
    assert len(times) == 3
    assert all(later - sooner >= APART for sooner, later in pairwise([AT, *times]))
    assert times[-1] <= AT + timedelta(hours=1)


def test_no_change_no_follow_up() -> None:
    follow_ups = FollowUps(random.Random(1))
    assert follow_ups.after(PAIR, Outcome.OK, AT, SIX_HOURS) == []
    for outcome in (Outcome.OK, Outcome.INCONCLUSIVE, Outcome.DOWN, Outcome.RESTRICTED, Outcome.OK):
        assert follow_ups.after(PAIR, outcome, AT, SIX_HOURS) == []


def test_flapping_never_brings_more_than_three_looks_within_an_hour() -> None:
    follow_ups, times = FollowUps(random.Random(1)), list[datetime]()
    for minute in range(0, 60, 6):
        outcome = Outcome.ANOMALY if minute % 12 == 0 else Outcome.OK
        times += follow_ups.after(PAIR, outcome, AT + timedelta(minutes=minute), SIX_HOURS)
    assert len(times) == 3


def test_a_pair_that_was_blocked_before_the_restart_is_no_change_when_it_still_is() -> None:
    follow_ups = FollowUps(random.Random(1))
    follow_ups.remember(PAIR, AT - SIX_HOURS, AT - timedelta(hours=1))
    assert follow_ups.after(PAIR, Outcome.CONFIRMED, AT, SIX_HOURS) == []
    assert len(follow_ups.after(PAIR, Outcome.OK, AT, SIX_HOURS)) == 3


def test_whoever_looks_every_minute_needs_none() -> None:
    follow_ups = FollowUps(random.Random(1))
    assert follow_ups.after(PAIR, Outcome.ANOMALY, AT, timedelta(minutes=1)) == []
