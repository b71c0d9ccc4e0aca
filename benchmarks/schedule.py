"""What deciding when costs: 10,000 pairs at one minute, as CPU time per wall time, beside plain APScheduler jobs.

    python benchmarks/schedule.py [--pairs 10000] [--every 60] [--seconds 30]

The cases take turns in one process, so that a busy machine hits all of them alike. Each consumes what falls due.
"""

import argparse
import asyncio
import gc
import json
import random
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from scheduler.pacing import Address, Pacing, Place, WaitingRoom, limits_for
from scheduler.timetable import Cadence, Due, Pair, Timetable

Case = Callable[[argparse.Namespace], Awaitable[dict[str, float]]]


async def _spent(seconds: float, fired: Callable[[], int]) -> dict[str, float]:
    """Measures CPU time per wall time and the event loop's worst lag for a while."""
    gc.collect()
    before, cpu, wall, worst = fired(), time.process_time(), time.monotonic(), 0.0
    while time.monotonic() - wall < seconds:
        asleep = time.monotonic()
        await asyncio.sleep(0.05)
        worst = max(worst, time.monotonic() - asleep - 0.05)
    took = time.monotonic() - wall
    return {
        "core_percent": 100 * (time.process_time() - cpu) / took,
        "a_second": (fired() - before) / took,
        "worst_lag_ms": worst * 1000,
    }


async def plain_interval_jobs(options: argparse.Namespace) -> dict[str, float]:
    """Runs one APScheduler interval job a pair, as its manual shows it, each an empty coroutine."""
    count = 0

    async def job() -> None:
        nonlocal count
        count += 1

    scheduler, now, rng = AsyncIOScheduler(timezone=UTC), datetime.now(UTC), random.Random(1)
    scheduler.start()
    for _ in range(options.pairs):
        first = now + timedelta(seconds=5 + rng.random() * options.every)
        scheduler.add_job(job, "interval", seconds=options.every, next_run_time=first)
    await asyncio.sleep(5)
    try:
        return await _spent(options.seconds, lambda: count)
    finally:
        scheduler.shutdown(wait=False)
        await asyncio.sleep(0)


async def _filled(options: argparse.Namespace) -> tuple[Timetable, asyncio.Queue[Due]]:
    queue: asyncio.Queue[Due] = asyncio.Queue()
    table, every = Timetable(queue, rng=random.Random(1)), timedelta(seconds=options.every)
    table.start()
    pairs = {Pair(f"target-{n}", "here"): Cadence(every, every / 10) for n in range(options.pairs)}
    now, rng = datetime.now(UTC), random.Random(2)
    lasts = {pair: now - every * rng.random() for pair in pairs}
    await table.add_all(pairs, lasts, now=now, a_second=1000)
    return table, queue


async def timetable(options: argparse.Namespace) -> dict[str, float]:
    """Runs wallwatch's timetable, with jitter, and takes every pair off the queue at once."""
    table, queue = await _filled(options)
    count = 0

    async def consume() -> None:
        nonlocal count
        while True:
            table.free((await queue.get()).pair)
            count += 1

    return await _measured(options, table, consume, lambda: count)


async def timetable_and_pacing(options: argparse.Namespace) -> dict[str, float]:
    """Runs the timetable and the pacing of starts, each target on a host and two addresses of its own."""
    table, queue = await _filled(options)
    room = WaitingRoom(Pacing(limits_for(table.demand())), _place)
    loop, count = asyncio.get_running_loop(), 0

    async def consume() -> None:
        nonlocal count
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(max((room.next_at(loop.time()) or loop.time() + 1) - loop.time(), 0.001)):
                    room.enter(await queue.get(), loop.time())
            while due := room.call(loop.time()):
                table.free(due.pair)
                count += 1

    return await _measured(options, table, consume, lambda: count)


def _place(due: Due) -> Place:
    vantage, target = due.pair.vantage, due.pair.target
    return Place(vantage, target, (Address(vantage, target, 443), Address(vantage, target, 80)))


async def _measured(
    options: argparse.Namespace,
    table: Timetable,
    consume: Callable[[], Coroutine[None, None, None]],
    count: Callable[[], int],
) -> dict[str, float]:
    consumer = asyncio.create_task(consume())
    await asyncio.sleep(options.every + 5 if options.settle else 5)
    try:
        return await _spent(options.seconds, count)
    finally:
        consumer.cancel()
        table.stop()
        await asyncio.sleep(0)


async def nothing(options: argparse.Namespace) -> dict[str, float]:
    """Measures the measuring."""
    return await _spent(min(options.seconds, 10), lambda: 0)


async def run(options: argparse.Namespace) -> dict[str, object]:
    results: dict[str, list[dict[str, float]]] = {}
    cases: list[Case] = [nothing, plain_interval_jobs, timetable, timetable_and_pacing]
    for _ in range(options.rounds):
        for case in cases:
            results.setdefault(case.__name__, []).append(await case(options))
    mean = {name: sum(each["core_percent"] for each in every) / len(every) for name, every in results.items()}
    plain = mean["plain_interval_jobs"]
    ratios = {name: mean[name] / plain for name in ("timetable", "timetable_and_pacing")}
    return {"rounds": results, "core_percent": mean, "ratio_to_plain": ratios}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=10_000)
    parser.add_argument("--every", type=float, default=60)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--settle", action="store_true", help="wait a whole period before measuring")
    print(json.dumps(asyncio.run(run(parser.parse_args())), indent=1))


if __name__ == "__main__":
    main()
