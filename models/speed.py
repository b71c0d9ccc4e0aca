"""How fast a page came, and how fast it usually comes: from the request to the page's last octet."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median_low

from models.measurement import Baseline, Measurement
from models.observations import Purpose

SLOW_US = 2_000_000
"""A page that was there sooner is not slow, whatever it was before."""

ENOUGH = 5
"""Looks before their medians say what is usual."""


@dataclass(frozen=True, slots=True)
class Speed:
    """Of one look."""

    rate: int  # octets a second
    load_us: int

    @property
    def slow(self) -> bool:
        return self.load_us >= SLOW_US


def speed(measurement: Measurement) -> Speed | None:
    """Returns how fast the last page of the walk came, as far as it came; null where there was none."""
    fetches = [fetch for fetch in measurement.http if fetch.purpose is Purpose.WALK]
    last = max(fetches, key=lambda fetch: (fetch.hop, fetch.status is not None), default=None)
    if last is None or last.status is None or last.last_byte_us is None or not last.body_bytes:
        return None
    load_us = last.last_byte_us - last.started_us
    return Speed(last.body_bytes * 1_000_000 // load_us, load_us) if load_us > 0 else None


def baseline(speeds: Iterable[Speed]) -> Baseline | None:
    """Returns the medians of recent looks; null where there are none."""
    known = list(speeds)
    if not known:
        return None
    return Baseline(
        looks=len(known),
        body_rate=median_low(each.rate for each in known),
        load_us=median_low(each.load_us for each in known),
    )
