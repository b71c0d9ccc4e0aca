"""The steps of a control: the very same that a vantage point uses, with certificates verified and private addresses left alone."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from models.certificates import Roots, default_roots
from models.failures import Failure
from models.observations import DnsLookup
from probes.addresses import is_public
from probes.blobs import Blobs
from probes.clock import Clock
from probes.dns_lookup import dns_listen
from probes.places import Place
from probes.streams import Stream
from probes.tcp_connect import Endpoint, tcp_connect
from probes.tls_handshake import Trust, tls_handshake
from probes.together import together
from probes.ways import WayOut
from probes.ways.bind import Bind
from probes.ways.direct import Direct

_ALWAYS_THERE = "a.root-servers.net"  # a name that every resolver on the internet knows
_HEALTH_KEPT = 60.0  # seconds
_DNS_WORDS: dict[str, str | None] = {  # as test helpers have it
    Failure.DNS_NXDOMAIN_ERROR: "dns_name_error",
    Failure.DNS_NO_ANSWER: None,
}


class OwnFaultError(Exception):
    """The control itself cannot see: whatever it answered would be taken for a fact about the site."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """What the control's resolver said, in a test helper's words."""

    failure: str | None
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Met:
    """What one address did; the stream is open where all of it went well."""

    tcp_failure: str | None = None
    tls_tried: bool = False
    tls_failure: str | None = None
    stream: Stream | None = None

    @property
    def failure(self) -> str | None:
        return self.tcp_failure or self.tls_failure

    @property
    def is_valid(self) -> bool:
        """It shook hands, with a certificate valid for the name."""
        return self.tls_tried and self.failure is None


@dataclass(slots=True, kw_only=True)
class Eyes:
    """How one control looks; times in seconds."""

    allow_private: bool = False
    resolver: str = "system"
    dns_timeout: float = 4
    timeout: float = 15
    way: WayOut = field(default_factory=lambda: Direct(Bind()))
    roots: Roots = field(default_factory=default_roots)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    _healthy_until: float = 0

    def may_meet(self, address: str) -> bool:
        return self.allow_private or is_public(address)

    async def resolve(self, to: Place) -> Resolved:
        """Resolves a host by the control's own resolver; raises OwnFaultError where that is at fault."""
        if to.is_address:
            return Resolved(None, (to.host,))
        lookups = await together(self._look_up(to.host, kind) for kind in ("A", "AAAA"))
        addresses = tuple(dict.fromkeys(address for lookup in lookups for address in lookup.addresses))
        if addresses:
            return Resolved(None, addresses)
        if lookups[0].failure == Failure.DNS_NXDOMAIN_ERROR or not any(lookup.replies for lookup in lookups):
            await self._check_resolver()
        failure = lookups[0].failure
        return Resolved(_DNS_WORDS.get(failure, failure) if failure else None, ())

    async def meet(self, to: Place, address: str, port: int, *, tls: bool) -> Met:
        """Connects and, where `tls`, shakes hands; raises OwnFaultError where this machine is at fault."""
        end = Endpoint(connection=1, address=address, port=port)
        clock = Clock()
        connected = await tcp_connect(end, self.way, clock, timeout=self.timeout)
        if connected.own_fault:
            raise OwnFaultError(connected.own_fault)
        if connected.stream is None or not tls:
            return Met(connected.seen.failure, stream=connected.stream)
        trust = Trust(at=self.clock(), roots=self.roots, name=to.host)
        name = None if to.is_address else to.host
        shaken = await tls_handshake(
            connected.stream, end, trust, server_name=name, clock=clock, blobs=Blobs(), timeout=self.timeout
        )
        opinion = None if shaken.seen.opinion == "ok" else shaken.seen.opinion
        if shaken.stream is not None and opinion is not None:
            shaken.stream.close()
            return Met(tls_tried=True, tls_failure=opinion)
        return Met(tls_tried=True, tls_failure=shaken.seen.failure, stream=shaken.stream)

    async def _look_up(self, name: str, kind: str) -> DnsLookup:
        listening = await dns_listen(
            name, kind, self.resolver, way=self.way, clock=Clock(), timeout=self.dns_timeout, window=0, blobs=Blobs()
        )
        if listening.own_fault:
            raise OwnFaultError(listening.own_fault)
        return listening.so_far

    async def _check_resolver(self) -> None:
        """A resolver that knows no name at all would make every site look as if it were gone.

        A lab, where private addresses are allowed, has no root: its resolver is trusted.
        """
        if self.allow_private or time.monotonic() < self._healthy_until:
            return
        known = await self._look_up(_ALWAYS_THERE, "A")
        if not known.addresses:
            raise OwnFaultError(f"this control's resolver does not know {_ALWAYS_THERE}: {known.failure}")
        self._healthy_until = time.monotonic() + _HEALTH_KEPT
