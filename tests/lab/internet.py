"""The simulated internet: sites, one resolver, and the censors' rules, on loopback addresses, with a clock of its own."""

import errno
import random
import re
import ssl
from collections import Counter
from collections.abc import Iterable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime

from lab import wire
from lab.censor import DNS_ACTIONS, Action, Rule
from lab.certificates import Authority
from lab.resolver import Resolver, Truth
from lab.server import Listener
from lab.sites import Page, Site

_RESOLVER_ADDRESS = "127.31.0.53"
_HONEST_ADDRESS = "127.31.0.54"
_MOST_PORTS = 50  # other labs on this machine may hold some
_WITHOUT_PORT = re.compile(r"(https?)://([a-z0-9.-]+)(/.*)?", re.IGNORECASE)
_NOBODY_ADDRESS = "127.31.0.55"


def _no_interference(_name: str, _source: str) -> Rule | None:
    return None


class Internet:
    """Real sockets on 127.0.0.0/8 that behave as the sites, and the boxes before them, should at `at`."""

    def __init__(
        self,
        sites: Iterable[Site],
        rules: Iterable[Rule] = (),
        *,
        at: datetime,
        authority: Authority | None = None,
        seed: int = 1,
    ) -> None:
        self.sites = {site.name: site for site in sites}
        self.rules = list(rules)
        self.at = at
        self.authority = authority or Authority("wallwatch lab authority")
        self.untrusted = Authority("A censor's authority")
        self.http_port = self.https_port = 0
        self._random = random.Random(seed)
        self._acted: Counter[int] = Counter()  # how often each rule was about to act
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._listeners: list[Listener] = []
        self._stack = AsyncExitStack()
        self.resolver = Resolver(_RESOLVER_ADDRESS, 0, self.truth, self._dns_rule)
        self.honest_resolver = Resolver(_HONEST_ADDRESS, 0, self.truth, _no_interference)
        self.nobody = Resolver(_NOBODY_ADDRESS, 0, self.truth, self._dns_rule)
        self.nobody.absent = True

    async def __aenter__(self) -> "Internet":
        await self._stack.enter_async_context(self.resolver)
        await self._stack.enter_async_context(self.honest_resolver)
        await self._stack.enter_async_context(self.nobody)
        for secure in (False, True):
            await self._listen(self._by_address(secure=secure), secure=secure)
        self.set_clock(self.at)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    @property
    def resolver_address(self) -> str:
        """The resolver, in the form that `targets.yaml` takes."""
        return f"udp://{self.resolver.host}:{self.resolver.port}"

    @property
    def honest_resolver_address(self) -> str:
        """A resolver abroad that no box interferes with."""
        return f"udp://{self.honest_resolver.host}:{self.honest_resolver.port}"

    @property
    def nobody_address(self) -> str:
        """An address where no resolver runs; what answers from there was injected on the way."""
        return f"udp://{self.nobody.host}:{self.nobody.port}"

    def url(self, name: str, path: str = "/", *, scheme: str = "https") -> str:
        """Returns a site's address with the port that it really listens on."""
        return f"{scheme}://{name}:{self.https_port if scheme == 'https' else self.http_port}{path}"

    def set_clock(self, at: datetime) -> None:
        """Moves the simulated clock, and with it the rules that are in force."""
        self.at = at
        for listener in self._listeners:
            names = [site.name for site in listener.sites]
            sources = {
                source
                for rule in self.rules
                for source in rule.sources
                if rule.action is Action.IP_DROP and any(rule.concerns(name, source, at) for name in names)
            }
            wire.drop_syns_from(listener.socket, self._silent_to(listener) or tuple(sorted(sources)))

    def now(self) -> datetime:
        """The simulated instant."""
        return self.at

    def site(self, name: str) -> Site | None:
        """Returns a site by its host name."""
        return self.sites.get(name)

    def truth(self, name: str) -> Truth:
        """Says what an honest resolver would answer."""
        site = self.sites.get(name)
        if site is None:
            return Truth((), "nxdomain")
        return Truth(site.addresses if site.published is None else site.published, site.dns)

    def rule_for(
        self, name: str | None, source: str, actions: frozenset[Action], at_address: str | None = None
    ) -> Rule | None:
        """Returns the first rule that acts on this name, from this source, on its way to this address, now."""
        for place, rule in enumerate(self.rules):
            if rule.only_at and at_address not in rule.only_at:
                continue
            if rule.action in actions and rule.concerns(name, source, self.at) and self._acts(place, rule):
                return rule if self._random.random() < rule.chance else None
        return None

    def _acts(self, place: int, rule: Rule) -> bool:
        self._acted[place] += 1
        return rule.most is None or self._acted[place] <= rule.most

    def context_for(self, name: str | None, at_address: str) -> ssl.SSLContext:
        """Returns the certificate that a site really has; for unknown names, that of the first site there."""
        here = [site for site in self.sites.values() if at_address in site.addresses]
        if here[0].proxies and name in self.sites:
            here = [self.sites[name]]
        site = next((site for site in here if site.name == name), here[0])
        if site.name not in self._contexts:
            self._contexts[site.name] = self._leaf_context(site)
        return self._contexts[site.name]

    def with_ports(self, page: Page) -> Page:
        """Returns a page whose redirect names the port that the simulated internet really uses."""
        return replace(page, headers=tuple((name, self._with_port(name, value)) for name, value in page.headers))

    def _with_port(self, header: str, value: str) -> str:
        found = _WITHOUT_PORT.fullmatch(value) if header == "Location" else None
        if found is None:
            return value
        scheme, host, path = found.groups()
        return self.url(host, path or "/", scheme=scheme.lower())

    def forged_context(self, name: str) -> ssl.SSLContext:
        """Returns a certificate for the name by an authority that nobody trusts."""
        key = f"forged {name}"
        if key not in self._contexts:
            self._contexts[key] = self.untrusted.leaf(name).context()
        return self._contexts[key]

    def _leaf_context(self, site: Site) -> ssl.SSLContext:
        authority = self.authority if site.trusted else self.untrusted
        since = site.certificate_since or datetime(2000, 1, 1, tzinfo=UTC)
        until = site.certificate_until or datetime(2049, 1, 1, tzinfo=UTC)
        return authority.leaf(*(site.certificate_names or (site.name,)), since=since, until=until).context()

    def _dns_rule(self, name: str, source: str) -> Rule | None:
        return self.rule_for(name, source, DNS_ACTIONS)

    def _silent_to(self, listener: Listener) -> tuple[str, ...]:
        if not all(site.is_down(self.at) for site in listener.sites):
            return ()
        return tuple(sorted({source for rule in self.rules for source in rule.sources} | self.everybody))

    everybody: frozenset[str] = frozenset()
    """Sources that a site out of order is silent to, beside those behind a censor."""

    def _by_address(self, *, secure: bool) -> dict[str, tuple[Site, ...]]:
        found: dict[str, tuple[Site, ...]] = {}
        for site in self.sites.values():
            if site.listens and (site.secure if secure else site.plain):
                for address in site.addresses:
                    found[address] = (*found.get(address, ()), site)
        return found

    async def _listen(self, sites: dict[str, tuple[Site, ...]], *, secure: bool) -> None:
        """Listens at all addresses on one and the same port, as the web does; whichever is free at each of them."""
        for _ in range(_MOST_PORTS):
            try:
                async with AsyncExitStack() as stack:
                    port = await self._listen_on_one_port(stack, sites, secure=secure)
                    self._stack.push_async_exit(stack.pop_all())
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
                continue
            if secure:
                self.https_port = port
            else:
                self.http_port = port
            return
        raise OSError(errno.EADDRINUSE, "no port is free at all of the lab's addresses")

    async def _listen_on_one_port(
        self, stack: AsyncExitStack, sites: dict[str, tuple[Site, ...]], *, secure: bool
    ) -> int:
        port, listeners = 0, []
        for address, here in sites.items():
            listener = await stack.enter_async_context(Listener(self, here, address, port, secure=secure))
            listeners.append(listener)
            port = listener.port
        self._listeners += listeners
        return port
