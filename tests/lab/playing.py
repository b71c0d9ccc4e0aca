"""Plays simulated days: the same looks, rules, store and fold as ever, under a clock that runs thousands of times faster."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from evidence.judge import Judge
from lab.internet import Internet
from models.measurement import Finished
from models.observations import CanaryLook
from models.roots import Roots
from models.store import Judged, Store
from models.targets import Configuration, Target, VantagePoint
from probes.canary import look_at_canaries
from probes.plan import Plan
from probes.web import measure
from scheduler.folding import Folding

TIMEOUT = 0.8  # seconds of a step; everything is on loopback
WINDOW = 0.15
AT_ONCE = 9  # more would wait for the processor, and be taken for slow


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What is played, and where it goes."""

    internet: Internet
    configuration: Configuration
    store: Store
    roots: Roots


def instants(start: datetime, end: datetime, step: float) -> Iterator[datetime]:
    """Yields the instants of the looks, `step` seconds apart, up to and without `end`."""
    at = start.timestamp()
    while at < end.timestamp():
        yield datetime.fromtimestamp(at, tz=end.tzinfo)
        at += step


async def play_days(stage: Stage, looks: list[datetime], on_look: Callable[[datetime], None]) -> int:
    """Looks at every target from every vantage point at each instant; returns how many measurements were stored."""
    judge, folding = Judge(roots=stage.roots), Folding(stage.store)
    stored = 0
    for at in looks:
        stage.internet.set_clock(at)
        finished = await _look(stage, at)
        batch = [Judged(each, judge.verdict(each.measurement, each.blobs)) for each in finished]
        await asyncio.to_thread(_keep, stage.store, folding, batch)
        stored += len(batch)
        on_look(at)
    return stored


def _keep(store: Store, folding: Folding, batch: list[Judged]) -> None:
    store.put(batch)
    folding.written(batch)


async def _look(stage: Stage, at: datetime) -> list[Finished]:
    vantages = stage.configuration.vantage_points
    canaries = await asyncio.gather(*(_canaries(stage, vantage, at) for vantage in vantages))
    places = asyncio.Semaphore(AT_ONCE)

    async def one(plan: Plan) -> Finished:
        async with places:
            return await measure(plan, at=at, roots=stage.roots)

    return await asyncio.gather(
        *(
            one(_plan(stage, target, vantage, held))
            for vantage, held in zip(vantages, canaries, strict=True)
            for target in stage.configuration.targets
        )
    )


async def _canaries(stage: Stage, vantage: VantagePoint, at: datetime) -> tuple[CanaryLook, ...]:
    return await look_at_canaries(stage.configuration.canaries, vantage, timeout=TIMEOUT, at=at, roots=stage.roots)


def _plan(stage: Stage, target: Target, vantage: VantagePoint, canaries: tuple[CanaryLook, ...]) -> Plan:
    return Plan(
        target=target,
        vantage=vantage,
        timeout=TIMEOUT,
        total_timeout=10,
        dns_window=WINDOW,
        controls=stage.configuration.controls,
        canaries=canaries,
        simulated=True,
    )
