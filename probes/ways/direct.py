"""The way out `direct`: this machine's own network, optionally bound to a source address, interface or namespace."""

import asyncio
import socket
from urllib.parse import parse_qsl, urlsplit

from probes.failure import failure_of, own_fault_of
from probes.streams import Opened, SocketStream
from probes.ways.bind import Bind

_OPTIONS = frozenset({"source", "interface", "netns"})


class Direct:
    """Connects by itself."""

    kind = "direct"
    resolves_far = False
    can_udp = True
    can_tcp = True
    resolvers: tuple[str, ...] = ()

    def __init__(self, bind: Bind) -> None:
        self.bind = bind

    async def open_stream(self, host: str, port: int, timeout: float) -> Opened:
        return await connect(self.bind, host, port, timeout)


async def connect(bind: Bind, address: str, port: int, timeout: float) -> Opened:
    """Connects a socket of our own to an IP address."""
    sock = None
    try:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        sock = bind.open(family, socket.SOCK_STREAM)
        async with asyncio.timeout(timeout):
            await asyncio.get_running_loop().sock_connect(sock, (address, port))
    except OSError as error:
        if sock is not None:
            sock.close()
        return Opened(failure=failure_of(error), own_fault=own_fault_of(error))
    except BaseException:
        if sock is not None:
            sock.close()
        raise
    return Opened(stream=SocketStream(sock))


def from_via(via: str) -> Direct:
    """Reads `direct` or `direct://?source=…&interface=…&netns=…`; raises ValueError for anything else."""
    parts = urlsplit(via)
    options = dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
    unknown = sorted(set(options) - _OPTIONS)
    if unknown or parts.netloc or parts.path not in ("", "/", "direct"):
        raise ValueError(f"`direct` takes source, interface and netns alone, not {', '.join(unknown) or via!r}")
    return Direct(Bind(**options))
