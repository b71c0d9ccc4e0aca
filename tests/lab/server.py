"""Serves the simulated sites: one listener for each address and port, with the censor's box in front of it."""

import asyncio
import contextlib
import socket
import ssl
from collections import Counter
from datetime import datetime
from typing import Protocol

from lab import client_hello, wire
from lab.censor import Action, Rule
from lab.sites import Page, Site

_BACKLOG = 512
_REQUEST_LIMIT = 65_536
_CHUNK = 1_000
_REASONS = {200: "OK", 204: "No Content", 301: "Moved Permanently", 302: "Found", 403: "Forbidden", 404: "Not Found"}


class World(Protocol):
    """What a listener asks the simulated internet."""

    def now(self) -> datetime: ...
    def rule_for(
        self, name: str | None, source: str, actions: frozenset[Action], at_address: str | None = None
    ) -> Rule | None: ...
    def site(self, name: str) -> Site | None: ...
    def context_for(self, name: str | None, at_address: str) -> ssl.SSLContext: ...
    def forged_context(self, name: str) -> ssl.SSLContext: ...
    def with_ports(self, page: Page) -> Page: ...


class Listener:
    """Accepts connections for the sites at one address and port."""

    def __init__(self, world: World, sites: tuple[Site, ...], address: str, port: int, *, secure: bool) -> None:
        self.address, self.port, self.secure = address, port, secure
        self.sites = sites
        self._world = world
        self._tasks: set[asyncio.Task[None]] = set()
        self._visits: Counter[str] = Counter()  # by source
        self._served = 0
        self._punished: dict[str, float] = {}  # sources, and until when residual blocking cuts all that they send here

    async def __aenter__(self) -> "Listener":
        family = socket.AF_INET6 if ":" in self.address else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self.socket.bind((self.address, self.port))
            self.socket.listen(_BACKLOG)
        except OSError:
            self.socket.close()
            raise
        self.port = self.socket.getsockname()[1]
        self.socket.setblocking(False)
        self._accepting = asyncio.get_running_loop().create_task(self._accept())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._accepting.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(self._accepting, *self._tasks, return_exceptions=True)
        self.socket.close()

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            connection, peer = await loop.sock_accept(self.socket)
            task = loop.create_task(self._serve(connection, peer[0]))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _serve(self, connection: socket.socket, source: str) -> None:
        connection.setblocking(False)
        with contextlib.closing(connection), contextlib.suppress(OSError, ssl.SSLError, asyncio.IncompleteReadError):
            if self._cuts_off(source):
                wire.reset(connection)
            elif self.secure:
                await self._serve_tls(connection, source)
            else:
                await self._serve_http(connection, source, None, None)

    def _cuts_off(self, source: str) -> bool:
        """Tells whether this connection is reset as soon as it stands: by the server's own weakness, or by a censor."""
        self._visits[source] += 1
        if any(self._visits[source] <= site.loses for site in self.sites):
            return True
        if self._punished.get(source, 0) > asyncio.get_running_loop().time():
            return True
        return self._rule([site.name for site in self.sites], source, frozenset({Action.IP_RESET})) is not None

    def _rule(self, names: list[str], source: str, actions: frozenset[Action]) -> Rule | None:
        rules = (self._world.rule_for(name, source, actions, self.address) for name in names)
        return next((rule for rule in rules if rule), None)

    async def _serve_tls(self, connection: socket.socket, source: str) -> None:
        hello = await wire.peek(connection)
        while hello and not client_hello.is_complete(hello):
            hello = await wire.peek(connection, len(hello) + 1)
        name = client_hello.server_name(hello)
        actions = frozenset({Action.SNI_RESET, Action.SNI_CLOSE, Action.SNI_DROP, Action.TLS_MITM})
        rule = self._world.rule_for(name, source, actions, self.address)
        if rule and rule.action is not Action.TLS_MITM:
            self._punish(source, rule)
            await _cut(connection, rule.action)
        elif not rule and (behaviour := self._site(name).tls) != "serves":
            cuts = {"resets": Action.SNI_RESET, "closes": Action.SNI_CLOSE, "hangs": Action.SNI_DROP}
            await _cut(connection, cuts[behaviour])
        else:
            forged = self._world.forged_context(name or self.address) if rule else None
            context = forged or self._world.context_for(name, self.address)
            await self._serve_http(connection, source, context, rule)

    def _punish(self, source: str, rule: Rule) -> None:
        if rule.residual:
            self._punished[source] = asyncio.get_running_loop().time() + rule.residual

    def _site(self, name: str | None) -> Site:
        return next((site for site in self.sites if site.name == name), self.sites[0])

    async def _serve_http(
        self, connection: socket.socket, source: str, context: ssl.SSLContext | None, mitm: Rule | None
    ) -> None:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=_REQUEST_LIMIT)
        transport, protocol = await loop.connect_accepted_socket(
            lambda: asyncio.StreamReaderProtocol(reader),
            connection,
            ssl=context,
            ssl_shutdown_timeout=1 if context else None,
        )
        writer = asyncio.StreamWriter(transport, protocol, reader, loop)
        try:
            await self._answer(reader, writer, source, mitm)
        finally:
            writer.close()
            with contextlib.suppress(OSError, ssl.SSLError):
                await writer.wait_closed()

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, source: str, mitm: Rule | None
    ) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        path, host = _request(head)
        # A box cannot read inside TLS, unless it shook hands itself; throttling and freezing it can do to any packet.
        seen = frozenset({Action.THROTTLE, Action.FREEZE}) if self.secure else frozenset(Action)
        rule = mitm or self._world.rule_for(host, source, _HTTP & seen, self.address)
        site = self._site(host)
        if site.proxies and host:
            site = self._world.site(host) or site
        self._served += 1
        page = self._world.with_ports(_page_of(rule, site, path, source, self._served))
        if rule and rule.action in _CUTS:
            self._punish(source, rule)
            await _cut_writer(writer, rule.action)
            return
        await asyncio.sleep(site.delay)
        await _send(writer, page, rule)


