"""Every text that the pages show, by key: one JSON file a language, English first. Values in braces are filled in."""

import json
from pathlib import Path

LANGUAGE = "en"
TEXT: dict[str, str] = json.loads((Path(__file__).parent / f"{LANGUAGE}.json").read_text("utf-8"))


def say(key: str, **values: object) -> str:
    """Returns a text with its values filled in; KeyError for an unknown key, which a test would have found."""
    text = TEXT[key]
    return text.format(**values) if values else text


def say_count(key: str, n: int, **values: object) -> str:
    """Returns the form of a text that fits a number: `key.one` or `key.many`."""
    return say(f"{key}.one" if n == 1 else f"{key}.many", n=f"{n:,}".replace(",", " "), **values)
