"""One look after another: canaries around an anomaly, addresses left alone, follow-ups, rest while offline."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from evidence.judge import Judge
from models.measurement import Finished, to_instant
from models.observations import CanaryLook
from models.store import Store, open_store
from models.targets import Canary, Configuration, Consent, Target, VantagePoint
from models.words import Mechanism, Outcome
from probes.web import Plan
from scheduler.folding import Folding
from scheduler.followups import FollowUps
from scheduler.journal import Journal
from scheduler.looker import Looker
from scheduler.pacing import Address, Pacing
from scheduler.plans import Plans
from scheduler.rounds import Rounds
from scheduler.sink import Sink
from scheduler.timetable import Cadence, Due, Pair, Timetable
from tests.scheduler.made import finished, reset_here

PAIR, ADDRESS = Pair("a", "here"), Address("here", "192.0.2.1", 80)
HERE = VantagePoint(id="here", consent=Consent(by="operator", on=date(2026, 11, 22)))
CONFIGURATION = Configuration(
    vantage_points=(HERE, VantagePoint(id="nobody-agreed")),
    canaries=(Canary(id="c", url="http://c.test/"),),
    targets=tuple(Target(id=name, url="http://a.test/") for name in ("a", "b")),
)


class Rig:
    """A looker with a real sink and store; the network is a function."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.online, self.plans = store, True, list[Plan]()
        self.answer: Callable[[Plan], Finished] = lambda plan: finished(target=plan.target.id, at=datetime.now(UTC))
        queue: asyncio.Queue[Due] = asyncio.Queue()
        rng = random.Random(1)
        self.sink = Sink(store, Journal(folder), Judge(), written=Folding(store).written, least_free=0)
        rounds = Rounds(self._canaries, lambda vantage, _: self.looker.back_online(vantage))
        self.looker = Looker(
            plans=Plans.from_configuration(CONFIGURATION),
            timetable=Timetable(queue, rng=rng),
            queue=queue,
            pacing=Pacing(),
            rounds=rounds,
            sink=self.sink,
            follow_ups=FollowUps(rng),
            measure=self._measure,
            most=100,
            rng=rng,
        )
        rounds.configure((HERE,), CONFIGURATION.canaries)

    async def _measure(self, plan: Plan) -> Finished:
        self.plans.append(plan)
        made = self.answer(plan)
        canaries = plan.canaries
        return Finished(measurement=_with(made, canaries), blobs=made.blobs)

    async def _canaries(self, vantage: VantagePoint, canaries: Sequence[Canary]) -> tuple[CanaryLook, ...]:
        at = to_instant(datetime.now(UTC))
        failure = None if self.online else "generic_timeout_error"
        return tuple(
            CanaryLook(id=c.id, url=c.url, expect=c.expect, started_at=at, held=self.online, failure=failure)
            for c in canaries
        )

    async def look(self, pair: Pair = PAIR, count: int = 1) -> None:
        before = self.sink.stored
        for _ in range(count):
            self.looker.queue.put_nowait(Due(pair, datetime.now(UTC)))
        async with asyncio.timeout(10):
            while self.sink.stored < before + count:
                await asyncio.sleep(0.02)


def _with(made: Finished, canaries: tuple[CanaryLook, ...]):
    return replace(made.measurement, canaries=canaries)


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    with open_store(f"sqlite:///{tmp_path}/w.sqlite") as store:
        rig = Rig(store, tmp_path / "journal")
        rig.looker.timetable.start()
        await rig.looker.timetable.add_all(
            {
                PAIR: Cadence(timedelta(hours=6), timedelta(0)),
                Pair("b", "here"): Cadence(timedelta(hours=6), timedelta(0)),
            },
            {PAIR: datetime.now(UTC), Pair("b", "here"): datetime.now(UTC)},
            now=datetime.now(UTC),
            a_second=10,
        )
        tasks = [asyncio.create_task(each) for each in (rig.looker.run(), rig.sink.write())]
        yield rig
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        rig.looker.rounds.stop()
        rig.looker.timetable.stop()
        await rig.sink.close()


async def test_a_look_carries_the_canaries_of_its_round(rig: Rig) -> None:
    await rig.look()
    (current,) = rig.store.current()
    measurement = rig.store.measurement(current.measurement)
    assert measurement is not None
    assert [canary.held for canary in measurement.canaries] == [True]
    assert rig.looker.timetable.coming(9)[0].follow_up is False


