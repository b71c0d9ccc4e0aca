"""The step `http_fetch`: one GET over the very connection just made, with whatever came of its answer."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from models.failures import Failure
from models.observations import HttpFetch
from probes.blobs import Blobs
from probes.body import Body
from probes.clock import Clock
from probes.failure import failure_of
from probes.places import Place, redirected
from probes.request import fields
from probes.streams import Stream
from probes.tcp_connect import Endpoint
from probes.transport import Head, OneConnection, exchange

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_BODY_TIMES = 3  # a page may take this many step timeouts in all, and one of them for each silence
_LONGEST_FIELD = 16384


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What to ask for, and with which Host header and cookies."""

    place: Place
    cookie: str | None = None
    host: str | None = None  # another Host header than the URL's


@dataclass(slots=True)
class _Answer:
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: Body = field(default_factory=lambda: Body(""))
    first_byte_us: int | None = None
    last_byte_us: int | None = None
    complete: bool = False
    opening: bytes = b""  # what came instead of a header


async def http_fetch(
    stream: Stream, to: Endpoint, ask: Ask, *, clock: Clock, blobs: Blobs, timeout: float, at_most: float
) -> HttpFetch:
    """Fetches and closes the connection; whatever the network does is recorded, nothing is raised.

    `timeout` bounds the wait for the header and each silence after it, `at_most` the whole.
    """
    started = clock.us()
    answer = _Answer()
    failure = None
    try:
        await _fetch(_Timed(stream, answer, clock), ask, answer, limits=(timeout, min(at_most, _BODY_TIMES * timeout)))
    except Exception as error:
        failure = failure_of(error)
    finally:
        stream.close()
    if failure is None and answer.body.broken:
        failure = Failure.HTTP_MALFORMED_RESPONSE
    return _seen(answer, failure, to, ask, times=(started, clock.since(started)), blobs=blobs)


class _Timed:
    """Notes when octets come."""

    __slots__ = ("_answer", "_clock", "_under")

    def __init__(self, under: Stream, answer: _Answer, clock: Clock) -> None:
        self._under, self._answer, self._clock = under, answer, clock

    async def receive(self, most: int) -> bytes:
        data = await self._under.receive(most)
        if data:
            now = self._clock.us()
            self._answer.last_byte_us = now
            if self._answer.first_byte_us is None:
                self._answer.first_byte_us = now
        return data

    async def send(self, data: bytes) -> None:
        await self._under.send(data)

    def close(self) -> None:
        self._under.close()


async def _fetch(stream: _Timed, ask: Ask, answer: _Answer, *, limits: tuple[float, float]) -> None:
    silence, whole = limits
    ends = asyncio.get_running_loop().time() + whole
    connection = OneConnection(stream)
    headers = fields(ask.place, ask.cookie, ask.host)
    try:
        async with asyncio.timeout(min(silence, whole)):
            head = await exchange(connection, "GET", ask.place.url, headers)
    except Exception:
        answer.opening = connection.begun
        raise
    answer.status = head.status
    answer.headers = tuple((_text(name), _text(value)) for name, value in head.headers)
    answer.body = Body(_field(answer, "content-encoding").strip().lower())
    await _read(head, answer, silence, ends)


async def _read(head: Head, answer: _Answer, silence: float, ends: float) -> None:
    loop = asyncio.get_running_loop()
    pieces: AsyncIterator[bytes] = aiter(head.body)
    async with asyncio.timeout_at(min(loop.time() + silence, ends)) as limit:
        async for piece in pieces:
            answer.body.add(piece)
            if answer.body.enough:
                return
            limit.reschedule(min(loop.time() + silence, ends))
    answer.complete = True


def _seen(
    answer: _Answer, failure: str | None, to: Endpoint, ask: Ask, *, times: tuple[int, int], blobs: Blobs
) -> HttpFetch:
    content = answer.body.content() if answer.status is not None else answer.opening
    return HttpFetch(
        hop=to.hop,
        purpose=to.purpose,
        connection=to.connection,
        url=ask.place.url,
        host=ask.host or ask.place.authority,
        address=to.address,
        port=to.port,
        started_us=times[0],
        duration_us=times[1],
        failure=failure,
        status=answer.status,
        headers=answer.headers,
        location=_location(answer, ask.place),
        body=blobs.put(content) if content or answer.complete else None,
        body_bytes=answer.body.raw if answer.status is not None else len(answer.opening),
        body_truncated=answer.body.cut or (answer.body.full and not answer.complete),
        first_byte_us=answer.first_byte_us,
        last_byte_us=answer.last_byte_us,
    )


def _location(answer: _Answer, asked: Place) -> str | None:
    location = _field(answer, "location")
    if answer.status not in _REDIRECTS or not location:
        return None
    try:
        return redirected(asked, location)
    except ValueError:
        return location.strip()[:_LONGEST_FIELD]


def _field(answer: _Answer, name: str) -> str:
    return next((value for known, value in answer.headers if known.lower() == name), "")


def _text(octets: bytes) -> str:
    """Header octets are UTF-8 where they can be, else Latin-1 (RFC 9110, section 5.5)."""
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("latin-1")
