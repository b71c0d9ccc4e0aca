"""One HTTP POST with verified TLS, for our own needs (controls, encrypted resolvers); never for what is measured."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

import httptools

from models.failures import Failure
from models.roots import Roots, default_roots
from probes.failure import EndOfStream, Word, failure_of
from probes.streams import Opened, Stream
from probes.ways import WayOut

LONGEST = 1 << 20  # octets of a body; the header has a sixteenth of it
_PIECE = 65_536
_MOST_ADDRESSES = 4
# x509_vfy.h: what OpenSSL says when only the name, or only the dates, are wrong.
_NAME_ERRORS = frozenset({62, 64})
_DATE_ERRORS = frozenset({9, 10})


class NotOpenedError(Word):
    """No connection was to be had; `opened` tells whose fault that was."""

    def __init__(self, opened: Opened) -> None:
        super().__init__(opened.failure or Failure.WAY_OUT_ERROR)
        self.opened = opened


@dataclass(frozen=True, slots=True)
class Posted:
    """What came back for a POST."""

    status: int
    body: bytes


async def post(
    url: str, content: bytes, media: str, *, way: WayOut, addresses: Sequence[str], timeout: float
) -> Posted:
    """Posts to the first of the addresses that answers (names where the way out resolves at its far end).

    Raises `Word` with the failure; nothing else for what the network or the other side does.
    """
    parts = urlsplit(url)
    try:
        async with asyncio.timeout(timeout):
            stream = await _open(parts, way, addresses, timeout)
            try:
                return await _exchange(await _secured(stream, parts), parts, content, media)
            finally:
                stream.close()
    except Word:
        raise
    except ssl.SSLCertVerificationError as error:
        raise Word(_distrust(error)) from error
    except (OSError, EndOfStream) as error:
        raise Word(failure_of(error)) from error


async def _open(parts: SplitResult, way: WayOut, addresses: Sequence[str], timeout: float) -> Stream:
    first: Opened | None = None
    port = parts.port or (443 if parts.scheme == "https" else 80)
    for address in addresses[:_MOST_ADDRESSES]:
        opened = await way.open_stream(address, port, timeout / min(len(addresses), _MOST_ADDRESSES))
        if opened.stream is not None:
            return opened.stream
        first = first or opened
    raise NotOpenedError(first or Opened())


async def _secured(stream: Stream, parts: SplitResult) -> Stream:
    if parts.scheme != "https":
        return stream
    tls = _Tls(stream, parts.hostname or "")
    await tls.shake_hands()
    return tls


async def _exchange(stream: Stream, parts: SplitResult, content: bytes, media: str) -> Posted:
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    host = parts.netloc.rpartition("@")[2]
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: {media}\r\nAccept: {media}\r\n"
        f"Content-Length: {len(content)}\r\nConnection: close\r\n\r\n"
    )
    await stream.send(head.encode("ascii", "replace") + content)
    answer = _Answer()
    parser = httptools.HttpResponseParser(answer)
    try:
        async for piece in _pieces(stream):
            parser.feed_data(piece)
            if answer.complete:
                break
    except httptools.HttpParserError as error:
        raise Word(Failure.HTTP_MALFORMED_RESPONSE) from error
    if answer.too_long:
        raise Word(Failure.HTTP_MALFORMED_RESPONSE)
    if not answer.complete and not answer.ends_with_connection:
        raise EndOfStream
    return Posted(parser.get_status_code(), bytes(answer.body))


async def _pieces(stream: Stream) -> AsyncIterator[bytes]:
    received = 0
    while received <= LONGEST + LONGEST // 16:
        piece = await stream.receive(_PIECE)
        if not piece:
            return
        received += len(piece)
        yield piece
    raise Word(Failure.HTTP_HEADER_TOO_LARGE)


class _Answer:
    """Collects what httptools reads; it calls these by name."""

    def __init__(self) -> None:
        self.body = bytearray()
        self.complete = False
        self.too_long = False
        self.ends_with_connection = False
        self._framed = False

    def on_header(self, name: bytes, value: bytes) -> None:
        self._framed = self._framed or name.lower() in (b"content-length", b"transfer-encoding")

    def on_headers_complete(self) -> None:
        self.ends_with_connection = not self._framed

    def on_body(self, body: bytes) -> None:
        self.too_long = self.too_long or len(self.body) + len(body) > LONGEST
        if not self.too_long:
            self.body += body

    def on_message_complete(self) -> None:
        self.complete = True


class _Tls:
    """TLS over any stream, verified as a browser would."""

    def __init__(self, stream: Stream, name: str) -> None:
        self._stream = stream
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._object = _context(default_roots()).wrap_bio(self._incoming, self._outgoing, server_hostname=name)

    async def shake_hands(self) -> None:
        while True:
            try:
                self._object.do_handshake()
                await self._flush()
                return
            except ssl.SSLWantReadError:
                await self._flush()
                await self._fill()

    async def receive(self, most: int) -> bytes:
        while True:
            try:
                return self._object.read(most)
            except ssl.SSLWantReadError:
                await self._fill()
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return b""

    async def send(self, data: bytes) -> None:
        self._object.write(data)
        await self._flush()

    def close(self) -> None:
        self._stream.close()

    async def _flush(self) -> None:
        if self._outgoing.pending:
            await self._stream.send(self._outgoing.read())

    async def _fill(self) -> None:
        piece = await self._stream.receive(_PIECE)
        if not piece:
            raise EndOfStream
        self._incoming.write(piece)


@lru_cache(maxsize=8)
def _context(roots: Roots) -> ssl.SSLContext:
    """One context for all: making one takes 20 ms."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=b"".join(roots.certificates))
    return context


def _distrust(error: ssl.SSLCertVerificationError) -> str:
    if error.verify_code in _NAME_ERRORS:
        return Failure.SSL_INVALID_HOSTNAME
    return Failure.SSL_INVALID_CERTIFICATE if error.verify_code in _DATE_ERRORS else Failure.SSL_UNKNOWN_AUTHORITY