async def test_an_anomaly_stands_between_two_looks_at_the_canaries(rig: Rig) -> None:
    rig.answer = lambda plan: reset_here(at=datetime.now(UTC))
    await rig.look()
    (current,) = rig.store.current()
    assert (current.outcome, current.mechanism) == (Outcome.ANOMALY, Mechanism.HTTP_RESET)
    measurement = rig.store.measurement(current.measurement)
    assert measurement is not None
    before, after = measurement.canaries
    assert before.started_at <= measurement.started_at < after.started_at
    assert rig.store.counts().measurements == 1


async def test_an_anomaly_counts_for_nothing_when_the_line_went_down_during_it(rig: Rig) -> None:
    def drop(plan: Plan) -> Finished:
        rig.online = False
        return reset_here(at=datetime.now(UTC))

    rig.answer = drop
    await rig.look()
    (current,) = rig.store.current()
    assert current.outcome is Outcome.INCONCLUSIVE


async def test_an_address_is_left_alone_after_interference_by_all_who_share_it(rig: Rig) -> None:
    other = Pair("b", "here")
    rig.looker.remember(other, (ADDRESS,))
    rig.answer = lambda plan: reset_here(at=datetime.now(UTC))
    await rig.look()
    rig.looker.queue.put_nowait(Due(other, datetime.now(UTC)))
    await asyncio.sleep(1.5)
    assert [plan.target.id for plan in rig.plans] == ["a"]
    now = asyncio.get_running_loop().time()
    assert 170 < rig.looker.pacing.quiet_until([ADDRESS], now) - now <= 180


async def test_a_change_of_state_brings_three_follow_ups(rig: Rig) -> None:
    await rig.look()
    rig.answer = lambda plan: reset_here(at=datetime.now(UTC))
    await rig.look()
    coming = [due for due in rig.looker.timetable.coming(9) if due.follow_up]
    assert [due.pair for due in coming] == [PAIR] * 3
    assert coming[-1].at < datetime.now(UTC) + timedelta(hours=1)


async def test_offline_one_look_is_enough_and_it_is_repeated_when_the_line_is_back(rig: Rig) -> None:
    rig.online = False
    await rig.look()
    for _ in range(3):
        rig.looker.queue.put_nowait(Due(PAIR, datetime.now(UTC)))
    async with asyncio.timeout(10):
        while rig.looker.tally.held_back < 3:
            await asyncio.sleep(0.02)
    assert len(rig.plans) == 1
    (current,) = rig.store.current()
    assert current.outcome is Outcome.INCONCLUSIVE
    rig.online = True
    await rig.looker.rounds.after("here", asyncio.get_running_loop().time())
    (due,) = [due for due in rig.looker.timetable.coming(9) if due.follow_up]
    assert due.at < datetime.now(UTC) + timedelta(seconds=10)


async def test_a_fault_of_ours_in_one_look_stops_no_other(rig: Rig) -> None:
    def broken(plan: Plan) -> Finished:
        raise RuntimeError("bug")

    good, rig.answer = rig.answer, broken
    rig.looker.queue.put_nowait(Due(PAIR, datetime.now(UTC)))
    async with asyncio.timeout(10):
        while not rig.looker.tally.failed:
            await asyncio.sleep(0.02)
    rig.answer = good
    await rig.look()
    assert rig.store.counts().measurements == 1


async def test_nothing_starts_while_there_is_no_room_for_what_would_be_measured(rig: Rig) -> None:
    rig.sink.journal_error = "No space left on device"
    rig.looker.queue.put_nowait(Due(PAIR, datetime.now(UTC)))
    await asyncio.sleep(0.8)
    assert rig.plans == []
    rig.sink.journal_error = None
    async with asyncio.timeout(10):
        while not rig.plans:
            await asyncio.sleep(0.02)


def test_vantage_points_without_consent_and_targets_switched_off_have_no_pairs() -> None:
    targets = (*CONFIGURATION.targets, Target(id="off", url="http://off.test/", enabled=False))
    plans = Plans.from_configuration(CONFIGURATION.model_copy(update={"targets": targets}))
    assert set(plans.pairs) == {Pair("a", "here"), Pair("b", "here")}
