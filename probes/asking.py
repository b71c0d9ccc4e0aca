"""Asks the second opinions while the walk goes on: a control, or public resolvers where there is none."""

import asyncio
from collections.abc import Sequence
from types import TracebackType

from models.observations import Purpose
from probes.control_client import ask_control
from probes.hop import look_up
from probes.places import Place
from probes.trail import Trail


class Asking:
    """The questions that run beside the walk; all are over, one way or the other, when this is left."""

    def __init__(self, trail: Trail) -> None:
        self._trail = trail
        self._tasks: list[asyncio.Task[object]] = []
        self._controls: dict[tuple[str, str], asyncio.Task[frozenset[str]]] = {}
        self._checked: set[str] = set()

    async def __aenter__(self) -> "Asking":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def check(self, here: Place, hop: int) -> None:
        """Asks the public resolvers for a host's addresses, where no control is configured."""
        plan = self._trail.plan
        if plan.controls or not plan.check_resolvers or here.is_address or here.host in self._checked:
            return
        self._checked.add(here.host)
        self._tasks.append(asyncio.create_task(look_up(self._trail, here, hop, Purpose.CHECK)))

    def control(self, here: Place, hop: int, addresses: Sequence[str]) -> None:
        """Asks a control for the same URL and addresses, once for each host and scheme."""
        if not self._trail.plan.controls or (here.scheme, here.host) in self._controls:
            return
        task = asyncio.create_task(self._ask(here, hop, addresses))
        self._controls[here.scheme, here.host] = task
        self._tasks.append(task)

    async def told(self, here: Place) -> frozenset[str]:
        """Waits for the addresses that the control names for this host; none where it cannot be asked."""
        task = self._controls.get((here.scheme, here.host))
        return await task if task is not None else frozenset()

    async def finish(self) -> None:
        """Waits for all answers; raises what went wrong in asking."""
        async with asyncio.timeout(self._trail.left()):
            for task in self._tasks:
                await task

    async def _ask(self, here: Place, hop: int, addresses: Sequence[str]) -> frozenset[str]:
        trail = self._trail
        for control in trail.plan.controls:
            report = await ask_control(
                control,
                here.url,
                [_endpoint(address, here.port) for address in addresses if address != here.host or here.is_address],
                clock=trail.clock,
                blobs=trail.blobs,
                hop=hop,
                timeout=min(trail.left(), 3 * trail.plan.timeout),
            )
            trail.reported(report)
            if report.failure is None:
                return frozenset(report.addresses)
        return frozenset()


def _endpoint(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
