"""Puts the API's routes onto the application."""

from typing import Any

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException as StarletteHTTPException

from dashboard.api import badges, health, measurements, things
from dashboard.api.answers import on_bad_parameter, on_http_error, on_store_error
from dashboard.api.docs_page import docs_page
from dashboard.api.rules_page import rules_page
from models.store import StoreError

ABOUT: dict[str, Any] = {
    "title": "wallwatch API",
    "version": "1",
    "description": "What was measured, what the rules say of it, and since when. Read-only. All times are UTC.",
    "openapi_url": "/api/v1/openapi.json",
    "docs_url": None,
    "redoc_url": None,
}
"""How FastAPI is to describe the API; its own documentation pages would load scripts from another host."""


def add_api(app: FastAPI) -> None:
    """Adds every route of ours; what is mounted afterwards gets the rest."""
    for module in (things, measurements, badges, health):
        app.include_router(module.router)
    app.add_api_route("/api/v1/docs", lambda: HTMLResponse(docs_page(app.openapi())), include_in_schema=False)
    app.add_api_route("/rules", lambda: HTMLResponse(rules_page()), include_in_schema=False)
    app.add_api_route(
        "/api/{rest:path}", _nothing, include_in_schema=False, methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
    )
    app.add_api_route("/badge/{rest:path}", _nothing, include_in_schema=False)
    app.add_exception_handler(RequestValidationError, on_bad_parameter)
    app.add_exception_handler(StarletteHTTPException, on_http_error)
    app.add_exception_handler(StoreError, on_store_error)


def _nothing(request: Request, rest: str) -> Response:
    raise HTTPException(
        404,
        {"error": f"There is nothing at {request.url.path[:200]}.", "what_to_do": "/api/v1/docs lists what there is."},
    )
