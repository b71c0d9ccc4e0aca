"""Tells addresses that can be a public site from those that lie in somebody's own network."""

import ipaddress

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Tells whether connecting there leaves private, loopback and reserved ranges, embedded IPv4 included.

    A censor who answers with 192.168.1.1 must not be able to point a probe at its operator's own network.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address):
        embedded = _embedded(parsed)
        if embedded is not None:
            return is_public(str(embedded))
    return parsed.is_global and not parsed.is_multicast and not parsed.is_reserved


def _embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.sixtofour


def is_loopback(address: str) -> bool:
    """Tells whether connecting there stays on this very machine."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    embedded = _embedded(parsed) if isinstance(parsed, ipaddress.IPv6Address) else None
    return (embedded or parsed).is_loopback or parsed.is_unspecified
