"""The prober process: `python -m scheduler.prober --db URL --config FILE`. One event loop, which never waits on a disk."""

import argparse
import asyncio
import random
import signal
import sys
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog

from evidence.judge import Judge
from models.errors import WallwatchError
from models.measurement import Measurement
from models.observations import CanaryLook
from models.store import Current, Missed, Store, StoreError, open_store
from models.targets import Canary, VantagePoint
from probes.canary import look_at_canaries
from probes.web import measure
from scheduler import gaps, heartbeat, logs
from scheduler.baselines import Baselines, earlier_looks
from scheduler.clock_watch import ClockWatch, Jolt
from scheduler.clusters import Clusters
from scheduler.folding import Folding
from scheduler.followups import FollowUps
from scheduler.garbage import seldom_search
from scheduler.journal import Journal
from scheduler.looker import Looker
from scheduler.pacing import QUIET_QUIC, Pacing, limits_for, may_fly
from scheduler.plans import Plans
from scheduler.reload import Watched
from scheduler.rounds import Rounds
from scheduler.signals import interfered, met
from scheduler.sink import Sink
from scheduler.timetable import Due, Pair, Timetable

BEAT = 3.0  # seconds between two heartbeats
TICK = 0.5
PATIENCE = 8.0  # seconds for which looks under way may go on after the stop

log = structlog.get_logger("prober")


def journal_folder(db: str) -> Path:
    """Returns where a store's journal lies: beside an SQLite file, else under ./data."""
    path = db.removeprefix("sqlite:///").partition("?")[0]
    return Path(path + ".journal") if db.startswith("sqlite:///") and path else Path("data/wallwatch.journal")


