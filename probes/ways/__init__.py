"""The ways out of a vantage point, in one dict; configuration is checked against the same."""

from collections.abc import Callable

from models.targets import VantagePoint
from probes.ways import direct, http_proxy, resolver, socks5
from probes.ways.bind import Bind
from probes.ways.way import WayOut

__all__ = ["WAYS", "Bind", "ConsentError", "WayOut", "way_out"]

WAYS: dict[str, Callable[[str], WayOut]] = {
    "direct": direct.from_via,
    "socks5": socks5.from_via,
    "http": http_proxy.from_via,
    "resolver": resolver.from_via,
}
"""The scheme of `via`, and what makes the way out of it (raises ValueError for a bad `via`)."""


class ConsentError(Exception):
    """Nobody is on record as having agreed that this vantage point is used."""


def way_out(vantage: VantagePoint) -> WayOut:
    """Returns the way out of a vantage point.

    Raises ConsentError without recorded consent, ValueError where `via` names no way out of ours.
    """
    if vantage.consent is None:
        raise ConsentError(
            f"vantage point {vantage.id} has no recorded consent: add `consent: {{by: …, on: …}}` once its owner agreed"
        )
    scheme = vantage.via.split(":", 1)[0]
    if scheme not in WAYS:
        raise ValueError(f"vantage point {vantage.id}: no way out is called {scheme!r}; there are {', '.join(WAYS)}")
    return WAYS[scheme](vantage.via)
