"""The timetable: APScheduler decides when a pair is due; a job only puts the pair on a queue."""

import asyncio
import heapq
import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import structlog
from apscheduler.events import (
    EVENT_JOB_ERROR,
    EVENT_JOB_MAX_INSTANCES,
    EVENT_JOB_MISSED,
    JobExecutionEvent,
)
from apscheduler.executors.base import BaseExecutor, MaxInstancesReachedError
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger

from scheduler.rhythm import EPOCH, Rhythm

AT_ONCE = 100  # jobs added between two breaths
LEAST_GRACE = 60  # seconds; a longer period allows its own length

log = structlog.get_logger("timetable")


class Pair(NamedTuple):
    """One target seen from one vantage point."""

    target: str
    vantage: str


@dataclass(frozen=True, slots=True)
class Due:
    """A pair whose time has come."""

    pair: Pair
    at: datetime
    follow_up: bool = False


@dataclass(frozen=True, slots=True)
class Cadence:
    """How often a pair is looked at."""

    every: timedelta
    jitter: timedelta


@dataclass(slots=True)
class Counts:
    """What the timetable met since the start."""

    due: int = 0
    missed: int = 0
    overlapped: int = 0
    errors: int = 0


class _OntoQueue(BaseExecutor):  # type: ignore[misc]  # APScheduler has no types
    """Runs a job at once, in the event loop: it is one `put_nowait`, and a task for each would cost far more."""

    def __init__(self, is_busy: Callable[[Pair], bool]) -> None:
        super().__init__()
        self._is_busy = is_busy

    def submit_job(self, job: Any, run_times: list[datetime]) -> None:
        at = run_times[-1]
        late = (datetime.now(UTC) - at).total_seconds()
        if late > job.misfire_grace_time:
            event = JobExecutionEvent(EVENT_JOB_MISSED, job.id, job._jobstore_alias, at)
            self._scheduler._dispatch_event(event)
        elif self._is_busy(job.args[0]):
            raise MaxInstancesReachedError(job)
        else:
            job.func(*job.args, at)

    def _do_submit_job(self, job: Any, run_times: list[datetime]) -> None:
        raise AssertionError("submit_job does all of it")


class Timetable:
    """Jobs of all pairs, in memory, rebuilt from the configuration and each pair's last look at every start."""

    def __init__(self, queue: asyncio.Queue[Due], *, rng: random.Random) -> None:
        self._queue = queue
        self._rng = rng
        self._cadences: dict[Pair, Cadence] = {}
        self._busy: set[Pair] = set()  # on the queue or being looked at
        self.counts = Counts()
        self._scheduler = AsyncIOScheduler(
            timezone=UTC,
            executors={"default": _OntoQueue(self._busy.__contains__)},
            job_defaults={"coalesce": True, "max_instances": 1},
        )
        self._scheduler.add_listener(self._heard, EVENT_JOB_MISSED | EVENT_JOB_ERROR | EVENT_JOB_MAX_INSTANCES)

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def __len__(self) -> int:
        return len(self._cadences)

    def __contains__(self, pair: object) -> bool:
        return pair in self._cadences

    @property
    def cadences(self) -> Mapping[Pair, Cadence]:
        return self._cadences

    def demand(self) -> float:
        """Returns how many looks a second all pairs together ask for."""
        return sum(1 / cadence.every.total_seconds() for cadence in self._cadences.values())

    async def add_all(
        self, pairs: Mapping[Pair, Cadence], lasts: Mapping[Pair, datetime], *, now: datetime, a_second: float
    ) -> None:
        """Takes pairs up: those never looked at, or overdue, come now, `a_second` of them; the others in their turn.

        Lets the event loop breathe in between: ten thousand jobs at once would hold up looks that are under way.
        """
        order = sorted(pairs)
        self._rng.shuffle(order)
        soon = now
        for count, pair in enumerate(order):
            if count % AT_ONCE == 0:
                await asyncio.sleep(0)
            last = lasts.get(pair)
            waits = last is not None and last <= now < last + pairs[pair].every
            self._add(pair, pairs[pair], last=last, first=None if waits else soon, now=now)
            soon += timedelta(0) if waits else timedelta(seconds=1 / a_second)

    def _add(
        self, pair: Pair, cadence: Cadence, *, last: datetime | None, first: datetime | None, now: datetime
    ) -> None:
        anchor = now + cadence.every * self._rng.random() if last is None else last + cadence.every
        trigger = Rhythm(anchor=anchor, every=cadence.every, jitter=cadence.jitter, seed=self._rng.getrandbits(64))
        self._cadences[pair] = cadence
        self._scheduler.add_job(
            self._put,
            trigger,
            args=(pair, False),
            id=_job_id(pair),
            name=pair.target,
            misfire_grace_time=max(int(cadence.every.total_seconds()), LEAST_GRACE),
            next_run_time=first or trigger.get_next_fire_time(last, now),
        )

    def remove(self, pairs: Iterable[Pair]) -> None:
        for pair in pairs:
            del self._cadences[pair]
            self._scheduler.remove_job(_job_id(pair))

    def follow_up(self, pair: Pair, at: datetime) -> None:
        """Brings one more look forward, out of turn."""
        self._scheduler.add_job(
            self._put,
            DateTrigger(at, UTC),
            args=(pair, True),
            id=f"{_job_id(pair)}\nfollow-up {at.isoformat()}",
            name=pair.target,
            misfire_grace_time=3600,
            replace_existing=True,
        )

    def free(self, pair: Pair) -> None:
        """The look is over; the pair may come again."""
        self._busy.discard(pair)

    def shift(self, by: timedelta) -> None:
        """Moves all times, when the machine's clock was set and not the world's."""
        for job in self._scheduler.get_jobs():
            if isinstance(job.trigger, Rhythm):
                job.trigger.anchor_us += by // timedelta(microseconds=1)
            job.modify(next_run_time=job.next_run_time + by)

    def coming(self, limit: int) -> list[Due]:
        """Returns the next looks, soonest first."""
        jobs = heapq.nsmallest(limit, self._scheduler.get_jobs(), key=lambda job: job.next_run_time)
        return [Due(job.args[0], job.next_run_time, job.args[1]) for job in jobs]

    def _put(self, pair: Pair, follow_up: bool, at: datetime = EPOCH) -> None:
        if pair not in self._cadences:  # a follow-up of a target that has been removed since
            return
        self._busy.add(pair)
        self.counts.due += 1
        self._queue.put_nowait(Due(pair, at, follow_up))

    def _heard(self, event: Any) -> None:
        """Without a listener APScheduler drops looks in silence."""
        target, vantage = event.job_id.split("\n")[:2]
        if event.code == EVENT_JOB_MISSED:
            self.counts.missed += 1
            log.warning("look missed", target=target, vantage=vantage, due=event.scheduled_run_time.isoformat())
        elif event.code == EVENT_JOB_MAX_INSTANCES:
            self.counts.overlapped += 1
            log.debug("look skipped: the one before is not over", target=target, vantage=vantage)
        else:
            self.counts.errors += 1
            log.error("a job of the timetable failed", target=target, vantage=vantage, error=repr(event.exception))


def _job_id(pair: Pair) -> str:
    return f"{pair.target}\n{pair.vantage}"
