"""OONI's failure words over ten years, and the strings, bytes and numbers of its records, read strictly and bounded."""

import base64
import binascii
import math
from typing import Any

from models.failures import Failure, is_word, unknown

Json = dict[str, Any]
MOST_TEXT = 4096
_MOST_US = 10**15
_ANDROID = "android_dns_cache_no_data"
_LEGACY: dict[str, str] = {
    "address_family_not_supported_error": Failure.ADDRESS_FAMILY_NOT_SUPPORTED,
    "connection_done": Failure.EOF_ERROR,
    "connection_lost_error": Failure.EOF_ERROR,
    "connection_refused_error": Failure.CONNECTION_REFUSED,
    "connection_reset_error": Failure.CONNECTION_RESET,
    "deferred_timeout_error": Failure.GENERIC_TIMEOUT_ERROR,
    "dns_name_error": Failure.DNS_NXDOMAIN_ERROR,
    "dns_name_failure": Failure.DNS_NXDOMAIN_ERROR,
    "http_invalid_redirect_url": Failure.HTTP_INVALID_REDIRECT_LOCATION_HOST,
    "response_never_received": Failure.EOF_ERROR,
    "task_timed_out": Failure.GENERIC_TIMEOUT_ERROR,
    "tcp_timed_out_error": Failure.GENERIC_TIMEOUT_ERROR,
}
"""What Twisted's and Measurement Kit's probes said, in today's words."""


def failure(value: object, *, succeeded: object = None) -> str | None:
    """Returns today's word for a failure; null and false both meant success, and so does neither with `success`."""
    if value is None or value is False or value == "":
        return unknown("not told") if succeeded is False else None
    word = text(value) or "not told"
    word = _LEGACY.get(word, word)
    return word if word == _ANDROID or is_word(word) else unknown(word.removeprefix("unknown_failure:"))


def text(value: object, most: int = MOST_TEXT) -> str | None:
    """Returns a string as UTF-8 can write it, bounded, or null where it is none; binary data are read as UTF-8."""
    if isinstance(value, dict):
        found = octets(value, most)
        return None if found is None else found.decode("utf-8", "replace")
    if not isinstance(value, str):
        return None
    return value[:most].encode("utf-8", "replace").decode("utf-8")


def octets(value: object, most: int) -> bytes | None:
    """Returns a body: a string, or `{"format": "base64", "data": …}`, whose padding may be wrong."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace")[:most]
    if not isinstance(value, dict) or not isinstance(data := value.get("data"), str):
        return None
    data = data.strip().rstrip("=")[: most * 2]
    try:
        return base64.b64decode(data + "=" * (-len(data) % 4))[:most]
    except (binascii.Error, ValueError):
        return None


def micros(value: object) -> int:
    """Returns seconds as microseconds, zero for what is no length of time."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        return 0
    return min(int(value * 1_000_000), _MOST_US)


def whole(value: object, least: int, most: int) -> int | None:
    """Returns a whole number within bounds, else null; a boolean is none."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if least <= value <= most else None


def asn(value: object) -> int | None:
    """Returns an AS number, from 137 or "AS137"; null for unknown (AS0)."""
    if isinstance(value, str):
        digits = value.upper().removeprefix("AS")
        value = int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 10 else None
    return whole(value, 1, 2**32 - 1)


def objects(value: object, most: int) -> list[Json]:
    """Returns the objects of a list, at most so many; anything else is an empty list."""
    return [entry for entry in value[:most] if isinstance(entry, dict)] if isinstance(value, list) else []


def mapping(value: object) -> Json:
    return value if isinstance(value, dict) else {}
