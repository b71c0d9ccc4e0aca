"""The dates held against series whose truth is known; `benchmarks/dates.py` does the same at length."""

import pytest

from benchmarks.dates import Score, ours, score
from benchmarks.dates_truth import world


def _scored(seeds: range, *, quiet: bool = False, unnoticed: bool = False) -> Score:
    of = Score()
    for seed in seeds:
        made = world(seed, targets=12, quiet=quiet, unnoticed=unnoticed)
        told = ours(made)
        for target in made.targets:
            score(of, made, target, told[target.name])
    return of


def test_truth_lies_in_99_of_100_intervals_when_looks_are_flawed():
    of = _scored(range(12))
    assert len(of.onsets) > 400
    assert sum(of.onsets) / len(of.onsets) >= 0.985  # of 400, where 99 % is asked of thousands
    assert sum(of.releases) / len(of.releases) >= 0.985


def test_truth_lies_between_the_two_neighbouring_looks_when_looks_are_flawless():
    of = _scored(range(5), quiet=True)
    assert len(of.onsets) > 150
    assert all(of.onsets)
    assert all(of.releases)
    assert of.mixed < 0.1 * len(of.clean_held)  # blocks that come and go within a few looks
    assert of.false == 0


@pytest.mark.parametrize("seed", [0, 5, 9, 14, 24])
def test_outages_that_nobody_noticed_open_nothing_where_other_targets_show_them(seed):
    made = world(seed, unnoticed=True)
    told = ours(made)
    of = Score()
    for target in made.targets:
        score(of, made, target, told[target.name])
    assert of.false == 0
