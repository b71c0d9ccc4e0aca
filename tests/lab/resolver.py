"""A DNS resolver on loopback, UDP and TCP, that tells the truth unless a censor's rule says otherwise."""

import asyncio
import contextlib
import errno
import socket
from collections.abc import Callable
from dataclasses import dataclass

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from lab.censor import Action, Rule

_RCODES = {
    Action.DNS_NXDOMAIN: dns.rcode.NXDOMAIN,
    Action.DNS_SERVFAIL: dns.rcode.SERVFAIL,
    Action.DNS_REFUSED: dns.rcode.REFUSED,
    Action.DNS_EMPTY: dns.rcode.NOERROR,
}
_SITE_RCODES = {"nxdomain": dns.rcode.NXDOMAIN, "servfail": dns.rcode.SERVFAIL, "empty": dns.rcode.NOERROR}
_TRUE_TTL = 60
_MOST_PORTS = 50  # other labs on this machine may hold some
_TRUTH_AFTER = 0.05  # seconds by which an injected answer wins


@dataclass(frozen=True, slots=True)
class Truth:
    """What an honest resolver knows of a name: its addresses, or why it has none."""

    addresses: tuple[str, ...]
    state: str = "answers"


Lookup = Callable[[str], Truth]
Interference = Callable[[str, str], Rule | None]


class Resolver:
    """Serves one address and port; `lookup` tells the truth, `interference(name, source)` what a censor does."""

    def __init__(self, host: str, port: int, lookup: Lookup, interference: Interference) -> None:
        self.host, self.port = host, port
        self.silent = False  # a dead resolver
        self.absent = False  # there is none: nothing answers but what a box on the way injects
        self.loses = 0  # datagrams that get lost on the way before one arrives
        self.refuses = False  # a closed resolver: REFUSED for everything
        self.rewrites_to: str | None = None  # an ISP's search page instead of NXDOMAIN
        self._lookup, self._interference = lookup, interference
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "Resolver":
        loop = asyncio.get_running_loop()
        await self._open()
        self._reader = loop.create_task(self._serve_datagrams())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._reader.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(self._reader, *self._tasks, return_exceptions=True)
        self._udp.close()
        self._tcp.close()
        await self._tcp.wait_closed()

    async def _open(self) -> None:
        """Takes one port for both protocols; where it was to be any, one that is free for both."""
        for _ in range(_MOST_PORTS):
            self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self._udp.bind((self.host, self.port))
            self._udp.setblocking(False)
            port = self._udp.getsockname()[1]
            try:
                self._tcp = await asyncio.start_server(self._serve_stream, self.host, port)
            except OSError:
                self._udp.close()
                continue
            self.port = port
            return
        raise OSError(errno.EADDRINUSE, f"no port of {self.host} is free for UDP and TCP")

    async def _serve_datagrams(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            query, peer = await loop.sock_recvfrom(self._udp, 4096)
            if self.loses:
                self.loses -= 1
                continue
            task = loop.create_task(self._answer_datagram(query, peer))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _answer_datagram(self, query: bytes, peer: tuple[str, int]) -> None:
        for delay, ip_ttl, reply in self._replies(query, peer[0]):
            await asyncio.sleep(delay)
            self._udp.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, ip_ttl)
            with contextlib.suppress(OSError):  # the asker has gone
                self._udp.sendto(reply, peer)

    async def _serve_stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            query = await reader.readexactly(int.from_bytes(await reader.readexactly(2)))
            # A box that injects over UDP cannot do so on a stream: the truth goes through.
            for _, _, reply in self._replies(query, writer.get_extra_info("peername")[0])[-1:]:
                writer.write(len(reply).to_bytes(2) + reply)
            await writer.drain()
        writer.close()

    def _replies(self, wire: bytes, source: str) -> list[tuple[float, int, bytes]]:
        try:
            query = dns.message.from_wire(wire)
        except dns.exception.DNSException:
            return []
        if self.silent:
            return []
        if self.refuses:
            return [(0.0, _TRUE_TTL, _reply(query, dns.rcode.REFUSED, ()))]
        name = query.question[0].name.to_text(omit_final_dot=True).lower()
        rule = self._interference(name, source)
        if self.absent:
            return [] if rule is None else self._interfered(query, name, rule)[:1]
        return self._honest(query, name) if rule is None else self._interfered(query, name, rule)

    def _honest(self, query: dns.message.Message, name: str, delay: float = 0.0) -> list[tuple[float, int, bytes]]:
        truth = self._lookup(name)
        if truth.state == "nxdomain" and self.rewrites_to:
            return [(delay, _TRUE_TTL, _reply(query, dns.rcode.NOERROR, (self.rewrites_to,)))]
        rcode = _SITE_RCODES.get(truth.state, dns.rcode.NOERROR)
        addresses = truth.addresses if truth.state == "answers" else ()
        return [(delay, _TRUE_TTL, _reply(query, rcode, addresses))]

    def _interfered(self, query: dns.message.Message, name: str, rule: Rule) -> list[tuple[float, int, bytes]]:
        if rule.action is Action.DNS_SILENT:
            return []
        forged = _reply(query, _RCODES.get(rule.action, dns.rcode.NOERROR), rule.addresses)
        first = [(0.0, rule.ip_ttl, forged)]
        return first + self._honest(query, name, _TRUTH_AFTER) if rule.action is Action.DNS_INJECT else first


def _reply(query: dns.message.Message, rcode: dns.rcode.Rcode, addresses: tuple[str, ...]) -> bytes:
    reply = dns.message.make_response(query, recursion_available=True)
    reply.set_rcode(rcode)
    question = query.question[0]
    family = "A" if question.rdtype == dns.rdatatype.A else "AAAA"
    fitting = [address for address in addresses if (":" in address) == (family == "AAAA")]
    if fitting and question.rdtype in (dns.rdatatype.A, dns.rdatatype.AAAA):
        reply.answer.append(dns.rrset.from_text(question.name, 300, "IN", family, *fitting))
    return reply.to_wire()
