"""How wide an interval is when looks near its edge disagree."""

from dater.days import FIRST, HOUR, day, fold


def test_an_onset_is_wider_and_says_so_when_successes_and_failures_alternate():
    [told] = fold("oooooooooaoaaaaaa")
    assert (told.onset.after, told.onset.by) == (day(8), day(11))
    assert not told.onset.clean


def test_a_release_is_wider_and_says_so_when_successes_and_failures_alternate():
    [told] = fold("ooooooooaaaaaaaoaoooooo")
    assert (told.release.after, told.release.by) == (day(14), day(17))
    assert not told.release.clean


def test_an_edge_is_wider_when_the_block_is_known_to_let_looks_through():
    # One look in ten of this block got through, so the last success before it may have been one of them.
    [told] = fold("o" * 100 + "aaaaaaaaao" * 10 + "aaa")
    assert told.onset.after < day(99)
    assert told.onset.by == day(100)
    assert not told.onset.clean


def test_an_edge_is_wider_when_the_site_is_known_to_fail_by_chance():
    [told] = fold("oooooooooooooooooooa" * 10 + "oooooooooooo" + "a" * 30)
    assert told.onset.after == day(211)
    assert told.onset.by > day(212)
    assert not told.onset.clean


def test_an_edge_stays_exact_when_the_only_disagreement_was_rare():
    [told] = fold("o" * 400 + "a" * 300 + "o" + "a" * 100)
    assert (told.onset.after, told.onset.by) == (day(399), day(400))
    assert told.onset.clean


def test_an_artefact_is_not_taken_for_a_failure_by_chance():
    often_failing = "oooooooooooooooooooa" * 10 + "oooooooooooo"
    assert fold(often_failing + "a" * 30)[0].onset.by > day(212)
    assert fold(often_failing + "C" * 30)[0].onset.by == day(212)


def test_an_onset_stays_where_it_is_when_the_site_opens_again_soon_after():
    [told] = fold("oooooooooooCCCCCoooooooooooooooaoa", HOUR)
    assert (told.onset.after, told.onset.by) == (FIRST + 10 * HOUR, FIRST + 11 * HOUR)


def test_an_edge_stays_exact_when_a_single_look_within_the_block_got_through():
    [told] = fold("ooooooooooaaaaaoaaaaaooooo")
    assert (told.onset.after, told.onset.by) == (day(9), day(10))
    assert (told.release.after, told.release.by) == (day(20), day(21))
    assert told.onset.clean
    assert told.release.clean
