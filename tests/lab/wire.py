"""What a box in the middle can do to a connection: reset it, close it, swallow it, and stop a SYN from arriving."""

import asyncio
import contextlib
import ctypes
import socket
import struct

_SO_ATTACH_FILTER, _SO_DETACH_FILTER = 26, 27
_RETURN, _LOAD_WORD, _JUMP_EQUAL, _LOAD_BYTE, _AND = 0x06, 0x20, 0x15, 0x30, 0x54
_NETWORK_HEADER = 0xFFF00000  # SKF_NET_OFF: offsets that start at the IP header
_TRANSPORT_FLAGS = 13  # of the TCP header, which is where a TCP socket's filter starts
_SYN, _ACK = 0x02, 0x10


def reset(sock: socket.socket) -> None:
    """Closes a connection with a RST (SO_LINGER of zero seconds)."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def drop_syns_from(listener: socket.socket, sources: tuple[str, ...]) -> None:
    """Lets no new connection from these IPv4 addresses reach a listening socket, as a box that drops packets does.

    A classic BPF filter on the listener (Linux, socket(7) SO_ATTACH_FILTER): the kernel drops the SYN before anything
    answers it, so that the other end times out. Needs no root.
    """
    if not sources:
        with contextlib.suppress(FileNotFoundError):  # there was none
            listener.setsockopt(socket.SOL_SOCKET, _SO_DETACH_FILTER, 0)
        return
    program = _syn_filter([int.from_bytes(socket.inet_aton(source)) for source in sources])
    buffer = ctypes.create_string_buffer(program)
    header = struct.pack("HL", len(program) // 8, ctypes.addressof(buffer))
    listener.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, header)


def _syn_filter(sources: list[int]) -> bytes:
    steps = [
        (_LOAD_BYTE, 0, 0, _TRANSPORT_FLAGS),
        (_AND, 0, 0, _SYN | _ACK),
        (_JUMP_EQUAL, 0, len(sources) + 1, _SYN),  # anything but a first SYN is let through
        (_LOAD_WORD, 0, 0, _NETWORK_HEADER + 12),
    ]
    for index, source in enumerate(sources):
        steps.append((_JUMP_EQUAL, len(sources) - index, 0, source))
    steps += [(_RETURN, 0, 0, 0xFFFFFFFF), (_RETURN, 0, 0, 0)]
    return b"".join(struct.pack("HBBI", *step) for step in steps)


async def peek(sock: socket.socket, enough: int = 5) -> bytes:
    """Waits until `enough` octets, or the end, have arrived, and returns what is there without taking it."""
    loop = asyncio.get_running_loop()
    while True:
        await _readable(loop, sock)
        seen = sock.recv(65_536, socket.MSG_PEEK)
        if len(seen) >= enough or not seen:
            return seen
        await asyncio.sleep(0.001)


def _settle(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)


async def _readable(loop: asyncio.AbstractEventLoop, sock: socket.socket) -> None:
    ready: asyncio.Future[None] = loop.create_future()
    loop.add_reader(sock, _settle, ready)
    try:
        await ready
    finally:
        loop.remove_reader(sock)


def reset_transport(transport: asyncio.WriteTransport) -> None:
    """Ends a transport's connection with a RST."""
    sock = transport.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
