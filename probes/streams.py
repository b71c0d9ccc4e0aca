"""An open byte stream to the far side, over our own non-blocking socket, so that RST, FIN and silence stay apart."""

import asyncio
import contextlib
import socket
from dataclasses import dataclass
from typing import Protocol


class Stream(Protocol):
    """What a way out gives back; TLS lies on top of it and is one itself."""

    async def receive(self, most: int) -> bytes:
        """Returns what came, `b""` after the other side's FIN; raises OSError with its errno."""
        ...

    async def send(self, data: bytes) -> None:
        """Sends all of it; raises OSError with its errno."""
        ...

    def close(self) -> None:
        """Gives the connection up at once."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A stream, or why there is none."""

    stream: Stream | None = None
    failure: str | None = None
    way_out_failure: str | None = None  # the proxy's own error, in words
    own_fault: str | None = None


class SocketStream:
    """A connected non-blocking socket, driven by the running loop."""

    __slots__ = ("_loop", "sock")

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self._loop = asyncio.get_running_loop()

    async def receive(self, most: int) -> bytes:
        return await self._loop.sock_recv(self.sock, most)

    async def send(self, data: bytes) -> None:
        await self._loop.sock_sendall(self.sock, data)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.sock.close()
