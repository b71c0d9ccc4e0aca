"""Addresses, ports, tags and transactions as OONI writes them."""

from evidence.addresses import parsed
from evidence.ooni_words import Json, text, whole

MOST_DEPTH = 20


def address(value: object) -> str | None:
    """Returns an IP address, null for names and for what was scrubbed."""
    found = parsed(text(value) or "")
    return str(found) if found else None


def endpoint(value: object) -> tuple[str, int] | None:
    """Returns the address and port of "192.0.2.1:443" or "[2001:db8::1]:443"."""
    host, _, port = (text(value) or "").rpartition(":")
    found, number = (
        address(host),
        whole(int(port) if port.isascii() and port.isdigit() and len(port) < 6 else None, 1, 65535),
    )
    return (found, number) if found and number else None


def tags(entry: Json) -> frozenset[str]:
    found = entry.get("tags")
    return frozenset(tag for tag in found[:40] if isinstance(tag, str)) if isinstance(found, list) else frozenset()


def depth(entry: Json) -> int | None:
    """Returns the redirect that the operation belongs to, where the probe says so (since 0.5)."""
    for tag in tags(entry):
        number = tag.removeprefix("depth=")
        if number != tag and number.isascii() and number.isdigit() and len(number) < 4:
            return min(int(number), MOST_DEPTH)
    return None


def transaction(entry: Json, otherwise: int) -> int:
    found = whole(entry.get("transaction_id"), 1, 2**31)
    return found if found is not None else otherwise
