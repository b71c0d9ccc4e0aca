"""Every text the pages ask for is there, and every text that is there is asked for."""

import ast
import re
from pathlib import Path

from dashboard.strings import TEXT

ROOM = Path(__file__).parents[2] / "dashboard"


def _asked() -> tuple[set[str], set[str]]:
    """Whole keys, and patterns for those made from parts."""
    whole: set[str] = set()
    parts: set[str] = set()
    for file in ROOM.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                whole.add(node.value)
            if isinstance(node, ast.JoinedStr):
                parts.add(
                    "".join(re.escape(str(v.value)) if isinstance(v, ast.Constant) else r"[\w.-]+" for v in node.values)
                )
    return whole, parts


def test_every_text_that_is_asked_for_by_its_whole_key_is_there() -> None:
    for file in ROOM.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                key = str(node.args[0].value)
                if node.func.id == "say":
                    assert key in TEXT, f"{file.name}:{node.lineno}: {key}"
                elif node.func.id == "say_count":
                    assert {f"{key}.one", f"{key}.many"} <= TEXT.keys(), f"{file.name}:{node.lineno}: {key}"


def test_every_text_is_used_somewhere() -> None:
    whole, parts = _asked()
    unused = [
        key
        for key in TEXT
        if key not in whole
        and re.sub(r"\.(one|many)$", "", key) not in whole
        and not any(re.fullmatch(pattern, re.sub(r"\.(one|many)$", "", key)) for pattern in parts if "\\." in pattern)
    ]
    assert unused == []


def test_no_text_names_a_motive_or_a_culprit() -> None:
    assert [
        key for key, text in TEXT.items() if re.search(r"\bbecause (of|the)\b|regime|the government blocked", text)
    ] == []
