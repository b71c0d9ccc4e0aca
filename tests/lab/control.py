"""A `wallwatch control` on the simulated internet, where no censor is."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import uvicorn

from lab.internet import Internet
from models.roots import Roots
from probes.control_eyes import Eyes
from probes.control_server import create_app
from probes.ways.bind import Bind
from probes.ways.direct import Direct

_RATE = 1_000_000  # questions a minute: the lab asks as fast as it plays


def _today() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def serve_control(
    internet: Internet, source: str, roots: Roots, *, clock: Callable[[], datetime] = _today, timeout: float = 2
) -> AsyncIterator[str]:
    """Serves a control that looks from `source` with a right clock, as long as the block lasts; gives its URL."""
    eyes = Eyes(
        allow_private=True,
        resolver=internet.honest_resolver_address,
        dns_timeout=timeout,
        timeout=timeout,
        clock=clock,
        way=Direct(Bind(source=source)),
        roots=roots,
    )
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        config = uvicorn.Config(
            create_app(eyes, rate=_RATE, at_once=512), log_level="warning", access_log=False, ws="none", lifespan="off"
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server._serve([listener]))  # without its signal handlers
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        finally:
            server.should_exit = True
            await serving
