"""Foreign regular expressions, in time linear in the text: RE2, which has no patterns that run for ever."""

from functools import lru_cache

import re2

_MEMORY = 1 << 20  # octets that one compiled pattern may take


def check_pattern(pattern: str) -> str | None:
    """Returns why a pattern cannot be used, null where it can."""
    try:
        compiled = _compiled(pattern)
    except re2.error as error:
        return f"the pattern is no regular expression of RE2: {_said(error)[:120]}"
    return "the pattern matches an empty page" if compiled.search("") else None


def search(pattern: str, text: str) -> tuple[int, int] | None:
    """Returns from where to where a checked pattern matches first."""
    found = _compiled(pattern).search(text)
    return (found.start(), found.end()) if found else None


@lru_cache(maxsize=2048)
def _compiled(pattern: str) -> re2._Regexp:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    return re2.compile(pattern, options)


def _said(error: re2.error) -> str:
    told = error.args[0] if error.args else ""
    return told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)
