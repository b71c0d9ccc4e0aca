"""What a series of looks is told as."""

from datetime import UTC, datetime, timedelta

import pytest

from dater.days import DAY, HOUR, day, fold, looks
from evidence.episodes import episode_id, episodes, to_json
from models.episode import Gap, Interruption, Look, Unusable
from models.words import EpisodeState, Mechanism, Outcome


def test_a_block_lies_between_the_two_neighbouring_looks_at_either_end():
    [told] = fold("oooooaaaaaooooo")
    assert (told.onset.after, told.onset.by) == (day(4), day(5))
    assert (told.release.after, told.release.by) == (day(9), day(10))
    assert told.onset.clean
    assert told.release.clean
    assert told.state is EpisodeState.RELEASED
    assert (told.checks, told.blocked_checks) == (5, 5)


def test_an_episode_names_the_measurements_at_its_ends_first_among_its_witnesses():
    [told] = fold("oooooaaaaaooooo")
    assert told.onset.after_measurement == "sha256:4"
    assert told.onset.by_measurement == "sha256:5"
    assert told.witnesses[:4] == ("sha256:4", "sha256:5", "sha256:9", "sha256:10")
    assert set(told.witnesses[4:]) <= {f"sha256:{at}" for at in range(5, 10)}


@pytest.mark.parametrize("letters", ["", "o", "oooooooooo", "ddd...rrr", "oodd..rroo"])
def test_nothing_is_told_when_nothing_was_blocked(letters):
    assert fold(letters) == []


@pytest.mark.parametrize("letters", ["oooooaooooo", "oooooaaooooo", "oooooCooooo", "ooaoooooaoooooaooo"])
def test_nothing_is_told_when_single_failures_went_away_again(letters):
    assert fold(letters) == []


def test_an_episode_is_only_suspected_when_the_last_looks_alone_fail():
    assert [fold("oooooooo" + "a" * count)[0].state for count in (1, 2, 3)] == ["suspected", "suspected", "ongoing"]


def test_an_artefact_settles_an_onset_with_fewer_looks():
    assert fold("oooooooC")[0].state is EpisodeState.SUSPECTED
    assert fold("oooooooCC")[0].state is EpisodeState.ONGOING
    assert fold("oooooooaa")[0].state is EpisodeState.SUSPECTED


def test_more_failures_are_asked_for_when_the_site_often_fails_by_chance():
    noisy = "ooooooooooooooooooa" * 30
    assert fold(noisy + "o" * 9 + "aaa")[0].state is EpisodeState.SUSPECTED
    assert fold(noisy + "o" * 9 + "aaaa")[0].state is EpisodeState.ONGOING


def test_more_failures_are_asked_for_when_there_are_more_looks_for_chance_to_play_with():
    assert fold("o" * 20 + "aaa", DAY)[0].state is EpisodeState.ONGOING
    assert fold("o" * 20 + "aaa", timedelta(minutes=10))[0].state is EpisodeState.SUSPECTED
    assert fold("o" * 20 + "aaaa", timedelta(minutes=10))[0].state is EpisodeState.ONGOING


def test_repeats_within_three_minutes_count_once():
    calm = looks("o" * 200, HOUR)
    begun = calm[-1].at + HOUR
    burst = [Look(begun + timedelta(seconds=30 * step), Outcome.ANOMALY) for step in range(6)]
    assert episodes("site", "here", calm + burst)[0].state is EpisodeState.SUSPECTED
    spaced = [Look(begun + timedelta(seconds=200 * step), Outcome.ANOMALY) for step in range(6)]
    assert episodes("site", "here", calm + spaced)[0].state is EpisodeState.ONGOING


def test_an_onset_is_left_censored_when_the_first_look_was_blocked():
    [told] = fold("aaaaaaa")
    assert told.onset.after is None
    assert told.onset.by == day(0)
    assert told.state is EpisodeState.ONGOING
    assert told.release is None


def test_a_missed_day_is_an_interruption_and_no_release():
    [told] = fold("oooooaaaaaoaaaaaoaaaa")
    assert told.interruptions == (
        Interruption(first_ok=day(10), last_ok=day(10)),
        Interruption(first_ok=day(16), last_ok=day(16)),
    )
    assert told.state is EpisodeState.ONGOING
    assert (told.checks, told.blocked_checks) == (16, 14)


@pytest.mark.parametrize(("open_days", "state"), [(1, "interrupted"), (2, "interrupted"), (3, "released")])
def test_a_release_takes_three_open_days(open_days, state):
    [told] = fold("oooooaaaaaaaaaa" + "o" * open_days)
    assert told.state == state


def test_an_interrupted_episode_shows_since_when_the_site_is_reachable():
    [told] = fold("oooooaaaaaaaaaaoo")
    assert told.interruptions == (Interruption(first_ok=day(15), last_ok=day(16)),)
    assert told.release is None


def test_a_release_takes_a_whole_day_when_looks_are_ten_minutes_apart():
    pace = timedelta(minutes=10)
    assert fold("o" * 300 + "a" * 300 + "o" * 144, pace)[0].state is EpisodeState.INTERRUPTED
    assert fold("o" * 300 + "a" * 300 + "o" * 145, pace)[0].state is EpisodeState.RELEASED


