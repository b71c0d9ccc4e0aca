"""What the resolvers here said of one name, and whether those are the site's addresses.

Certificate before ASN, ASN before anything looser: an address that shows a valid certificate for the name is the
site's, whatever other resolvers say.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property
from typing import TYPE_CHECKING

from evidence.addresses import bogon, plain, version
from models.failures import SSL_WORDS, TIMEOUTS, Failure
from models.observations import DnsLookup, DnsReply, Purpose

if TYPE_CHECKING:
    from evidence.facts import Hop

_ADDRESS_TYPES = frozenset({"A", "AAAA"})
NO_DATA = frozenset({Failure.DNS_NO_ANSWER, "android_dns_cache_no_data"})
_SAYS_NO_NAME = Failure.DNS_NXDOMAIN_ERROR
_LIES_IN_CERTIFICATE = SSL_WORDS - {
    Failure.SSL_INVALID_CERTIFICATE
}  # an expired certificate is no sign of another owner


class Kin(Enum):
    """How an answer stands to the addresses that are known to be the site's."""

    GENUINE = auto()
    UNKNOWN = auto()  # nothing to compare with
    FOREIGN = auto()
    BOGON = auto()


@dataclass(frozen=True, slots=True)
class Resolved:
    """All that one resolver said of the name: its A and AAAA answers together."""

    resolver: str
    lookups: tuple[DnsLookup, ...]

    @property
    def addresses(self) -> frozenset[str]:
        return frozenset(plain(address) for lookup in self.lookups for address in lookup.addresses)

    @property
    def failure(self) -> str | None:
        """Returns why there is no address at all; IPv4's word before IPv6's."""
        if self.addresses:
            return None
        words = [lookup.failure for lookup in sorted(self.lookups, key=lambda look: look.type == "AAAA")]
        return next((word for word in words if word), Failure.DNS_NO_ANSWER)

    @property
    def one_packet(self) -> bool:
        """A single UDP query: its loss would look like silence."""
        return self.resolver.startswith("udp://") and sum(lookup.queries_sent for lookup in self.lookups) < 2

    @property
    def encrypted(self) -> bool:
        return self.resolver.startswith("https://")


