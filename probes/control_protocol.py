"""What a control is asked and answers: the wire protocol of OONI's web_connectivity test helper, and what we add.

Facts of the protocol as of 2026 (OONI Probe's `model/th.go`); every field that begins with `x_` is ours.
"""

import ipaddress
from enum import IntFlag
from typing import Annotated

import msgspec
from msgspec import Meta

from models.failures import unknown

LONGEST_REQUEST = 64 << 10  # octets
MEDIA = "application/json"
PRIVATE = unknown("this control does not connect to private addresses")

_LARGEST = (1 << 53) - 1  # of a number that canonical JSON carries exactly
_Text = Annotated[str, Meta(max_length=8192)]
_Word = Annotated[str, Meta(max_length=1024)]
_Headers = dict[_Word, _Text]


class About(IntFlag):
    """What `ip_info` says of an address."""

    RESOLVED_BY_PROBE = 1
    RESOLVED_BY_CONTROL = 2
    BOGON = 4
    VALID_FOR_DOMAIN = 8


class Asked(msgspec.Struct, kw_only=True):
    """The request."""

    http_request: Annotated[str, Meta(max_length=8192)]
    http_request_headers: dict[_Word, Annotated[list[_Text], Meta(max_length=16)]] | None = None
    tcp_connect: Annotated[list[_Word], Meta(max_length=64)] | None = None
    x_quic_enabled: bool = False


class TcpSeen(msgspec.Struct, kw_only=True):
    """One connection attempt."""

    status: bool
    failure: _Word | None = None


class TlsSeen(msgspec.Struct, kw_only=True):
    """One handshake, with the certificate verified for the name."""

    server_name: _Word = ""
    status: bool
    failure: _Word | None = None


class HttpSeen(msgspec.Struct, kw_only=True):
    """The page at the end of the redirects; -1 stands for what there is not."""

    body_length: Annotated[int, Meta(ge=-1, le=_LARGEST)] = -1
    discovered_h3_endpoint: _Text = ""
    failure: _Word | None = None
    title: _Text = ""
    headers: Annotated[_Headers, Meta(max_length=512)] | None = msgspec.field(default_factory=dict)
    status_code: Annotated[int, Meta(ge=-1, le=999)] = -1
    x_final_url: _Text | None = None
    x_body_sha256: _Word | None = None
    x_body_sketch: _Word | None = None
    x_body_truncated: bool = False


class DnsSeen(msgspec.Struct, kw_only=True):
    """What the control's own resolver said."""

    failure: _Word | None = None
    addrs: Annotated[list[_Word], Meta(max_length=256)] | None = None


class AddressSeen(msgspec.Struct, kw_only=True):
    """What is known of one address; AS number 0 where it is not known."""

    asn: Annotated[int, Meta(ge=0, lt=1 << 32)] = 0
    flags: Annotated[int, Meta(ge=0, lt=1 << 16)] = 0


class Answer(msgspec.Struct, kw_only=True):
    """The reply."""

    tcp_connect: Annotated[dict[_Word, TcpSeen], Meta(max_length=512)] | None = None
    tls_handshake: Annotated[dict[_Word, TlsSeen], Meta(max_length=512)] | None = None
    quic_handshake: dict[_Word, TlsSeen] | None = None
    http_request: HttpSeen
    http3_request: HttpSeen | None = None
    dns: DnsSeen
    ip_info: Annotated[dict[_Word, AddressSeen], Meta(max_length=512)] | None = None
    x_time: _Word | None = None  # the control's clock when it answered


def to_endpoint(address: str, port: int) -> str:
    """Renders an endpoint as the protocol writes it."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def from_endpoint(endpoint: str) -> tuple[str, int]:
    """Reads an endpoint; raises ValueError where it is none."""
    host, colon, port = endpoint.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65_536:
        raise ValueError(f"{endpoint[:100]!r} is no address and port")
    return str(ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))), int(port)
