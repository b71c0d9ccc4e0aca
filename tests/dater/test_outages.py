"""What only all series of a vantage point together can tell: our own outages, and waves."""

from datetime import timedelta

import pytest

from dater.days import HOUR, day, looks
from evidence.episode_outages import episodes_of, suspected_outages, with_waves
from models.episode import Unusable
from models.words import EpisodeState, Mechanism

OUTAGE = "suspected outage of the vantage point"


def _told(*series: str, mechanism: Mechanism = Mechanism.IP_TIMEOUT, pace: timedelta = 24 * HOUR):
    given = {(f"site-{number}", "here"): looks(letters, pace, mechanism) for number, letters in enumerate(series)}
    return episodes_of(given)


def test_a_release_that_nobody_saw_is_not_told_when_all_blocks_vanish_and_return_together():
    blocked = "ooooo" + "a" * 10 + "o" * 8 + "a" * 10
    told = _told(blocked, blocked, blocked, "o" * 33)
    assert [one.state for one in told] == [EpisodeState.ONGOING] * 3
    assert told[0].unusable == (Unusable(after=day(14), by=day(23), looks=8, why=OUTAGE),)
    assert (told[0].checks, told[0].blocked_checks) == (20, 20)
    assert told[0].interruptions == ()


def test_a_release_is_told_when_other_blocks_stay():
    blocked = "ooooo" + "a" * 10 + "o" * 8 + "a" * 10
    steady = "ooooo" + "a" * 28
    told = _told(blocked, blocked, steady, steady)
    assert [one.state for one in told] == ["released", "ongoing", "released", "ongoing", "ongoing", "ongoing"]


def test_a_release_is_told_when_the_blocks_do_not_return():
    opened = "ooooo" + "a" * 10 + "o" * 18
    assert [one.state for one in _told(opened, opened, opened)] == ["released"] * 3


def test_a_release_is_told_when_all_blocks_return_only_after_a_month():
    blocked = "ooooo" + "a" * 10 + "o" * 30 + "a" * 10
    assert [one.state for one in _told(blocked, blocked, blocked)] == ["released", "ongoing"] * 3


def test_two_targets_are_too_few_to_blame_the_vantage_point():
    blocked = "ooooo" + "a" * 10 + "o" * 8 + "a" * 10
    assert [one.state for one in _told(blocked, blocked)] == ["released", "ongoing"] * 2


def test_blocks_that_keep_office_hours_are_no_outages():
    hours = "o" * 24 + ("a" * 10 + "o" * 14) * 10
    assert suspected_outages([looks(hours, HOUR)] * 5) == []


def test_no_block_is_told_when_nearly_all_targets_time_out_together_for_a_while():
    assert _told(*["o" * 10 + "a" * 6 + "o" * 10] * 11, "o" * 26) == []


def test_blocks_are_told_when_nearly_all_targets_are_reset_together():
    # A reset needs somebody who sends it: no outage of the vantage point does.
    told = _told(*["o" * 10 + "a" * 6 + "o" * 10] * 12, mechanism=Mechanism.SNI_RESET)
    assert [one.state for one in told] == ["released"] * 12


def test_blocks_are_told_when_an_artefact_settles_them():
    told = _told(*["o" * 10 + "C" * 6 + "o" * 10] * 12)
    assert [one.state for one in told] == ["released"] * 12


def test_blocks_are_told_when_only_a_part_of_the_targets_fails():
    told = _told(*["o" * 10 + "a" * 6 + "o" * 10] * 11, *["o" * 26] * 9)
    assert len(told) == 11


def test_a_wave_counts_the_other_targets_that_changed_within_an_hour():
    told = _told("o" * 5 + "a" * 9, "o" * 5 + "a" * 9, "a" * 5 + "o" * 9, "o" * 7 + "a" * 7, "o" * 14)
    assert [(one.target, one.wave) for one in told] == [("site-0", 2), ("site-1", 2), ("site-2", 0), ("site-3", 0)]


def test_a_wave_stays_within_one_vantage_point():
    series = looks("o" * 5 + "a" * 9)
    assert [one.wave for one in episodes_of({("a", "here"): series, ("b", "there"): series})] == [0, 0]


def test_no_wave_is_told_when_nobody_saw_the_onset():
    assert [one.wave for one in _told("a" * 9, "a" * 9)] == [0, 0]


def test_waves_of_nothing_are_nothing():
    assert with_waves([]) == []


@pytest.mark.parametrize("count", [0, 1])
def test_no_outage_is_suspected_without_other_targets(count):
    assert suspected_outages([looks("ooaaaaooaaa")] * count) == []