class DnsFacts:
    """The name's lookups at one hop: those of the walk, and those that check them."""

    def __init__(self, hop: "Hop") -> None:
        self._hop = hop
        asked = [lookup for lookup in hop.facts.measurement.dns if not _left_to_far_end(lookup)]
        here = [lookup for lookup in asked if lookup.hop == hop.number]
        self.walk = tuple(look for look in here if look.purpose is Purpose.WALK)
        self.checks = tuple(look for look in here if look.purpose is Purpose.CHECK)

    @cached_property
    def resolvers(self) -> tuple[Resolved, ...]:
        return _by_resolver(self.walk)

    @cached_property
    def failing(self) -> tuple[Resolved, ...]:
        """Returns the walk's resolvers that gave no address."""
        return tuple(view for view in self.resolvers if view.failure)

    @property
    def all_failing(self) -> bool:
        return bool(self.failing) and len(self.failing) == len(self.resolvers)

    @property
    def answered(self) -> frozenset[str]:
        return frozenset(address for view in self.resolvers for address in view.addresses)

    # what is known to be the site's

    @cached_property
    def vouched(self) -> frozenset[str]:
        """Returns the addresses that showed this vantage point a valid certificate for the name."""
        return self._hop.tls.valid_addresses

    @cached_property
    def checked(self) -> frozenset[str]:
        """Returns what encrypted resolvers gave: nobody on the path could change that."""
        looks = _by_resolver(self.checks)
        told = {address for view in looks if view.encrypted for address in view.addresses}
        return frozenset(told) | self._hop.contrast.doh_addresses

    @cached_property
    def check_says_no_name(self) -> bool:
        return any(view.encrypted and view.failure == _SAYS_NO_NAME for view in _by_resolver(self.checks))

    @cached_property
    def own_known(self) -> frozenset[str]:
        """Returns the site's addresses as far as this vantage point can know them alone."""
        return self.vouched | self.checked

    @cached_property
    def known(self) -> frozenset[str]:
        return self.own_known | self._hop.control.addresses

    # how each answer stands to it

    def kin(self, addresses: Iterable[str]) -> Kin:
        """Says whose an answer's addresses are, by all that is known."""
        return self._kin(frozenset(map(plain, addresses)), self.known, with_control=True)

    def own_kin(self, addresses: Iterable[str]) -> Kin:
        """Says whose an answer's addresses are, the control left aside."""
        return self._kin(frozenset(map(plain, addresses)), self.own_known, with_control=False)

    def _kin(self, answer: frozenset[str], known: frozenset[str], *, with_control: bool) -> Kin:
        if not answer or answer & known or answer & self.vouched:
            return Kin.GENUINE
        if with_control and self._related(answer, known):
            return Kin.GENUINE
        if not known:
            return Kin.UNKNOWN
        if all(self._bogon(address) for address in answer):
            return Kin.UNKNOWN if all(self._bogon(address) for address in known) else Kin.BOGON
        if not {version(address) for address in answer} & {version(address) for address in known}:
            return Kin.UNKNOWN
        return Kin.FOREIGN

    def _related(self, answer: frozenset[str], known: frozenset[str]) -> bool:
        if self._hop.http.like_control_from(answer) and not self.contradicted(answer):
            return True
        control = self._hop.control
        ties = [control.same_network(one, other) for one in answer for other in known]
        if answer & control.valid_addresses and (True in ties or False not in ties):
            return True
        return True in ties and not self.contradicted(answer)

    def contradicted(self, addresses: Iterable[str]) -> bool:
        """Tells whether somebody else's certificate was shown here at one of these, or no site can be there."""
        answer = frozenset(addresses)
        return bool(answer & self._hop.tls.addresses_with(_LIES_IN_CERTIFICATE)) or all(map(self._bogon, answer))

    def _bogon(self, address: str) -> bool:
        return bogon(address, simulated=self._hop.facts.measurement.simulated)

    @cached_property
    def foreign(self) -> tuple[DnsLookup, ...]:
        """Returns the walk's lookups that were answered with addresses not the site's."""
        return self._lookups_of(Kin.FOREIGN)

    @cached_property
    def bogons(self) -> tuple[DnsLookup, ...]:
        """Returns the walk's lookups answered with addresses where no public site can be, while the site's are public."""
        return self._lookups_of(Kin.BOGON)

    def _lookups_of(self, kin: Kin) -> tuple[DnsLookup, ...]:
        asked = (look for look in self.walk if look.resolver != "hosts" and look.addresses)
        return tuple(look for look in asked if self.kin(look.addresses) is kin)

    @property
    def from_hosts_file(self) -> bool:
        return any(look.resolver == "hosts" for look in self.walk)

    @property
    def only_bogons(self) -> bool:
        return bool(self.answered) and all(map(self._bogon, self.answered))

    @property
    def foreign_is_false_here(self) -> bool:
        """An answer is not the site's by what this vantage point alone can prove."""
        asked = (look for look in self.walk if look.resolver != "hosts" and look.addresses)
        return any(
            self.own_kin(look.addresses) in (Kin.FOREIGN, Kin.BOGON) and self.contradicted(map(plain, look.addresses))
            for look in asked
        )

    # several replies to one query

    @cached_property
    def two_authors(self) -> bool:
        """One query got answers that disagree, one of them from somebody who does not know the site."""
        if not self.known:
            return False
        return any(self._disagree(look, own=False) for look in self._udp_like())

    @cached_property
    def two_authors_here(self) -> bool:
        """The same, by what this vantage point alone can prove."""
        return any(self._disagree(look, own=True) for look in self._udp_like())

    def _udp_like(self) -> Iterable[DnsLookup]:
        return (look for look in (*self.walk, *self.checks) if len(look.replies) > 1 and look.type in _ADDRESS_TYPES)

    def _disagree(self, lookup: DnsLookup, *, own: bool) -> bool:
        answers = {answer for answer in map(_answer, lookup.replies) if answer is not None}
        if len(answers) < 2:
            return False
        judge = self.own_kin if own else self.kin
        kins = {answer: judge(answer) for answer in answers if answer}
        false = [answer for answer, kin in kins.items() if kin in (Kin.FOREIGN, Kin.BOGON)]
        true = [answer for answer, kin in kins.items() if kin is Kin.GENUINE]
        if own:
            return bool(true) and any(self.contradicted(map(plain, answer)) for answer in false)
        denied = frozenset() in answers and bool(true)  # "no such name", and the site's address, to one query
        apart = any(not answer & other for answer in false for other in answers - {answer})
        return denied or (apart and (bool(true) or lookup.queries_sent == 1))


def _left_to_far_end(lookup: DnsLookup) -> bool:
    """A proxy looked the name up, and what it was told stays there: no address here is no finding."""
    return lookup.resolver.endswith(" far end") and lookup.failure is None and not lookup.addresses


def _by_resolver(lookups: Iterable[DnsLookup]) -> tuple[Resolved, ...]:
    grouped: dict[str, list[DnsLookup]] = {}
    for lookup in lookups:
        grouped.setdefault(lookup.resolver, []).append(lookup)
    return tuple(Resolved(resolver, tuple(group)) for resolver, group in grouped.items())


def _answer(reply: DnsReply) -> frozenset[str] | None:
    """Returns the addresses of a well-formed reply, empty for "no such name", None for what settles nothing."""
    if reply.malformed or reply.truncated:
        return None
    addresses = frozenset(plain(record.value) for record in reply.records if record.type in _ADDRESS_TYPES)
    if reply.rcode == "NXDOMAIN":
        return frozenset()
    return addresses if reply.rcode == "NOERROR" and addresses else None


def silent(failure: str | None) -> bool:
    """Tells whether a resolver did not answer at all."""
    return failure in TIMEOUTS
