"""The one process: FastAPI answers the API, badges, health and metrics; Streamlit's `st.App` is mounted beneath it."""

import base64
import gc
import hashlib
import re
import socket
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit
import uvicorn
from fastapi import FastAPI
from streamlit.starlette import App
from streamlit.web import bootstrap

from dashboard.api.app import ABOUT, add_api
from dashboard.gate import Gate, OnlyItsOwn, host_rule
from dashboard.index_page import add_index

HERE = Path(__file__).parent
MAIN = HERE / "main.py"
SETTINGS = HERE / ".streamlit" / "config.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """Where the server listens, and the host names under which it is reached."""

    host: str
    port: int
    names: tuple[str, ...] = ()


def settings(listen: Listen) -> dict[str, Any]:
    """Returns every Streamlit option that we set, by its dotted name."""
    tables = tomllib.loads(SETTINGS.read_text("utf-8"))
    return {**_flat(tables), "server.address": listen.host, "server.port": listen.port}


def _flat(table: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in table.items():
        found |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return found


def inline_script_hashes() -> tuple[str, ...]:
    """Returns the CSP hashes of the inline scripts in Streamlit's own index page, so that no console complains."""
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text("utf-8")
    scripts = re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)
    return tuple("sha256-" + base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts)


def application(listen: Listen) -> Gate:
    """Builds the ASGI application; one in a process, because Streamlit's configuration is the process's."""
    bootstrap.load_config_options(settings(listen))
    pages = App(MAIN)
    api = FastAPI(lifespan=pages.lifespan(), **ABOUT)
    add_api(api)
    add_index(api)
    api.mount("/", OnlyItsOwn(pages))
    return Gate(api, host_rule(listen.names), inline_script_hashes())


class _Server(uvicorn.Server):
    """Says where it listens once it does, so that whoever started it with port 0 learns the port."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._say_started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._say_started()


def serve(listen: Listen) -> int:
    """Runs until it is told to stop; 2 when the address cannot be had."""
    try:
        sock = _bind(listen)
    except OSError as exc:
        text = f"cannot listen on {listen.host}:{listen.port}: {exc.strerror}. Name another with --listen."
        print(f"dashboard: {text}", file=sys.stderr)  # noqa: T201
        return 2
    bound = Listen(host=listen.host, port=sock.getsockname()[1], names=listen.names)
    config = uvicorn.Config(application(bound), log_level="warning", server_header=False, ws_max_size=1 << 20)
    warm()
    host = f"[{bound.host}]" if ":" in bound.host else bound.host
    _Server(config, lambda: print(f"dashboard: http://{host}:{bound.port}/", flush=True)).run(sockets=[sock])  # noqa: T201
    return 0


def _bind(listen: Listen) -> socket.socket:
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((listen.host, listen.port))
    sock.set_inheritable(True)
    return sock


def warm() -> None:
    """Imports what the first page would, then freezes it: collections after it look at young objects only."""

    gc.collect()
    gc.freeze()
