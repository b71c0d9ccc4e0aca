"""The JSON Schema that editors use agrees with what the program accepts."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from models.targets_schema import schema

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    made = json.loads(schema())
    jsonschema.Draft202012Validator.check_schema(made)
    return jsonschema.Draft202012Validator(made)


def plain(file: Path) -> Any:
    data = YAML(typ="safe", pure=True).load(file.read_text())
    return json.loads(json.dumps(data, default=str))


def test_the_schema_in_the_docs_is_the_one_that_the_program_makes() -> None:
    assert (ROOT / "docs" / "targets.schema.json").read_text() == schema(), "run `make reference`"


def test_targets_yaml_names_the_schema_in_its_first_line() -> None:
    first = (ROOT / "targets.yaml").read_text().splitlines()[0]
    assert first == "# yaml-language-server: $schema=docs/targets.schema.json"


@pytest.mark.parametrize("file", ["targets.yaml", "scheduler/cli/starter.yaml"])
def test_our_own_files_fit_the_schema(validator: jsonschema.Draft202012Validator, file: str) -> None:
    assert [error.message for error in validator.iter_errors(plain(ROOT / file))] == []


@pytest.mark.parametrize(
    "name",
    ["unknown-key-in-a-target", "misspelt-key-in-defaults", "category-unknown", "duration-without-unit", "missing-url"],
)
def test_the_schema_refuses_what_the_program_refuses(validator: jsonschema.Draft202012Validator, name: str) -> None:
    assert list(validator.iter_errors(plain(ROOT / "tests" / "targets" / f"invalid-{name}.yaml")))


def test_the_schema_allows_anchors_bare_urls_and_variables(validator: jsonschema.Draft202012Validator) -> None:
    tree = {
        "x-usual": {"anything": 1},
        "defaults": {"every": "${EVERY:-1h}"},
        "targets": ["https://a.example/", {"id": "a", "url": "https://a.example/", "category": "${CODE}"}],
        "vantage_points": [{"id": "v", "asn": "${ASN}", "enabled": "${ON:-true}"}],
        "include": ["cn.csv", {"file": "global.csv"}],
    }
    assert [error.message for error in validator.iter_errors(tree)] == []
