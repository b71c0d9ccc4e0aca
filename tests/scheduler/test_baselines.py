"""What is usual for a pair: medians of its good looks, read from the store only where a slow look asks for it."""

from dataclasses import replace
from pathlib import Path

from models.measurement import Baseline, Finished, Measurement
from models.speed import speed
from models.store import Judged, open_store
from models.words import Outcome
from scheduler.baselines import Baselines, earlier_looks
from scheduler.timetable import Pair
from tests.scheduler.made import finished, verdict

PAIR = Pair("a", "here")


def _took(us: int, n: int = 0, octets: int = 50_000) -> Finished:
    made = finished(n)
    (fetch,) = made.measurement.http
    page = replace(fetch, duration_us=us, last_byte_us=fetch.started_us + us, body_bytes=octets)
    return replace(made, measurement=replace(made.measurement, http=(page,)))


async def _nothing(_: Pair) -> list[Measurement]:
    raise AssertionError("the store was read")


def test_baseline_is_the_median_of_good_looks_when_others_are_mixed_in() -> None:
    baselines = Baselines()
    for us, outcome in ((100_000, "ok"), (200_000, "ok"), (9_000_000, "anomaly"), (400_000, "ok"), (1, "down")):
        baselines.note(PAIR, _took(us).measurement, Outcome(outcome))
    assert baselines.of(PAIR) == Baseline(looks=3, body_rate=250_000, load_us=200_000)
    assert baselines.of(Pair("b", "here")) is None


async def test_baseline_is_not_read_from_the_store_when_a_look_was_fast() -> None:
    fast = _took(300_000)
    assert await Baselines(_nothing).completed(PAIR, fast) is fast


async def test_baseline_comes_from_the_store_when_a_slow_look_follows_a_restart(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/w.sqlite") as store:
        store.put([Judged(_took(100_000 + n, n), verdict(Outcome.OK)) for n in range(6)])
        store.put([Judged(_took(8_000_000, 7), verdict(Outcome.ANOMALY))])

        async def read(pair: Pair) -> list[Measurement]:
            return earlier_looks(store, pair)

        slow = await Baselines(read).completed(PAIR, _took(9_000_000, 8))
    usual = slow.measurement.baseline
    assert usual is not None
    assert (usual.looks, usual.load_us) == (6, 100_002)


def test_speed_is_unknown_when_no_octet_of_a_page_came() -> None:
    assert speed(finished().measurement) is None
    assert speed(replace(finished().measurement, http=())) is None
