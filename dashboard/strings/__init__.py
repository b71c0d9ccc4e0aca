"""Every text that the pages show, by key; one file a language, English first."""

from dashboard.strings.en import TEXT


def say(key: str, **values: object) -> str:
    """Returns a text with its values filled in; KeyError for an unknown key, which a test would have found."""
    text = TEXT[key]
    return text.format(**values) if values else text


def say_count(key: str, n: int, **values: object) -> str:
    """Returns the form of a text that fits a number: `key.one` or `key.many`."""
    return say(f"{key}.one" if n == 1 else f"{key}.many", n=f"{n:,}".replace(",", " "), **values)
