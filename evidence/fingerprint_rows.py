"""One row of a list into a fingerprint, strictly: what cannot be understood is refused, what is useless is left out."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

from evidence.addresses import plain
from evidence.fingerprint import Fingerprint, Kind, Scope
from evidence.fingerprint_regexp import check_pattern

Word = TypeVar("Word", bound=StrEnum)
_LONGEST_PATTERN = 2000
_LONGEST_NAME = 200
_LOCATION = re.compile(r"body|text|dns|header(\.[a-z0-9!#$%&'*+^_`|~-]{1,60})?")
_COUNTRY = re.compile(r"[A-Z]{2}")
_NOWHERE = "ZZ"  # unknown, in OONI's lists
_USELESS = ("redirect", "coming soon")
_USELESS_WITHIN = ("twitter:card",)
_FEWEST = 4  # letters and digits
_UNREADABLE = "\N{REPLACEMENT CHARACTER}"


class BadRowError(ValueError):
    """The row cannot be understood."""


class LeftOutError(ValueError):
    """The row is understood, and would match what it should not."""


def fingerprint(row: Mapping[str, Any], file: str) -> Fingerprint:
    """Reads a row of OONI's table, of Citizen Lab's tables, or of Citizen Lab's JSON; raises BadRowError or LeftOutError."""
    response = "response" in row and "pattern" not in row  # Citizen Lab's list of DNS answers
    location = _location("dns" if response else _text(row, "location_found"))
    kind = _kind(row, Kind.FULL if location == "dns" else Kind.CONTAINS)
    pattern = _pattern(_text(row, "response" if response else "pattern"), kind)
    return Fingerprint(
        name=_name(row),
        scope=_word(Scope, _text(row, "scope"), "scope"),
        location=location,
        kind=kind,
        pattern=plain(pattern) if location == "dns" and kind is Kind.FULL else pattern,
        confidence=_confidence(row),
        countries=_countries(row.get("expected_countries")),
        source=_source(row, file),
    )


def _text(row: Mapping[str, Any], key: str) -> str:
    value = row.get(key, "")
    if not isinstance(value, str):
        raise BadRowError(f"{key} is not a text")
    return value


def _name(row: Mapping[str, Any]) -> str:
    name = _text(row, "name").strip()
    if not name or len(name) > _LONGEST_NAME:
        raise BadRowError(f"the name is {'empty' if not name else f'longer than {_LONGEST_NAME} characters'}")
    return name


def _location(text: str) -> str:
    location = text.strip().lower()
    if not _LOCATION.fullmatch(location):
        raise BadRowError(f"location_found {text[:40]!r}; expected body, text, header, header.<name> or dns")
    return location


def _kind(row: Mapping[str, Any], otherwise: Kind) -> Kind:
    return _word(Kind, _text(row, "pattern_type"), "pattern_type") if "pattern_type" in row else otherwise


def _word(words: type[Word], text: str, key: str) -> Word:
    try:
        return words(text.strip().lower())
    except ValueError:
        raise BadRowError(f"{key} {text[:40]!r}; expected one of {', '.join(words)}") from None


def _pattern(text: str, kind: Kind) -> str:
    if not text.strip():
        raise BadRowError("the pattern is empty")
    if len(text) > _LONGEST_PATTERN:
        raise BadRowError(f"the pattern is longer than {_LONGEST_PATTERN} characters")
    if _UNREADABLE in text:
        raise LeftOutError("the pattern has U+FFFD, which any page read by a wrong charset has")
    bare = text.strip().lower()
    if bare in _USELESS or any(word in bare for word in _USELESS_WITHIN):
        raise LeftOutError("the pattern is a phrase of ordinary pages")
    if sum(letter.isalnum() for letter in text) < _FEWEST:
        raise LeftOutError(f"the pattern has fewer than {_FEWEST} letters and digits")
    if kind is Kind.REGEXP and (why := check_pattern(text)):
        raise BadRowError(why)
    return text


def _confidence(row: Mapping[str, Any]) -> int:
    value = row.get("confidence_no_fp", 5)
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        value = int(value.strip()[:4])
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 10:
        raise BadRowError(f"confidence_no_fp {str(value)[:20]!r}; expected 0 to 10")
    return value


def _countries(value: Any) -> tuple[str, ...]:
    parts = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else [value or ""]
    found = {str(part).strip().upper() for part in parts} - {"", _NOWHERE}
    bad = sorted(part for part in found if not _COUNTRY.fullmatch(part))
    if bad:
        raise BadRowError(f"expected_countries has {bad[0][:20]!r}; expected two letters each, such as IR,IQ")
    return tuple(sorted(found))


def _source(row: Mapping[str, Any], file: str) -> str:
    value = row.get("source") or ""
    told = ", ".join(str(part) for part in value if part) if isinstance(value, list) else str(value)
    return f"{file}: {told.strip()}"[:200] if told.strip() else file
