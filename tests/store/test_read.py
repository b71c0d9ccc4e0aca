"""Reads: filters, limits, pages, and a series whose looks are scattered over years."""

from datetime import timedelta
from pathlib import Path

import pytest

from models.store import Store, open_store
from models.words import Mechanism, Outcome
from tests.store.making import HOUR, START, look, looks, name, url

OK, ANOMALY = Outcome.OK, Outcome.ANOMALY


@pytest.fixture
def store(tmp_path: Path):
    with open_store(url(tmp_path)) as opened:
        for target in "abc":
            for vantage in ("here", "there"):
                opened.put(looks([OK, ANOMALY, OK, OK, ANOMALY], target=target, vantage=vantage))
        yield opened


def test_recent_is_newest_first_and_pages_on(store: Store):
    first = store.recent("a", "here", limit=2)
    rest = store.recent("a", "here", limit=9, before=first[-1].at)
    assert [row.at for row in (*first, *rest)] == [START + hours * HOUR for hours in (4, 3, 2, 1, 0)]
    assert first[0].also == (Mechanism.DNS_BOGON,)
    assert first[0].fingerprints == "sha256:ff"


@pytest.mark.parametrize(
    ("target", "vantage", "count"),
    [("a", None, 10), (None, "there", 15), (None, None, 30), ("a", "here", 5), ("x", None, 0)],
)
def test_recent_holds_what_was_asked_for(store: Store, target: str | None, vantage: str | None, count: int):
    rows = store.recent(target, vantage)
    assert len(rows) == count
    assert {row.target for row in rows} <= ({target} if target else {"a", "b", "c"})
    assert {row.vantage for row in rows} <= ({vantage} if vantage else {"here", "there"})
    if target or vantage:
        assert [row.at for row in rows] == sorted((row.at for row in rows), reverse=True)


def test_recent_of_all_pages_on_by_time(store: Store):
    assert {row.at for row in store.recent(before=START + HOUR)} == {START}


def test_looks_come_in_time_order_with_their_measurements(store: Store):
    series = store.looks("b", "there")
    assert [one.at for one in series] == [START + hours * HOUR for hours in range(5)]
    assert [one.mechanism for one in series] == [None, Mechanism.SNI_RESET, None, None, Mechanism.SNI_RESET]
    assert series[1].measurement == name(look(1, ANOMALY, target="b", vantage="there"))
    assert store.looks("b", "there", since=START + 3 * HOUR) == series[3:]
    assert store.looks("nobody", "there") == []


def test_series_with_years_between_its_looks_is_read_whole(store: Store):
    scattered = [START - timedelta(days=4000), START - timedelta(days=700), START + timedelta(days=900)]
    store.put([look(number, at=at, target="d") for number, at in enumerate(scattered)])
    assert [one.at for one in store.looks("d", "here")] == scattered
    assert [row.at for row in store.recent("d", "here")] == scattered[::-1]


def test_current_and_daily_can_be_asked_for_one_target(store: Store):
    assert {(row.target, row.vantage) for row in store.current("a")} == {("a", "here"), ("a", "there")}
    assert [row.target for row in store.current("a", "here")] == ["a"]
    assert {day.target for day in store.daily("b", until=START)} == {"b"}
    assert len(store.daily(until=START + 24 * HOUR)) == 12  # three targets, two vantage points, either side of midnight
    assert store.daily(until=START - timedelta(days=1)) == []
    assert store.daily(days=1, until=START + timedelta(days=1, hours=2)) != store.daily(
        days=2, until=START + timedelta(days=1)
    )


def test_measurements_are_handed_over_in_order_of_arrival(store: Store):
    everything = list(store.each_measurement())
    assert len(everything) == 30
    assert [measurement.target.id for _, measurement, _ in everything] == [t for t in "abc" for _ in range(10)]
    one = look(1, ANOMALY, target="c")
    assert [blobs for found, _, blobs in store.each_measurement("c", "here") if found == name(one)] == [
        one.finished.blobs
    ]
    assert list(store.each_measurement("nobody")) == []


def test_counts_tell_how_much_there_is(store: Store):
    counts = store.counts()
    assert (counts.measurements, counts.targets, counts.vantages, counts.pairs) == (30, 3, 2, 6)
    assert (counts.first_at, counts.last_at) == (START, START + 4 * HOUR)
    assert counts.bytes
