"""The way of a finished measurement: journal, verdict, then the store in batches. The event loop never waits on a disk."""

import asyncio
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

import msgspec
import structlog

from evidence.judge import Judge
from evidence.ruleset import RULESET
from models.measurement import Finished
from models.store import Judged, Store, StoreError
from models.verdict import Verdict
from models.words import Outcome
from scheduler.journal import Entry, Journal, entries_of

BATCH = 500
LINGER = 0.25  # seconds to wait for more to write together
TICK = 1.0  # seconds between two calls of `Journal.sync`
MOST_BYTES = 64 << 20  # measurements that wait in memory for the store
LEAST_FREE = 32 << 20  # bytes on the journal's disk; below, nothing new is measured
RETRY = (0.5, 30.0)

R = TypeVar("R")
log = structlog.get_logger("sink")


@dataclass(slots=True, eq=False)
class Kept:
    """A measurement that waits for the store, and where the journal has it."""

    key: str
    finished: Finished
    verdict: Verdict | None = None
    segments: list[int] = field(default_factory=list)

    @property
    def bytes(self) -> int:
        return 4096 + sum(map(len, self.finished.blobs.values()))


def judged(judge: Judge, finished: Finished) -> Verdict:
    """Returns the verdict; a fault in our own rules costs the verdict, never the measurement."""
    try:
        return judge.verdict(finished.measurement, finished.blobs)
    except Exception as error:
        log.exception("the rules failed on a measurement", target=finished.measurement.target.id)
        why = f"Our own rules failed on this measurement ({type(error).__name__}); `wallwatch judge` tries again."
        return Verdict(outcome=Outcome.INCONCLUSIVE, rule="judge.failed", ruleset=RULESET, reasons=(why,))


