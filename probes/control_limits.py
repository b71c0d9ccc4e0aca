"""How much one client may ask of a control: so many questions a minute, in bursts of that many."""

import ipaddress
import time
from collections import OrderedDict

from probes.dns_message import plain_address

_MOST_CLIENTS = 50_000  # remembered; whoever asked least recently is forgotten first


class Limits:
    """A bucket of tokens for each client address (each /64 for IPv6), refilled steadily."""

    def __init__(self, a_minute: float) -> None:
        self._most = a_minute
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, client: str, now: float | None = None) -> float:
        """Takes a token; returns 0, or the seconds until there is one."""
        now = time.monotonic() if now is None else now
        key = _key(client)
        tokens, since = self._buckets.pop(key, (self._most, now))
        tokens = min(self._most, tokens + (now - since) * self._most / 60)
        self._buckets[key] = (max(tokens - 1, 0) if tokens >= 1 else tokens, now)
        if len(self._buckets) > _MOST_CLIENTS:
            self._buckets.popitem(last=False)
        return 0 if tokens >= 1 else (1 - tokens) * 60 / self._most


def _key(client: str) -> str:
    try:
        address = ipaddress.ip_address(client.partition("%")[0])
    except ValueError:
        return client
    if isinstance(address, ipaddress.IPv4Address) or address.ipv4_mapped is not None:
        return plain_address(client)
    return str(ipaddress.ip_network((address, 64), strict=False))
