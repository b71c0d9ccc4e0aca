"""The way out `resolver://address[:port]`: DNS alone, through a resolver inside the network under test."""

import ipaddress
from urllib.parse import parse_qsl, urlsplit

from models.failures import Failure
from probes.streams import Opened
from probes.ways.bind import Bind

_OPTIONS = frozenset({"source", "interface", "netns"})


class Resolver:
    """Asks a resolver and connects nowhere else."""

    kind = "resolver"
    resolves_far = False
    can_udp = True
    can_tcp = False

    def __init__(self, address: str, port: int, bind: Bind) -> None:
        written = f"[{address}]" if ":" in address else address
        self.resolvers: tuple[str, ...] = (f"udp://{written}:{port}",)
        self.bind = bind

    async def open_stream(self, host: str, port: int, timeout: float) -> Opened:
        return Opened(
            failure=Failure.WAY_OUT_ERROR, way_out_failure="a resolver answers questions and opens no connections"
        )


def from_via(via: str) -> Resolver:
    """Reads `resolver://address[:port]`; raises ValueError for anything else."""
    parts = urlsplit(via)
    options = dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
    try:
        address = str(ipaddress.ip_address(parts.hostname or ""))
    except ValueError:
        raise ValueError(
            "a resolver is given by its address: resolver://192.0.2.53 or resolver://[2001:db8::53]:5353"
        ) from None
    if set(options) - _OPTIONS:
        raise ValueError("a resolver takes source, interface and netns alone")
    return Resolver(address, parts.port or 53, Bind(**options))