class Prober:
    """Everything that looks, wired together."""

    def __init__(self, store: Store, watched: Watched, journal: Journal, *, rng: random.Random) -> None:
        self._store, self._watched = store, watched
        self._started_at = datetime.now(UTC)
        self._clock = ClockWatch()
        self._clock_note: dict[str, str] | None = None
        self._paused: tuple[datetime, str] | None = None
        self._alive: datetime | None = None
        self._loop_lag = 0.0
        self._ready = False
        queue: asyncio.Queue[Due] = asyncio.Queue()
        self.sink = Sink(store, journal, self._judge(), written=Clusters(store, Folding(store)).written)
        self.rounds = Rounds(self._look_at_canaries, self._recovered)
        self.looker = Looker(
            plans=Plans.from_configuration(watched.configuration),
            timetable=Timetable(queue, rng=rng),
            queue=queue,
            pacing=Pacing(),
            rounds=self.rounds,
            sink=self.sink,
            follow_ups=FollowUps(rng),
            measure=measure,
            most=may_fly(),
            rng=rng,
            baselines=Baselines(self._earlier_looks),
        )

    async def _earlier_looks(self, pair: Pair) -> list[Measurement]:
        """Reads what an earlier process saw; a store that cannot be read now must not cost the look that was made."""
        with suppress(StoreError):
            return await self.sink.in_thread("store", earlier_looks, self._store, pair)
        return []

    def _judge(self) -> Judge:
        return Judge(fingerprints=self._watched.fingerprints.set)

    async def _look_at_canaries(self, vantage: VantagePoint, canaries: Sequence[Canary]) -> tuple[CanaryLook, ...]:
        timeout = self._watched.configuration.defaults.timeout.total_seconds()
        return await look_at_canaries(canaries, vantage, timeout=timeout)

    async def run(self, stop: asyncio.Event) -> None:
        """Measures until `stop` is set, then brings home what is under way."""
        duties: list[Coroutine[Any, Any, None]] = [self.sink.write(), self.sink.tend(), self._beat(), self._tick()]
        self._alive = await self.sink.in_thread("store", gaps.last_alive, self._store)  # before the first heartbeat
        async with AsyncExitStack() as ending:
            ending.push_async_callback(self._end)
            tasks = [asyncio.create_task(duty) for duty in duties]
            ending.callback(lambda: [task.cancel() for task in tasks])
            tasks.append(asyncio.create_task(self._work(stop)))
            stopping = asyncio.create_task(stop.wait())
            done, _ = await asyncio.wait([*tasks, stopping], return_when=asyncio.FIRST_COMPLETED)
            self.looker.timetable.stop()
            for task in done - {stopping}:
                task.result()  # a duty never ends by itself: its fault ends the process, and `up` starts it again
            tasks[-1].cancel()
            await self._land()

    async def _work(self, stop: asyncio.Event) -> None:
        """Takes up what was left, then looks and watches the configuration."""
        left = await self.sink.take_up()
        if left:
            log.info("took up what an earlier process measured and could not store", measurements=left)
        await self._resume()
        self._ready = True
        async with asyncio.TaskGroup() as group:
            group.create_task(self.looker.run())
            group.create_task(self._reload(stop))
            await stop.wait()
            await asyncio.sleep(3600)  # whoever set `stop` cancels this

    async def _land(self) -> None:
        lost = await self.looker.land(PATIENCE)
        self.rounds.stop()
        if lost:
            log.info("looks under way were ended; they are due again after the start", looks=lost)

    async def _end(self) -> None:
        with suppress(StoreError):
            await self.sink.in_thread("store", self._store.put_status, "scheduler", self._document())
        await self.sink.close()

    async def _resume(self) -> None:
        """Rebuilds the schedule from the configuration and from each pair's last look."""
        now, looker = datetime.now(UTC), self.looker
        rows = await self.sink.in_thread("store", self._store.current)
        looker.lasts = {Pair(row.target, row.vantage): row.at for row in rows}
        for row in rows:
            looker.follow_ups.remember(Pair(row.target, row.vantage), row.last_ok, row.last_blocked)
            if row.last_blocked and now - row.last_blocked < timedelta(seconds=QUIET_QUIC):
                await self._leave_alone(row, now)
        gap = gaps.since_last_run(self._alive, now, looker.plans.pairs, looker.lasts)
        await self._put_gap(gap)
        self.rounds.configure(tuple(looker.plans.vantages.values()), looker.plans.configuration.canaries)
        looker.timetable.start()
        await self._schedule(looker.plans.pairs)
        log.info("measuring", pairs=len(looker.plans.pairs), most_in_flight=looker.most, resumed=len(looker.lasts))

    async def _leave_alone(self, row: Current, now: datetime) -> None:
        """Addresses that interfered just before the restart are still poisoned after it."""
        measurement = await self.sink.in_thread("store", self._store.measurement, row.measurement)
        verdict = await self.sink.in_thread("store", self._store.verdict, row.measurement)
        if measurement and verdict:
            since = (now - row.at).total_seconds()
            self.looker.pacing.interfered(interfered(measurement, verdict), asyncio.get_running_loop().time() - since)
            self.looker.remember(Pair(row.target, row.vantage), met(measurement))

    async def _schedule(self, pairs: dict[Pair, Any]) -> None:
        table, looker = self.looker.timetable, self.looker
        demand = sum(1 / cadence.every.total_seconds() for cadence in looker.plans.pairs.values())
        looker.pacing.limits = limits_for(demand)
        await table.add_all(
            pairs, looker.lasts, now=datetime.now(UTC), a_second=looker.pacing.limits.a_second_per_vantage
        )

    async def _reload(self, stop: asyncio.Event) -> None:
        await self._tell_configuration()
        async for configuration in self._watched.changes(stop):
            if configuration is not None:
                await self._take_up(Plans.from_configuration(configuration, self.looker.plans.residue))
            await self._tell_configuration()

    async def _take_up(self, plans: Plans) -> None:
        """Takes a configuration up by difference: whoever did not change keeps its times."""
        before, looker = self.looker.plans.pairs, self.looker
        self.sink.judge_by(self._judge())
        looker.plans = plans
        self.rounds.configure(tuple(plans.vantages.values()), plans.configuration.canaries)
        gone = [pair for pair, cadence in before.items() if plans.pairs.get(pair) != cadence]
        looker.timetable.remove(gone)
        looker.baselines.forget(pair for pair in gone if pair not in plans.pairs)
        for due in looker.room.leave(lambda due: due.pair in plans.pairs):
            looker.timetable.free(due.pair)
        await self._schedule({pair: cadence for pair, cadence in plans.pairs.items() if pair not in looker.timetable})

    async def _tell_configuration(self) -> None:
        await self._put_status("configuration", self._watched.document)

    def _recovered(self, vantage: str, since: datetime) -> None:
        self.looker.back_online(vantage)
        self._background(self._put_gap(gaps.pause(since, datetime.now(UTC), "vantage point offline", vantage)))

    def _background(self, work: Coroutine[Any, Any, None]) -> None:
        self._loose = asyncio.create_task(work)

    async def _tick(self) -> None:
        """Watches time itself, and whether measuring is paused."""
        loop = asyncio.get_running_loop()
        while True:
            before = loop.time()
            await asyncio.sleep(TICK)
            self._loop_lag = max(self._loop_lag * 0.9, loop.time() - before - TICK)
            if jolt := self._clock.tick():
                await self._jolted(jolt)
            await self._notice_pause()

    async def _jolted(self, jolt: Jolt) -> None:
        log.warning("time jumped", what=str(jolt))
        self._clock_note = {"at": datetime.now(UTC).isoformat(), "what": str(jolt)}
        if jolt.set_by and self._ready:
            self.looker.shift(jolt.set_by)
        after = jolt.at + min(jolt.set_by, timedelta(0))
        if jolt.slept:
            await self._put_gap(Missed(after=after, by=datetime.now(UTC), reason=str(jolt)))

    async def _notice_pause(self) -> None:
        trouble = self.sink.trouble
        if trouble and self._paused is None:
            self._paused = (datetime.now(UTC), trouble)
            log.error("measuring pauses", why=trouble)
        elif self._paused and not trouble:
            (since, why), self._paused = self._paused, None
            log.info("measuring goes on")
            await self._put_gap(gaps.pause(since, datetime.now(UTC), f"measuring paused: {why}"))

    async def _beat(self) -> None:
        while True:
            await self._put_status("scheduler", self._document())
            for vantage in self.rounds.vantages():
                await self._put_status(f"vantage:{vantage}", self.rounds.document(vantage))
            await asyncio.sleep(BEAT)

    def _document(self) -> dict[str, Any]:
        return heartbeat.document(
            self.looker, started_at=self._started_at, loop_lag=self._loop_lag, clock=self._clock_note, ready=self._ready
        )

    async def _put_status(self, name: str, document: dict[str, Any]) -> None:
        """Leaves a document for the pages; a store that takes nothing now is the sink's trouble, not the heart's."""
        with suppress(StoreError):
            await self.sink.in_thread("store", self._store.put_status, name, document)

    async def _put_gap(self, gap: Missed | None) -> None:
        if gap is None:
            return
        log.info("gap", after=gap.after.isoformat(), by=gap.by.isoformat(), why=gap.reason)
        try:
            await self.sink.in_thread("store", self._store.put_gap, gap)
        except StoreError as error:
            log.error("a gap could not be written down", error=str(error))


async def serve(db: str, config: Path, *, rng: random.Random) -> None:
    """Runs a prober until SIGTERM or SIGINT."""
    watched = Watched.from_file(config)
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    with open_store(db) as store:
        journal = Journal(journal_folder(db))
        seldom_search()
        await Prober(store, watched, journal, rng=rng).run(stop)


def main(arguments: list[str] | None = None) -> int:
    """Returns 0 when it was stopped, 2 when it could not begin."""
    parser = argparse.ArgumentParser(prog="python -m scheduler.prober", description=__doc__)
    parser.add_argument("--db", required=True)
    parser.add_argument("--config", required=True, type=Path)
    parser.add_argument("--debug", action="store_true")
    given = parser.parse_args(arguments)
    logs.configure(debug=given.debug)
    try:
        asyncio.run(serve(given.db, given.config, rng=random.SystemRandom()))
    except (WallwatchError, StoreError) as error:
        log.error("cannot begin", error=str(error))
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
