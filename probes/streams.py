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
    """A connected non-blocking socket, driven by the running loop; one thing at a time reads from it.

    The loop is told of the socket once and not for each wait, which would cost more than the reading.
    """

    __slots__ = ("_loop", "_most", "_number", "_waiting", "sock")

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self._loop = asyncio.get_running_loop()
        self._number: int | None = None  # under which the loop knows the socket
        self._waiting: asyncio.Future[bytes] | None = None
        self._most = 0

    async def receive(self, most: int) -> bytes:
        try:
            return self.sock.recv(most)
        except (BlockingIOError, InterruptedError):
            pass
        self._waiting, self._most = self._loop.create_future(), most
        if self._number is None:
            self._number = self.sock.fileno()
            self._loop.add_reader(self._number, self._readable)
        try:
            return await self._waiting
        finally:
            self._waiting = None

    async def send(self, data: bytes) -> None:
        await self._loop.sock_sendall(self.sock, data)

    def close(self) -> None:
        self._forget()
        with contextlib.suppress(OSError):
            self.sock.close()

    def _readable(self) -> None:
        if self._waiting is None or self._waiting.done():
            self._forget()  # else the loop would tell of it again and again until somebody reads
            return
        try:
            self._waiting.set_result(self.sock.recv(self._most))
        except (BlockingIOError, InterruptedError):
            pass
        except OSError as error:
            self._waiting.set_exception(error)

    def _forget(self) -> None:
        if self._number is not None:
            self._loop.remove_reader(self._number)
            self._number = None
