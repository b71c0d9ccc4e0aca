"""What pydantic found wrong, in the words of `targets.yaml`: the place, what was expected, the nearest right spelling."""

from collections.abc import Mapping
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from models.targets import Configuration
from models.targets_errors import nearest
from models.targets_yaml import Path, Tree

_MEANT: Mapping[str, str] = {
    "interval": "every",
    "period": "every",
    "vantages": "vantage_points",
    "vantage": "vantage_points",
    "category_code": "category",
    "campaign": "campaigns",
    "proxy": "via",
    "dns": "resolvers",
    "date": "on",
    "includes": "include",
}
"""What other tools call it."""

_SENTENCES: Mapping[str, str] = {
    "string_type": "expected text; put quotes around it",
    "int_type": "expected a whole number",
    "int_parsing": "expected a whole number",
    "int_from_float": "expected a whole number",
    "bool_type": "expected true or false",
    "bool_parsing": "expected true or false",
    "tuple_type": "expected a list, such as [one, two]",
    "model_type": "expected a map of keys and values",
    "model_attributes_type": "expected a map of keys and values",
    "string_pattern_mismatch": "expected two capital letters, such as CN",
}


def add_problems(tree: Tree, error: ValidationError) -> None:
    """Notes everything that pydantic refused."""
    for one in error.errors(include_url=False):
        if one["loc"] not in tree.unfilled:
            _add(tree, one)


def _add(tree: Tree, one: ErrorDetails) -> None:
    path: Path = one["loc"]
    if one["type"] == "extra_forbidden":
        known = _keys_at(path[:-1])
        meant = _MEANT.get(str(path[-1]))
        suggestion = meant if meant in known else nearest(str(path[-1]), known)
        message = "unknown key" if suggestion else f"unknown key; expected {', '.join(known)}"
        tree.problem(path, message, at_key=True, suggestion=suggestion)
    elif one["type"] == "missing":
        tree.problem(path, f"is missing; expected {_sentence(path)}")
    elif one["type"] in ("literal_error", "enum"):
        choices = _choices(_annotation(path))
        given = str(one["input"])
        suggestion = nearest(given, choices)
        listed = f"not one of {', '.join(choices)}" if len(choices) < 12 or not suggestion else "not known here"
        tree.problem(path, f"{_said(one['input'])} is {listed}", suggestion=suggestion)
    else:
        tree.problem(path, _message(one))


def _message(one: ErrorDetails) -> str:
    if one["type"] == "value_error":
        return str(one.get("ctx", {}).get("error", one["msg"]))
    bounds = one.get("ctx", {})
    if "ge" in bounds or "le" in bounds:
        bound = f"at least {bounds['ge']}" if "ge" in bounds else f"at most {bounds['le']}"
        return f"{_said(one['input'])} is out of range; expected {bound}"
    sentence = _SENTENCES.get(one["type"])
    if sentence is None:
        return one["msg"]
    return f"{_said(one['input'])} does not fit; {sentence}"


def _said(given: object) -> str:
    if isinstance(given, dict | list | tuple):
        return "a map" if isinstance(given, dict) else "a list"
    if given is None:
        return "nothing"
    written = repr(given) if isinstance(given, str) else str(given).lower()
    return written if len(written) <= 60 else f"{written[:56]}…"


def _annotation(path: Path) -> Any:
    """The type that a path of the configuration has; None where there is no such path."""
    found: Any = Configuration
    for part in path:
        model = _model_in(found)
        if isinstance(part, str):
            field = model.model_fields.get(part) if model else None
            if field is None:
                return None
            found = field.annotation
    return found


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for argument in get_args(annotation) if (model := _model_in(argument))), None)


def _keys_at(path: Path) -> list[str]:
    model = _model_in(_annotation(path))
    return list(model.model_fields) if model else []


def _sentence(path: Path) -> str:
    """What a key is for, for whoever forgot it."""
    model = _model_in(_annotation(path[:-1]))
    field = model.model_fields.get(str(path[-1])) if model else None
    described = (field.description or "") if field else ""
    return (described[:1].lower() + described[1:]).rstrip(".") or "a value"


def _choices(annotation: Any) -> list[str]:
    origin = get_origin(annotation)
    if origin is Literal:
        return [str(choice) for choice in get_args(annotation)]
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return [str(member.value) for member in annotation]
    if origin in (Union, UnionType, Annotated, tuple):
        return [choice for argument in get_args(annotation) for choice in _choices(argument)]
    return []
