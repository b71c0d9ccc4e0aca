"""Rounds: before anything is blamed on a network, canaries show that the vantage point itself works."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import structlog

from models.measurement import to_instant
from models.observations import CanaryLook
from models.targets import Canary, VantagePoint

FRESH = 60.0  # seconds for which a canary's look speaks for the vantage point
FIRST_RETRY, LAST_RETRY = 30.0, 300.0  # between two tries while the canaries fail

Looks = tuple[CanaryLook, ...]
LookAt = Callable[[VantagePoint, Sequence[Canary]], Awaitable[Looks]]

log = structlog.get_logger("canaries")


def works(looks: Looks) -> bool:
    """Tells whether a vantage point may be asked for more: one that must load did, or there is none to ask."""
    loading = [look.held for look in looks if look.expect == "loads"]
    return not loading or any(loading)


@dataclass(slots=True)
class _State:
    """What the canaries of one vantage point showed last."""

    looks: Looks = ()
    began: float = float("-inf")  # seconds of the event loop
    ended: float = float("-inf")
    working: bool = True
    failing_since: datetime | None = None
    retry: float = FIRST_RETRY
    running: "asyncio.Task[Looks] | None" = None
    started: float = float("-inf")  # of the one that runs
    waiting: "asyncio.Task[None] | None" = None


@dataclass(slots=True)
class Rounds:
    """Looks at canaries once for all looks of a round, and again and again, ever more rarely, while they fail."""

    look_at: LookAt
    recovered: Callable[[str, datetime], None]  # the vantage point, and when it was first found failing
    _canaries: dict[str, tuple[VantagePoint, tuple[Canary, ...]]] = field(default_factory=dict)
    _states: dict[str, _State] = field(default_factory=dict)

    def configure(self, vantages: Sequence[VantagePoint], canaries: Sequence[Canary]) -> None:
        """Takes up a configuration; what a vantage point's canaries showed holds until they are looked at again."""
        self._canaries = {
            vantage.id: (
                vantage,
                tuple(each for each in canaries if not each.vantage_points or vantage.id in each.vantage_points),
            )
            for vantage in vantages
        }
        self._states = {name: self._states.get(name, _State()) for name in self._canaries}

    def works(self, vantage: str) -> bool:
        return self._states[vantage].working if vantage in self._states else True

    async def before(self, vantage: str) -> Looks:
        """Returns what the canaries showed within the last minute; looks at them where nobody did."""
        state = self._states[vantage]
        if asyncio.get_running_loop().time() - state.ended <= FRESH:
            return state.looks
        return await self._run(vantage)

    async def after(self, vantage: str, since: float) -> Looks:
        """Returns what they show now, begun after `since`: the other half of the sandwich around an anomaly."""
        state = self._states[vantage]
        if state.began >= since:
            return state.looks
        if state.running and state.started < since:
            await asyncio.wait([state.running])
        return state.looks if state.began >= since else await self._run(vantage)

    async def _run(self, vantage: str) -> Looks:
        """Joins the look that is under way, or begins one; a caller that is cancelled ends it for nobody else."""
        state = self._states[vantage]
        if state.running is None or state.running.done():
            state.started = asyncio.get_running_loop().time()
            state.running = asyncio.create_task(self._look(vantage, state))
        return await asyncio.shield(state.running)

    async def _look(self, vantage: str, state: _State) -> Looks:
        point, canaries = self._canaries[vantage]
        looks = await self._looks(point, canaries) if canaries else ()
        state.looks, state.began = looks, state.started
        state.ended = asyncio.get_running_loop().time()
        self._judge(vantage, state)
        return looks

    async def _looks(self, point: VantagePoint, canaries: tuple[Canary, ...]) -> Looks:
        """Looks at canaries; a fault of ours vouches for nothing."""
        try:
            return await self.look_at(point, canaries)
        except Exception as error:
            log.exception("the canaries could not be looked at", vantage=point.id)
            why = f"a fault in wallwatch: {type(error).__name__}: {error}"[:300]
            at = to_instant(datetime.now(UTC))
            return tuple(
                CanaryLook(
                    id=each.id,
                    url=each.url,
                    expect=each.expect,
                    started_at=at,
                    held=False,
                    detail=why,
                    failure=f"unknown_failure: {type(error).__name__}",
                )
                for each in canaries
            )

    def _judge(self, vantage: str, state: _State) -> None:
        was, state.working = state.working, works(state.looks)
        if state.working:
            state.retry = FIRST_RETRY
            if state.failing_since:
                log.info("the canaries hold again", vantage=vantage)
                self.recovered(vantage, state.failing_since)
            state.failing_since = None
            return
        if was:
            state.failing_since = datetime.now(UTC)
            log.warning("all canaries fail: nothing seen from here counts until one loads", vantage=vantage)
        if state.waiting is None or state.waiting.done():
            state.waiting = asyncio.create_task(self._watch(vantage, state))

    async def _watch(self, vantage: str, state: _State) -> None:
        while not state.working and vantage in self._canaries:
            await asyncio.sleep(state.retry)
            state.retry = min(2 * state.retry, LAST_RETRY)
            if vantage in self._canaries:
                await self._run(vantage)

    def stop(self) -> None:
        for state in self._states.values():
            for task in (state.running, state.waiting):
                if task:
                    task.cancel()

    def document(self, vantage: str) -> dict[str, Any]:
        """Returns the state for the pages."""
        state = self._states[vantage]
        looks = [
            {
                "id": look.id,
                "url": look.url,
                "expect": look.expect,
                "started_at": look.started_at,
                "held": look.held,
                "failure": look.failure,
                "detail": look.detail,
            }
            for look in state.looks
        ]
        tried = state.ended > float("-inf")
        return {
            "working": state.working if tried else None,
            "canaries": looks,
            "configured": len(self._canaries[vantage][1]),
            "failing_since": state.failing_since.isoformat() if state.failing_since else None,
        }

    def vantages(self) -> list[str]:
        return list(self._canaries)
