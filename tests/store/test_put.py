"""Batches go in whole, once, verified, and come out as the very bytes that went in."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from models.measurement import Finished, digest
from models.store import Judged, Store, StoreError, open_store
from models.words import Outcome
from tests.store.making import CHAIN, HOUR, START, look, looks, name, url

OK, ANOMALY, CONFIRMED, DOWN = Outcome.OK, Outcome.ANOMALY, Outcome.CONFIRMED, Outcome.DOWN


@pytest.fixture
def store(tmp_path: Path):
    with open_store(url(tmp_path)) as opened:
        yield opened


def test_record_comes_back_as_the_very_bytes_that_were_hashed(store: Store):
    one = look(3, ANOMALY)
    (kept,) = store.put([one]).ids
    assert kept == name(one)
    assert store.record(kept) == one.finished.measurement.to_canonical()
    assert store.measurement(kept) == one.finished.measurement


def test_every_blob_comes_back_by_its_name_and_by_its_measurement(store: Store):
    batch = [look(number, target=target) for number in range(5) for target in "ab"]
    ids = store.put(batch).ids
    for kept, one in zip(ids, batch, strict=True):
        assert store.blobs_of(kept) == one.finished.blobs
        for blob, content in one.finished.blobs.items():
            assert store.blob(blob) == content


def test_blob_that_several_records_name_rests_once(store: Store):
    store.put([look(number) for number in range(10)])
    assert (
        store.counts().blobs == len(CHAIN) + 10 + 1
    )  # the chain once, ten bodies, a sample; messages rest with their records


def test_empty_blob_comes_back_empty_and_an_unknown_one_is_none(store: Store):
    one = look()
    fetch = replace(one.finished.measurement.http[0], body=digest(b""))
    measurement = replace(one.finished.measurement, http=(fetch,))
    store.put([Judged(Finished(measurement=measurement, blobs={**one.finished.blobs, digest(b""): b""}), one.verdict)])
    assert store.blob(digest(b"")) == b""
    assert store.blob(digest(b"never seen")) is None
    assert store.blob("no name at all") is None
    assert store.record("sha256:zz") is None


def test_verdict_comes_back_whole(store: Store):
    one = look(1, CONFIRMED)
    assert store.verdict(store.put([one]).ids[0]) == one.verdict
    assert store.verdict(digest(b"unknown")) is None


def test_batch_put_twice_counts_once(store: Store):
    batch = looks([OK, ANOMALY, ANOMALY, OK])
    assert store.put(batch).new == 4
    before = (store.counts(), store.current(), store.daily(until=START + 24 * HOUR))
    again = store.put([*batch, batch[0]])
    assert (again.new, len(again.ids)) == (0, 5)
    after = (store.counts(), store.current(), store.daily(until=START + 24 * HOUR))
    assert before[1:] == after[1:]
    assert replace(before[0], bytes=None) == replace(after[0], bytes=None)


def test_measurement_twice_in_one_batch_counts_once(store: Store):
    assert store.put([look(1), look(1), look(2)]).new == 2
    assert sum(day.checks for day in store.daily(until=START + 24 * HOUR)) == 2


def test_empty_batch_does_nothing(store: Store):
    assert store.put([]).new == 0


def test_blob_that_is_not_what_its_name_says_is_refused_with_the_whole_batch(store: Store):
    for wrong in (b"another message", b"x" * 100):
        one = look(2)
        for blob in one.finished.blobs:
            forged = {**one.finished.blobs, blob: wrong}
            with pytest.raises(StoreError, match="is not what its name"):
                store.put([look(1), Judged(replace(one.finished, blobs=forged), one.verdict)])
    assert store.counts().measurements == 0


def test_blob_without_a_proper_name_is_refused(store: Store):
    one = look()
    with pytest.raises(StoreError, match="no proper name"):
        store.put([Judged(replace(one.finished, blobs={"md5:00": b""}), one.verdict)])


def test_record_that_somebody_else_hashed_keeps_its_bytes(store: Store):
    one = look()
    spaced = one.finished.measurement.to_canonical().replace(b'"dns":', b'"dns": ', 1)
    (kept,) = store.put([replace(one, record=spaced)]).ids
    assert kept == digest(spaced)
    assert store.record(kept) == spaced


def test_current_tells_the_last_look_and_its_run(store: Store):
    store.put(looks([OK, OK, DOWN, ANOMALY, CONFIRMED, CONFIRMED]))
    (now,) = store.current()
    assert (now.outcome, now.rule, now.reason) == (CONFIRMED, "tls.reset_only_here", "Reset after the ClientHello.")
    assert (now.since, now.in_a_row, now.looks) == (START + 4 * HOUR, 2, 6)
    assert (now.at, now.first_at) == (START + 5 * HOUR, START)
    assert (now.last_ok, now.last_blocked, now.last_usable) == (START + HOUR, now.at, now.at)


@pytest.mark.parametrize("order", [(5, 4, 3, 2, 1, 0), (3, 0, 5, 1, 4, 2), (1, 0, 3, 2, 5, 4)])
def test_late_looks_leave_the_same_state_as_looks_in_order(tmp_path: Path, order: tuple[int, ...]):
    series = looks([OK, OK, ANOMALY, OK, DOWN, DOWN])
    with open_store(url(tmp_path / "straight")) as straight, open_store(url(tmp_path / "late")) as late:
        straight.put(series)
        for number in order:
            late.put([series[number]])
        assert late.current() == straight.current()
        assert late.daily(until=START + 24 * HOUR) == straight.daily(until=START + 24 * HOUR)
        assert late.looks("a", "here") == straight.looks("a", "here")


@pytest.mark.parametrize("seed", range(6))
def test_batches_of_any_size_and_order_leave_the_same_state(tmp_path: Path, seed: int):
    rng = Random(seed)
    pairs = [(target, vantage) for target in "ab" for vantage in ("here", "there")]
    series = [look(number, rng.choice(list(Outcome)), target=t, vantage=v) for number in range(30) for t, v in pairs]
    shuffled = sorted(series, key=lambda _: rng.random())
    with open_store(url(tmp_path / "straight")) as straight, open_store(url(tmp_path / "shuffled")) as mixed:
        for one in series:
            straight.put([one])
        while shuffled:
            size = rng.randrange(1, 40)
            mixed.put(shuffled[:size])
            shuffled = shuffled[size:]
        assert sorted(mixed.current(), key=repr) == sorted(straight.current(), key=repr)
        assert {day[:3]: day for day in mixed.daily(until=START + 48 * HOUR)} == {
            day[:3]: day for day in straight.daily(until=START + 48 * HOUR)
        }


def test_late_look_counts_on_its_own_day(store: Store):
    store.put([look(30)])
    store.put([look(0, ANOMALY)])
    (now,) = store.current()
    assert (now.at, now.outcome, now.in_a_row) == (START + 30 * HOUR, OK, 1)
    days = {day.day: (day.ok, day.anomaly) for day in store.daily(until=START + 30 * HOUR)}
    assert days == {START.date(): (0, 1), (START + 30 * HOUR).date(): (1, 0)}


def test_two_looks_at_the_same_instant_are_both_kept(store: Store):
    at = START + timedelta(microseconds=7)
    store.put([look(1, at=at), look(2, ANOMALY, at=at)])
    assert len(store.looks("a", "here")) == 2
    assert store.current()[0].looks == 2


def test_step_times_leave_out_our_own_listening(store: Store):
    store.put([look(0, http_us=300_000), look(1, ANOMALY)])
    blocked, loaded = store.recent("a", "here")
    assert (loaded.dns_us, loaded.tcp_us, loaded.tls_us, loaded.http_us) == (30_000, 50_000, 20_000, 300_000)
    assert (loaded.load_us, loaded.runtime_us) == (400_000, 1_000_000)
    assert blocked.load_us is None


def test_day_knows_how_fast_pages_loaded(store: Store):
    store.put(
        [
            look(number, http_us=us, at=START + timedelta(minutes=number))
            for number, us in enumerate((0, 100_000, 9_000_000))
        ]
    )
    (day,) = store.daily("a", until=START)
    assert (day.loads, day.load_min_us, day.load_max_us) == (3, 100_000, 9_100_000)
    assert (day.load_mean_us, sum(day.histogram)) == (3_133_333, 3)
    assert 128_000 <= (day.load_median_us or 0) <= 256_000  # the bucket that holds the true median, 200 ms
    assert (day.checks, day.usable, day.blocked) == (3, 3, 0)
