"""Plays the matrix, several scenarios at once but never so many that a slow machine is taken for a slow site."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence

from lab.certificates import Authority
from lab.scenario import Played, Scenario, play

_FOR_EACH_CORE = 3
"""Scenarios at once: most of their time they wait for somebody who is silent."""


def at_once() -> int:
    """Returns how many scenarios this machine plays at once."""
    return _FOR_EACH_CORE * max(1, len(os.sched_getaffinity(0)))


async def play_all(scenarios: Sequence[Scenario]) -> AsyncIterator[Played]:
    """Yields what came of each, in their order."""
    authority, places = Authority("The selftest's authority (simulated)"), asyncio.Semaphore(at_once())

    async def one(scenario: Scenario) -> Played:
        async with places:
            return await play(scenario, authority)

    tasks = [asyncio.create_task(one(scenario)) for scenario in scenarios]
    try:
        for task in tasks:
            yield await task
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
