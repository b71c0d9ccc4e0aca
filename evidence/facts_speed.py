"""How fast the page came here, beside what is usual for this vantage point and what the control needed."""

from functools import cached_property
from typing import TYPE_CHECKING

from models.speed import ENOUGH, Speed, speed

if TYPE_CHECKING:
    from evidence.facts import Hop

SLOWER = 5  # times: less is weather
_WHOLE = 0.9  # of what came here, at least, the control must have got


class SpeedFacts:
    """Of the last hop's page; a slow site alone is never blocked."""

    def __init__(self, hop: "Hop") -> None:
        self._hop = hop

    @cached_property
    def here(self) -> Speed | None:
        return speed(self._hop.facts.measurement) if self._hop.is_last else None

    @property
    def unusual(self) -> bool:
        """Five times slower, by rate and by time, than this vantage point's own median of at least five good looks."""
        usual, here = self._hop.facts.measurement.baseline, self.here
        if usual is None or here is None or usual.looks < ENOUGH or not here.slow:
            return False
        return here.rate * SLOWER <= usual.body_rate and here.load_us >= SLOWER * usual.load_us

    @property
    def control_is_fast(self) -> bool:
        """The control got the whole page, all its steps included, in less than half the time that the page took here."""
        page, here, fetch = self._hop.control.page, self.here, self._hop.http.fetch
        if page is None or here is None or fetch is None or not self._hop.control.loads_well:
            return False
        whole = (page.body_length or 0) >= _WHOLE * fetch.body_bytes
        return whole and 0 < page.duration_us * 2 <= here.load_us

    @property
    def throttled(self) -> bool:
        return self.unusual and self.control_is_fast