def test_a_release_takes_more_open_looks_when_the_block_often_lets_looks_through():
    leaky = "oooooooo" + "aaaaaaaao" * 12 + "aaaa"
    assert fold(leaky + "ooo")[0].state is EpisodeState.INTERRUPTED
    assert fold(leaky + "oooooo")[-1].state is EpisodeState.RELEASED


def test_two_blocks_with_a_release_between_are_two_episodes():
    first, second = fold("ooooaaaaaooooooaaaaaoooo")
    assert (first.release.after, first.release.by) == (day(8), day(9))
    assert (second.onset.after, second.onset.by) == (day(14), day(15))
    assert first.id != second.id


@pytest.mark.parametrize("letter", "dr.")
def test_an_unusable_look_is_never_the_end_of_an_interval(letter):
    [told] = fold(f"oooo{letter}aaaaaa{letter}ooooo")
    assert (told.onset.after, told.onset.by) == (day(3), day(5))
    assert (told.release.after, told.release.by) == (day(10), day(12))
    assert (told.checks, told.blocked_checks) == (6, 6)


@pytest.mark.parametrize("letter", "dr.")
def test_an_outage_neither_opens_nor_closes_an_episode(letter):
    assert fold("oooo" + letter * 20 + "oooo") == []
    [told] = fold("ooooaaaaa" + letter * 20 + "aaaaa")
    assert told.state is EpisodeState.ONGOING
    assert (told.checks, told.blocked_checks) == (10, 10)


def test_a_stretch_of_unusable_looks_is_told_apart_from_a_gap():
    [told] = fold("ooooaaaaa..d.aaaaa     aaaaa")
    assert told.unusable == (Unusable(after=day(8), by=day(13), looks=4, why="down, inconclusive"),)
    assert told.gaps == (Gap(after=day(17), by=day(23)),)


def test_a_gap_is_more_than_twice_the_usual_time_between_looks():
    assert fold("ooooaaaaa aaaaa")[0].gaps == ()
    assert fold("ooooaaaaa  aaaaa")[0].gaps == (Gap(after=day(8), by=day(11)),)


def test_a_change_of_pace_is_not_a_row_of_gaps():
    hourly = looks("o" * 48 + "a" * 48, HOUR)
    daily = [Look(hourly[-1].at + DAY * step, Outcome.ANOMALY) for step in range(1, 30)]
    assert episodes("site", "here", hourly + daily)[0].gaps == ()


def test_a_gap_at_an_edge_is_told_and_widens_the_interval():
    [told] = fold("oooooooaaaaaaa          oooooo")
    assert (told.release.after, told.release.by) == (day(13), day(24))
    assert told.gaps == (Gap(after=day(13), by=day(24)),)


def test_mechanisms_come_in_the_order_in_which_they_were_seen():
    series = looks("ooooo") + looks(" " * 5 + "aaa", mechanism=Mechanism.DNS_INJECTION) + looks(" " * 8 + "aaa")
    [told] = episodes("site", "here", series)
    assert told.mechanisms == (Mechanism.DNS_INJECTION, Mechanism.SNI_RESET)


def test_an_id_stays_when_later_looks_are_added():
    assert len({fold("oooooaaaa" + rest)[0].id for rest in ("", "a", "aao", "aaaooooo", "aaaoaaooooooo")}) == 1


def test_an_id_differs_for_another_target_vantage_point_or_onset():
    given = [("a", "b", day(0)), ("a", "c", day(0)), ("b", "b", day(0)), ("a", "b", day(1)), ("a\nb", "", day(0))]
    assert len({episode_id(*one) for one in given}) == len(given)


def test_contradictory_looks_of_one_instant_say_nothing():
    series = looks("oooooaaaaa")
    [told] = episodes("site", "here", [*series, Look(day(5), Outcome.OK)])
    assert (told.onset.after, told.onset.by) == (day(4), day(6))


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="no time zone"):
        episodes("site", "here", [Look(datetime(2024, 3, 1), Outcome.OK)])  # noqa: DTZ001


def test_json_has_the_form_of_the_contract():
    [told] = fold("oooooaaaaaooooo")
    line = to_json(told)
    assert line["onset"] == {"after": "2024-03-05T00:00:00Z", "by": "2024-03-06T00:00:00Z"}
    assert line["release"] == {"after": "2024-03-10T00:00:00Z", "by": "2024-03-11T00:00:00Z"}
    assert line["edges"] == {"onset": "clean", "release": "clean"}
    assert line["state"] == "released"
    assert line["mechanisms"] == ["sni_reset"]
    assert to_json(fold("aaaa")[0])["onset"] == {"after": None, "by": "2024-03-01T00:00:00Z"}
    assert to_json(fold("aaaa")[0])["release"] is None


def test_json_keeps_fractions_of_a_second_only_where_there_are_any():
    at = datetime(2024, 3, 1, 0, 0, 0, 250_000, tzinfo=UTC)
    [told] = episodes("site", "here", [Look(at + DAY * step, Outcome.ANOMALY) for step in range(3)])
    assert to_json(told)["onset"] == {"after": None, "by": "2024-03-01T00:00:00.250000Z"}
