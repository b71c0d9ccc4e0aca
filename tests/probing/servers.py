"""Servers that misbehave in one way each, on loopback; and the small parts that the tests of the steps share."""

import asyncio
import contextlib
import socket
import ssl
import struct
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, date, datetime

from lab.certificates import Authority
from models.certificates import Roots
from models.roots import from_pem
from models.targets import Consent, Target, VantagePoint
from probes.blobs import Blobs
from probes.clock import Clock
from probes.http_fetch import Ask, http_fetch
from probes.places import place
from probes.tcp_connect import Endpoint, tcp_connect
from probes.tls_handshake import Shaken, Trust, tls_handshake
from probes.ways import way_out

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
AUTHORITY = Authority("wallwatch test authority")
ROOTS: Roots = from_pem(AUTHORITY.pem)


@contextlib.asynccontextmanager
async def serving(
    handler: Handler, *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> AsyncIterator[int]:
    """Serves on a free port until left."""
    busy: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        busy.add(task)
        try:
            await handler(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError, ssl.SSLError):
            pass
        finally:
            busy.discard(task)
            writer.close()

    server = await asyncio.start_server(handle, host, 0, ssl=tls, ssl_handshake_timeout=5 if tls else None)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in busy:
            task.cancel()
        await asyncio.gather(*busy, return_exceptions=True)
        if sys.version_info >= (3, 12):
            server.close_clients()


def reset(writer: asyncio.StreamWriter) -> None:
    """Ends the connection with a RST."""
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def request_of(reader: asyncio.StreamReader) -> bytes:
    """Reads one request's header."""
    return await reader.readuntil(b"\r\n\r\n")


def answering(*pieces: bytes, then: str = "close", pause: float = 0.0) -> Handler:
    """Answers each request with these pieces; then closes, resets or waits."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)
        if then == "reset":
            reset(writer)
        elif then == "wait":
            await asyncio.Event().wait()

    return handler


def direct_vantage(**options: object) -> VantagePoint:
    return VantagePoint.model_validate(
        {"id": "here", "consent": Consent(by="operator", on=date(2026, 11, 22)), "ipv6": False, **options}
    )


def local_target(url: str) -> Target:
    return Target(id="site", url=url, allow_private=True)


async def connected(port: int, host: str = "127.0.0.1"):
    """Connects as the walk does."""
    to = Endpoint(connection=1, address=host, port=port)
    made = await tcp_connect(to, way_out(direct_vantage()), Clock(), timeout=2)
    assert made.stream is not None
    return to, made.stream


async def shake(port: int, name: str | None = "site.example", *, timeout: float = 2) -> tuple[Shaken, Blobs]:
    """Connects and shakes hands."""
    to, stream = await connected(port)
    blobs = Blobs()
    trust = Trust(at=NOW, roots=ROOTS, name=name)
    shaken = await tls_handshake(stream, to, trust, server_name=name, clock=Clock(), blobs=blobs, timeout=timeout)
    if shaken.stream is not None:
        shaken.stream.close()
    return shaken, blobs


async def fetch(handler: Handler, *, timeout: float = 2, at_most: float = 60, path: str = "/"):
    """Serves and fetches once, over plain HTTP."""
    async with serving(handler) as port:
        to, stream = await connected(port)
        blobs = Blobs()
        ask = Ask(place=place(f"http://127.0.0.1:{port}{path}"))
        seen = await http_fetch(stream, to, ask, clock=Clock(), blobs=blobs, timeout=timeout, at_most=at_most)
        return seen, blobs.get(seen.body or "", None)
