"""What a measurement says about itself: whether this vantage point, at that moment, could have seen anything at all."""

from collections.abc import Iterable
from functools import cached_property
from ipaddress import ip_address
from urllib.parse import urlsplit

from models.failures import SSL_WORDS, TIMEOUTS, UNREACHABLE, Failure
from models.measurement import Measurement
from models.observations import CanaryLook, DnsLookup, TcpConnect

_NO_ROAD = TIMEOUTS | UNREACHABLE | {Failure.NETWORK_DOWN, Failure.NETWORK_RESET, Failure.ADDRESS_NOT_AVAILABLE}
_CLOCK_LIMIT_US = 24 * 3600 * 1_000_000


class LookFacts:
    """The vantage point's own state during one measurement."""

    def __init__(self, measurement: Measurement) -> None:
        self.measurement = measurement

    @property
    def own_fault(self) -> bool:
        return bool(self.measurement.own_fault)

    @property
    def consented(self) -> bool:
        """Archives were consented to where they were made."""
        return self.measurement.origin != "wallwatch" or bool(self.measurement.vantage.consent)

    @property
    def empty(self) -> bool:
        m = self.measurement
        return not (m.dns or m.tcp or m.tls or m.http)

    @property
    def way_out_failed(self) -> bool:
        """The proxy failed of itself, and nothing got through it."""
        steps: list[TcpConnect | DnsLookup] = [*self.measurement.tcp, *self.measurement.dns]
        broken = any(step.way_out_failure for step in steps)
        return broken and not any(step.failure is None for step in self.measurement.tcp)

    @cached_property
    def failed_canaries(self) -> tuple[CanaryLook, ...]:
        """Returns the canaries that void this look: all that must load, or any that must be blocked and is not.

        After an anomaly they are looked at again: the vantage point must have worked before it and after it.
        """
        silent = [c for c in self.measurement.canaries if c.expect == "blocked" and not c.held]
        return next((failed for failed in map(_none_loaded, self._canary_rounds()) if failed), tuple(silent))

    def _canary_rounds(self) -> tuple[list[CanaryLook], list[CanaryLook]]:
        looks, start = self.measurement.canaries, self.measurement.started_at
        return [c for c in looks if c.started_at <= start], [c for c in looks if c.started_at > start]

    @property
    def filter_is_off(self) -> bool:
        return bool(self.failed_canaries) and self.failed_canaries[0].expect == "blocked"

    @property
    def portal(self) -> bool:
        """A canary was answered by somebody, otherwise than it is meant to be."""
        return any(canary.failure is None for canary in self.failed_canaries)

    @property
    def resolver_dead(self) -> bool:
        failed = self.failed_canaries
        return bool(failed) and all((canary.failure or "").startswith("dns_") for canary in failed)

    @property
    def clock_doubtful(self) -> bool:
        """No canary's certificate was valid by this machine's clock."""
        failed = self.failed_canaries
        return bool(failed) and all(canary.failure == Failure.SSL_INVALID_CERTIFICATE for canary in failed)

    @property
    def untrusted_canary(self) -> bool:
        failed = self.failed_canaries
        return bool(failed) and all(canary.failure in SSL_WORDS for canary in failed)

    @property
    def clock_off(self) -> bool:
        """This machine's clock differs from the control's by more than a day."""
        offset = self.measurement.clock_offset_us
        return offset is not None and abs(offset) > _CLOCK_LIMIT_US

    @cached_property
    def canary_held(self) -> bool:
        return any(canary.held and canary.expect == "loads" for canary in self.measurement.canaries)

    @cached_property
    def offline(self) -> bool:
        """Nothing that was asked, of anybody, was answered."""
        if self.canary_held or self._connected() or self._control_proves_road():
            return False
        if any(lookup.addresses for lookup in self._lookups()):
            return False
        return not self._any_reply()

    @cached_property
    def nothing_connects(self) -> bool:
        """Names resolve, perhaps from a cache, but no connection to anybody at all came about."""
        if self.canary_held or self._connected() or self._control_proves_road() or not self.measurement.tcp:
            return False
        if self._any_reply():
            return False
        if any(lookup.addresses and lookup.resolver.startswith("https://") for lookup in self._lookups()):
            return False
        asked = [report.failure or "" for report in self.measurement.controls]
        silent = all(failure in _NO_ROAD or failure.startswith("dns_") for failure in asked)
        return silent and all(attempt.failure in _NO_ROAD for attempt in self.measurement.tcp)

    def _lookups(self) -> Iterable[DnsLookup]:
        yield from self.measurement.dns
        for contrast in self.measurement.contrasts:
            yield from contrast.dns

    def _connections(self) -> Iterable[TcpConnect]:
        yield from self.measurement.tcp
        for contrast in self.measurement.contrasts:
            yield from contrast.tcp

    def _connected(self) -> bool:
        return any(attempt.failure is None for attempt in self._connections())

    def _any_reply(self) -> bool:
        """A resolver that was configured by its address answered; the system's own may be a stub on this machine."""
        named = (lookup for lookup in self._lookups() if lookup.resolver != "system")
        return any(reply.rcode for lookup in named for reply in lookup.replies)

    def _control_proves_road(self) -> bool:
        for report in self.measurement.controls:
            if report.failure is not None:
                continue
            saw_something = bool(report.addresses) or (report.http_tried and report.http_failure is None)
            elsewhere = self.measurement.simulated or not _on_this_machine(report.url)
            if elsewhere or saw_something or self._any_reply():
                return True
        return False


def _none_loaded(round_of_looks: list[CanaryLook]) -> tuple[CanaryLook, ...]:
    loading = tuple(canary for canary in round_of_looks if canary.expect == "loads")
    return () if any(canary.held for canary in loading) else loading


def _on_this_machine(url: str) -> bool:
    """A control on this machine is as offline as the machine is."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
