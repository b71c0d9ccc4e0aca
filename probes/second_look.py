"""Tries the addresses that only the second opinions named, where the walk's own failed or differ."""

from models.observations import Purpose
from probes.hop import chosen, fetch, reach
from probes.places import Place
from probes.trail import Trail

_MOST = 3


async def second_look(trail: Trail, start: Place) -> None:
    """Connects to at most three of them, as a check: does the name work there?"""
    if start.is_address or not trail.way.can_tcp or trail.way.resolves_far:
        return
    walked = _walked(trail)
    named = [address for address in _named(trail) if address not in walked]
    if not named or (_reached(trail, start) and walked & set(_named(trail))):
        return
    # What others are told too is the owner's own doing, even where it is private.
    ready = await reach(trail, start, chosen(trail, start, named)[:_MOST], 0, Purpose.CHECK)
    if start.scheme == "http":
        await fetch(trail, start, ready[:1], None)
    for one in ready:
        one.stream.close()


def _walked(trail: Trail) -> set[str]:
    """All addresses that the walk's first lookup gave, whether they were connected to or not."""
    first = (lookup.so_far for lookup in trail.lookups)
    return {a for seen in first if seen.hop == 0 and seen.purpose is Purpose.WALK for a in seen.addresses}


def _named(trail: Trail) -> list[str]:
    said = [address for report in trail.controls if report.hop == 0 for address in report.addresses]
    checks = (lookup.so_far for lookup in trail.lookups)
    said += [a for seen in checks if seen.hop == 0 and seen.purpose is Purpose.CHECK for a in seen.addresses]
    return list(dict.fromkeys(said))


def _reached(trail: Trail, start: Place) -> bool:
    """Tells whether the walk's first hop got as far as an answer, or at least a handshake."""
    mine = trail.http if start.scheme == "http" else trail.tls
    return any(seen.hop == 0 and seen.purpose is Purpose.WALK and seen.failure is None for seen in mine)
