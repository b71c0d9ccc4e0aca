"""One DNS question over one fresh UDP socket, and everything that comes back until the listening ends.

An injector on the path answers before the resolver does, so the first answer is never the last word: the socket
stays open and hears on. It is not connected, so that datagrams from addresses that were not asked are heard too.
"""

import asyncio
import errno
import socket
import struct
import sys
from collections.abc import Sequence

from models.failures import Failure
from models.observations import DnsReply
from probes.blobs import Blobs
from probes.clock import Clock
from probes.dns_message import Heard, Question, endpoint, plain_address, read, unread
from probes.failure import failure_of, own_fault_of
from probes.ways.bind import Bind

MOST_FITTING = 32
MOST_MISFITS = 32
_AT_ONCE = 16  # datagrams read before other measurements get their turn
_LARGEST = 65_535

# Linux's numbers (in.h, in6.h, socket.h); Python 3.11 has no names for most of them.
_IP_RECVERR, _IPV6_RECVERR, _IP_RECVTTL, _IP_TTL = 11, 25, 12, 2
_IPV6_RECVHOPLIMIT, _IPV6_HOPLIMIT = 51, 52
_MSG_ERRQUEUE = 0x2000

_Ancillary = Sequence[tuple[int, int, bytes]]


class UdpExchange:
    """One question on its way to one server; `heard` grows until `close`."""

    def __init__(self, asked: Question, server: tuple[str, int], *, clock: Clock, blobs: Blobs) -> None:
        self.asked = asked
        self.server = server
        self.heard: list[Heard] = []
        self.not_kept = 0
        self.queries_sent = 0
        self.own_fault: str | None = None
        self.way_out_failure: str | None = None  # UDP goes through no proxy
        self._clock = clock
        self._blobs = blobs
        self._loop = asyncio.get_running_loop()
        self._answered: asyncio.Future[Heard | str] = self._loop.create_future()
        self._said_on_the_way: str | None = None  # an ICMP error that a stub resolver would not give up for
        self._socket: socket.socket | None = None
        self._timers: list[asyncio.TimerHandle] = []

    async def answer(self, bind: Bind, timeout: float) -> Heard | str:
        """Asks, and returns the first message that fits, or the word for why there is none.

        Asks once more at half of the time, because a lost packet is not censorship.
        """
        try:
            family = socket.AF_INET6 if ":" in self.server[0] else socket.AF_INET
            self._socket = bind.open(family, socket.SOCK_DGRAM)
            _make_talkative(self._socket)
            self._send()
        except OSError as error:
            self.close()
            self.own_fault = own_fault_of(error)
            return failure_of(error)
        self._loop.add_reader(self._socket.fileno(), self._readable)
        self._timers = [
            self._loop.call_later(timeout / 2, self._send_again),
            self._loop.call_later(timeout, self._give_up),
        ]
        try:
            return await self._answered
        except asyncio.CancelledError:
            self.close()
            raise

    def close(self) -> None:
        """Ends the listening; may be called twice."""
        for timer in self._timers:
            timer.cancel()
        if self._socket is not None and self._socket.fileno() >= 0:
            self._loop.remove_reader(self._socket.fileno())
            self._socket.close()

    def _send(self) -> None:
        if self._socket is None:
            return
        self._socket.sendto(self.asked.wire, self.server)
        self.queries_sent += 1

    def _send_again(self) -> None:
        if self._answered.done():
            return
        try:
            self._send()
        except OSError as error:
            self._said_on_the_way = failure_of(error)

    def _give_up(self) -> None:
        self._settle(self._said_on_the_way or Failure.GENERIC_TIMEOUT_ERROR)

    def _settle(self, answer: Heard | str) -> None:
        if not self._answered.done():
            self._answered.set_result(answer)

    def _readable(self) -> None:
        if self._socket is None:
            return
        for _ in range(_AT_ONCE):
            try:
                wire, ancillary, _, sender = self._socket.recvmsg(_LARGEST, 128)
            except (BlockingIOError, InterruptedError):
                break
            except OSError as error:
                self._refused(error)
            else:
                self._take(wire, sender, _ip_ttl(ancillary))
        _drain_errors(self._socket)

    def _refused(self, error: OSError) -> None:
        # Of ICMP's errors a stub resolver takes "port unreachable" alone for an answer; the others may pass.
        if error.errno == errno.ECONNREFUSED:
            self._settle(failure_of(error))
        else:
            self._said_on_the_way = failure_of(error)

    def _take(self, wire: bytes, sender: tuple[str, int], ip_ttl: int | None) -> None:
        bare = DnsReply(at_us=self._clock.us(), sender=endpoint(sender[0], sender[1]), rcode=None, ip_ttl=ip_ttl)
        was_asked = (plain_address(sender[0]), sender[1]) == (plain_address(self.server[0]), self.server[1])
        if not (was_asked and wire[:2] == self.asked.wire[:2]) and self._count(fits=False) >= MOST_MISFITS:
            self.not_kept += 1  # not even parsed: a flood must cost little
        elif was_asked:
            self._keep(read(wire, self.asked, bare), wire)
        else:
            self._keep(unread(bare, "from an address that was not asked"), wire)

    def _count(self, *, fits: bool) -> int:
        return sum(heard.fits is fits for heard in self.heard)

    def _keep(self, heard: Heard, wire: bytes) -> None:
        """A flood of misfits must not crowd the answer out: each kind has its own room."""
        if self._count(fits=heard.fits) >= (MOST_FITTING if heard.fits else MOST_MISFITS):
            self.not_kept += 1
            return
        kept = heard.with_raw(self._blobs.put(wire))
        self.heard.append(kept)
        if kept.fits:
            self._settle(kept)


def _make_talkative(sock: socket.socket) -> None:
    """Asks the kernel for the TTL of what comes in and for ICMP errors, which it hides from unconnected sockets."""
    if sys.platform != "linux":
        return
    if sock.family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, _IPV6_RECVHOPLIMIT, 1)
        sock.setsockopt(socket.IPPROTO_IPV6, _IPV6_RECVERR, 1)
    else:
        sock.setsockopt(socket.IPPROTO_IP, _IP_RECVTTL, 1)
        sock.setsockopt(socket.IPPROTO_IP, _IP_RECVERR, 1)


def _ip_ttl(ancillary: _Ancillary) -> int | None:
    for level, kind, content in ancillary:
        if (level, kind) in {(socket.IPPROTO_IP, _IP_TTL), (socket.IPPROTO_IPV6, _IPV6_HOPLIMIT)}:
            return int(struct.unpack_from("=i", content)[0])
    return None


def _drain_errors(sock: socket.socket) -> None:
    """Empties the queue of ICMP errors, else the loop is told again and again that there is something to read."""
    if sys.platform != "linux":
        return
    for _ in range(_AT_ONCE):
        try:
            sock.recvmsg(512, 512, _MSG_ERRQUEUE)
        except OSError:
            return
