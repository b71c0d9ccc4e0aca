"""The measurement's own clock: microseconds since its start, unmoved when the machine's clock jumps."""

import time


class Clock:
    """Counts from the moment it is made."""

    __slots__ = ("_start",)

    def __init__(self) -> None:
        self._start = time.monotonic_ns()

    def us(self) -> int:
        """Returns the microseconds since the start."""
        return (time.monotonic_ns() - self._start) // 1000

    def since(self, started_us: int) -> int:
        """Returns the microseconds since an earlier `us()`."""
        return self.us() - started_us
