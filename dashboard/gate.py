"""What stands before every request: which host names are answered, which paths are closed, which headers go out.

Plain ASGI, because it must also see websockets and must not buffer what Streamlit sends.
"""

import ipaddress
from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

EMBEDDABLE = ("/badge/",)
"""Paths whose answers other sites may show."""

CLOSED = ("/_stcore/metrics", "/_stcore/agent", "/_stcore/upload_file", "/_stcore/script-health-check")
"""Streamlit's own paths that answer anybody by default and that no page here needs."""


STREAMLITS = ("/_stcore/", "/media/", "/static/", "/component/")
"""The paths that Streamlit itself answers; to any other it would give its index page, with status 200."""


@dataclass(frozen=True, slots=True)
class OnlyItsOwn:
    """Lets Streamlit answer for its own paths and gives 404 for every other."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith(STREAMLITS):
            await _error(404, "There is nothing here.", "/ lists all targets, /api/v1/docs what programs can ask for.")(
                scope, receive, send
            )
            return
        await self.app(scope, receive, send)


@dataclass(frozen=True, slots=True)
class HostRule:
    """Which `Host` headers are answered: IP addresses (they cannot be rebound), localhost, and the names given."""

    names: frozenset[str] = frozenset({"localhost"})

    def allows(self, host: str | None) -> bool:
        name = _host_name(host)
        return name is not None and (name in self.names or _is_address(name))


def host_rule(names: Iterable[str]) -> HostRule:
    """Builds the rule from operator-given names; `localhost` is always one of them."""
    return HostRule(frozenset({"localhost", *(name.strip().lower().rstrip(".") for name in names if name.strip())}))


@dataclass(frozen=True, slots=True)
class Gate:
    """The middleware; `script_hashes` are those of the inline scripts in Streamlit's own index page."""

    app: ASGIApp
    hosts: HostRule
    script_hashes: tuple[str, ...] = ()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        host = Headers(scope=scope).get("host")
        refusal = self._refusal(scope, host)
        if refusal is None:
            await self.app(scope, receive, self._with_headers(scope, host or "", send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await refusal(scope, receive, self._with_headers(scope, "", send))

    def _refusal(self, scope: Scope, host: str | None) -> JSONResponse | None:
        if not self.hosts.allows(host):
            return _error(421, "This server does not answer for that host name.", _HOST_HINT)
        if any(scope["path"].startswith(path) for path in CLOSED):
            return _error(404, "There is nothing here.", "The API begins at /api/v1/docs.")
        return None

    def _with_headers(self, scope: Scope, host: str, send: Send) -> Send:
        path = scope["path"]

        async def sender(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._harden(message, path, host)
            await send(message)

        return sender

    def _harden(self, message: MutableMapping[str, Any], path: str, host: str) -> None:
        headers = MutableHeaders(raw=message.setdefault("headers", []))
        embeddable = path.startswith(EMBEDDABLE)
        headers["content-security-policy"] = policy(host, self.script_hashes, embeddable=embeddable)
        headers["x-content-type-options"] = "nosniff"
        headers["referrer-policy"] = "same-origin"
        headers["permissions-policy"] = "camera=(), geolocation=(), microphone=(), usb=()"
        headers["cross-origin-opener-policy"] = "same-origin"
        if embeddable:
            headers["cross-origin-resource-policy"] = "cross-origin"
        else:
            headers["x-frame-options"] = "SAMEORIGIN"


_HOST_HINT = "The operator adds a name with --allow-host NAME or in WALLWATCH_HOSTS (comma separated)."


def policy(host: str, script_hashes: tuple[str, ...] = (), *, embeddable: bool = False) -> str:
    """Returns the Content-Security-Policy; websockets go to the very host that served the page."""
    scripts = " ".join(["script-src 'self'", *(f"'{h}'" for h in script_hashes)])
    sockets = f" ws://{host} wss://{host}" if host else ""
    return "; ".join(
        [
            "default-src 'self'",
            scripts,
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            f"connect-src 'self'{sockets}",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            f"frame-ancestors {'*' if embeddable else chr(39) + 'self' + chr(39)}",
        ]
    )


def _error(status: int, error: str, hint: str) -> JSONResponse:
    return JSONResponse({"error": error, "what_to_do": hint}, status_code=status)


def _host_name(host: str | None) -> str | None:
    """Returns the name of a `Host` header without its port, or null for anything but host[:port]."""
    try:
        parts = urlsplit(f"//{host or ''}")
        plain = not (parts.path or parts.query or parts.fragment or parts.username or parts.password)
        _ = parts.port  # raises for a port that is none
        name = parts.hostname
    except ValueError:
        return None
    if not plain or name is None or not all(c.isalnum() or c in ".:-_" for c in name):
        return None
    return name.rstrip(".").lower()


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
