"""The measurement: all observations of one target from one vantage point at one moment; immutable, named by its hash."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import msgspec

from models.observations import CanaryLook, Contrast, ControlReport, DnsLookup, HttpFetch, TcpConnect, TlsHandshake


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetFacts:
    """The target as it was configured at that moment."""

    id: str
    url: str
    category: str | None = None
    campaigns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VantageFacts:
    """The vantage point as it was configured at that moment; never its address, never credentials."""

    id: str
    via: str  # the kind of way out: direct, socks5, http, resolver, …
    country: str | None = None  # ISO 3166-1 alpha-2, or null when unknown
    asn: int | None = None
    network: str | None = None
    consent: str | None = None  # "operator, 2026-11-22"


@dataclass(frozen=True, slots=True, kw_only=True)
class Software:
    """What measured: the TLS library shapes the ClientHello that a censor sees, so its version is evidence."""

    name: str
    version: str
    python: str | None = None
    tls: str | None = None
    client: str | None = None  # id of the HTTP and TLS behaviour (header order, ALPN, cipher list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """How fast this target came to this vantage point in its recent looks that were `ok`; medians."""

    looks: int
    body_rate: int  # octets of the page a second, from the request to the last octet
    load_us: int  # from the request to the last octet


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """Everything that was seen in one look; stands alone."""

    schema: Literal[1] = 1
    origin: Literal["wallwatch", "ooni", "censored-planet", "series"] = "wallwatch"
    target: TargetFacts
    vantage: VantageFacts
    started_at: str  # 2026-11-22T07:20:00.123456Z
    runtime_us: int
    software: Software
    clock_offset_us: int | None = None  # this machine's clock less the control's, when a control tells its time
    simulated: bool = False  # looked at a simulated internet
    ipv6: bool | None = None  # whether the vantage point has IPv6
    timed_out: bool = False  # the whole measurement was ended at its time limit
    own_fault: str | None = None  # a fault of ours (file descriptors, memory, a bug): says nothing about the target
    dns: tuple[DnsLookup, ...] = ()
    tcp: tuple[TcpConnect, ...] = ()
    tls: tuple[TlsHandshake, ...] = ()
    http: tuple[HttpFetch, ...] = ()
    contrasts: tuple[Contrast, ...] = ()
    baseline: Baseline | None = None  # this pair's own usual speed; null: not enough looks to tell
    controls: tuple[ControlReport, ...] = ()
    canaries: tuple[CanaryLook, ...] = ()
    source: str | None = None  # the archive's original bytes, for imported measurements
    notes: tuple[str, ...] = ()  # what an importer could not carry over

    def to_canonical(self) -> bytes:
        """Returns the record's canonical JSON (RFC 8785); its SHA-256 is the record's name."""
        return msgspec.json.encode(self, order="sorted")

    @property
    def started(self) -> datetime:
        return datetime.fromisoformat(self.started_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A measurement on its way to the store: the record and the blobs it names."""

    measurement: Measurement
    blobs: Mapping[str, bytes]


_DECODER = msgspec.json.Decoder(Measurement, strict=True)


def from_canonical(record: bytes) -> Measurement:
    """Reads a record back.

    Raises `msgspec.ValidationError` or `msgspec.DecodeError` when it is not one.
    """
    return _DECODER.decode(record)


def digest(content: bytes) -> str:
    """Returns a blob's or a record's name, `sha256:<hex>`."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def to_instant(at: datetime) -> str:
    """Renders an instant as records write it: UTC, microseconds, `Z`. Raises ValueError for a naive one."""
    if at.tzinfo is None:
        raise ValueError("an instant needs its time zone")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
