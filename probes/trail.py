"""What one measurement has seen so far; steps add to it, and what was seen stays when time runs out."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from models.certificates import Roots
from models.failures import Failure
from models.observations import Contrast, ControlReport, DnsLookup, HttpFetch, Observation, TcpConnect, TlsHandshake
from probes.blobs import Blobs
from probes.clock import Clock
from probes.dns_lookup import DnsListening
from probes.places import Place
from probes.plan import Plan
from probes.streams import Stream
from probes.tcp_connect import Connected
from probes.ways import WayOut

OnStep = Callable[[Observation | ControlReport], None]
_Seen = TypeVar("_Seen", DnsLookup, TcpConnect, TlsHandshake, HttpFetch)
_HAIR = 0.02  # seconds: a step that ended this near the measurement's end was ended by it


class OutOfTimeError(Exception):
    """The measurement's time is up."""


class Trail:
    """Collects observations, and knows how much time is left for more."""

    def __init__(self, plan: Plan, way: WayOut, *, at: datetime, roots: Roots, on_step: OnStep | None) -> None:
        self.plan, self.way, self.at, self.roots = plan, way, at, roots
        self.clock = Clock()
        self.blobs = Blobs()
        self.ipv6 = _ipv6(plan, way)
        self.lookups: list[DnsListening] = []
        self.tcp: list[TcpConnect] = []
        self.tls: list[TlsHandshake] = []
        self.http: list[HttpFetch] = []
        self.controls: list[ControlReport] = []
        self.contrasts: list[Contrast] = []
        self.places: dict[int, Place] = {}  # where each hop led
        self.notes: list[str] = []
        self.own_fault: str | None = None
        self.timed_out = False
        self._streams: list[Stream] = []
        self._cut: set[int] = set()  # places in `lookups` of those that the end cut short
        self._on_step = on_step
        self._connections = 0
        self._ends = asyncio.get_running_loop().time() + plan.total_timeout

    def left(self) -> float:
        """Returns the seconds left for the whole measurement; raises OutOfTimeError when there are none."""
        left = self._ends - asyncio.get_running_loop().time()
        if left <= 0:
            self.timed_out = True
            raise OutOfTimeError
        return left

    def step_timeout(self) -> float:
        """Returns how long the next step may take."""
        return min(self.plan.timeout, self.left())

    def connection(self) -> int:
        """Returns the number of the next connection."""
        self._connections += 1
        return self._connections

    def honest(self, seen: _Seen) -> _Seen:
        """A step that the measurement's end cut short was interrupted: the far side was not silent for long enough."""
        near = self._ends - asyncio.get_running_loop().time() <= _HAIR
        if not near or seen.failure != Failure.GENERIC_TIMEOUT_ERROR:
            return seen
        self.timed_out = True
        return replace(seen, failure=Failure.INTERRUPTED)

    def tell(self, seen: Observation | ControlReport) -> None:
        """Passes news on to whoever watches."""
        if self._on_step is not None:
            self._on_step(seen)

    def listening(self, lookup: DnsListening) -> DnsLookup:
        """Adds a lookup that may still be listening."""
        self.lookups.append(lookup)
        self.fault(lookup.own_fault)
        seen = self.honest(lookup.so_far)
        if seen.failure == Failure.INTERRUPTED:
            self._cut.add(len(self.lookups) - 1)
        self.tell(seen)
        return seen

    def hold(self, stream: Stream) -> None:
        """Takes care of a stream that may stay open."""
        self._streams.append(stream)

    def close(self) -> None:
        """Closes whatever is still open."""
        for stream in self._streams:
            stream.close()

    def settled(self) -> tuple[DnsLookup, ...]:
        """Ends all listening and returns the lookups with everything that was heard."""
        for lookup in self.lookups:
            lookup.close()
        return tuple(
            replace(lookup.so_far, failure=Failure.INTERRUPTED) if place in self._cut else lookup.so_far
            for place, lookup in enumerate(self.lookups)
        )

    def connected(self, connected: Connected) -> TcpConnect:
        """Adds a connection attempt."""
        self.fault(connected.own_fault)
        if connected.stream is not None:
            self.hold(connected.stream)
        self.tcp.append(seen := self.honest(connected.seen))
        self.tell(seen)
        return seen

    def shaken(self, seen: TlsHandshake) -> TlsHandshake:
        """Adds a handshake."""
        self.tls.append(seen := self.honest(seen))
        self.tell(seen)
        return seen

    def fetched(self, seen: HttpFetch) -> HttpFetch:
        """Adds a fetch."""
        self.http.append(seen := self.honest(seen))
        self.tell(seen)
        return seen

    def reported(self, seen: ControlReport) -> None:
        """Adds what a control said."""
        self.controls.append(seen)
        self.tell(seen)

    def fault(self, why: str | None) -> None:
        """Notes a fault of ours; the first stays."""
        self.own_fault = self.own_fault or why

    def note(self, text: str) -> None:
        """Notes what the observations cannot say, once."""
        if text not in self.notes:
            self.notes.append(text)


def _ipv6(plan: Plan, way: WayOut) -> bool | None:
    if plan.vantage.ipv6 is not None:
        return plan.vantage.ipv6
    return way.bind.has_ipv6() if way.kind == "direct" else None
