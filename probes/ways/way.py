"""What every way out offers."""

from typing import Protocol

from probes.streams import Opened
from probes.ways.bind import Bind


class WayOut(Protocol):
    """How packets leave a vantage point; the same records come from all."""

    kind: str  # the key in WAYS; stands in the record, never with an address or credentials
    bind: Bind  # for sockets of our own: `bind.open(family, kind)`; UDP only where `can_udp`
    resolves_far: bool  # `open_stream` takes a name, resolved at the far end
    can_udp: bool
    can_tcp: bool  # false: DNS only
    resolvers: tuple[str, ...]  # that this way out brings along; none: the vantage point's

    async def open_stream(self, host: str, port: int, timeout: float) -> Opened:
        """Connects to an address (or a name, where `resolves_far`) within `timeout` seconds; never raises OSError."""
        ...