_HTTP = frozenset(
    {Action.HTTP_RESET, Action.HTTP_CLOSE, Action.HTTP_DROP, Action.HTTP_PAGE, Action.HTTP_REDIRECT}
) | frozenset({Action.THROTTLE, Action.FREEZE})
_CUTS = frozenset({Action.HTTP_RESET, Action.HTTP_CLOSE, Action.HTTP_DROP})


def _request(head: bytes) -> tuple[str, str | None]:
    lines = head.decode("latin-1").split("\r\n")
    path = [*lines[0].split(" "), "/", "/"][1]
    hosts = [line.split(":", 1)[1].strip() for line in lines[1:] if line.lower().startswith("host:")]
    host = hosts[0].rsplit(":", 1)[0].lower() if hosts else None
    return path.split("?")[0], host


def _page_of(rule: Rule | None, site: Site, path: str, source: str, visit: int) -> Page:
    match rule.action if rule else None:
        case Action.HTTP_PAGE:
            assert rule
            return Page(body=rule.page, status=rule.status, headers=(*_HTML, *rule.headers))
        case Action.HTTP_REDIRECT:
            assert rule
            return Page(status=302, headers=(("Location", rule.location), *rule.headers))
        case Action.TLS_MITM:
            assert rule
            return Page(body=rule.page, headers=_HTML) if rule.page else site.page(path, source, visit)
    return site.page(path, source, visit)


_HTML = (("Content-Type", "text/html; charset=utf-8"),)


async def _cut(connection: socket.socket, action: Action) -> None:
    match action:
        case Action.SNI_RESET:
            wire.reset(connection)
        case Action.SNI_CLOSE:
            _swallow(connection)
            connection.close()
        case _:
            await asyncio.Event().wait()


async def _cut_writer(writer: asyncio.StreamWriter, action: Action) -> None:
    match action:
        case Action.HTTP_RESET:
            wire.reset_transport(writer.transport)
        case Action.HTTP_CLOSE:
            writer.close()
        case _:
            await asyncio.Event().wait()


def _swallow(connection: socket.socket) -> None:
    """Takes what has arrived, so that closing sends a FIN and not a RST."""
    with contextlib.suppress(BlockingIOError):
        while connection.recv(65_536):
            pass


async def _send(writer: asyncio.StreamWriter, page: Page, rule: Rule | None) -> None:
    reason = _REASONS.get(page.status, "Status")
    headers = [*page.headers, ("Content-Length", str(len(page.body))), ("Connection", "close")]
    head = f"HTTP/1.1 {page.status} {reason}\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers) + "\r\n"
    action = rule.action if rule else None
    if action is Action.FREEZE:
        assert rule
        writer.write((head.encode("latin-1") + page.body)[: rule.after])
        await writer.drain()
        await asyncio.Event().wait()
    elif action is Action.THROTTLE:
        assert rule
        await _drip(writer, head.encode("latin-1") + page.body, rule.rate)
    else:
        writer.write(head.encode("latin-1") + page.body)
        await writer.drain()


async def _drip(writer: asyncio.StreamWriter, content: bytes, rate: int) -> None:
    for at in range(0, len(content), _CHUNK):
        writer.write(content[at : at + _CHUNK])
        await writer.drain()
        await asyncio.sleep(_CHUNK / rate)
