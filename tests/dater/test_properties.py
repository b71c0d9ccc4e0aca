"""What holds for any series whatever."""

import random
from dataclasses import replace
from datetime import UTC, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dater.days import DAY, FIRST, HOUR, day, looks
from evidence.episodes import episodes, restart_index
from models.episode import Episode, Look
from models.words import BLOCKED, USABLE, EpisodeState, Outcome

_RUNS = st.tuples(st.sampled_from("oaC.d "), st.integers(1, 12))
LETTERS = st.lists(_RUNS, max_size=30).map(lambda runs: "".join(letter * count for letter, count in runs))
PACES = st.sampled_from([timedelta(minutes=1), timedelta(minutes=10), HOUR, timedelta(hours=6), DAY, 7 * DAY])


def _fold(series: list[Look]) -> list[Episode]:
    return episodes("site", "here", series)


@settings(deadline=None)
@given(LETTERS, PACES, st.randoms())
def test_the_order_of_the_looks_does_not_matter(letters, pace, rng):
    series = looks(letters, pace)
    shuffled = rng.sample(series, len(series))
    assert _fold(shuffled) == _fold(series)


@settings(deadline=None)
@given(LETTERS, PACES)
def test_looks_given_twice_count_once(letters, pace):
    series = looks(letters, pace)
    assert _fold(series + series) == _fold(series)


@settings(deadline=None)
@given(LETTERS, PACES)
def test_intervals_are_ordered_and_disjoint(letters, pace):
    ends = []
    for told in _fold(looks(letters, pace)):
        ends += [told.onset.after, told.onset.by]
        ends += [told.release.after, told.release.by] if told.release else []
        assert told.onset.after is None or told.onset.after < told.onset.by
        assert told.release is None or told.release.after < told.release.by
    known = [end for end in ends if end]
    assert known == sorted(known)
    assert None not in ends[1:]


@settings(deadline=None)
@given(LETTERS, PACES)
def test_each_end_is_a_look_that_saw_what_an_end_must_have_seen(letters, pace):
    series = looks(letters, pace)
    outcome = {look.at: look.outcome for look in series}
    for told in _fold(series):
        if told.onset.after:
            assert outcome[told.onset.after] is Outcome.OK
        assert outcome[told.onset.by] in BLOCKED
        if told.release:
            assert outcome[told.release.after] in BLOCKED
            assert outcome[told.release.by] is Outcome.OK


@settings(deadline=None)
@given(LETTERS, PACES)
def test_an_onset_is_left_censored_only_when_the_series_may_have_begun_blocked(letters, pace):
    for told in _fold(looks(letters, pace))[1:]:
        assert told.onset.after is not None


@settings(deadline=None)
@given(LETTERS, PACES)
def test_unusable_looks_change_no_date_and_no_count(letters, pace):
    series = looks(letters, pace)
    with_them, without = _fold(series), _fold([look for look in series if look.outcome in USABLE])
    assert [replace(told, gaps=(), unusable=()) for told in with_them] == [
        replace(told, gaps=(), unusable=()) for told in without
    ]


@settings(deadline=None)
@given(LETTERS, PACES)
def test_counts_agree_with_the_looks(letters, pace):
    series = [look for look in looks(letters, pace) if look.outcome in USABLE]
    for told in _fold(series):
        until = told.last_blocked if told.release else told.last_look
        within = [look for look in series if told.onset.by <= look.at <= until]
        assert told.checks == len(within)
        assert told.blocked_checks == sum(look.outcome in BLOCKED for look in within)
        assert told.blocked_checks >= 1


@settings(deadline=None)
@given(LETTERS, PACES)
def test_only_the_last_episode_is_unfinished_and_its_state_is_what_was_seen_last(letters, pace):
    told = _fold(looks(letters, pace))
    assert all(one.state is EpisodeState.RELEASED for one in told[:-1])
    for one in told[-1:]:
        assert (one.release is not None) == (one.state is EpisodeState.RELEASED)
        assert (one.confirmed_at is None) == (one.state is EpisodeState.SUSPECTED)
        assert len({two.id for two in told}) == len(told)
    for one, two in pairwise(told):
        assert one.release.by <= two.onset.after


@settings(deadline=None)
@given(LETTERS, st.integers(0, 300))
def test_late_looks_are_folded_in_as_if_they_had_come_in_time(letters, at):
    series = looks(letters)
    early, late = series[:at], series[at:]
    assert _fold(late + early) == _fold(series)


@settings(deadline=None)
@given(LETTERS, PACES, st.sampled_from(["Europe/Berlin", "Asia/Tehran", "America/New_York"]))
def test_clocks_that_change_in_spring_and_autumn_change_nothing(letters, pace, zone):
    series = looks(letters, pace)
    local = [replace(look, at=look.at.astimezone(ZoneInfo(zone))) for look in series]
    assert _fold(local) == _fold(series)
    assert all(told.onset.by.tzinfo is UTC for told in _fold(local))


def test_an_hour_that_the_clock_on_the_wall_shows_twice_is_two_hours():
    series = [
        replace(look, at=look.at + (FIRST.replace(month=10, day=27) - FIRST)) for look in looks("oooaaaaaa", HOUR / 2)
    ]
    local = [replace(look, at=look.at.astimezone(ZoneInfo("Europe/Berlin"))) for look in series]
    assert _fold(local) == _fold(series)
    assert _fold(local)[0].onset.by == series[3].at


def test_the_leap_day_is_a_day_like_any_other():
    series = [Look(at, Outcome.ANOMALY if at >= day(0) else Outcome.OK) for at in (day(step) for step in range(-5, 5))]
    [told] = _fold(series)
    assert (told.onset.after.day, told.onset.by.day) == (29, 1)


def _noisy(seed: int, count: int, pace: timedelta) -> list[Look]:
    """A long series with a few blocks, false failures, misses and unusable looks."""
    rng = random.Random(seed)
    blocked, letters = False, []
    failing, missing = rng.choice([0.0, 0.01, 0.03]), rng.choice([0.0, 0.05])
    for _ in range(count):
        if rng.random() < (0.01 if blocked else 0.0007):
            blocked = not blocked
        seen = rng.random() >= missing if blocked else rng.random() < failing
        letters.append(
            "."
            if rng.random() < 0.01
            else ("C" if rng.random() < 0.2 else "a")
            if seen and blocked
            else "a"
            if seen
            else "o"
        )
    return looks("".join(letters), pace)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 6000), st.sampled_from([timedelta(minutes=10), HOUR, DAY]))
def test_folding_from_the_restart_index_gives_what_folding_the_whole_gives(seed, known, pace):
    series = _noisy(seed, 7000, pace)
    before = series[:known]
    restart = restart_index(before)
    start = before[restart].at if restart else None
    kept = [told for told in _fold(before) if start and told.onset.by < start]
    assert [*kept, *_fold(series[restart:])] == _fold(series)


@pytest.mark.parametrize("pace", [timedelta(minutes=10), HOUR, DAY])
def test_the_restart_index_spares_most_of_a_long_calm_series(pace):
    series = looks("o" * 3000 + "a" * 300 + "o" * 20_000, pace)
    assert restart_index(series) > 20_000
    assert restart_index(series[:3200]) <= 3000 - 500
    assert restart_index([]) == 0
