"""The way out `http://[user:pass@]host:port`: a tunnel by CONNECT, for https and plain http alike.

Only in a tunnel are the proxy's words and the target's told apart for certain; a proxy asked for the page itself
would answer with error pages of its own that look like the site's.
"""

import asyncio
import base64

from models.failures import Failure
from probes.failure import EndOfStream, Word
from probes.streams import Opened, Stream
from probes.ways import proxies
from probes.ways.proxies import Proxy, ProxyError

_LONGEST = 16384


class HttpProxy:
    """Connects through an HTTP proxy."""

    kind = "http"
    resolves_far = True
    can_udp = False
    can_tcp = True
    resolvers: tuple[str, ...] = ()

    def __init__(self, proxy: Proxy) -> None:
        self._proxy = proxy
        self.bind = proxy.bind

    async def open_stream(self, host: str, port: int, timeout: float) -> Opened:
        stream: Stream | None = None
        asked = False
        try:
            async with asyncio.timeout(timeout):
                stream = await proxies.open_proxy(self._proxy, timeout)
                await stream.send(_request(self._proxy, host, port))
                asked = True
                await _tunnel(stream)
            return Opened(stream=stream)
        except Exception as error:
            if stream is not None:
                stream.close()
            if asked and isinstance(error, TimeoutError):
                return Opened(failure=Failure.GENERIC_TIMEOUT_ERROR)
            return proxies.failed(error)
        except BaseException:
            if stream is not None:
                stream.close()
            raise


def from_via(via: str) -> HttpProxy:
    """Reads `http://[user:pass@]host:port`; raises ValueError for anything else."""
    return HttpProxy(proxies.from_via(via, None))


def _request(proxy: Proxy, host: str, port: int) -> bytes:
    to = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    lines = [f"CONNECT {to} HTTP/1.1", f"Host: {to}"]
    if proxy.user is not None:
        secret = base64.b64encode(f"{proxy.user}:{proxy.password or ''}".encode()).decode("ascii")
        lines.append(f"Proxy-Authorization: Basic {secret}")
    return "\r\n".join([*lines, "", ""]).encode("ascii")


async def _tunnel(stream: Stream) -> None:
    """Reads the proxy's answer octet by octet at its end, so that nothing of the target's is taken.

    Whatever is not a tunnel is the proxy's own word: 502 to 504 do not say whether it could not, or would not.
    """
    head = await _head(stream)
    parts = head.split(b"\r\n", 1)[0].split(b" ", 2)
    if len(parts) < 2 or not parts[0].startswith(b"HTTP/1.") or not parts[1].isdigit():
        raise ProxyError("its answer is not HTTP")
    status = int(parts[1])
    if not 200 <= status < 300:
        reason = parts[2].decode("latin-1")[:80] if len(parts) > 2 else ""
        raise ProxyError(f"it answers {status} {reason}".rstrip())


async def _head(stream: Stream) -> bytes:
    head = bytearray()
    while not head.endswith(b"\r\n\r\n"):
        octet = await stream.receive(1)
        if not octet:
            raise EndOfStream
        head += octet
        if len(head) > _LONGEST:
            raise Word(Failure.HTTP_HEADER_TOO_LARGE)
    return bytes(head)
