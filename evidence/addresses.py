"""IP addresses as evidence: which cannot be a public site, which are one and the same, which are neighbours."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address

_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: a DNS64 network writes the site's own IPv4 address so
_TRANSITION = (IPv6Network("2001::/32"), IPv6Network("2002::/16"))  # Teredo and 6to4: no site is published there


@lru_cache(maxsize=4096)
def parsed(text: str) -> Address | None:
    """Returns the address, with IPv4 taken out of its IPv6 wrappings, or None where the text is none."""
    try:
        address = ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def plain(text: str) -> str:
    """Returns an address in its one spelling; what is not an address stays as it is, in lower case."""
    address = parsed(text)
    return str(address) if address else text.strip().lower()


def bogon(text: str, *, simulated: bool = False) -> bool:
    """Tells whether no public site can be at this address; on a simulated internet loopback is public."""
    address = parsed(text)
    if address is None:
        return False
    if simulated and address.is_loopback:
        return False
    if isinstance(address, IPv6Address) and any(address in network for network in _TRANSITION):
        return True
    return not address.is_global or address.is_multicast


def version(text: str) -> int | None:
    """Returns 4, 6 or None where the text is no address."""
    address = parsed(text)
    return address.version if address else None


@lru_cache(maxsize=4096)
def neighbourhood(text: str) -> str | None:
    """Returns the /24 or /48 that the address lies in: the loosest sign that two addresses belong together."""
    address = parsed(text)
    if address is None or not address.is_global:
        return None
    return str(ip_network((address, 24 if address.version == 4 else 48), strict=False))
