"""The timetable on a real event loop, with small periods."""

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from scheduler.timetable import Cadence, Due, Pair, Timetable

A, B = Pair("a", "here"), Pair("b", "here")
FAST, SLOW = Cadence(timedelta(seconds=0.2), timedelta(0)), Cadence(timedelta(hours=6), timedelta(minutes=20))


@pytest.fixture
async def queue() -> asyncio.Queue[Due]:
    return asyncio.Queue()


@pytest.fixture
async def table(queue: asyncio.Queue[Due]) -> AsyncIterator[Timetable]:
    table = Timetable(queue, rng=random.Random(1))
    table.start()
    yield table
    table.stop()
    await asyncio.sleep(0)


async def add(table: Timetable, pairs: dict[Pair, Cadence], lasts: dict[Pair, datetime] | None = None) -> None:
    await table.add_all(pairs, lasts or {}, now=datetime.now(UTC), a_second=100)


async def test_all_new_pairs_come_within_seconds_however_long_their_period(table: Timetable, queue) -> None:
    await add(table, {Pair(f"t{n}", "here"): SLOW for n in range(50)})
    async with asyncio.timeout(5):
        seen = {(await queue.get()).pair for _ in range(50)}
    assert len(seen) == 50
    spread = sorted(due.at for due in table.coming(50))
    assert spread[-1] - spread[0] > timedelta(hours=3)


async def test_a_pair_looked_at_before_the_restart_waits_for_its_turn(table: Timetable, queue) -> None:
    last = datetime.now(UTC) - timedelta(hours=1)
    await add(table, {A: SLOW}, {A: last})
    (due,) = table.coming(1)
    assert last + timedelta(hours=5, minutes=59) < due.at < last + timedelta(hours=7)
    assert queue.empty()


async def test_an_overdue_pair_comes_now_and_once(table: Timetable, queue) -> None:
    await add(table, {A: SLOW}, {A: datetime.now(UTC) - timedelta(days=30)})
    async with asyncio.timeout(2):
        assert (await queue.get()).pair == A
    await asyncio.sleep(0.2)
    assert queue.empty()


async def test_a_last_look_in_the_future_does_not_silence_a_pair(table: Timetable, queue) -> None:
    await add(table, {A: SLOW}, {A: datetime.now(UTC) + timedelta(days=400)})
    async with asyncio.timeout(2):
        assert (await queue.get()).pair == A
    assert table.coming(1)[0].at < datetime.now(UTC) + timedelta(hours=13)


async def test_a_pair_does_not_come_again_while_its_look_goes_on(table: Timetable, queue) -> None:
    await add(table, {A: FAST})
    async with asyncio.timeout(2):
        await queue.get()
    await asyncio.sleep(0.7)
    assert queue.empty()
    assert table.counts.overlapped >= 1
    table.free(A)
    async with asyncio.timeout(2):
        await queue.get()


async def test_a_removed_pair_comes_no_more_not_even_for_its_follow_up(table: Timetable, queue) -> None:
    await add(table, {A: SLOW, B: SLOW}, {A: datetime.now(UTC), B: datetime.now(UTC)})
    table.follow_up(A, datetime.now(UTC) + timedelta(seconds=0.2))
    table.remove([A])
    await asyncio.sleep(0.5)
    assert queue.empty()
    assert A not in table
    assert [due.pair for due in table.coming(9)] == [B]


async def test_a_follow_up_comes_once_out_of_turn(table: Timetable, queue) -> None:
    await add(table, {A: SLOW}, {A: datetime.now(UTC)})
    table.follow_up(A, datetime.now(UTC) + timedelta(seconds=0.1))
    async with asyncio.timeout(2):
        due = await queue.get()
    assert due.follow_up
    assert [each.follow_up for each in table.coming(9)] == [False]


async def test_times_move_along_when_the_clock_is_set(table: Timetable) -> None:
    await add(table, {A: SLOW}, {A: datetime.now(UTC)})
    before = table.coming(1)[0].at
    table.shift(timedelta(days=-7))
    assert table.coming(1)[0].at == before - timedelta(days=7)


async def test_a_look_overdue_by_more_than_its_period_is_counted_as_missed(table: Timetable, queue) -> None:
    await add(table, {A: Cadence(timedelta(minutes=2), timedelta(0))}, {A: datetime.now(UTC)})
    table.shift(timedelta(hours=-3, minutes=-1))
    await asyncio.sleep(0.3)
    assert table.counts.missed == 1
    assert queue.empty()
