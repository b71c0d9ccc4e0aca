"""New rules: verdicts are replaced, what stands on them is right again, and what changed is told."""

import sqlite3
from pathlib import Path

import pytest

from models.store import Store, open_store
from models.words import Outcome
from tests.store.making import HOUR, START, look, looks, name, url, verdict

OK, ANOMALY, CONFIRMED, DOWN = Outcome.OK, Outcome.ANOMALY, Outcome.CONFIRMED, Outcome.DOWN
END = START + 24 * HOUR


@pytest.fixture
def store(tmp_path: Path):
    with open_store(url(tmp_path)) as opened:
        yield opened


def rows(store: Store) -> tuple[object, ...]:
    """Everything that stands on verdicts."""
    return store.current(), store.daily(until=END), store.looks("a", "here"), store.recent("a", "here")


def test_rejudging_leaves_what_judging_so_at_first_would_have_left(store: Store, tmp_path: Path):
    before = looks([OK, ANOMALY, ANOMALY, OK, ANOMALY])
    store.put([*before, look(0, target="b")])
    now = [verdict(outcome, ruleset="2027.1") for outcome in (OK, DOWN, CONFIRMED, OK, OK)]
    done = store.rejudge((name(one), new) for one, new in zip(before, now, strict=True))
    assert [(change.before.outcome, change.after.outcome) for change in done.changes if change.before] == [
        (OK, OK),
        (ANOMALY, DOWN),
        (ANOMALY, CONFIRMED),
        (OK, OK),
        (ANOMALY, OK),
    ]
    assert (done.seen, done.unknown) == (5, ())
    with open_store(url(tmp_path / "afresh")) as afresh:
        afresh.put([type(one)(one.finished, new) for one, new in zip(before, now, strict=True)] + [look(0, target="b")])
        assert rows(store) == rows(afresh)


def test_same_verdicts_change_nothing(store: Store):
    series = looks([OK, ANOMALY])
    store.put(series)
    before = rows(store)
    done = store.rejudge([(name(one), one.verdict) for one in series])
    assert (done.seen, done.changes) == (2, ())
    assert rows(store) == before


def test_differences_are_told_before_anything_is_written(store: Store):
    series = looks([OK, ANOMALY])
    store.put(series)
    before = rows(store)
    (change,) = store.differences([(name(series[0]), series[0].verdict), (name(series[1]), verdict(DOWN))])
    assert (change.measurement, change.target, change.vantage, change.at) == (
        name(series[1]),
        "a",
        "here",
        START + HOUR,
    )
    assert (change.before, change.after) == (series[1].verdict, verdict(DOWN))
    assert rows(store) == before


def test_measurement_that_is_not_here_is_named(store: Store):
    assert store.rejudge([(name(look(9)), verdict())]).unknown == (name(look(9)),)


def test_index_that_was_dropped_is_rebuilt_from_the_records(store: Store, tmp_path: Path):
    series = looks([OK, ANOMALY, OK, OK])
    store.put(series)
    before = rows(store)
    assert not store.needs_judging()
    store.close()
    with sqlite3.connect(store.place) as shell:
        shell.execute("UPDATE status SET document = '0' WHERE name = 'store:index'")
    shell.close()
    with open_store(url(tmp_path)) as reopened:
        assert reopened.needs_judging()
        assert reopened.current() == []
        done = reopened.rejudge(
            [
                (found, verdict(outcome))
                for (found, _, _), outcome in zip(reopened.each_measurement(), [OK, ANOMALY, OK, OK], strict=True)
            ]
        )
        assert [change.before for change in done.changes] == [None] * 4
        assert rows(reopened) == before
        assert not reopened.needs_judging()
