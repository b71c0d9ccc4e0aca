"""Which vantage points are offline at present, since when and how that shows: from their canaries, else from their last looks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboard.shown.reasons import NOT_THE_SITE, short_reason
from dashboard.shown.status import canary_lines, instant, works
from models.store import Current, Status
from models.targets import VantagePoint

_FRESH = timedelta(minutes=5)
"""What the prober left holds for so long; it leaves it anew every few seconds."""
_LAST_LOOKS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Offline:
    """One vantage point that sees nothing at present."""

    vantage: VantagePoint
    since: datetime | None
    shown_by: str | None  # what failed, in words by others


def offline_now(
    vantages: Sequence[VantagePoint],
    current: Sequence[Current],
    status: Mapping[str, Status],
    *,
    every: timedelta,
    now: datetime,
) -> list[Offline]:
    """Returns them in the order of the vantage points; one whose prober fell silent is not said to be anything."""
    found = []
    for vantage in vantages:
        mine = sorted((c for c in current if c.vantage == vantage.id), key=lambda c: c.at, reverse=True)
        left = status.get(f"vantage:{vantage.id}")
        said = works(left) if left is not None and now - left.at < _FRESH else None
        if said is False:
            found.append(
                Offline(vantage=vantage, since=instant(left, "failing_since") or _since(mine), shown_by=_canary(left))
            )
        elif not (said and canary_lines(left)) and _blind(mine, now - max(2 * every, timedelta(hours=1))):
            found.append(Offline(vantage=vantage, since=_since(mine), shown_by=short_reason(mine[0])))
    return found


def _blind(mine: Sequence[Current], fresh: datetime) -> bool:
    """The latest looks, at whatever site, all say that the vantage point itself saw nothing."""
    latest = mine[:_LAST_LOOKS]
    return bool(latest) and latest[0].at >= fresh and all(c.rule in NOT_THE_SITE for c in latest)


def _since(mine: Sequence[Current]) -> datetime | None:
    """Returns the first look that saw nothing after the last that saw anything, as far as current states tell."""
    last = max((c.last_usable for c in mine if c.last_usable), default=None)
    blind = [c.since for c in mine if c.rule in NOT_THE_SITE]
    return min((at for at in blind if last is None or at > last), default=None)


def _canary(left: Status | None) -> str | None:
    failed = next((line for line in canary_lines(left) if not line.held), None)
    return None if failed is None else f"{failed.id}: {failed.detail}" if failed.detail else failed.id
