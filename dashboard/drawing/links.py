"""Addresses of our own pages; each is a permalink that carries what is shown."""

from urllib.parse import quote, urlencode


def overview(**query: str) -> str:
    return _with("/", query)


def target(id: str, **query: str) -> str:  # noqa: A002
    return _with("/target", {"id": id, **query})


def campaign(id: str | None = None) -> str:  # noqa: A002
    return _with("/campaign", {"id": id} if id else {})


def vantage(id: str | None = None) -> str:  # noqa: A002
    return f"/vantage-points{'#' + quote(id) if id else ''}"


def measurement(id: str) -> str:  # noqa: A002
    return _with("/measurement", {"id": id})


def record(id: str) -> str:  # noqa: A002
    return f"/api/v1/measurements/{quote(id)}"


def rule(id: str) -> str:  # noqa: A002
    return f"/rules#{quote(id)}"


def blob(digest: str) -> str:
    return f"/api/v1/blobs/{quote(digest)}"


def _with(path: str, query: dict[str, str]) -> str:
    return f"{path}?{urlencode(query)}" if query else path
