"""A nameserver on loopback that answers as a test tells it to: forged and true, late, from elsewhere, or never."""

import asyncio
import socket
import struct
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Self

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

from names.tcp_server import tcp_server


@dataclass(frozen=True)
class Datagram:
    """One message back, after a while, perhaps from another address or with an IP TTL of its own."""

    wire: bytes
    after: float = 0.0
    source: str | None = None
    ttl: int = 64


@dataclass
class Nameserver:
    """Answers each UDP query with what `script` makes of it, and each TCP query with what `tcp` makes of it."""

    script: Callable[[bytes], Sequence[Datagram]] = lambda _: ()
    tcp: Callable[[bytes], bytes] | None = None
    address: str = "127.0.0.1"
    queries: list[bytes] = field(default_factory=list)
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def __aenter__(self) -> Self:
        self.port = await self._stack.enter_async_context(tcp_server(self._serve_tcp, address=self.address))
        self._socket = socket.socket(socket.AF_INET6 if ":" in self.address else socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind((self.address, self.port))
        asyncio.get_running_loop().add_reader(self._socket.fileno(), self._serve_udp)
        return self

    async def __aexit__(self, *_: object) -> None:
        asyncio.get_running_loop().remove_reader(self._socket.fileno())
        self._socket.close()
        await self._stack.aclose()

    @property
    def udp(self) -> str:
        return "udp://" + (f"[{self.address}]" if ":" in self.address else self.address) + f":{self.port}"

    def _serve_udp(self) -> None:
        query, client = self._socket.recvfrom(4096)
        self.queries.append(query)
        for datagram in self.script(query):
            asyncio.get_running_loop().call_later(datagram.after, self._send, datagram, client)

    def _send(self, datagram: Datagram, client: tuple[str, int]) -> None:
        if self._socket.fileno() < 0:
            return
        if datagram.source is not None:
            with socket.socket(self._socket.family, socket.SOCK_DGRAM) as other:
                other.bind((datagram.source, 0))
                other.sendto(datagram.wire, client)
        elif ":" in self.address:
            self._socket.sendto(datagram.wire, client)
        else:
            self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, datagram.ttl)
            self._socket.sendto(datagram.wire, client)

    async def _serve_tcp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        (length,) = struct.unpack("!H", await reader.readexactly(2))
        query = await reader.readexactly(length)
        self.queries.append(query)
        if self.tcp is not None:
            answer = self.tcp(query)
            writer.write(struct.pack("!H", len(answer)) + answer)
            await writer.drain()


def reply(query: bytes, *records: str, rcode: str = "NOERROR", truncated: bool = False) -> dns.message.Message:
    """Makes a reply with records such as "example.org. 60 IN A 192.0.2.1"."""
    answer = dns.message.make_response(dns.message.from_wire(query))
    answer.set_rcode(dns.rcode.from_text(rcode))
    for record in records:
        name, ttl, rdclass, rdtype, value = record.split(maxsplit=4)
        answer.answer.append(dns.rrset.from_text(name, int(ttl), rdclass, rdtype, value))
    if truncated:
        answer.flags |= dns.flags.TC
    return answer


def answering(*records: str, rcode: str = "NOERROR") -> Callable[[bytes], Sequence[Datagram]]:
    """A script that gives one and the same honest reply."""
    return lambda query: (Datagram(reply(query, *records, rcode=rcode).to_wire()),)
