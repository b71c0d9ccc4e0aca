"""One HTTP/1.1 exchange over a stream that is open already, as an httpx transport. The only file that imports httpx.

httpx's own connections turn a reset and a close into the same empty ConnectError, and its decoders take a gzip bomb
whole; here exceptions keep their errno and the body comes raw, piece by piece.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import lru_cache

import httptools
import httpx

from models.failures import Failure
from probes.failure import EndOfStream, Word
from probes.streams import Stream

HEADER_BYTES = 64 << 10
HEADER_FIELDS = 400
_CHUNK = 65536

Headers = list[tuple[bytes, bytes]]


class OneConnection(httpx.AsyncBaseTransport):
    """Sends one request over an open stream; the answer's body is read from it raw."""

    def __init__(self, stream: Stream, most_header: int = HEADER_BYTES) -> None:
        self._stream = stream
        self._parser = _Answer(most_header)
        self._unsent: OSError | None = None

    @property
    def begun(self) -> bytes:
        """What came before the header was complete, raw."""
        return bytes(self._parser.opening)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raises OSError with its errno, EndOfStream at a FIN, Word for an answer that is not HTTP."""
        await self._send(to_wire(request))
        answer = self._parser
        while not answer.headed:
            answer.feed(await self._more())
        # Built with raw headers: httpx would choose decoders by them, and we never use its decoding.
        return httpx.Response(answer.status, headers=answer.headers, stream=_RawBody(self), request=request)

    async def body(self) -> AsyncIterator[bytes]:
        """Yields the body's octets as they come off the wire, without chunk framing."""
        answer = self._parser
        while True:
            if answer.pieces:
                pieces, answer.pieces = answer.pieces, []
                for piece in pieces:
                    yield piece
            if answer.broken:
                raise Word(Failure.HTTP_MALFORMED_RESPONSE)
            if answer.complete:
                return
            data = await self._stream.receive(_CHUNK)
            if not data:
                self._ended()
                return
            answer.feed(data)

    async def _send(self, wire: bytes) -> None:
        try:
            await self._stream.send(wire)
        except OSError as error:
            self._unsent = error  # the answer may have come before the connection went

    async def _more(self) -> bytes:
        data = await self._stream.receive(_CHUNK)
        if not data:
            raise self._unsent or EndOfStream
        return data

    def _ended(self) -> None:
        if not self._parser.ends_at_close:
            raise self._unsent or EndOfStream


class _RawBody(httpx.AsyncByteStream):
    def __init__(self, connection: OneConnection) -> None:
        self._connection = connection

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._connection.body()


class _Answer:
    """Takes httptools' events; strict about sizes, as lenient as browsers about form."""

    def __init__(self, most_header: int) -> None:
        self._most_header = most_header
        self._parser = httptools.HttpResponseParser(self)
        self._parser.set_dangerous_leniencies(
            lenient_headers=True,
            lenient_keep_alive=True,
            lenient_data_after_close=True,
            lenient_optional_lf_after_cr=True,
            lenient_optional_cr_before_lf=True,
            lenient_spaces_after_chunk_size=True,
        )
        self.opening = bytearray()
        self.status = 0
        self.headers: Headers = []
        self.headed = False
        self.complete = False
        self.broken = False
        self.pieces: list[bytes] = []

    def feed(self, data: bytes) -> None:
        if not self.headed:
            self.opening += data[: self._most_header - len(self.opening) + 1]
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._refused(error)
        except httptools.HttpParserUpgrade:
            self._refused(None)  # nobody asked for one
        if not self.headed and (len(self.opening) > self._most_header or len(self.headers) > HEADER_FIELDS):
            raise Word(Failure.HTTP_HEADER_TOO_LARGE)

    @property
    def ends_at_close(self) -> bool:
        """Without a length of either kind, the end of the connection is the end of the body (RFC 9112, 6.3)."""
        return not any(name.lower() in (b"content-length", b"transfer-encoding") for name, _ in self.headers)

    def on_message_begin(self) -> None:
        if not self.headed:
            self.headers = []  # of an interim (1xx) answer

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.headed:
            self.headers.append((name, value or b""))

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if not self.headed and status >= 200:
            self.status = status
            self.headed = True

    def on_body(self, piece: bytes) -> None:
        if not self.complete:
            self.pieces.append(piece)

    def on_message_complete(self) -> None:
        self.complete = self.headed

    def _refused(self, error: Exception | None) -> None:
        if self.complete:
            return  # octets after the answer's end concern nobody
        if not self.headed:
            raise Word(Failure.HTTP_MALFORMED_RESPONSE) from error
        self.broken = True


def to_wire(request: httpx.Request) -> bytes:
    """Writes a request as it goes over the connection, headers in the order in which they were given."""
    lines = [b"%s %s HTTP/1.1" % (request.method.encode("ascii"), request.url.raw_path)]
    lines += [b"%s: %s" % field for field in request.headers.raw]
    return b"\r\n".join(lines) + b"\r\n\r\n" + request.content


@dataclass(frozen=True, slots=True)
class Head:
    """The start of an answer, and its body still to be read."""

    status: int
    headers: Headers
    body: AsyncIterator[bytes]


async def exchange(connection: OneConnection, method: str, url: str, headers: Headers, content: bytes = b"") -> Head:
    """Sends one request and returns when the answer's header is there; headers go out as given, nothing is added."""
    request = httpx.Request(method, _url(url), headers=headers, content=content or None)
    response = await connection.handle_async_request(request)
    return Head(response.status_code, response.headers.raw, connection.body())


@lru_cache(maxsize=4096)
def _url(url: str) -> httpx.URL:
    """Takes a URL apart once: the same sites are looked at again and again."""
    return httpx.URL(url)
