"""One scenario: a simulated internet, what is looked at, and what an honest verdict must say of it."""

from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum

from evidence.judge import Judge
from lab.censor import Rule
from lab.certificates import Authority
from lab.control import serve_control
from lab.internet import Internet
from lab.sites import Site
from models.measurement import Measurement
from models.roots import Roots, from_pem
from models.targets import Canary, Consent, Contrasts, Control, Target, VantagePoint
from models.verdict import Verdict
from models.words import Mechanism, Outcome, Stage
from probes.canary import look_at_canaries
from probes.plan import Plan
from probes.web import measure

HERE, CONTROL = "127.20.0.1", "127.20.0.9"
"""Source addresses: behind the censor's box, and where it is not."""

TIMEOUT = 1.0  # seconds; everything is on loopback
_UNREACHABLE = "http://127.31.0.99:9/"


class ControlState(StrEnum):
    """What the prober can ask."""

    WORKS = "works"
    NONE = "none"
    UNREACHABLE = "unreachable"


class ResolverState(StrEnum):
    """How the vantage point's resolver is."""

    HONEST = "honest"
    DEAD = "dead"
    CLOSED = "closed"  # REFUSED for everything
    REWRITES = "rewrites"  # an ISP's search page instead of NXDOMAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the verdict must say; a null stage or mechanism with `exactly` means null, without it anything."""

    outcomes: frozenset[Outcome]
    stage: Stage | None = None
    mechanism: Mechanism | None = None

    def misses(self, verdict: Verdict) -> str | None:
        """Returns what is wrong with the verdict, or None."""
        if verdict.outcome not in self.outcomes:
            return f"{verdict.outcome} instead of {' or '.join(sorted(self.outcomes))}"
        if self.stage is not None and verdict.stage != self.stage:
            return f"stage {verdict.stage} instead of {self.stage}"
        if self.mechanism is not None and verdict.mechanism != self.mechanism:
            return f"{verdict.mechanism} instead of {self.mechanism}"
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A network condition with one true answer."""

    id: str  # reads like a finding: resets_after_client_hello
    says: str  # the condition, in one sentence
    target: str  # host name
    expected: Expected
    sites: tuple[Site, ...]
    rules: tuple[Rule, ...] = ()
    scheme: str = "https"
    path: str = "/"
    address_url: str | None = None  # a URL as it stands, instead of scheme, target and path
    control: ControlState = ControlState.WORKS
    resolver: ResolverState = ResolverState.HONEST
    rewrites_to: str = "127.30.8.8"
    canary: str | None = None  # host name of a site that must load
    checks: bool = False  # an honest resolver is asked for a second opinion
    contrasts: Contrasts | None = None  # what the prober tries again where a look fails; none: nothing
    nobody: bool = False  # an address that runs no resolver is asked too, and the box injects there
    looks_like: str | None = None  # the kind of OONI's matrix that it stands for, or the look-alike of the issue
    tags: frozenset[str] = field(default=frozenset())


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What came of a scenario."""

    scenario: Scenario
    measurement: Measurement
    verdict: Verdict

    @property
    def miss(self) -> str | None:
        """What is wrong with it, or None."""
        return self.scenario.expected.misses(self.verdict)


async def play(scenario: Scenario, authority: Authority, *, at: datetime | None = None) -> Played:
    """Plays a scenario with real sockets on loopback and judges it by the shipped rules."""
    at = at or datetime.now(UTC)
    roots = from_pem(authority.pem)
    async with AsyncExitStack() as stack:
        internet = Internet(scenario.sites, scenario.rules, at=at, authority=authority)
        await stack.enter_async_context(internet)
        _resolver(internet, scenario)
        plan = await _plan(scenario, internet, roots, stack)
        finished = await measure(plan, at=at, roots=roots)
    verdict = Judge(roots=roots).verdict(finished.measurement, finished.blobs)
    return Played(scenario=scenario, measurement=finished.measurement, verdict=verdict)


def _resolver(internet: Internet, scenario: Scenario) -> None:
    internet.resolver.silent = scenario.resolver is ResolverState.DEAD
    internet.resolver.refuses = scenario.resolver is ResolverState.CLOSED
    if scenario.resolver is ResolverState.REWRITES:
        internet.resolver.rewrites_to = scenario.rewrites_to


async def _plan(scenario: Scenario, internet: Internet, roots: Roots, stack: AsyncExitStack) -> Plan:
    vantage = VantagePoint(
        id="here",
        via=f"direct://?source={HERE}",
        consent=Consent(by="the lab", on=date(2026, 11, 22)),
        resolvers=(internet.resolver_address,),
        ipv6=False,
    )
    controls = await _controls(scenario, internet, roots, stack)
    url = scenario.address_url or internet.url(scenario.target, scenario.path, scheme=scenario.scheme)
    canaries = (Canary(id="canary", url=internet.url(scenario.canary), allow_private=True),) if scenario.canary else ()
    return Plan(
        target=Target(id=scenario.id.replace("_", "-"), url=url, allow_private=True),
        vantage=vantage,
        timeout=TIMEOUT,
        total_timeout=20,
        dns_window=0.2,
        controls=controls,
        check_resolvers=(internet.honest_resolver_address,) if scenario.checks else (),
        canaries=await look_at_canaries(canaries, vantage, timeout=TIMEOUT, roots=roots),
        simulated=True,
        contrasts=_contrasts(scenario, internet),
    )


def _contrasts(scenario: Scenario, internet: Internet) -> Contrasts | None:
    if scenario.contrasts is None or not scenario.nobody:
        return scenario.contrasts
    return scenario.contrasts.model_copy(update={"no_resolver_address": internet.nobody_address})


async def _controls(scenario: Scenario, internet: Internet, roots: Roots, stack: AsyncExitStack) -> tuple[Control, ...]:
    match scenario.control:
        case ControlState.NONE:
            return ()
        case ControlState.UNREACHABLE:
            return (Control(id="control", url=_UNREACHABLE),)
    url = await stack.enter_async_context(serve_control(internet, CONTROL, roots))
    return (Control(id="control", url=url),)
