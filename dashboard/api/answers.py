"""How every answer is given: with an ETag, 304 where the reader has it already, and errors as JSON with what to do."""

import hashlib
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException as StarletteHTTPException

from dashboard.api.shapes import Problem

ERRORS: dict[int | str, dict[str, Any]] = {
    404: {"model": Problem, "description": "There is nothing of that id."},
    422: {"model": Problem, "description": "A parameter is not what it should be."},
}


class TaggedRoute(APIRoute):
    """Gives each answer a tag of its bytes, and answers 304 to a reader who names that tag."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        original = super().get_route_handler()

        async def handler(request: Request) -> Response:
            return tagged(request, await original(request))

        return handler


def tagged(request: Request, response: Response) -> Response:
    """Returns the response with its tag, or 304 without a body."""
    body = getattr(response, "body", None)
    if response.status_code != 200 or body is None:
        return response
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    kept = {"etag": etag, "cache-control": response.headers.get("cache-control", "no-cache")}
    last: datetime | None = getattr(request.state, "last_modified", None)
    if last is not None:
        kept["last-modified"] = format_datetime(last.astimezone(UTC).replace(microsecond=0), usegmt=True)
    if etag in [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]:
        return Response(status_code=304, headers=kept)
    response.headers.update(kept)
    return response


def nothing(what: str, name: str, where: str) -> HTTPException:
    """Returns the 404 for an unknown id, with where the known ones are."""
    return HTTPException(
        404, {"error": f"There is no {what} “{name[:120]}”.", "what_to_do": f"{where} lists those that there are."}
    )


async def on_http_error(_: Request, exc: Exception) -> JSONResponse:
    """Renders every HTTPException as a Problem."""
    assert isinstance(exc, StarletteHTTPException)
    detail = (
        exc.detail if isinstance(exc.detail, dict) else {"error": str(exc.detail), "what_to_do": "See /api/v1/docs."}
    )
    return JSONResponse(detail, status_code=exc.status_code, headers=exc.headers)


async def on_bad_parameter(_: Request, exc: Exception) -> JSONResponse:
    """Renders a refused parameter as a Problem that names it."""
    assert isinstance(exc, RequestValidationError)
    first = exc.errors()[0]
    name = ".".join(str(part) for part in first["loc"][1:])
    problem = Problem(error=f"{name}: {first['msg']}", what_to_do="See /api/v1/docs for what the parameter may be.")
    return JSONResponse(problem.model_dump(), status_code=422)


async def on_store_error(_: Request, exc: Exception) -> JSONResponse:
    """Renders a store that cannot be read as 503."""
    problem = Problem(error=str(exc), what_to_do="Try again in a while; /healthz says when it works.")
    return JSONResponse(problem.model_dump(), status_code=503, headers={"retry-after": "5"})
