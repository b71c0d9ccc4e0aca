"""From a finished measurement to the store, through bad luck."""

import asyncio
import os
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from evidence.judge import Judge
from models.store import Store, open_store
from scheduler import sink as sinks
from scheduler.folding import Folding
from scheduler.journal import Journal
from scheduler.sink import Sink
from tests.scheduler.made import finished


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path}/w.sqlite") as store:
        yield store


def make(store: Store, tmp_path: Path, least_free: int = 0) -> Sink:
    return Sink(store, Journal(tmp_path / "journal"), Judge(), written=Folding(store).written, least_free=least_free)


async def measured(sink: Sink, *numbers: int) -> None:
    for n in numbers:
        sink.hand_over(await sink.keep(f"key-{n}", finished(n)))


async def test_measurements_reach_the_store_and_the_journal_empties(store: Store, tmp_path: Path) -> None:
    sink = make(store, tmp_path)
    writer = asyncio.create_task(sink.write())
    await measured(sink, *range(20))
    async with asyncio.timeout(10):
        while sink.stored < 20:
            await asyncio.sleep(0.05)
    writer.cancel()
    assert store.counts().measurements == 20
    assert sink.pending_bytes == 0
    await sink.close()
    assert list((tmp_path / "journal").glob("*.journal")) == []


async def test_what_was_journaled_and_never_stored_is_taken_up_at_the_next_start(store: Store, tmp_path: Path) -> None:
    sink = make(store, tmp_path)
    for n in range(7):
        await sink.keep(f"key-{n}", finished(n))  # and killed before it is handed over
    os.close(sink._journal._lock)
    again = make(store, tmp_path)
    assert await again.take_up() == 7
    assert store.counts().measurements == 7
    assert list((tmp_path / "journal").glob("*.journal")) == []
    await again.close()


async def test_taking_up_what_the_store_already_has_changes_nothing(store: Store, tmp_path: Path) -> None:
    sink = make(store, tmp_path)
    await measured(sink, 1, 2, 3)
    assert await sink.write_batch()
    os.close(sink._journal._lock)
    again = make(store, tmp_path)
    await again.take_up()
    assert store.counts().measurements == 3
    assert store.current()[0].looks == 3
    await again.close()


async def test_a_look_with_canaries_added_takes_the_place_of_the_first_record(store: Store, tmp_path: Path) -> None:
    sink = make(store, tmp_path)
    kept = await sink.keep("same", finished(1))
    final = await sink.keep("same", finished(2), instead_of=kept)
    sink.hand_over(final)
    assert await sink.write_batch()
    assert store.counts().measurements == 1
    assert sink._journal.unsettled == 0
    await sink.close()


async def test_measurements_wait_while_the_database_is_locked(store: Store, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(sinks, "RETRY", (0.05, 0.1))
    sink = make(store, tmp_path)
    await measured(sink, *range(5))
    with sqlite3.connect(tmp_path / "w.sqlite", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        task = asyncio.create_task(sink.write_batch())
        assert await task is False
        assert sink.store_error is not None
        assert "locked" in sink.store_error
        assert sink.pending == 5
        other.execute("ROLLBACK")
    other.close()
    assert await sink.write_batch()
    assert sink.store_error is None
    assert store.counts().measurements == 5
    await sink.close()


async def test_nothing_new_is_asked_for_when_too_much_waits(store: Store, tmp_path: Path, monkeypatch) -> None:
    sink = make(store, tmp_path)
    assert sink.trouble is None
    monkeypatch.setattr(sinks, "MOST_BYTES", 10_000)
    await measured(sink, 1, 2, 3)
    assert sink.trouble is not None
    assert "wait for the store" in sink.trouble
    await sink.write_batch()
    assert sink.trouble is None
    await sink.close()


async def test_a_full_disk_pauses_measuring_and_loses_nothing_that_was_measured(store: Store, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root to mount a small disk")
    small = tmp_path / "journal"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(small)], check=True)
    try:
        sink = make(store, tmp_path)
        (small / "ballast").write_bytes(b"x" * 120_000)
        kept = await sink.keep("big", finished(1, body=os.urandom(60_000)))
        assert sink.trouble is not None
        assert "cannot be written" in sink.trouble
        (small / "ballast").unlink()
        await sink._tend()
        assert sink.trouble is None
        assert sink._journal.unsettled == 1
        sink.hand_over(kept)
        await sink.write_batch()
        assert store.counts().measurements == 1
        await sink.close()
    finally:
        subprocess.run(["umount", "-l", str(small)], check=True)


async def test_measuring_pauses_before_the_disk_is_full(store: Store, tmp_path: Path) -> None:
    sink = make(store, tmp_path, least_free=1 << 60)
    tending = asyncio.create_task(sink.tend())
    async with asyncio.timeout(5):
        while sink.trouble is None:
            await asyncio.sleep(0.01)
    assert "free some space" in sink.trouble
    tending.cancel()
    with suppress(asyncio.CancelledError):
        await tending
    await sink.close()
