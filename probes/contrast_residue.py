"""Remembers where interference was met: for a while afterwards a censor cuts whatever goes there, innocent or not."""

import time

from models.failures import TIMEOUTS, Failure

LASTS_US = 180_000_000  # residual blocking of (source, address, port) as measured in China, the longest known for TCP
_MOST = 20_000  # endpoints remembered
INTERFERENCE = TIMEOUTS | {
    Failure.CONNECTION_RESET,
    Failure.CONNECTION_ABORTED,
    Failure.CONNECTION_REFUSED,
    Failure.EOF_ERROR,
}
"""What a connection that somebody cuts ends with; a server can do the same."""

Endpoint = tuple[str, str, int]  # vantage point, address, port


class Residue:
    """The last sign of interference at each endpoint, by the machine's unmoved clock."""

    def __init__(self) -> None:
        self._met: dict[Endpoint, int] = {}

    def note(self, where: Endpoint, at_us: int | None = None) -> None:
        """Notes interference at an endpoint, now or at an earlier `now_us()`."""
        at_us = now_us() if at_us is None else at_us
        known = self._met.pop(where, at_us)
        self._met[where] = max(known, at_us)
        while len(self._met) > _MOST:
            del self._met[next(iter(self._met))]

    def since_us(self, where: Endpoint) -> int | None:
        """Returns how long ago interference was met there; null where it was not, or so long ago that it is over."""
        at_us = self._met.get(where)
        if at_us is None:
            return None
        since = max(0, now_us() - at_us)
        return since if since < LASTS_US else None


def now_us() -> int:
    """Returns the machine's unmoved clock."""
    return time.monotonic_ns() // 1000
