"""Where sockets are opened: source address, interface and network namespace of a vantage point."""

import ctypes
import os
import socket
import threading
from dataclasses import dataclass
from pathlib import Path

from probes.failure import OwnFaultError

_CLONE_NEWNET = 0x40000000
_NAMESPACES = Path("/var/run/netns")
_GLOBAL_V6 = ("2606:4700:4700::1111", 443)  # only routed to, nothing is sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Bind:
    """Options for every socket that a vantage point opens, TCP and UDP alike."""

    source: str | None = None
    interface: str | None = None
    netns: str | None = None

    def open(self, family: socket.AddressFamily, kind: socket.SocketKind) -> socket.socket:
        """Returns a new non-blocking socket, bound as this says; raises OSError."""
        sock = self._create(family, kind)
        try:
            sock.setblocking(False)
            if self.interface is not None:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, self.interface.encode() + b"\0")
            if self.source is not None and (":" in self.source) == (family == socket.AF_INET6):
                sock.bind((self.source, 0))
        except BaseException:
            sock.close()
            raise
        return sock

    def has_ipv6(self) -> bool:
        """Tells whether there is a route to the IPv6 internet, without sending anything."""
        try:
            with self.open(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
                sock.connect(_GLOBAL_V6)
                return not sock.getsockname()[0].lower().startswith(("fe80:", "::1"))
        except OSError:
            return False

    def _create(self, family: socket.AddressFamily, kind: socket.SocketKind) -> socket.socket:
        if self.netns is None:
            return socket.socket(family, kind)
        return _in_namespace(self.netns, family, kind)


def _in_namespace(name: str, family: socket.AddressFamily, kind: socket.SocketKind) -> socket.socket:
    """A socket stays in the namespace it was made in, so only its making runs in a thread that went there."""
    made: list[socket.socket] = []
    failed: list[OSError] = []

    def make() -> None:
        try:
            _enter(name)
        except OSError as error:
            failed.append(OwnFaultError(f"cannot enter network namespace {name}: {error.strerror}"))
            return
        try:
            made.append(socket.socket(family, kind))
        except OSError as error:
            failed.append(error)

    thread = threading.Thread(target=make, name=f"netns-{name}", daemon=True)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return made[0]


def _enter(name: str) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    handle = os.open(_NAMESPACES / name, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if libc.setns(handle, _CLONE_NEWNET) != 0:  # os.setns is there from Python 3.12 on
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    finally:
        os.close(handle)
