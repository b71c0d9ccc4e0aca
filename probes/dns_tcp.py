"""One DNS question over TCP (RFC 7766), on a stream that the way out opens: the vantage point's own, or a proxy's."""

import asyncio
import struct

from models.failures import Failure
from models.observations import DnsReply
from probes.blobs import Blobs
from probes.clock import Clock
from probes.dns_message import Heard, Question, endpoint, read
from probes.failure import EndOfStream, failure_of
from probes.streams import Stream
from probes.ways import WayOut

_MOST_MESSAGES = 8


class TcpExchange:
    """One question on its way to one server; it is over when `answer` returns."""

    def __init__(self, asked: Question, server: tuple[str, int], *, clock: Clock, blobs: Blobs) -> None:
        self.asked = asked
        self.server = server
        self.heard: list[Heard] = []
        self.not_kept = 0
        self.queries_sent = 0
        self.own_fault: str | None = None
        self.way_out_failure: str | None = None
        self._clock = clock
        self._blobs = blobs

    async def answer(self, way: WayOut, timeout: float) -> Heard | str:
        """Connects, asks, and returns the first message that fits, or the word for why there is none."""
        deadline = asyncio.get_running_loop().time() + timeout
        opened = await way.open_stream(*self.server, timeout)
        self.own_fault, self.way_out_failure = opened.own_fault, opened.way_out_failure
        if opened.stream is None:
            return opened.failure or Failure.WAY_OUT_ERROR
        try:
            async with asyncio.timeout_at(deadline):
                return await self._converse(opened.stream)
        except (OSError, EndOfStream) as error:
            return failure_of(error)
        finally:
            opened.stream.close()

    def close(self) -> None:
        """Nothing is left open once `answer` has returned."""

    async def _converse(self, stream: Stream) -> Heard | str:
        self.queries_sent += 1
        await stream.send(struct.pack("!H", len(self.asked.wire)) + self.asked.wire)
        received = bytearray()
        for _ in range(_MOST_MESSAGES):
            (length,) = struct.unpack("!H", await _exactly(stream, 2, received))
            heard = self._take(await _exactly(stream, length, received))
            if heard.fits:
                return heard
        return Failure.DNS_SERVER_MISBEHAVING

    def _take(self, wire: bytes) -> Heard:
        sender = "tcp://" + endpoint(*self.server)
        heard = read(wire, self.asked, DnsReply(at_us=self._clock.us(), sender=sender, rcode=None))
        self.heard.append(heard.with_raw(self._blobs.put(wire)))
        return heard


async def _exactly(stream: Stream, count: int, received: bytearray) -> bytes:
    """Takes `count` octets off the stream; what came beyond them waits in `received`."""
    while len(received) < count:
        piece = await stream.receive(65_536)
        if not piece:
            raise EndOfStream
        received += piece
    taken = bytes(received[:count])
    del received[:count]
    return taken
