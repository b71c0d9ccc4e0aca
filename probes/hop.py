"""One hop of the walk: look the name up, connect to each address, shake hands, fetch the page over one connection."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from models.observations import DnsLookup, HttpFetch, Purpose
from probes.addresses import is_loopback, is_public
from probes.dns_lookup import dns_listen
from probes.http_fetch import Ask, http_fetch
from probes.places import Place
from probes.streams import Stream
from probes.tcp_connect import Endpoint, tcp_connect
from probes.tls_handshake import Trust, tls_handshake
from probes.together import together
from probes.trail import Trail

_MOST_FOR_A_FAMILY = 3
_MOST_FETCHES = 2  # a page is fetched once; from a second address only where the first gave none


@dataclass(frozen=True, slots=True)
class Open:
    """A connection that is ready for a request."""

    to: Endpoint
    stream: Stream


async def look_up(trail: Trail, place: Place, hop: int, purpose: Purpose = Purpose.WALK) -> list[str]:
    """Asks every resolver for A and AAAA, and returns the addresses in the order of the answers."""
    if place.is_address:
        return [place.host]
    asked = (
        trail.plan.check_resolvers if purpose is Purpose.CHECK else trail.way.resolvers or trail.plan.vantage.resolvers
    )
    far = trail.way.resolves_far
    questions = [(r, t) for r in asked for t in ("A", "AAAA") if not (far and r == "system" and t == "AAAA")]
    found = await together(_ask(trail, place.host, kind, resolver, (hop, purpose)) for resolver, kind in questions)
    addresses = [address for lookup in found for address in lookup.addresses]
    if far and purpose is Purpose.WALK and "system" in asked:
        addresses.append(place.host)
    return list(dict.fromkeys(addresses))


async def _ask(trail: Trail, name: str, kind: str, resolver: str, why: tuple[int, Purpose]) -> DnsLookup:
    listening = await dns_listen(
        name,
        kind,
        resolver,
        way=trail.way,
        clock=trail.clock,
        timeout=trail.step_timeout(),
        window=trail.plan.dns_window,
        blobs=trail.blobs,
        hop=why[0],
        purpose=why[1],
    )
    return trail.listening(listening)


def chosen(trail: Trail, place: Place, addresses: Sequence[str]) -> list[str]:
    """Returns the addresses to connect to: at most three for a family, IPv6 only where there is any."""
    if place.is_address:
        return list(addresses)
    four = [a for a in addresses if ":" not in a][:_MOST_FOR_A_FAMILY]
    six = [a for a in addresses if ":" in a][:_MOST_FOR_A_FAMILY] if trail.ipv6 else []
    return four + six


def barred(trail: Trail, addresses: Iterable[str]) -> set[str]:
    """Returns those that lie in somebody's own network: a censor must not point this probe at its operator's."""
    if trail.plan.target.allow_private:
        return set()
    private = {a for a in addresses if not is_public(a) and not (trail.way.resolves_far and not _literal(a))}
    return {a for a in private if is_loopback(a)} if trail.plan.allow_lan else private


def still_barred(private: set[str], told: frozenset[str]) -> set[str]:
    """Returns what stays barred once the control said where the site is for everybody.

    What it names too is the owner's own doing. A site that it finds in private ranges alone lives in a network without
    the internet, such as a lab, where a forged answer lies in private ranges as well.
    """
    if not told or any(is_public(address) for address in told):
        return private - told
    own_machine = any(is_loopback(address) for address in told)
    return {address for address in private - told if is_loopback(address) and not own_machine}


def leave_out(trail: Trail, addresses: Sequence[str], left_out: set[str], hop: int) -> list[str]:
    """Returns the addresses without those, and notes why."""
    for address in addresses:
        if address in left_out:
            trail.note(f"hop {hop}: {address} is not a public address; it was not connected to")
    return [address for address in addresses if address not in left_out]


def _literal(address: str) -> bool:
    return ":" in address or address.replace(".", "").isdigit()


async def reach(trail: Trail, place: Place, addresses: Sequence[str], hop: int, purpose: Purpose) -> list[Open]:
    """Connects to all addresses at once, shakes hands where the URL says so, and returns what is open, in their order."""
    ends = [
        Endpoint(connection=trail.connection(), address=address, port=place.port, hop=hop, purpose=purpose)
        for address in addresses
    ]
    if len(ends) == 1:
        reached = [await _reach_one(trail, place, ends[0])]
    else:
        reached = await together(_reach_one(trail, place, end) for end in ends)
    return [one for one in reached if one is not None]


async def _reach_one(trail: Trail, place: Place, to: Endpoint) -> Open | None:
    connected = await tcp_connect(to, trail.way, trail.clock, timeout=trail.step_timeout())
    trail.connected(connected)
    if connected.stream is None or place.scheme == "http":
        return Open(to, connected.stream) if connected.stream else None
    shaken = await tls_handshake(
        connected.stream,
        to,
        Trust(at=trail.at, roots=trail.roots, name=place.host),
        server_name=None if place.is_address else place.host,
        clock=trail.clock,
        blobs=trail.blobs,
        timeout=trail.step_timeout(),
    )
    trail.shaken(shaken.seen)
    return Open(to, shaken.stream) if shaken.stream else None


async def fetch(trail: Trail, place: Place, ready: Sequence[Open], cookie: str | None) -> HttpFetch | None:
    """Fetches the page over the first open connection, and over a second where the first gave no answer at all."""
    seen = None
    try:
        for one in ready[:_MOST_FETCHES]:
            seen = trail.fetched(
                await http_fetch(
                    one.stream,
                    one.to,
                    Ask(place=place, cookie=cookie),
                    clock=trail.clock,
                    blobs=trail.blobs,
                    timeout=trail.step_timeout(),
                    at_most=trail.left(),
                )
            )
            if seen.status is not None:
                break
    finally:
        for one in ready:
            one.stream.close()
    return seen
