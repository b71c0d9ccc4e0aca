"""One HTTP POST with verified TLS, for our own needs (controls, encrypted resolvers); never for what is measured."""

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from models.failures import Failure
from models.roots import Roots, default_roots
from probes.failure import EndOfStream, Word, failure_of
from probes.places import Place
from probes.streams import Opened, Stream
from probes.tls_stream import TlsStream
from probes.transport import OneConnection, exchange
from probes.ways import WayOut

LONGEST = 1 << 20  # octets of an answer's body
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
    to: Place, content: bytes, media: str, *, way: WayOut, addresses: Sequence[str], timeout: float
) -> Posted:
    """Posts to the first of the addresses that connects (names where the way out resolves at its far end).

    Raises `Word` with the failure, and nothing else for what the network or the other side does.
    """
    try:
        async with asyncio.timeout(timeout):
            stream = await _open(to, way, addresses, timeout)
            try:
                return await _converse(stream, to, content, media)
            finally:
                stream.close()
    except Word:
        raise
    except ssl.SSLCertVerificationError as error:
        raise Word(_distrust(error)) from error
    except (OSError, EndOfStream) as error:
        raise Word(failure_of(error)) from error


async def _open(to: Place, way: WayOut, addresses: Sequence[str], timeout: float) -> Stream:
    failed: list[Opened] = []
    tried = addresses[:_MOST_ADDRESSES]
    for address in tried:
        opened = await way.open_stream(address, to.port, timeout / len(tried))
        if opened.stream is not None:
            return opened.stream
        failed.append(opened)
    raise NotOpenedError(failed[0] if failed else Opened(failure=Failure.DNS_NO_ANSWER))


async def _converse(stream: Stream, to: Place, content: bytes, media: str) -> Posted:
    if to.scheme == "https":
        tls = TlsStream(stream, _verifying(default_roots()), to.host)
        await tls.handshake()
        stream = tls
    fields = {"Host": to.authority, "Content-Type": media, "Accept": media, "Content-Length": str(len(content))}
    headers = [(name.encode(), value.encode()) for name, value in (fields | {"Connection": "close"}).items()]
    head = await exchange(OneConnection(stream), "POST", to.url, headers, content)
    body = bytearray()
    async for piece in head.body:
        body += piece
        if len(body) > LONGEST:
            raise Word(Failure.HTTP_MALFORMED_RESPONSE)
    return Posted(head.status, bytes(body))


@lru_cache(maxsize=8)
def _verifying(roots: Roots) -> ssl.SSLContext:
    """One context for each set of roots: making one takes 20 ms."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=b"".join(roots.certificates))
    return context


def _distrust(error: ssl.SSLCertVerificationError) -> str:
    if error.verify_code in _NAME_ERRORS:
        return Failure.SSL_INVALID_HOSTNAME
    return Failure.SSL_INVALID_CERTIFICATE if error.verify_code in _DATE_ERRORS else Failure.SSL_UNKNOWN_AUTHORITY
