"""What one network operation showed: the frozen facts that probes record and rules read.

All times are integer microseconds since the measurement's start; all `raw`, `chain` and `body` fields name blobs as
`sha256:<hex>`. `failure` is null or one word of OONI's df-007 (`models.failures` lists them). No floats: records are
hashed as RFC 8785 canonical JSON, and floats are its trap.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Purpose(StrEnum):
    """Why an operation was done."""

    WALK = "walk"  # what a visitor at this vantage point would do
    CHECK = "check"  # a second opinion (public DoH, an address that only the control named)
    CONTRAST = "contrast"  # differs from a walk's operation in one thing only


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsRecord:
    """One resource record of a reply; `value` is the address or the name it points to."""

    name: str
    type: str
    value: str
    ttl: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsReply:
    """One message that came back for one query; several may come, and all are kept."""

    at_us: int
    sender: str | None  # "address:port", "[v6]:port"; "tcp://address:port" over TCP; the DoH URL
    rcode: str | None  # NOERROR, NXDOMAIN, SERVFAIL, REFUSED …; null when it cannot be parsed
    records: tuple[DnsRecord, ...] = ()
    ip_ttl: int | None = None
    truncated: bool = False
    extended_error: str | None = None  # RFC 8914, e.g. "15 Blocked"
    malformed: str | None = None  # why it cannot be parsed, or what does not fit the query
    raw: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsLookup:
    """One question (name, type) to one resolver, with every reply within the window."""

    hop: int = 0
    purpose: Purpose = Purpose.WALK
    name: str  # as asked, A-label
    type: str  # A, AAAA; ANY for an archive's getaddrinfo
    resolver: str  # "system", "udp://9.9.9.9:53", "tcp://9.9.9.9:53", "https://…/dns-query", "hosts", "socks5 far end"
    started_us: int
    duration_us: int
    failure: str | None
    addresses: tuple[str, ...] = ()  # of the first well-formed reply that answers the question
    replies: tuple[DnsReply, ...] = ()
    queries_sent: int = 1
    servers: tuple[str, ...] = ()  # that were asked, in that order: "udp://192.0.2.53:53", "tcp://…", the DoH URL
    not_kept: int = 0  # messages beyond what one lookup keeps
    way_out_failure: str | None = None  # the proxy's own error: the vantage point's fault, never the resolver's


@dataclass(frozen=True, slots=True, kw_only=True)
class TcpConnect:
    """One TCP connection attempt."""

    hop: int = 0
    purpose: Purpose = Purpose.WALK
    connection: int  # joins tcp, tls and http observations of one connection
    address: str  # an IP literal; the name itself where a proxy resolves at its far end
    port: int
    started_us: int
    duration_us: int
    failure: str | None
    way_out_failure: str | None = None  # the proxy's own error: the vantage point's fault, never the target's


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsHandshake:
    """One TLS handshake, made without verification so that the presented chain is kept whatever it is."""

    hop: int = 0
    purpose: Purpose = Purpose.WALK
    connection: int
    address: str
    port: int
    server_name: str | None  # SNI as sent; null when none is sent (IP literal)
    started_us: int
    duration_us: int
    failure: str | None
    alert: str | None = None  # the TLS alert received, by name
    version: str | None = None
    cipher: str | None = None
    alpn: str | None = None
    chain: tuple[str, ...] = ()  # DER blobs, leaf first, as presented
    opinion: str | None = None  # OpenSSL's at that moment: "ok", or a df-007 ssl_* word
    bytes_sent: int = 0
    bytes_received: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpFetch:
    """One HTTP request over a connection just made, and what came back of the answer."""

    hop: int = 0
    purpose: Purpose = Purpose.WALK
    connection: int
    method: str = "GET"
    url: str
    host: str  # the Host header as sent
    address: str
    port: int
    started_us: int
    duration_us: int
    failure: str | None
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    location: str | None = None  # where it redirects to, made absolute
    body: str | None = None  # decoded (gzip, deflate), at most 1 MiB
    body_bytes: int = 0  # octets of content read from the wire, still encoded
    body_truncated: bool = False  # we stopped reading at the cap
    first_byte_us: int | None = None
    last_byte_us: int | None = None  # time of the last octet: with body_bytes, where a stall set in


class ContrastKind(StrEnum):
    """What was changed, and only that."""

    NEUTRAL_SNI = "neutral_sni"  # same address, a harmless name in the ClientHello
    TARGET_SNI_ELSEWHERE = "target_sni_elsewhere"  # the target's name in a ClientHello to a harmless address
    NEUTRAL_HOST = "neutral_host"  # same address, a harmless Host header
    TARGET_HOST_ELSEWHERE = "target_host_elsewhere"  # the target's Host header at a harmless address
    NEUTRAL_NAME = "neutral_name"  # same resolver, a harmless name
    UNREGISTERED_NAME = "unregistered_name"  # same resolver, a name that nobody ever registered
    TARGET_NAME_TCP = "target_name_tcp"  # same resolver, same name, over TCP
    TARGET_NAME_DOH = "target_name_doh"  # same name, over an encrypted resolver
    NO_RESOLVER = "no_resolver"  # same name, asked of an address that runs no resolver
    REPEAT = "repeat"  # the very same operation again
    TTL_LIMITED = "ttl_limited"  # the same ClientHello with IP TTL as given in `detail`
    NEIGHBOUR_ADDRESS = "neighbour_address"  # another address of the same network, same port


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """A second operation that differs from the failed one in one thing only."""

    kind: ContrastKind
    hop: int = 0
    detail: str | None = None
    after_interference_us: int | None = (
        None  # time since the last interference signal from that address; null: none seen
    )
    poisoned: bool = False  # residual blocking could explain it: it does not count
    dns: tuple[DnsLookup, ...] = ()
    tcp: tuple[TcpConnect, ...] = ()
    tls: tuple[TlsHandshake, ...] = ()
    http: tuple[HttpFetch, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlEndpoint:
    """What the control met at one address and port."""

    address: str
    port: int
    tcp_failure: str | None
    tls_tried: bool = False
    tls_failure: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlReport:
    """The control's answer about the same URL at the same moment."""

    hop: int = 0
    id: str
    url: str  # of the control
    asked_url: str
    started_us: int
    duration_us: int
    failure: str | None  # the control could not be asked
    dns_failure: str | None = None
    addresses: tuple[str, ...] = ()
    endpoints: tuple[ControlEndpoint, ...] = ()
    valid_addresses: tuple[str, ...] = ()  # those that shook hands for the name with a valid certificate
    asns: tuple[tuple[str, int], ...] = ()  # address, AS number
    http_tried: bool = False
    http_failure: str | None = None
    status: int | None = None
    title: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body_length: int | None = None
    final_url: str | None = None  # only a wallwatch control tells
    body_sketch: str | None = None  # only a wallwatch control tells; see models.sketch
    raw: str | None = None  # the reply as it came
    clock_offset_us: int | None = None  # this machine's clock less the control's, when it answered


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryLook:
    """What a canary showed just before, or just after, this measurement."""

    id: str
    url: str
    expect: Literal["loads", "blocked"]
    started_at: str
    held: bool  # it did what was expected of it
    failure: str | None = None
    detail: str | None = None  # why it did not hold, in words


Observation = DnsLookup | TcpConnect | TlsHandshake | HttpFetch
