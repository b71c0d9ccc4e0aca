"""Whether the site's addresses could be connected to from here, and from the control."""

from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING

from evidence.addresses import parsed, plain, version
from models.failures import TIMEOUTS, UNREACHABLE, Failure
from models.observations import Purpose, TcpConnect
from models.words import Mechanism

if TYPE_CHECKING:
    from evidence.facts import Hop

_OURS = frozenset(
    {
        Failure.NETWORK_DOWN,
        Failure.NETWORK_RESET,
        Failure.PERMISSION_DENIED,
        Failure.ADDRESS_FAMILY_NOT_SUPPORTED,
        Failure.ADDRESS_NOT_AVAILABLE,
        Failure.ADDRESS_IN_USE,
        Failure.INVALID_ARGUMENT,
        Failure.NO_BUFFER_SPACE,
        Failure.INTERRUPTED,
        Failure.WAY_OUT_ERROR,
        "operation_would_block",
        "too_many_open_files",
    }
)
_REFUSED = frozenset({Failure.CONNECTION_REFUSED, Failure.CONNECTION_RESET, Failure.CONNECTION_ABORTED})
_MECHANISMS: dict[str, Mechanism] = {
    **dict.fromkeys(TIMEOUTS, Mechanism.IP_TIMEOUT),
    **dict.fromkeys(_REFUSED, Mechanism.IP_RESET),
    **dict.fromkeys(UNREACHABLE, Mechanism.IP_UNREACHABLE),
}


class TcpFacts:
    """The walk's connections at one hop; failures over IPv6 alone never count."""

    def __init__(self, hop: "Hop") -> None:
        self._hop = hop
        here = [attempt for attempt in hop.facts.measurement.tcp if attempt.hop == hop.number]
        self.walk = tuple(attempt for attempt in here if attempt.purpose is Purpose.WALK)
        self.checks = tuple(attempt for attempt in here if attempt.purpose is Purpose.CHECK)

    @property
    def tried(self) -> bool:
        return bool(self.walk)

    @cached_property
    def connected(self) -> tuple[TcpConnect, ...]:
        return tuple(attempt for attempt in self.walk if attempt.failure is None)

    @cached_property
    def counting(self) -> tuple[TcpConnect, ...]:
        """Returns the failed attempts that say something about the site."""
        failed = [a for a in self.walk if a.failure is not None and a.way_out_failure is None]
        return tuple(attempt for attempt in failed if version(attempt.address) != 6 or self._ipv6_works)

    @property
    def all_failed(self) -> bool:
        return self.tried and not self.connected

    @property
    def only_ipv6(self) -> bool:
        """Nothing but IPv6 was tried, and nobody knows that it works here."""
        return self.all_failed and not self.counting and not self.way_out

    @property
    def way_out(self) -> bool:
        return any(attempt.way_out_failure for attempt in self.walk)

    @property
    def ours(self) -> bool:
        """Each failure is this machine's own."""
        return bool(self.counting) and all(attempt.failure in _OURS for attempt in self.counting)

    @property
    def mechanism(self) -> Mechanism | None:
        """Returns the commonest way in which connecting failed."""
        found = Counter(m for attempt in self.counting if (m := _MECHANISMS.get(attempt.failure or "")))
        return found.most_common(1)[0][0] if found else None

    @property
    def interrupted(self) -> bool:
        return self.all_failed and self.mechanism is not None

    @cached_property
    def control_connects(self) -> bool:
        """The control connected to an address that failed here."""
        return any(e.tcp_failure is None for e in self._hop.control.tcp(self._endpoints()))

    @cached_property
    def control_fails(self) -> bool:
        """The control tried these addresses and could connect to none."""
        met = self._hop.control.tcp(self._endpoints())
        return bool(met) and all(e.tcp_failure is not None for e in met)

    @property
    def untold(self) -> bool:
        """The control said nothing about the addresses that failed here."""
        return not self._hop.control.tcp(self._endpoints())

    @property
    def of_the_site(self) -> bool:
        """The addresses that failed here are the site's as far as is known."""
        dns = self._hop.dns
        tried = {plain(a.address) for a in self.counting if parsed(a.address)}  # a proxy's far end tries a name
        return self._hop.is_address or not dns.known or not tried or bool(tried & dns.known)

    @cached_property
    def _ipv6_works(self) -> bool:
        """IPv6 counts where the vantage point has it and something came back over it, or it is all there is."""
        m = self._hop.facts.measurement
        over_ipv6 = [attempt for attempt in m.tcp if version(attempt.address) == 6]
        if any(attempt.failure is None for attempt in over_ipv6):
            return True
        only_kind = all(version(attempt.address) == 6 for attempt in self.walk)
        return m.ipv6 is True and only_kind

    def _endpoints(self) -> list[tuple[str, int]]:
        return [(attempt.address, attempt.port) for attempt in self.counting]
