"""What the router does to packets, in nftables: drop, reject, match names in a ClientHello, lead elsewhere."""

import contextlib
import ssl

from probes.tls_stream import any_certificate
from realworld.network import BLOCK_PAGE, CLIENT, LYING, SITES


def hello_offset(name: str) -> int:
    """Returns at which octet of this program's own ClientHello the name stands; a filter in nftables cannot search."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = any_certificate().wrap_bio(incoming, outgoing, server_hostname=name)
    with contextlib.suppress(ssl.SSLWantReadError):
        tls.do_handshake()
    offset = outgoing.read().find(name.encode())
    assert offset > 0
    return offset


def _names_in_hello(name: str) -> str:
    """The match for the first 16 octets of a name, where it stands in the TCP payload (`@ih`: what follows its header)."""
    start = name.encode()[:16]
    return f"tcp dport 443 @ih,{8 * hello_offset(name)},{8 * len(start)} 0x{start.hex()}"


def rules() -> str:
    """All that the censor does, to the client's network alone."""
    to = {name: f"ip saddr {CLIENT} ip daddr {address}" for name, address in SITES.items()}
    return f"""
table inet censor {{
  chain forward {{
    type filter hook forward priority 0; policy accept;
    {to["dropped.example"]} drop
    {to["rejected.example"]} tcp dport {{ 80, 443 }} reject with tcp reset
    ip saddr {CLIENT} {_names_in_hello("snireset.example")} reject with tcp reset
    ip saddr {CLIENT} {_names_in_hello("snidrop.example")} drop
  }}
}}
table ip elsewhere {{
  chain prerouting {{
    type nat hook prerouting priority -100; policy accept;
    {to["blockpage.example"]} tcp dport 80 dnat to {BLOCK_PAGE}:80
    {to["intercepted.example"]} tcp dport 443 dnat to {BLOCK_PAGE}:443
  }}
}}
"""


HIJACK = f"""
table ip hijack {{
  chain prerouting {{
    type nat hook prerouting priority -101; policy accept;
    ip saddr {CLIENT} udp dport 53 dnat to {LYING}
    ip saddr {CLIENT} tcp dport 53 dnat to {LYING}
  }}
}}
"""
"""Whatever resolver the client asks, the ISP's answers."""
