"""What rules read: one measurement as seen hop by hop, derived lazily from the record, its blobs and the roots."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property

from evidence.addresses import parsed
from evidence.facts_contrast import ContrastFacts
from evidence.facts_control import ControlFacts
from evidence.facts_dns import DnsFacts
from evidence.facts_http import HttpFacts
from evidence.facts_look import LookFacts
from evidence.facts_marks import MarkFacts
from evidence.facts_speed import SpeedFacts
from evidence.facts_tcp import TcpFacts
from evidence.facts_tls import TlsFacts
from evidence.fingerprint_seam import Fingerprints
from evidence.urls import host_of
from models.certificates import Roots, chain_failure
from models.measurement import Measurement
from models.observations import Observation, Purpose, TlsHandshake

MOST_HOPS = 24  # a walk has at most 11; an archive may hold anything


class Facts:
    """One measurement with all that a judge may look at."""

    def __init__(
        self,
        measurement: Measurement,
        blobs: Mapping[str, bytes],
        roots: Roots,
        fingerprints: Fingerprints | None = None,
    ) -> None:
        self.measurement = measurement
        self.blobs = blobs
        self.roots = roots
        self.fingerprints = fingerprints
        self._certificate_failures: dict[int, str | None] = {}

    @cached_property
    def hops(self) -> tuple["Hop", ...]:
        """Returns the walk's hops in order; there is always the first."""
        numbers = {0, *(step.hop for step in self._walked() if step.hop > 0)}
        return tuple(Hop(self, number) for number in sorted(numbers)[:MOST_HOPS])

    @cached_property
    def look(self) -> LookFacts:
        return LookFacts(self.measurement)

    @cached_property
    def at(self) -> datetime:
        """Returns when it was looked, by the control's clock where that is known to differ."""
        try:
            started = self.measurement.started
        except ValueError:
            return datetime(1970, 1, 1, tzinfo=UTC)
        return started if started.tzinfo else started.replace(tzinfo=UTC)

    def certificate_failure(self, handshake: TlsHandshake) -> str | None:
        """Returns null where today's roots or OpenSSL's live opinion vouch for the presented chain, else its word."""
        key = id(handshake)
        if key not in self._certificate_failures:
            self._certificate_failures[key] = self._judge_chain(handshake)
        return self._certificate_failures[key]

    def _judge_chain(self, handshake: TlsHandshake) -> str | None:
        if handshake.opinion == "ok":
            return None
        if handshake.failure is not None and handshake.failure.startswith("ssl_"):
            return handshake.failure  # an archive's probe judged the chain itself and may not have kept it
        chain = [self.blobs[digest] for digest in handshake.chain if digest in self.blobs]
        if not chain or len(chain) != len(handshake.chain):
            return handshake.opinion or "ssl_not_recorded"
        return chain_failure(chain, handshake.server_name or handshake.address, self.at, self.roots)

    def _walked(self) -> list[Observation]:
        m = self.measurement
        steps: list[Observation] = [*m.dns, *m.tcp, *m.tls, *m.http]
        return [step for step in steps if step.purpose is Purpose.WALK]


class Hop:
    """One URL on the walk: the target's own, or one that a redirect led to."""

    def __init__(self, facts: Facts, number: int) -> None:
        self.facts = facts
        self.number = number

    @property
    def look(self) -> LookFacts:
        return self.facts.look

    @cached_property
    def url(self) -> str:
        """Returns the URL asked for at this hop."""
        m = self.facts.measurement
        if self.number == 0:
            return m.target.url
        asked = next((f.url for f in m.http if f.hop == self.number and f.purpose is Purpose.WALK), None)
        led = next((f.location for f in m.http if f.hop == self.number - 1 and f.location), None)
        return asked or led or ""

    @cached_property
    def name(self) -> str:
        """Returns the host, as it was asked of the resolver where that is known."""
        asked = next((look.name for look in self.dns.walk), None)
        sent = next((hello.server_name for hello in self.tls.walk if hello.server_name), None)
        return (asked or sent or host_of(self.url)).rstrip(".").lower()

    @property
    def is_address(self) -> bool:
        return parsed(self.name) is not None

    @property
    def is_last(self) -> bool:
        return self.number == self.facts.hops[-1].number

    @cached_property
    def dns(self) -> DnsFacts:
        return DnsFacts(self)

    @cached_property
    def tcp(self) -> TcpFacts:
        return TcpFacts(self)

    @cached_property
    def tls(self) -> TlsFacts:
        return TlsFacts(self)

    @cached_property
    def http(self) -> HttpFacts:
        return HttpFacts(self)

    @cached_property
    def speed(self) -> SpeedFacts:
        return SpeedFacts(self)

    @cached_property
    def control(self) -> ControlFacts:
        return ControlFacts(self)

    @cached_property
    def contrast(self) -> ContrastFacts:
        return ContrastFacts(self)

    @cached_property
    def marks(self) -> MarkFacts:
        return MarkFacts(self)