class Sink:
    """Holds on to measurements until the store has them, and says when there is no room for more."""

    def __init__(
        self,
        store: Store,
        journal: Journal,
        judge: Judge,
        *,
        written: Callable[[Sequence[Judged]], None],
        least_free: int = LEAST_FREE,
    ) -> None:
        self._store, self._journal, self._judge, self._written = store, journal, judge, written
        self._least_free = least_free
        self._pending: dict[Kept, None] = {}
        self._unjournaled: dict[str, Kept] = {}
        self._wake = asyncio.Event()
        self._threads = {name: ThreadPoolExecutor(1, name) for name in ("journal", "judge", "store")}
        self._free = 1 << 62
        self._retry = RETRY[0]
        self.journal_error: str | None = None
        self.store_error: str | None = None
        self.stored = 0
        self.pending_bytes = 0

    @property
    def pending(self) -> int:
        return len(self._pending)

    @property
    def unsettled(self) -> int:
        """How many journal entries the store does not have yet."""
        return self._journal.unsettled

    @property
    def journal_bytes(self) -> int:
        return self._journal.size

    @property
    def trouble(self) -> str | None:
        """Returns why nothing new should be measured now, or null when there is room."""
        if self.journal_error:
            return f"the journal in {self._journal.folder} cannot be written: {self.journal_error}"
        if self._free < self._least_free:
            return f"only {self._free >> 20} MiB are free in {self._journal.folder}; free some space"
        if self.pending_bytes > MOST_BYTES:
            return f"{self.pending} measurements wait for the store: {self.store_error or 'it is slow'}"
        return None

    def judge_by(self, judge: Judge) -> None:
        """Judges by other rules or fingerprints from now on."""
        self._judge = judge

    async def in_thread(self, name: str, call: Callable[..., R], *args: object) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._threads[name], call, *args)

    async def keep(self, key: str, finished: Finished, *, instead_of: Kept | None = None) -> Kept:
        """Appends a measurement to the journal; when the disk takes no more it is held in memory and nothing new starts."""
        kept = Kept(key, finished, segments=instead_of.segments if instead_of else [])
        await self._journaled(kept)
        kept.verdict = await self.in_thread("judge", judged, self._judge, finished)
        return kept

    async def _journaled(self, kept: Kept) -> None:
        try:
            entry = Entry.from_finished(kept.key, kept.finished)
            kept.segments.append(await self.in_thread("journal", self._journal.append, entry))
            self._unjournaled.pop(kept.key, None)
        except OSError as error:
            if self.journal_error is None:
                log.error("the journal takes no more; measuring pauses, what was measured is held", error=str(error))
            self.journal_error = str(error)
            self._unjournaled[kept.key] = kept

    def hand_over(self, kept: Kept) -> None:
        """Queues a measurement for the store."""
        self._pending[kept] = None
        self.pending_bytes += kept.bytes
        self._wake.set()

    async def write(self) -> None:
        """Writes what was handed over, in batches, until it is cancelled."""
        while True:
            await self._wake.wait()
            await asyncio.sleep(LINGER)
            self._wake.clear()
            await self._drain()

    async def write_batch(self) -> bool:
        """Writes one batch; false when the store did not take it."""
        batch = list(islice(self._pending, BATCH))
        try:
            await self.in_thread("store", self._put, batch)
        except StoreError as error:
            if self.store_error is None:
                log.error("the store takes nothing; measurements wait in the journal", error=str(error))
            self.store_error = str(error)
            return False
        if self.store_error:
            log.info("the store takes measurements again", waiting=self.pending)
        self.store_error, self._retry = None, RETRY[0]
        await self._settle(batch)
        return True

    def _put(self, batch: Sequence[Kept]) -> None:
        ready = [Judged(kept.finished, kept.verdict) for kept in batch if kept.verdict]
        self._store.put(ready)
        self._written(ready)

    async def _settle(self, batch: Sequence[Kept]) -> None:
        for kept in batch:
            del self._pending[kept]
            self._unjournaled.pop(kept.key, None)
            self.pending_bytes -= kept.bytes
        self.stored += len(batch)
        await self.in_thread("journal", self._journal.settle, [n for kept in batch for n in kept.segments])

    async def take_up(self) -> int:
        """Stores what an earlier process left in the journal; returns how many measurements that were."""
        seen: set[str] = set()
        unread = 0
        for path in self._journal.left_over():
            entries = await self.in_thread("journal", entries_of, path)
            fresh = [entry for entry in entries if entry.key not in seen]
            seen.update(entry.key for entry in fresh)
            for start in range(0, len(fresh), BATCH):
                unread += await self._take_up(fresh[start : start + BATCH])
        if unread:
            log.error("journal entries are not measurements; their files are kept aside", entries=unread)
        await self.in_thread("journal", self._journal.forget, unread > 0)
        return len(seen) - unread

    async def _take_up(self, entries: Sequence[Entry]) -> int:
        """Stores entries; returns how many of them cannot be read."""
        unread = 0
        for entry in entries:
            try:
                finished = entry.to_finished()
            except msgspec.MsgspecError:
                unread += 1
                continue
            verdict = await self.in_thread("judge", judged, self._judge, finished)
            self.hand_over(Kept(entry.key, finished, verdict))
        await self._drain()
        return unread

    async def _drain(self) -> None:
        """Writes until nothing waits, ever more patiently while the store takes nothing."""
        while self._pending:
            if not await self.write_batch():
                await asyncio.sleep(self._retry)
                self._retry = min(self._retry * 2, RETRY[1])

    async def tend(self) -> None:
        """Syncs the journal, watches the disk and tries again what failed, until it is cancelled."""
        while True:
            await self._tend()
            await asyncio.sleep(TICK)

    async def _tend(self) -> None:
        try:
            self._free = await self.in_thread("journal", lambda: shutil.disk_usage(self._journal.folder).free)
            await self.in_thread("journal", self._journal.sync)
        except OSError as error:
            self.journal_error = str(error)
            return
        if self.journal_error and self._free >= self._least_free:
            await self._try_again()

    async def _try_again(self) -> None:
        self.journal_error = None
        for kept in list(self._unjournaled.values()):
            await self._journaled(kept)
            if self.journal_error:
                return
        log.info("the journal takes measurements again")

    async def close(self) -> None:
        """Writes what it can, once; what the store does not take stays in the journal for the next start."""
        while self._pending and await self.write_batch():
            pass
        if self._pending:
            log.warning("the store did not take all; the journal keeps it for the next start", left=self.pending)
        await self.in_thread("journal", self._journal.close)
        for pool in self._threads.values():
            pool.shutdown(wait=True)
