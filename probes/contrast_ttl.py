"""The contrast that tells from how far away a reset comes: the same ClientHello with a small IP TTL.

It never arrives at the server, so a reset that answers it was sent by something on the way, at most that many hops
off. Needs no root: the TTL is an option of our own socket, set once the connection stands.
"""

import asyncio
import socket
from contextlib import suppress

from models.observations import ContrastKind
from probes.contrast_bench import Bench, Tried
from probes.streams import SocketStream
from probes.tls_handshake import Trust, tls_handshake

_FARTHEST = 32  # hops; five halvings
_WAIT = 2.0  # seconds for a reset, which comes within half a second where it was measured
_QUIET = 0.3  # seconds in which residual blocking would cut a connection before anything is sent


async def reset_from_where(bench: Bench, address: str) -> None:
    """Halves the distance until it is known from which hop the reset comes."""
    if bench.trail.way.kind != "direct":
        return  # a proxy makes its own packets
    nearer, farther = 0, _FARTHEST
    while farther - nearer > 1:
        ttl = (nearer + farther) // 2
        tried = await _try(bench, address, ttl)
        if tried is None:
            return
        bench.keep(ContrastKind.TTL_LIMITED, tried, detail=f"ttl {ttl}")
        nearer, farther = (nearer, ttl) if tried.last.failure == "connection_reset" else (ttl, farther)


async def _try(bench: Bench, address: str, ttl: int) -> Tried | None:
    """Returns what became of the ClientHello; null where the connection was cut before anything was sent."""
    tried, stream = await bench.open(address)
    if not isinstance(stream, SocketStream) or await _is_cut(stream):
        return None
    _limit(stream.sock, ttl)
    trail = bench.trail
    shaken = await tls_handshake(
        stream,
        bench.endpoint(address, tried.tcp.connection),
        Trust(at=trail.at, roots=trail.roots, name=bench.place.host),
        server_name=bench.place.host,
        clock=trail.clock,
        blobs=trail.blobs,
        timeout=min(_WAIT, bench.timeout()),
    )
    if shaken.stream is not None:
        shaken.stream.close()
    return Tried(tcp=tried.tcp, tls=shaken.seen)


async def _is_cut(stream: SocketStream) -> bool:
    with suppress(TimeoutError):
        try:
            async with asyncio.timeout(_QUIET):
                await stream.receive(1)
        except OSError as error:
            if not isinstance(error, TimeoutError):
                return True
            raise
        return True  # the server closed, or spoke first: no TLS
    return False


def _limit(sock: socket.socket, ttl: int) -> None:
    if sock.family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, ttl)
    else:
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, ttl)
