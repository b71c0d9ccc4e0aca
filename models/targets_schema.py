"""The JSON Schema of `targets.yaml`, made from the models, so that editors complete and check while one types."""

import json
from typing import Any

from models.targets import Configuration, Include, Target

_VARIABLE = {"type": "string", "pattern": r"\$\{"}


def schema() -> str:
    """Returns the schema as JSON text; `docs/targets.schema.json` is a copy of it."""
    made = Configuration.model_json_schema()
    made["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    made["title"] = "wallwatch targets.yaml"
    made["patternProperties"] = {"^x-": {}}
    for model in (Target, Include):
        made["$defs"][model.__name__] = _or_a_bare_word(made["$defs"][model.__name__])
    return json.dumps(_with_variables(made), indent=2, ensure_ascii=False) + "\n"


def _or_a_bare_word(definition: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [{"type": "string", "description": definition.get("description")}, definition]}


def _with_variables(part: Any) -> Any:
    """Lets `${NAME}` stand where a number, a truth value or one of a few words is expected."""
    if isinstance(part, list):
        return [_with_variables(one) for one in part]
    if not isinstance(part, dict):
        return part
    inner = {key: _with_variables(value) for key, value in part.items()}
    if inner.get("type") in ("integer", "boolean") or "enum" in inner:
        about = {key: inner.pop(key) for key in ("default", "description", "title") if key in inner}
        return {**about, "anyOf": [inner, _VARIABLE]}
    return inner
