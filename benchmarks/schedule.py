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
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

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


async def timetable(options: argparse.Namespace) -> dict[str, float]:
    """Runs wallwatch's timetable, with jitter, and takes every pair off the queue as the prober does."""
    queue: asyncio.Queue[Due] = asyncio.Queue()
    table, every = Timetable(queue, rng=random.Random(1)), timedelta(seconds=options.every)
    count = 0

    async def consume() -> None:
        nonlocal count
        while True:
            due = await queue.get()
            count += 1
            table.free(due.pair)

    consumer = asyncio.create_task(consume())
    table.start()
    pairs = {Pair(f"target-{n}", "here"): Cadence(every, every / 10) for n in range(options.pairs)}
    now, rng = datetime.now(UTC), random.Random(2)
    lasts = {pair: now + timedelta(seconds=5) - every * rng.random() for pair in pairs}
    lasts = {pair: min(last, now) for pair, last in lasts.items()}
    table.add_all(pairs, lasts, now=now, a_second=1000)
    await asyncio.sleep(5)
    try:
        return await _spent(options.seconds, lambda: count)
    finally:
        consumer.cancel()
        table.stop()
        await asyncio.sleep(0)


async def nothing(options: argparse.Namespace) -> dict[str, float]:
    """Measures the measuring."""
    return await _spent(min(options.seconds, 10), lambda: 0)


async def run(options: argparse.Namespace) -> dict[str, object]:
    results: dict[str, list[dict[str, float]]] = {}
    cases: list[Case] = [nothing, plain_interval_jobs, timetable]
    for _ in range(options.rounds):
        for case in cases:
            results.setdefault(case.__name__, []).append(await case(options))
    mean = {name: sum(each["core_percent"] for each in every) / len(every) for name, every in results.items()}
    return {"rounds": results, "core_percent": mean, "ratio_to_plain": mean["timetable"] / mean["plain_interval_jobs"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=10_000)
    parser.add_argument("--every", type=float, default=60)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--rounds", type=int, default=1)
    print(json.dumps(asyncio.run(run(parser.parse_args())), indent=1))


if __name__ == "__main__":
    main()
