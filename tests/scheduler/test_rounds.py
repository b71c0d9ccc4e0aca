"""Canaries: one look for all of a round, another around an anomaly, patience while they fail."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest

from models.measurement import to_instant
from models.observations import CanaryLook
from models.targets import Canary, Consent, VantagePoint
from scheduler import rounds as rounds_module
from scheduler.rounds import Rounds, works

HERE = VantagePoint(id="here", consent=Consent(by="operator", on=date(2026, 11, 22)))
LOADS = Canary(id="c", url="http://c.test/")


def look(held: bool, expect: str = "loads") -> CanaryLook:
    return CanaryLook(id="c", url="http://c.test/", expect=expect, started_at=to_instant(datetime.now(UTC)), held=held)


class Network:
    """Answers for the canaries as it is told to, and counts."""

    def __init__(self) -> None:
        self.up, self.asked, self.recovered = True, 0, list[str]()
        self.rounds = Rounds(self.look_at, lambda vantage, since: self.recovered.append(vantage))
        self.rounds.configure((HERE,), (LOADS,))

    async def look_at(self, vantage: VantagePoint, canaries: Sequence[Canary]) -> tuple[CanaryLook, ...]:
        self.asked += 1
        await asyncio.sleep(0.05)
        return tuple(look(self.up) for _ in canaries)


async def test_looks_of_one_round_share_one_look_at_the_canaries() -> None:
    network = Network()
    found = await asyncio.gather(*(network.rounds.before("here") for _ in range(20)))
    assert network.asked == 1
    assert {each[0].held for each in found} == {True}
    await network.rounds.before("here")
    assert network.asked == 1


async def test_a_new_round_begins_when_the_last_look_is_a_minute_old(monkeypatch: pytest.MonkeyPatch) -> None:
    network = Network()
    await network.rounds.before("here")
    monkeypatch.setattr(rounds_module, "FRESH", 0.0)
    await asyncio.sleep(0.01)
    await network.rounds.before("here")
    assert network.asked == 2


async def test_after_an_anomaly_only_a_look_that_began_later_counts() -> None:
    network, loop = Network(), asyncio.get_running_loop()
    running = asyncio.create_task(network.rounds.before("here"))
    await asyncio.sleep(0.02)
    since = loop.time()
    network.up = False
    after = await asyncio.gather(*(network.rounds.after("here", since) for _ in range(5)))
    await running
    assert network.asked == 2
    assert [each[0].held for each in after] == [False] * 5
    assert not network.rounds.works("here")
    network.rounds.stop()


async def test_a_cancelled_look_ends_the_canaries_for_nobody_else() -> None:
    network = Network()
    first, second = (asyncio.create_task(network.rounds.before("here")) for _ in range(2))
    await asyncio.sleep(0.01)
    first.cancel()
    assert (await second)[0].held


async def test_canaries_are_tried_again_until_they_hold_and_recovery_is_told_once(monkeypatch) -> None:
    monkeypatch.setattr(rounds_module, "FIRST_RETRY", 0.05)
    network = Network()
    network.rounds.configure((HERE,), (LOADS,))
    network.rounds._states["here"].retry = 0.05
    network.up = False
    await network.rounds.before("here")
    assert not network.rounds.works("here")
    assert network.rounds.document("here")["working"] is False
    network.up = True
    async with asyncio.timeout(5):
        while not network.recovered:
            await asyncio.sleep(0.02)
    await asyncio.sleep(0.3)
    assert network.recovered == ["here"]
    assert network.rounds.works("here")
    network.rounds.stop()


async def test_a_fault_of_ours_vouches_for_nothing() -> None:
    async def broken(vantage: VantagePoint, canaries: Sequence[Canary]) -> tuple[CanaryLook, ...]:
        raise RuntimeError("bug")

    rounds = Rounds(broken, lambda *_: None)
    rounds.configure((HERE,), (LOADS,))
    (found,) = await rounds.before("here")
    assert not found.held
    assert found.detail is not None
    assert "a fault in wallwatch" in found.detail
    rounds.stop()


def test_one_that_loads_is_enough_and_one_meant_to_be_blocked_says_nothing_of_the_line() -> None:
    assert works(())
    assert works((look(False), look(True)))
    assert works((look(False, "blocked"),))
    assert not works((look(False), look(True, "blocked")))
