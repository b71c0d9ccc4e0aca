"""The page that carries Streamlit's scripts, with our name, our words for readers without scripts, and its base address.

Without that address Streamlit's client first asks for `/target/_stcore/health`, and every deep link logs a 404.
"""

import re
from collections.abc import Callable
from pathlib import Path

import streamlit
from fastapi import FastAPI
from fastapi.responses import FileResponse, HTMLResponse, Response
from markupsafe import Markup

from dashboard.drawing.markup import el
from dashboard.strings import say

ASSETS = Path(__file__).parent / "assets"
PAGES = ("overview", "campaign", "vantage-points", "target", "measurement")
FILES = {"/assets/boot.js": "boot.js", "/assets/favicon.svg": "favicon.svg", "/favicon.png": "favicon.svg"}
"""Our own files by their address; Streamlit's client asks for the icon under the name that it knows."""
_FRESH = {"cache-control": "no-cache"}


def index_page() -> str:
    """Returns Streamlit's index page with our own head."""
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text("utf-8")
    head = el("meta", name="description", content=say("foot.what")) + el("script", src="/assets/boot.js")
    page = page.replace("<title>Streamlit</title>", el("title", say("product")) + head)
    page = re.sub(r'<link rel="service-desc"[^>]*>', "", page)
    page = page.replace('"./favicon.png"', '"/assets/favicon.svg"').replace('"./static/', '"/static/')
    without = el("p", say("noscript")) + el("p", el("a", say("foot.api"), href="/api/v1/docs"))
    return re.sub(r"<noscript>.*?</noscript>", lambda _: el("noscript", Markup(without)), page, flags=re.DOTALL)  # noqa: S704


def add_index(app: FastAPI) -> None:
    """Answers for every page's address, and for the few files of our own."""
    page = index_page()

    def index() -> Response:
        return HTMLResponse(page, headers=_FRESH)

    for path in ("/", *(f"/{name}" for name in PAGES)):
        app.add_api_route(path, index, methods=["GET", "HEAD"], include_in_schema=False)
    for path, name in FILES.items():
        app.add_api_route(path, _file(name), methods=["GET", "HEAD"], include_in_schema=False)


def _file(name: str) -> Callable[[], Response]:
    def answer() -> Response:
        return FileResponse(ASSETS / name, headers=_FRESH)

    return answer
