"""What contrasts showed: operations that differ from a failed one in one thing only. Poisoned ones do not count."""

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from evidence.addresses import plain
from evidence.facts_tls import broken_off, completed
from evidence.rates import rate_of
from models.failures import Failure
from models.observations import Contrast, ContrastKind, DnsLookup, HttpFetch, Observation, TlsHandshake

if TYPE_CHECKING:
    from evidence.facts import Hop


class ContrastFacts:
    """The contrasts of one hop that residual blocking cannot have spoilt."""

    def __init__(self, hop: "Hop") -> None:
        self._hop = hop
        here = [contrast for contrast in hop.facts.measurement.contrasts if contrast.hop == hop.number]
        self.all = tuple(here)
        self.clean = tuple(contrast for contrast in here if not contrast.poisoned)

    def of(self, kind: ContrastKind) -> tuple[Contrast, ...]:
        return tuple(contrast for contrast in self.clean if contrast.kind is kind)

    def _dns(self, kind: ContrastKind) -> list[DnsLookup]:
        return [lookup for contrast in self.of(kind) for lookup in contrast.dns]

    def _tls(self, kind: ContrastKind) -> list[TlsHandshake]:
        return [hello for contrast in self.of(kind) for hello in contrast.tls]

    def _http(self, kind: ContrastKind) -> list[HttpFetch]:
        return [fetch for contrast in self.of(kind) for fetch in contrast.http]

    # names

    @cached_property
    def doh_addresses(self) -> frozenset[str]:
        """Returns what an encrypted resolver gave for the target's name."""
        return _addresses(self._dns(ContrastKind.TARGET_NAME_DOH))

    @cached_property
    def tcp_addresses(self) -> frozenset[str]:
        """Returns what the same resolver gave for the target's name when asked over TCP."""
        return _addresses(self._dns(ContrastKind.TARGET_NAME_TCP))

    @cached_property
    def unregistered_addresses(self) -> frozenset[str]:
        """Returns what the resolver gave for a name that nobody ever registered."""
        return _addresses(self._dns(ContrastKind.UNREGISTERED_NAME))

    @cached_property
    def unregistered_denied(self) -> bool:
        """The resolvers that were asked say of a name that nobody ever registered that it does not exist."""
        asked = self._dns(ContrastKind.UNREGISTERED_NAME)
        return bool(asked) and all(look.failure == Failure.DNS_NXDOMAIN_ERROR for look in asked)

    def refuses_neutral(self, resolver: str) -> bool:
        """The same resolver gave no address for a harmless name either."""
        asked = [look for look in self._dns(ContrastKind.NEUTRAL_NAME) if look.resolver == resolver]
        return bool(asked) and not any(look.addresses for look in asked)

    def answers_neutral(self, resolver: str) -> bool:
        """The same resolver gave an address for a harmless name."""
        return any(look.addresses for look in self._dns(ContrastKind.NEUTRAL_NAME) if look.resolver == resolver)

    @cached_property
    def from_nowhere(self) -> tuple[DnsLookup, ...]:
        """Returns the answers for the target's name that came from an address that runs no resolver."""
        asked = self._dns(ContrastKind.NO_RESOLVER)
        others = any(look.name != self._hop.name and _any_answer(look) for look in asked)
        return () if others else tuple(x for x in asked if x.name == self._hop.name and _any_answer(x))

    # the name in the TLS handshake

    @cached_property
    def neutral_sni_completes(self) -> bool:
        """A harmless name completed the handshake at an address where the target's was broken off."""
        cut = {plain(hello.address) for hello in self._hop.tls.broken_off}
        return any(completed(h) and plain(h.address) in cut for h in self._tls(ContrastKind.NEUTRAL_SNI))

    @cached_property
    def sni_fails_elsewhere(self) -> bool:
        """The target's name was broken off in the same way at an address that has nothing to do with the site.

        That address must have let a harmless name through that it never heard of: a server may cut strangers.
        """
        ways = {hello.failure for hello in self._hop.tls.broken_off}
        return any(broken_off(h) and h.failure in ways for h in self._sni_elsewhere)

    @cached_property
    def sni_passes_elsewhere(self) -> bool:
        """The target's name was let through at an address that has nothing to do with the site."""
        return any(not broken_off(hello) for hello in self._sni_elsewhere)

    @cached_property
    def _sni_elsewhere(self) -> tuple[TlsHandshake, ...]:
        own = {plain(hello.address) for hello in self._hop.tls.walk}
        fair = {plain(h.address) for h in self._tls(ContrastKind.NEUTRAL_SNI) if not broken_off(h)} - own
        return tuple(h for h in self._tls(ContrastKind.TARGET_SNI_ELSEWHERE) if plain(h.address) in fair)

    @cached_property
    def repeat_succeeds(self) -> bool:
        """The very same operation worked when it was done again."""
        for contrast in self.of(ContrastKind.REPEAT):
            steps: list[Observation] = [*contrast.http, *contrast.tls, *contrast.tcp]
            if steps and steps[0].failure is None:
                return True
        return False

    @cached_property
    def repeat_resolves(self) -> bool:
        """The very same query was answered when it was sent again."""
        return any(look.addresses for look in self._dns(ContrastKind.REPEAT))

    @cached_property
    def neighbour_connects(self) -> bool:
        return any(t.failure is None for c in self.of(ContrastKind.NEIGHBOUR_ADDRESS) for t in c.tcp)

    # the name in the request

    @cached_property
    def neutral_host_answers(self) -> bool:
        """A harmless Host header got an answer at an address where the target's got none."""
        cut = {plain(fetch.address) for fetch in self._hop.http.broken_off}
        return any(f.status is not None and plain(f.address) in cut for f in self._http(ContrastKind.NEUTRAL_HOST))

    def neutral_outruns(self, octets: int) -> bool:
        """A harmless name at the same address got more than these octets of a body, without a break."""
        return any(f.failure is None and f.body_bytes > 2 * octets for f in self._neutral_fetches())

    def neutral_rate(self) -> float:
        """Returns the best rate, in octets a second, that a harmless name got at the same address."""
        return max((rate_of(fetch) for fetch in self._neutral_fetches()), default=0.0)

    def _neutral_fetches(self) -> list[HttpFetch]:
        own = {plain(fetch.address) for fetch in self._hop.http.walk}
        found = [*self._http(ContrastKind.NEUTRAL_HOST), *self._http(ContrastKind.NEUTRAL_SNI)]
        return [fetch for fetch in found if plain(fetch.address) in own]

    @cached_property
    def host_fails_elsewhere(self) -> bool:
        """The target's Host header got no answer, in the same way, at an address that has nothing to do with the site.

        That address must have answered for a harmless Host that it never heard of.
        """
        ways = {fetch.failure for fetch in self._hop.http.broken_off}
        return any(f.status is None and f.failure in ways for f, _ in self._host_elsewhere)

    @cached_property
    def same_page_elsewhere(self) -> bool:
        """The page that came here came, octet for octet, from an address that has nothing to do with the site.

        A harmless Host got another page there. And the two addresses are not of one operator, who may well send each
        visitor the same page from all of them: what they say of their server differs.
        """
        mine = self._hop.http.fetch
        if mine is None or mine.status is None or mine.body is None:
            return False
        servers = {_server(f) for f in self._http(ContrastKind.NEUTRAL_HOST) if plain(f.address) == plain(mine.address)}
        return any(
            _page(there) == _page(mine) != _page(neutral) and servers and _server(neutral) not in servers
            for there, neutral in self._host_elsewhere
        )

    @cached_property
    def _host_elsewhere(self) -> tuple[tuple[HttpFetch, HttpFetch], ...]:
        """Returns the target's Host and a harmless one, each at the same address that is not the site's."""
        own = {plain(fetch.address) for fetch in self._hop.http.walk}
        fair = {plain(f.address): f for f in self._http(ContrastKind.NEUTRAL_HOST) if f.status is not None}
        elsewhere = (f for f in self._http(ContrastKind.TARGET_HOST_ELSEWHERE) if plain(f.address) not in own)
        return tuple((f, fair[plain(f.address)]) for f in elsewhere if plain(f.address) in fair)


def _page(fetch: HttpFetch) -> tuple[int | None, str | None, str | None]:
    return fetch.status, fetch.body, fetch.location


def _server(fetch: HttpFetch) -> str | None:
    return next((value for name, value in fetch.headers if name.lower() == "server"), None)


def _addresses(lookups: Iterable[DnsLookup]) -> frozenset[str]:
    return frozenset(plain(address) for lookup in lookups for address in lookup.addresses)


def _any_answer(lookup: DnsLookup) -> bool:
    return bool(lookup.addresses) or any(reply.rcode in ("NOERROR", "NXDOMAIN") for reply in lookup.replies)
