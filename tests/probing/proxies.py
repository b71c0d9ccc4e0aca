"""A SOCKS5 and an HTTP proxy on loopback, which do as they are told."""

import asyncio
import base64
import contextlib
import socket

from probing.servers import Handler

NAMES = {"site.example": "127.0.0.1"}
"""What the far end resolves."""


def socks5(
    *, user: str | None = None, password: str = "", code: int | None = None, asked: list | None = None
) -> Handler:
    """Proxies; with `code` it answers every request with that instead."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, count = await reader.readexactly(2)
        methods = await reader.readexactly(count)
        wanted = 2 if user is not None else 0
        writer.write(bytes([5, wanted if wanted in methods else 0xFF]))
        if wanted not in methods:
            return
        if user is not None:
            _, length = await reader.readexactly(2)
            name = await reader.readexactly(length)
            secret = await reader.readexactly((await reader.readexactly(1))[0])
            right = (name.decode(), secret.decode()) == (user, password)
            writer.write(bytes([1, 0 if right else 1]))
            if not right:
                return
        _, _, _, kind = await reader.readexactly(4)
        host = await _host(reader, kind)
        port = int.from_bytes(await reader.readexactly(2), "big")
        if asked is not None:
            asked.append((host, port))
        if code is not None:
            writer.write(bytes([5, code, 0, 1, 0, 0, 0, 0, 0, 0]))
            return
        try:
            far = await asyncio.open_connection(NAMES.get(host, host), port)
        except OSError:
            writer.write(bytes([5, 5, 0, 1, 0, 0, 0, 0, 0, 0]))
            return
        writer.write(bytes([5, 0, 0, 3, 4]) + b"here" + b"\x00\x50")
        await _relay(reader, writer, *far)

    return handler


def http(*, credentials: str | None = None, answer: bytes | None = None, asked: list | None = None) -> Handler:
    """Proxies; with `answer` it says that instead."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        if asked is not None:
            asked.append(head)
        if answer is not None:
            writer.write(answer)
            return
        if credentials and base64.b64encode(credentials.encode()).decode() not in head:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            return
        host, port = head.split(" ")[1].rsplit(":", 1)
        try:
            far = await asyncio.open_connection(NAMES.get(host, host.strip("[]")), int(port))
        except OSError:
            writer.write(b"HTTP/1.1 502 Bad Gateway\r\n\r\n<h1>The proxy's own page</h1>")
            return
        writer.write(b"HTTP/1.1 200 Connection established\r\nVia: lab\r\n\r\n")
        await _relay(reader, writer, *far)

    return handler


async def _host(reader: asyncio.StreamReader, kind: int) -> str:
    if kind == 3:
        return (await reader.readexactly((await reader.readexactly(1))[0])).decode()
    family, length = (socket.AF_INET, 4) if kind == 1 else (socket.AF_INET6, 16)
    return socket.inet_ntop(family, await reader.readexactly(length))


async def _relay(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    far_reader: asyncio.StreamReader,
    far_writer: asyncio.StreamWriter,
) -> None:
    async def pour(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                sink.write(data)
                await sink.drain()
        sink.close()

    try:
        await asyncio.gather(pour(reader, far_writer), pour(far_reader, writer))
    finally:
        far_writer.close()
