"""What the ways out through a proxy share: its address and credentials, and connecting to it by our own network."""

import asyncio
import socket
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from models.failures import Failure
from probes.failure import EndOfStream, OwnFaultError, failure_of, own_fault_of
from probes.streams import Opened, Stream
from probes.ways.bind import Bind
from probes.ways.direct import connect

_OPTIONS = frozenset({"source", "interface", "netns"})


class ProxyError(Exception):
    """The proxy itself failed or refused, in words; nothing is known about the target."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """Where a proxy is and how it is entered; never shown."""

    host: str
    port: int
    user: str | None
    password: str | None
    bind: Bind


def from_via(via: str, port: int | None) -> Proxy:
    """Reads `scheme://[user:pass@]host[:port][?source=…&interface=…&netns=…]`; raises ValueError."""
    parts = urlsplit(via)
    scheme = parts.scheme
    if not parts.hostname or parts.path not in ("", "/"):
        raise ValueError(f"a way out by {scheme} is written {scheme}://[user:password@]host:port")
    if parts.port is None and port is None:
        raise ValueError(f"a way out by {scheme} needs its port")
    options = dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
    if set(options) - _OPTIONS:
        raise ValueError(f"a way out by {scheme} takes source, interface and netns alone")
    user = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else None
    return Proxy(parts.hostname, parts.port or port or 0, user, password, Bind(**options))


async def open_proxy(proxy: Proxy, timeout: float) -> Stream:
    """Connects to the proxy; raises ProxyError, or OSError for a fault of ours."""
    failed = Opened(failure=Failure.DNS_NXDOMAIN_ERROR)
    for address in await _addresses(proxy):
        failed = await connect(proxy.bind, address, proxy.port, timeout)
        if failed.stream is not None:
            return failed.stream
        if failed.own_fault is not None:
            raise OwnFaultError(failed.own_fault)
    raise ProxyError(f"the proxy cannot be reached: {failed.failure}")


def failed(error: Exception) -> Opened:
    """Says whose fault it was that no stream is there: all but the far end's word about the target is the proxy's."""
    if own_fault_of(error):
        return Opened(failure=Failure.WAY_OUT_ERROR, own_fault=own_fault_of(error))
    if isinstance(error, ProxyError):
        return Opened(failure=Failure.WAY_OUT_ERROR, way_out_failure=str(error))
    return Opened(failure=Failure.WAY_OUT_ERROR, way_out_failure=f"the proxy broke off: {failure_of(error)}")


class Reader:
    """Reads a proxy's few words without taking an octet too many."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    async def exactly(self, count: int) -> bytes:
        """Returns so many octets; raises EndOfStream where they do not come."""
        got = b""
        while len(got) < count:
            more = await self._stream.receive(count - len(got))
            if not more:
                raise EndOfStream
            got += more
        return got


async def _addresses(proxy: Proxy) -> list[str]:
    if ":" in proxy.host or proxy.host.replace(".", "").isdigit():
        return [proxy.host]
    try:
        found = await asyncio.get_running_loop().getaddrinfo(proxy.host, proxy.port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        raise ProxyError(f"the proxy's name is not found: {failure_of(error)}") from error
    return list(dict.fromkeys(str(address[0]) for *_, address in found))[:4]
