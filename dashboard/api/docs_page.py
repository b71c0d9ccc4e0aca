"""The API's own documentation page, drawn from its OpenAPI description without any script or foreign asset."""

from pathlib import Path
from typing import Any

from markupsafe import Markup

from dashboard.drawing.markup import el, joined
from dashboard.strings import say

_STYLE = (Path(__file__).parent.parent / "assets" / "docs.css").read_text("utf-8")


def docs_page(description: dict[str, Any]) -> str:
    """Returns the page."""
    paths = [
        (path, method, operation)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    ]
    tags = list(dict.fromkeys(tag for _, _, operation in paths for tag in operation.get("tags", ["other"])))
    body = joined(
        el("section", el("h2", tag), joined(_operation(*p) for p in paths if tag in p[2].get("tags", ["other"])))
        for tag in tags
    )
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width"),
        el("title", say("docs.title")),
        el("style", Markup(_STYLE)),  # noqa: S704 - our own file
    )
    intro = el("p", say("docs.intro"), " ", el("a", "/api/v1/openapi.json", href="/api/v1/openapi.json"))
    main = el(
        "main",
        el("p", el("a", say("docs.back"), href="/")),
        el("h1", say("docs.title")),
        intro,
        el("p", say("docs.tags")),
        body,
    )
    return f"<!doctype html>{el('html', head, el('body', main), lang='en')}"


def _operation(path: str, method: str, operation: dict[str, Any]) -> Markup:
    parameters = operation.get("parameters", [])
    rows = joined(_parameter(p) for p in parameters)
    table = el(
        "table",
        el("thead", el("tr", joined(el("th", say(f"docs.{c}"), scope="col") for c in ("name", "what", "allowed")))),
        el("tbody", rows),
    )
    link = el("a", path, href=path) if "{" not in path else path
    return el(
        "article",
        el("h3", el("code", method.upper(), " ", link)),
        el("p", operation.get("description") or operation.get("summary", "")),
        table if parameters else None,
    )


def _parameter(parameter: dict[str, Any]) -> Markup:
    schema = parameter.get("schema", {})
    name = el("code", parameter["name"], "" if parameter.get("required") else "?")
    return el("tr", el("td", name), el("td", parameter.get("description") or "–"), el("td", _allowed(schema)))


def _allowed(schema: dict[str, Any]) -> str:
    kinds = [s for s in schema.get("anyOf", [schema]) if s.get("type") != "null"]
    return " or ".join(_kind(kind) for kind in kinds)


def _kind(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    bounds = [
        f"{word} {schema[key]}"
        for key, word in (("minimum", "from"), ("maximum", "to"), ("pattern", "like"))
        if key in schema
    ]
    return " ".join([str(schema.get("format") or schema.get("type", "any")), *bounds])
