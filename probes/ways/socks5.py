"""The way out `socks5://[user:pass@]host:port` (RFC 1928, RFC 1929): names are resolved at the far end."""

import asyncio
import ipaddress

from models.failures import Failure
from probes.streams import Opened, Stream
from probes.ways import proxies
from probes.ways.proxies import Proxy, ProxyError, Reader

_PORT = 1080
_NO_AUTHENTICATION, _USER_AND_PASSWORD, _NOTHING_FITS = 0, 2, 0xFF
_FROM_THE_FAR_END = {
    3: Failure.NETWORK_UNREACHABLE,
    4: Failure.HOST_UNREACHABLE,
    5: Failure.CONNECTION_REFUSED,
    6: Failure.GENERIC_TIMEOUT_ERROR,  # "TTL expired": what servers answer when their connect timed out
}
_PROXYS_OWN = {
    1: "general failure",
    2: "not allowed by its rules",
    7: "it does not know the command CONNECT",
    8: "it does not know this type of address",
}


class Socks5:
    """Connects through a SOCKS5 proxy."""

    kind = "socks5"
    resolves_far = True
    can_udp = False
    can_tcp = True
    resolvers: tuple[str, ...] = ()

    def __init__(self, proxy: Proxy) -> None:
        self._proxy = proxy
        self.bind = proxy.bind

    async def open_stream(self, host: str, port: int, timeout: float) -> Opened:
        """Silence after the proxy took the request is the target's: the proxy waits for it as we do."""
        stream: Stream | None = None
        entered = False
        try:
            async with asyncio.timeout(timeout):
                stream = await proxies.open_proxy(self._proxy, timeout)
                await _enter(stream, self._proxy)
                entered = True
                word = await _connect(stream, host, port)
            if word is None:
                return Opened(stream=stream)
            stream.close()
            return Opened(failure=word)
        except Exception as error:
            if stream is not None:
                stream.close()
            if entered and isinstance(error, TimeoutError):
                return Opened(failure=Failure.GENERIC_TIMEOUT_ERROR)
            return proxies.failed(error)
        except BaseException:
            if stream is not None:
                stream.close()
            raise


def from_via(via: str) -> Socks5:
    """Reads `socks5://[user:pass@]host[:port]`; raises ValueError for anything else."""
    return Socks5(proxies.from_via(via, _PORT))


async def _enter(stream: Stream, proxy: Proxy) -> None:
    offered = bytes([_NO_AUTHENTICATION] if proxy.user is None else [_NO_AUTHENTICATION, _USER_AND_PASSWORD])
    await stream.send(bytes([5, len(offered)]) + offered)
    version, method = await Reader(stream).exactly(2)
    if version != 5:
        raise ProxyError("it does not speak SOCKS5")
    if method == _USER_AND_PASSWORD and proxy.user is not None:
        await _authenticate(stream, proxy.user, proxy.password or "")
    elif method != _NO_AUTHENTICATION:
        raise ProxyError("it wants a user name and a password" if proxy.user is None else "it takes no password")


async def _authenticate(stream: Stream, user: str, password: str) -> None:
    name, secret = user.encode()[:255], password.encode()[:255]
    await stream.send(bytes([1, len(name)]) + name + bytes([len(secret)]) + secret)
    _, status = await Reader(stream).exactly(2)
    if status != 0:
        raise ProxyError("it does not accept the user name and password")


async def _connect(stream: Stream, host: str, port: int) -> str | None:
    """Returns null for an open connection, or the far end's word about the target."""
    await stream.send(b"\x05\x01\x00" + _address(host) + port.to_bytes(2, "big"))
    reader = Reader(stream)
    version, code, _, kind = await reader.exactly(4)
    if version != 5:
        raise ProxyError("its answer is not SOCKS5")
    if code in _FROM_THE_FAR_END:
        return _FROM_THE_FAR_END[code]
    if code != 0:
        raise ProxyError(_PROXYS_OWN.get(code, f"error {code}"))
    lengths = {1: 4, 4: 16}
    length = lengths[kind] if kind in lengths else (await reader.exactly(1))[0]
    await reader.exactly(length + 2)
    return None


def _address(host: str) -> bytes:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        name = host.encode("ascii")
        return b"\x03" + bytes([len(name)]) + name
    return (b"\x01" if address.version == 4 else b"\x04") + address.packed
