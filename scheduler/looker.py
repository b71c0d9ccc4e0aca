"""One look, from its turn to its measurement in the sink; and all looks that are under way."""

import asyncio
import random
import uuid
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import structlog

from models.measurement import Finished
from models.words import BLOCKED
from probes.web import Plan
from scheduler.baselines import Baselines
from scheduler.followups import FollowUps
from scheduler.pacing import Address, Pacing, Place, WaitingRoom
from scheduler.plans import Plans
from scheduler.rounds import Rounds
from scheduler.signals import interfered, met, over_quic
from scheduler.sink import Kept, Sink
from scheduler.timetable import Due, Pair, Timetable

Measure = Callable[[Plan], Awaitable[Finished]]
RARELY = timedelta(hours=1)  # how often a pair is looked at while its vantage point is offline
LAGS = 1000  # starts of which the lateness is kept

log = structlog.get_logger("looks")


@dataclass(slots=True)
class Tally:
    """What became of the looks since the start."""

    started: int = 0
    finished: int = 0
    failed: int = 0  # no measurement came of it: our own fault
    held_back: int = 0  # not looked at, because the vantage point is offline
    by_outcome: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Looker:
    """Starts looks when pacing allows, and carries each through."""

    plans: Plans
    timetable: Timetable
    queue: asyncio.Queue[Due]
    pacing: Pacing
    rounds: Rounds
    sink: Sink
    follow_ups: FollowUps
    measure: Measure
    most: int
    rng: random.Random
    baselines: Baselines = field(default_factory=Baselines)
    room: WaitingRoom = field(init=False)
    tally: Tally = field(default_factory=Tally)
    lags: deque[float] = field(default_factory=lambda: deque(maxlen=LAGS))
    lasts: dict[Pair, datetime] = field(default_factory=dict)
    flying: dict["asyncio.Task[None]", Due] = field(default_factory=dict)
    _met: dict[Pair, tuple[Address, ...]] = field(default_factory=dict)
    _while_offline: dict[Pair, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.room = WaitingRoom(self.pacing, self._place)

    def _place(self, due: Due) -> Place:
        return Place(due.pair.vantage, self.plans.host(due.pair), self._met.get(due.pair, ()))

    async def run(self) -> None:
        """Starts looks as they fall due, until it is cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            while not self.queue.empty():
                self.room.enter(self.queue.get_nowait(), loop.time())
            due = None if self.sink.trouble or len(self.flying) >= self.most else self.room.call(loop.time())
            if due is None:
                await self._wait()
            else:
                self._start(due, loop.time())

    async def _wait(self) -> None:
        now = asyncio.get_running_loop().time()
        at = self.room.next_at(now)
        busy = self.sink.trouble or len(self.flying) >= self.most
        patience = 0.2 if busy else 1.0 if at is None else min(max(at - now, 0.001), 1.0)
        try:
            async with asyncio.timeout(patience):
                self.room.enter(await self.queue.get(), now)
        except TimeoutError:
            return

    def _start(self, due: Due, now: float) -> None:
        if due.pair not in self.plans.pairs or self._is_held_back(due.pair, now):
            self.timetable.free(due.pair)
            return
        self.lags.append(max(0.0, (datetime.now(UTC) - due.at).total_seconds()))
        self.tally.started += 1
        task = asyncio.create_task(self._look(due))
        self.flying[task] = due
        task.add_done_callback(self._landed)

    def _landed(self, task: "asyncio.Task[None]") -> None:
        due = self.flying.pop(task)
        self.timetable.free(due.pair)
        if not task.cancelled() and (error := task.exception()):
            self.tally.failed += 1
            log.error("a look came to nothing", target=due.pair.target, vantage=due.pair.vantage, error=repr(error))

    def _is_held_back(self, pair: Pair, now: float) -> bool:
        """Offline, one look says all there is to say: a record that the vantage point was offline."""
        if self.rounds.works(pair.vantage):
            return False
        last = self._while_offline.get(pair)
        if last is not None and now - last < RARELY.total_seconds():
            self.tally.held_back += 1
            return True
        self._while_offline[pair] = now
        return False

    def back_online(self, vantage: str) -> None:
        """Looks again, soon, at what could only be seen as offline."""
        pairs = [pair for pair in self._while_offline if pair.vantage == vantage]
        self.rng.shuffle(pairs)
        for n, pair in enumerate(pairs):
            del self._while_offline[pair]
            wait = 5 + n / self.pacing.limits.a_second_per_vantage
            self.timetable.follow_up(pair, datetime.now(UTC) + timedelta(seconds=wait))

    def remember(self, pair: Pair, addresses: tuple[Address, ...]) -> None:
        """Takes up which addresses a pair touched before the start."""
        self._met[pair] = addresses

    def shift(self, by: timedelta) -> None:
        """Moves all times along with a clock that was set."""
        self.timetable.shift(by)
        self.lasts = {pair: at + by for pair, at in self.lasts.items()}
        self.follow_ups.shift(by)

    async def _look(self, due: Due) -> None:
        pair, loop = due.pair, asyncio.get_running_loop()
        canaries = await self.rounds.before(pair.vantage)
        if not self.rounds.works(pair.vantage):
            self._while_offline.setdefault(pair, loop.time())
        finished = await self.measure(self.plans.plan(pair, canaries, self.baselines.of(pair)))
        finished = await self.baselines.completed(pair, finished)
        ended = loop.time()
        kept = await self.sink.keep(uuid.uuid4().hex, finished)
        self._note(pair, kept, ended)
        if kept.verdict and kept.verdict.outcome in BLOCKED:
            kept = await self._with_canaries_after(kept, pair.vantage, ended)
        self._concluded(pair, kept)
        self.sink.hand_over(kept)

    def _note(self, pair: Pair, kept: Kept, now: float) -> None:
        measurement = kept.finished.measurement
        self._met[pair] = met(measurement)
        if kept.verdict and (addresses := interfered(measurement, kept.verdict)):
            self.pacing.interfered(addresses, now, quic=over_quic(kept.verdict))

    async def _with_canaries_after(self, kept: Kept, vantage: str, since: float) -> Kept:
        """Looks at the canaries again after an anomaly, and puts what they showed into the record."""
        after = await self.rounds.after(vantage, since)
        if not after:
            return kept
        measurement = kept.finished.measurement
        both = replace(measurement, canaries=(*measurement.canaries, *after))
        return await self.sink.keep(kept.key, replace(kept.finished, measurement=both), instead_of=kept)

    def _concluded(self, pair: Pair, kept: Kept) -> None:
        at = kept.finished.measurement.started
        self.lasts[pair] = at
        self.tally.finished += 1
        if kept.verdict is None or pair not in self.plans.pairs:
            return
        outcome = kept.verdict.outcome
        self.baselines.note(pair, kept.finished.measurement, outcome)
        self.tally.by_outcome[outcome.value] = self.tally.by_outcome.get(outcome.value, 0) + 1
        log.info(
            "looked",
            target=pair.target,
            vantage=pair.vantage,
            outcome=outcome.value,
            mechanism=kept.verdict.mechanism and kept.verdict.mechanism.value,
            rule=kept.verdict.rule,
        )
        for when in self.follow_ups.after(pair, outcome, at, self.plans.pairs[pair].every):
            self.timetable.follow_up(pair, when)

    async def land(self, patience: float) -> int:
        """Waits a while for looks under way, then ends them; returns how many were ended without a measurement."""
        if self.flying:
            await asyncio.wait(list(self.flying), timeout=patience)
        left = list(self.flying)
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left)
        return len(left)
