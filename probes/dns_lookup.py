"""The step `dns_lookup`: one question to one resolver, and every reply to it within the window.

The walk goes on with the first well-formed reply; the listening goes on behind it, because an injected answer
overtakes the true one. `dns_listen` returns at the first answer, `dns_lookup` when the window has closed.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import urlsplit

from models.failures import Failure, unknown
from models.observations import DnsLookup, Purpose
from probes.blobs import Blobs
from probes.clock import Clock
from probes.dns_https import HttpsExchange
from probes.dns_message import Heard, endpoint, question
from probes.dns_system import from_hosts, name_servers
from probes.dns_tcp import TcpExchange
from probes.dns_udp import UdpExchange
from probes.places import Place, place
from probes.ways import WayOut

_ASK_THE_NEXT = frozenset({"SERVFAIL", "NOTIMP", "REFUSED"})  # as glibc's stub resolver does
_PORTS = {"udp": 53, "tcp": 53, "https": 443}

Exchange = UdpExchange | TcpExchange | HttpsExchange


@dataclass(frozen=True, slots=True)
class Server:
    """A resolver's server; `url` is how records write it."""

    scheme: str
    address: str
    port: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What is asked, of whom, and by which way out."""

    name: str
    type: str
    resolver: str
    way: WayOut
    clock: Clock
    blobs: Blobs
    timeout: float
    window: float
    hop: int = 0
    purpose: Purpose = Purpose.WALK


class DnsListening:
    """A lookup that has its answer, or the word for why there is none, and may still be listening."""

    def __init__(self, lookup: DnsLookup, exchanges: Sequence[Exchange] = (), window: float = 0) -> None:
        self._lookup = lookup
        self._exchanges = exchanges
        self._closed = asyncio.Event()
        self._settled: DnsLookup | None = None  # once nothing more can be heard
        if window > 0 and any(isinstance(each, UdpExchange) for each in exchanges):
            self._timer = asyncio.get_running_loop().call_later(window, self.close)
        else:
            self.close()

    @property
    def own_fault(self) -> str | None:
        """A fault of ours (file descriptors, memory): this lookup says nothing about the name."""
        return next((each.own_fault for each in self._exchanges if each.own_fault), None)

    @property
    def so_far(self) -> DnsLookup:
        """The lookup with what was heard until now; its answer does not change any more."""
        if self._settled is not None:
            return self._settled
        heard = sorted((one.reply for each in self._exchanges for one in each.heard), key=lambda reply: reply.at_us)
        return replace(self._lookup, replies=tuple(heard), not_kept=sum(each.not_kept for each in self._exchanges))

    async def finish(self) -> DnsLookup:
        """Returns the complete lookup once the window has closed."""
        await self._closed.wait()
        return self.so_far

    def close(self) -> None:
        """Ends the listening now; the sockets are closed at the end of the window in any case."""
        for exchange in self._exchanges:
            exchange.close()
        self._settled = self.so_far
        self._closed.set()


async def dns_lookup(
    name: str,
    type: str,  # noqa: A002
    resolver: str,
    *,
    way: WayOut,
    clock: Clock,
    timeout: float,
    window: float,
    blobs: Blobs,
    hop: int = 0,
    purpose: Purpose = Purpose.WALK,
) -> DnsLookup:
    """Asks, and returns when the window after the first answer has closed; takes what `dns_listen` takes."""
    listening = await dns_listen(
        name,
        type,
        resolver,
        way=way,
        clock=clock,
        timeout=timeout,
        window=window,
        blobs=blobs,
        hop=hop,
        purpose=purpose,
    )
    try:
        return await listening.finish()
    finally:
        listening.close()


async def dns_listen(
    name: str,
    type: str,  # noqa: A002
    resolver: str,
    *,
    way: WayOut,
    clock: Clock,
    timeout: float,
    window: float,
    blobs: Blobs,
    hop: int = 0,
    purpose: Purpose = Purpose.WALK,
) -> DnsListening:
    """Asks for the A or AAAA records of an A-label name, and returns at the first answer, or after `timeout` seconds.

    `resolver` is "system", "udp://address[:port]", "tcp://address[:port]" or a DoH URL; anything else raises
    ValueError. What the network does is never raised: it is the lookup's `failure`. UDP is listened to for `window`
    more seconds behind the answer.
    """
    ask = Ask(
        name=name,
        type=type,
        resolver=resolver,
        way=way,
        clock=clock,
        blobs=blobs,
        timeout=timeout,
        window=window,
        hop=hop,
        purpose=purpose,
    )
    return await _listen(ask)


async def _listen(ask: Ask) -> DnsListening:
    started = ask.clock.us()
    known = _without_asking(ask)
    if known is not None:
        return DnsListening(known)
    resolution = _Resolution(ask)
    try:
        answer = await resolution.run()
    except BaseException:
        resolution.close()
        raise
    lookup = replace(
        _blank(ask, ask.resolver if ask.resolver == "system" else resolution.asked[0]),
        started_us=started,
        duration_us=ask.clock.since(started),
        failure=answer if isinstance(answer, str) else answer.failure,
        addresses=() if isinstance(answer, str) else answer.addresses,
        queries_sent=sum(each.queries_sent for each in resolution.exchanges),
        servers=tuple(dict.fromkeys(resolution.asked)),
        way_out_failure=next((each.way_out_failure for each in resolution.exchanges if each.way_out_failure), None),
    )
    silent = answer == Failure.GENERIC_TIMEOUT_ERROR
    return DnsListening(lookup, resolution.exchanges, 0 if silent else ask.window)


def _without_asking(ask: Ask) -> DnsLookup | None:
    """What is settled before anything is sent: a name that cannot be asked, a far end that resolves, the hosts file."""
    try:
        question(ask.name, ask.type)
    except ValueError as why:
        return replace(_blank(ask, ask.resolver), failure=unknown(f"not a name that DNS can carry: {why}"))
    if ask.resolver != "system":
        return None
    if ask.way.resolves_far:
        return _blank(ask, f"{ask.way.kind} far end")
    listed = from_hosts(ask.name, ask.way.bind.netns)
    if not listed:
        return None
    # As glibc has it: a name that the file holds for one family alone is not asked for in the other.
    wanted = tuple(address for address in listed if (":" in address) == (ask.type == "AAAA"))
    return replace(_blank(ask, "hosts"), addresses=wanted, failure=None if wanted else Failure.DNS_NO_ANSWER)


def _blank(ask: Ask, resolver: str) -> DnsLookup:
    return DnsLookup(
        hop=ask.hop,
        purpose=ask.purpose,
        name=ask.name,
        type=ask.type,
        resolver=resolver,
        started_us=ask.clock.us(),
        duration_us=0,
        failure=None,
        queries_sent=0,
    )


class _Resolution:
    """Asks one server after the other, as a stub resolver does, and keeps every exchange that was begun."""

    def __init__(self, ask: Ask) -> None:
        self.exchanges: list[Exchange] = []
        self.asked: list[str] = []
        self._ask = ask

    async def run(self) -> Heard | str:
        """Returns the first answer that a visitor would be given, or the word for why there is none."""
        servers = _servers(self._ask)
        answers: list[Heard | str] = []
        for server in servers:
            answer = await self._ask_one(server, self._ask.timeout / len(servers))
            if isinstance(answer, Heard) and answer.reply.rcode not in _ASK_THE_NEXT:
                return answer
            answers.append(answer)
        return self._late() or next((each for each in answers if isinstance(each, Heard)), answers[0])

    def close(self) -> None:
        for exchange in self.exchanges:
            exchange.close()

    def _late(self) -> Heard | None:
        """An answer of a server that was given up for the next one, and came all the same."""
        heard = [one for each in self.exchanges for one in each.heard if one.fits and one.failure is None]
        return min(heard, key=lambda one: one.reply.at_us, default=None)

    async def _ask_one(self, server: Server, timeout: float) -> Heard | str:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        edns = True
        answer = await self._send(server, edns, timeout)
        if isinstance(answer, Heard) and answer.refuses_edns:
            edns = False
            answer = await self._send(server, edns, deadline - loop.time())
        if isinstance(answer, Heard) and answer.reply.truncated and server.scheme == "udp":
            # RFC 2181, section 9: what is cut off is not used.
            answer = await self._send(_over_tcp(server), edns, deadline - loop.time())
        return answer

    async def _send(self, server: Server, edns: bool, timeout: float) -> Heard | str:
        ask = self._ask
        asked = question(ask.name, ask.type, edns=edns)
        self.asked.append(server.url)
        if server.scheme == "udp":
            udp = UdpExchange(asked, (server.address, server.port), clock=ask.clock, blobs=ask.blobs)
            self.exchanges.append(udp)
            return await udp.answer(ask.way.bind, timeout)
        if server.scheme == "tcp":
            tcp = TcpExchange(asked, (server.address, server.port), clock=ask.clock, blobs=ask.blobs)
            self.exchanges.append(tcp)
            return await tcp.answer(ask.way, timeout)
        https = HttpsExchange(asked, server.url, clock=ask.clock, blobs=ask.blobs)
        self.exchanges.append(https)
        return await https.answer(ask.way, lambda: _find(place(server.url), ask), timeout)


async def _find(to: Place, ask: Ask) -> tuple[str, ...]:
    """Finds where an encrypted resolver is; its certificate proves later that it was the right place."""
    if ask.way.resolves_far or to.is_address:
        return (to.host,)
    asks = [replace(ask, name=to.host, type=kind, resolver="system", window=0, blobs=Blobs()) for kind in ("A", "AAAA")]
    found = await asyncio.gather(*(_listen(one) for one in asks))
    return tuple(address for listening in found for address in listening.so_far.addresses)


def _servers(ask: Ask) -> tuple[Server, ...]:
    if ask.resolver == "system":
        return tuple(server_from(f"udp://{endpoint(one, 53)}") for one in name_servers(ask.way.bind.netns))
    server = server_from(ask.resolver)
    return (_over_tcp(server) if server.scheme == "udp" and not ask.way.can_udp else server,)


def _over_tcp(server: Server) -> Server:
    return server_from(f"tcp://{endpoint(server.address, server.port)}")


@lru_cache(maxsize=256)
def server_from(resolver: str) -> Server:
    """Reads a resolver's URL, or its bare address for UDP; raises ValueError with what is wrong."""
    bare = "://" not in resolver
    text = f"udp://{endpoint(resolver, 53) if resolver.count(':') > 1 else resolver}" if bare else resolver
    parts = urlsplit(text)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError(
            f"{resolver!r} is no resolver: write system, udp://address, tcp://address or https://…/dns-query"
        )
    port = parts.port or _PORTS[parts.scheme]
    url = place(text).url if parts.scheme == "https" else f"{parts.scheme}://{endpoint(parts.hostname, port)}"
    return Server(parts.scheme, parts.hostname, port, url)
