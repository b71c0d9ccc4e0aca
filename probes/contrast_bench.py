"""Single operations for contrasts: each on a connection of its own, within what is left of the measurement's time."""

from collections.abc import Coroutine, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from models.observations import (
    Contrast,
    ContrastKind,
    DnsLookup,
    HttpFetch,
    Observation,
    Purpose,
    TcpConnect,
    TlsHandshake,
)
from models.targets import Contrasts
from probes.contrast_residue import INTERFERENCE
from probes.dns_lookup import dns_lookup
from probes.http_fetch import Ask, http_fetch
from probes.places import Place
from probes.streams import Stream
from probes.tcp_connect import Endpoint, tcp_connect
from probes.tls_handshake import Trust, tls_handshake
from probes.together import together
from probes.trail import Trail


class NoTimeError(Exception):
    """What is left of the measurement's time is too short for one more operation: its silence would prove nothing."""


class UnfitError(Exception):
    """This machine or the proxy failed: the operation says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """The steps of one connection, and how long before it interference was met there."""

    tcp: TcpConnect
    tls: TlsHandshake | None = None
    http: HttpFetch | None = None
    after_us: int | None = None

    @property
    def last(self) -> Observation:
        """The step that it got to."""
        return self.http or self.tls or self.tcp

    @property
    def cut(self) -> bool:
        """The connection was lost without a word of TLS or HTTP."""
        alert = self.last.alert if isinstance(self.last, TlsHandshake) else None
        return self.last.failure in INTERFERENCE and alert is None

    @property
    def poisoned(self) -> bool:
        """Residual blocking could explain it."""
        return self.cut and self.after_us is not None


async def as_far_as_possible(branches: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Runs several contrasts at once; one that this machine, its proxy or the time does not allow ends no other."""
    await together(map(_allowed, branches))


async def _allowed(branch: Coroutine[Any, Any, None]) -> None:
    with suppress(NoTimeError, UnfitError):
        await branch


class Bench:
    """Where contrasts of one hop are made."""

    def __init__(self, trail: Trail, settings: Contrasts, place: Place, hop: int) -> None:
        self.trail, self.settings, self.place, self.hop = trail, settings, place, hop

    def timeout(self) -> float:
        """Returns the time for one step, always a whole one; raises NoTimeError."""
        if self.trail.left() <= self.trail.plan.timeout:
            raise NoTimeError
        return self.trail.plan.timeout

    async def connect(self, address: str) -> Tried:
        """Connects, and closes."""
        tried, stream = await self.open(address)
        if stream is not None:
            stream.close()
        return self.noted(tried)

    async def hello(self, address: str, server_name: str | None) -> Tried:
        """Shakes hands with a name of our choice in the ClientHello, and closes."""
        tried, stream = await self._shaken(address, server_name)
        if stream is not None:
            stream.close()
        return self.noted(tried)

    async def request(self, address: str, host: str | None, server_name: str | None = None) -> Tried:
        """Fetches the hop's path, with a Host header of our choice; over TLS where the hop is, with a name of our choice."""
        if self.place.scheme == "https":
            own = None if self.place.is_address else self.place.host
            tried, stream = await self._shaken(address, server_name or own)
        else:
            tried, stream = await self.open(address)
        if stream is None:
            return self.noted(tried)
        seen = await http_fetch(
            stream,
            self.endpoint(address, tried.tcp.connection),
            Ask(place=self.place, host=host),
            clock=self.trail.clock,
            blobs=self.trail.blobs,
            timeout=self.timeout(),
            at_most=self.trail.left(),
        )
        return self.noted(Tried(tcp=tried.tcp, tls=tried.tls, http=seen, after_us=tried.after_us))

    async def lookup(self, name: str, kind: str, resolver: str, *, listen: bool = True) -> DnsLookup:
        """Asks one question, and listens on for further replies until the window has closed."""
        trail = self.trail
        return await dns_lookup(
            name,
            kind,
            resolver,
            way=trail.way,
            clock=trail.clock,
            timeout=self.timeout(),
            window=trail.plan.dns_window if listen else 0,
            blobs=trail.blobs,
            hop=self.hop,
            purpose=Purpose.CONTRAST,
        )

    def keep(
        self, kind: ContrastKind, tried: Tried, *, detail: str | None = None, lookups: tuple[DnsLookup, ...] = ()
    ) -> None:
        """Adds a contrast to the measurement."""
        self.trail.contrasts.append(
            Contrast(
                kind=kind,
                hop=self.hop,
                detail=detail,
                after_interference_us=tried.after_us,
                poisoned=tried.poisoned,
                dns=lookups,
                tcp=(tried.tcp,),
                tls=(tried.tls,) if tried.tls else (),
                http=(tried.http,) if tried.http else (),
            )
        )

    def keep_lookups(self, kind: ContrastKind, lookups: tuple[DnsLookup, ...], *, detail: str | None = None) -> None:
        """Adds a contrast made of lookups."""
        if lookups:
            self.trail.contrasts.append(Contrast(kind=kind, hop=self.hop, detail=detail, dns=lookups))

    def since_us(self, address: str) -> int | None:
        """Returns how long ago interference was met at an address and the hop's port."""
        return self.trail.plan.residue.since_us((self.trail.plan.vantage.id, address, self.place.port))

    async def open(self, address: str) -> tuple[Tried, Stream | None]:
        """Connects, and hands the stream over."""
        after = self.since_us(address)
        to = self.endpoint(address, self.trail.connection())
        connected = await tcp_connect(to, self.trail.way, self.trail.clock, timeout=self.timeout())
        if connected.own_fault is not None or connected.seen.way_out_failure is not None:
            raise UnfitError
        if connected.stream is not None:
            self.trail.hold(connected.stream)
        return Tried(tcp=connected.seen, after_us=after), connected.stream

    async def _shaken(self, address: str, server_name: str | None) -> tuple[Tried, Stream | None]:
        tried, stream = await self.open(address)
        if stream is None:
            return tried, None
        trail = self.trail
        shaken = await tls_handshake(
            stream,
            self.endpoint(address, tried.tcp.connection),
            Trust(at=trail.at, roots=trail.roots, name=server_name or self.place.host),
            server_name=server_name,
            clock=trail.clock,
            blobs=trail.blobs,
            timeout=self.timeout(),
        )
        return Tried(tcp=tried.tcp, tls=shaken.seen, after_us=tried.after_us), shaken.stream

    def noted(self, tried: Tried) -> Tried:
        """Remembers interference that was met."""
        if tried.cut:
            self.trail.plan.residue.note((self.trail.plan.vantage.id, tried.tcp.address, tried.tcp.port))
        return tried

    def endpoint(self, address: str, connection: int) -> Endpoint:
        """Returns where a connection of this hop goes."""
        return Endpoint(
            connection=connection, address=address, port=self.place.port, hop=self.hop, purpose=Purpose.CONTRAST
        )
