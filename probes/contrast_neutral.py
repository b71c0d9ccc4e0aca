"""Harmless names and addresses to compare with: configured ones, never the target's own, never in private ranges."""

import secrets

from models.observations import DnsLookup
from probes.contrast_bench import Bench
from probes.hop import barred
from probes.together import together

_LETTERS = "abcdefghijkmnpqrstuvwxyz"


def neutral_names(bench: Bench) -> list[str]:
    """Returns the harmless names that are not the target's."""
    return [name for name in bench.settings.neutral_names if not _akin(name, bench.place.host)]


def unregistered_name(bench: Bench) -> str:
    """Makes up a name that nobody registered."""
    label = "".join(secrets.choice(_LETTERS) for _ in range(14))
    return f"{label}.{bench.settings.unregistered_zone}"


async def neutral_address(bench: Bench) -> tuple[str | None, tuple[DnsLookup, ...]]:
    """Returns an address that has nothing to do with the site, and the lookups that named it.

    One where interference was met within the last minutes is left alone: what was cut there would prove nothing, and
    so nobody gets a target's name more often than that.
    """
    lookups: tuple[DnsLookup, ...] = ()
    found = list(bench.settings.neutral_addresses)
    names = neutral_names(bench)
    if not found and bench.trail.way.resolves_far:
        found = names
    elif not found:
        lookups = await _look_up(bench, names)
        found = [address for lookup in lookups for address in lookup.addresses]
    private = barred(bench.trail, found)
    fit = (a for a in found if a not in private and a not in _own(bench) and bench.since_us(a) is None)
    return next(fit, None), lookups


async def _look_up(bench: Bench, names: list[str]) -> tuple[DnsLookup, ...]:
    """Asks the vantage point's own resolver, in the family that the target was reached in."""
    resolvers = bench.trail.way.resolvers or bench.trail.plan.vantage.resolvers
    kind = "AAAA" if all(":" in address for address in _own(bench)) and _own(bench) else "A"
    return tuple(await together(bench.lookup(name, kind, resolvers[0], listen=False) for name in names[:2]))


def _own(bench: Bench) -> set[str]:
    """All addresses that anybody named for the hop's host, or that were tried for it."""
    trail = bench.trail
    looked = (lookup.so_far for lookup in trail.lookups)
    own = {a for seen in looked if seen.name == bench.place.host for a in seen.addresses}
    own |= {a for report in trail.controls if report.hop == bench.hop for a in report.addresses}
    own |= {attempt.address for attempt in trail.tcp if attempt.hop == bench.hop}
    return own | {bench.place.host}


def _akin(name: str, host: str) -> bool:
    """Tells whether two names may be of one owner: they share their last two labels."""
    return name.lower().split(".")[-2:] == host.lower().split(".")[-2:]
