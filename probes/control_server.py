"""The control's server: `POST /` in the protocol of OONI's test helpers, and `GET /healthz`; nothing else."""

import asyncio
import contextlib
import math
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from models.measurement import to_instant
from probes.control_eyes import Eyes, OwnFaultError
from probes.control_limits import Limits
from probes.control_look import look
from probes.control_protocol import LONGEST_REQUEST, MEDIA, Asked

_READ_WITHIN = 10.0  # seconds
_ASKED = msgspec.json.Decoder(Asked)
_Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a control offers, and to how many."""

    host: str
    port: int
    rate: float = 60  # questions a minute from one client
    at_once: int = 64  # questions in work; each takes up to 25 s and a few MB
    certificate: Path | None = None
    key: Path | None = None


class Refused(Exception):  # noqa: N818 - carries an answer, it is not one more class of errors
    """The request is answered with this instead."""

    def __init__(self, status: int, why: str, retry_after: float = 0) -> None:
        super().__init__(why)
        headers = {"Retry-After": str(math.ceil(retry_after))} if retry_after else {}
        self.response = PlainTextResponse(why + "\n", status, headers)


def create_app(eyes: Eyes, *, rate: float = 60, at_once: int = 64) -> Starlette:
    """Makes the application; `eyes` say how it looks."""
    limits, places = Limits(rate), asyncio.Semaphore(at_once)

    async def answer(request: Request) -> Response:
        try:
            _admit(request, limits, places)
            async with places:
                return await _answer(await _read(request), eyes)
        except Refused as refused:
            return refused.response
        except ClientDisconnect:
            return Response(status_code=400)

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok\n")

    return Starlette(routes=[Route("/", answer, methods=["POST"]), Route("/healthz", healthz, methods=["GET"])])


def _admit(request: Request, limits: Limits, places: asyncio.Semaphore) -> None:
    wait = limits.wait(request.client.host if request.client else "unknown")
    if wait:
        raise Refused(429, f"Too many questions from your address; ask again in {math.ceil(wait)} s.", wait)
    if places.locked():
        raise Refused(503, "This control is busy; ask again in a moment.", 5)


async def _read(request: Request) -> Asked:
    body = bytearray()
    try:
        async with asyncio.timeout(_READ_WITHIN):
            async for piece in request.stream():
                body += piece
                if len(body) > LONGEST_REQUEST:
                    raise Refused(413, f"A question is at most {LONGEST_REQUEST} octets.")
    except TimeoutError:
        raise Refused(408, f"The question did not arrive within {_READ_WITHIN:.0f} s.") from None
    try:
        return _ASKED.decode(body)
    except ValueError as why:
        raise Refused(400, f"The question is not one of a test helper: {why}") from None


async def _answer(asked: Asked, eyes: Eyes) -> Response:
    try:
        answer = await look(asked, eyes)
    except ValueError as why:
        raise Refused(400, f"The question makes no sense: {why}") from None
    except OwnFaultError as why:
        raise Refused(503, f"This control cannot see at present: {why}", 60) from None
    answer.x_time = to_instant(eyes.clock())
    return Response(msgspec.json.encode(answer), media_type=MEDIA)


async def serve(offer: Offer, eyes: Eyes, *, on_ready: Callable[[str], None]) -> None:
    """Serves until SIGTERM or SIGINT; `on_ready` gets the address. Raises OSError where it cannot listen there."""
    listener = socket.create_server(
        (offer.host, offer.port), family=socket.AF_INET6 if ":" in offer.host else socket.AF_INET, backlog=512
    )
    with listener:
        config = uvicorn.Config(
            create_app(eyes, rate=offer.rate, at_once=offer.at_once),
            log_level="warning",
            access_log=False,  # who asks is nobody's business
            server_header=False,
            ws="none",
            lifespan="off",
            timeout_keep_alive=5,
            timeout_graceful_shutdown=5,
            h11_max_incomplete_event_size=16_384,
            limit_concurrency=4 * offer.at_once,
            ssl_certfile=offer.certificate,
            ssl_keyfile=offer.key,
        )
        await _Server(config, lambda: on_ready(_url(offer, listener))).serve([listener])


class _Server(uvicorn.Server):
    """Says when it is ready, and ends without raising its signal again: a stop that was asked for is no failure."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


def _url(offer: Offer, listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"{'https' if offer.certificate else 'http'}://{f'[{host}]' if ':' in host else host}:{port}/"
