"""One scenario: a simulated internet, what is looked at, and what an honest verdict must say of it."""

import socket
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from evidence.judge import Judge
from lab import wire
from lab.censor import Rule
from lab.certificates import Authority
from lab.control import serve_control
from lab.internet import Internet
from lab.sites import Site, ordinary_page
from models.measurement import Baseline, Measurement
from models.roots import Roots, from_pem
from models.targets import Canary, Consent, Contrasts, Control, Target, VantagePoint
from models.verdict import Verdict
from models.words import BLOCKED, Mechanism, Outcome, Stage
from probes.canary import look_at_canaries
from probes.plan import Plan
from probes.web import measure

HERE, CONTROL = "127.20.0.1", "127.20.0.9"
"""Source addresses: behind the censor's box, and where it is not."""

TIMEOUT = 1.5  # seconds; everything is on loopback, and the machine may be a slow one

NEUTRAL = Site(name="www.harmless.example", addresses=("127.30.200.1",), pages={"/": ordinary_page("A harmless site")})
"""Part of each simulated internet: nobody blocks it, and contrasts compare with it."""

LAB_CONTRASTS = Contrasts(
    neutral_names=(NEUTRAL.name,), neutral_addresses=NEUTRAL.addresses, unregistered_zone="example"
)
"""What a prober tries again on the simulated internet."""


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
    """What the verdict must say, adjudicated from the condition; an empty set of stages or mechanisms means any or none."""

    outcomes: frozenset[Outcome]
    stages: frozenset[Stage] = frozenset()
    mechanisms: frozenset[Mechanism] = frozenset()

    def misses(self, verdict: Verdict) -> str | None:
        """Returns what is wrong with the verdict, or None."""
        if verdict.outcome not in self.outcomes:
            return f"{verdict.outcome} instead of {' or '.join(sorted(self.outcomes))}"
        if self.stages and verdict.stage not in self.stages:
            return f"stage {verdict.stage} instead of {' or '.join(sorted(self.stages))}"
        if self.mechanisms and verdict.mechanism not in self.mechanisms:
            return f"{verdict.mechanism} instead of {' or '.join(sorted(self.mechanisms))}"
        return None

    def __str__(self) -> str:
        """Names it in one line: `anomaly or confirmed, tls, sni_reset`."""
        parts = (self.outcomes, self.stages, self.mechanisms)
        return ", ".join(" or ".join(sorted(part)) for part in parts if part)


def only(*outcomes: Outcome) -> Expected:
    """Expects one of these outcomes."""
    return Expected(outcomes=frozenset(outcomes))


def blocked(stage: Stage, *mechanisms: Mechanism) -> Expected:
    """Expects that interference is seen there, whether or not one look can settle it."""
    return Expected(outcomes=BLOCKED, stages=frozenset({stage}), mechanisms=frozenset(mechanisms))


def settled(stage: Stage, *mechanisms: Mechanism) -> Expected:
    """Expects that an artefact or a contrast settles it."""
    return Expected(
        outcomes=frozenset({Outcome.CONFIRMED}), stages=frozenset({stage}), mechanisms=frozenset(mechanisms)
    )


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
    port: int | None = None  # instead of the one that the sites listen on
    control: ControlState = ControlState.WORKS
    resolver: ResolverState = ResolverState.HONEST
    rewrites_to: str = "127.30.8.8"
    loses: int = 0  # datagrams on the way to the resolver that get lost
    canary: str | None = None  # host name of a site that must load
    canary_scheme: str = "https"
    clock_ahead: timedelta = timedelta(0)  # by which this machine's clock is wrong
    ipv6: bool = False  # whether this vantage point believes that it has IPv6
    timeout: float = TIMEOUT  # of a step
    baseline: Baseline | None = None  # how fast this pair's recent looks were
    checks: bool = False  # an honest resolver is asked for a second opinion
    total_timeout: float = 20  # seconds
    contrasts: Contrasts | None = LAB_CONTRASTS  # what the prober tries again where a look fails; none: nothing
    nobody: bool = False  # an address that runs no resolver is asked too, and the box injects there
    looks_like: str | None = None  # the kind of OONI's matrix that it stands for, or the look-alike of the issue
    tags: frozenset[str] = field(default=frozenset())


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What came of a scenario."""

    scenario: Scenario
    measurement: Measurement
    verdict: Verdict
    blobs: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def miss(self) -> str | None:
        """What is wrong with it, or None."""
        return self.scenario.expected.misses(self.verdict)


async def play(scenario: Scenario, authority: Authority) -> Played:
    """Plays a scenario with real sockets on loopback and judges it by the shipped rules."""
    at = datetime.now(UTC)
    roots = from_pem(authority.pem)
    async with AsyncExitStack() as stack:
        internet = Internet(
            (*scenario.sites, NEUTRAL), scenario.rules, at=at - scenario.clock_ahead, authority=authority
        )
        await stack.enter_async_context(internet)
        _resolver(internet, scenario)
        plan = await _plan(scenario, internet, roots, stack)
        finished = await measure(plan, at=at, roots=roots)
    verdict = Judge(roots=roots).verdict(finished.measurement, finished.blobs)
    return Played(scenario=scenario, measurement=finished.measurement, verdict=verdict, blobs=finished.blobs)


def _resolver(internet: Internet, scenario: Scenario) -> None:
    internet.resolver.silent = scenario.resolver is ResolverState.DEAD
    internet.resolver.refuses = scenario.resolver is ResolverState.CLOSED
    internet.resolver.loses = scenario.loses
    if scenario.resolver is ResolverState.REWRITES:
        internet.resolver.rewrites_to = scenario.rewrites_to


async def _plan(scenario: Scenario, internet: Internet, roots: Roots, stack: AsyncExitStack) -> Plan:
    vantage = VantagePoint(
        id="here",
        via=f"direct://?source={HERE}",
        consent=Consent(by="the lab", on=date(2026, 11, 22)),
        resolvers=(internet.resolver_address,),
        ipv6=scenario.ipv6,
    )
    controls = await _controls(scenario, internet, roots, stack)
    return Plan(
        target=Target(id=scenario.id.replace("_", "-"), url=_url(scenario, internet), allow_private=True),
        vantage=vantage,
        timeout=scenario.timeout,
        total_timeout=scenario.total_timeout,
        dns_window=0.2,
        controls=controls,
        check_resolvers=(internet.honest_resolver_address,) if scenario.checks else (),
        canaries=await look_at_canaries(_canaries(scenario, internet), vantage, timeout=scenario.timeout, roots=roots),
        simulated=True,
        contrasts=_contrasts(scenario, internet),
        baseline=scenario.baseline,
    )


def _url(scenario: Scenario, internet: Internet) -> str:
    if scenario.port is not None:
        return f"{scenario.scheme}://{scenario.target}:{scenario.port}{scenario.path}"
    return internet.url(scenario.target, scenario.path, scheme=scenario.scheme)


def _canaries(scenario: Scenario, internet: Internet) -> tuple[Canary, ...]:
    if scenario.canary is None:
        return ()
    return (Canary(id="canary", url=internet.url(scenario.canary, scheme=scenario.canary_scheme), allow_private=True),)


def _contrasts(scenario: Scenario, internet: Internet) -> Contrasts | None:
    if scenario.contrasts is None or not scenario.nobody:
        return scenario.contrasts
    return scenario.contrasts.model_copy(update={"no_resolver_address": internet.nobody_address})


async def _controls(scenario: Scenario, internet: Internet, roots: Roots, stack: AsyncExitStack) -> tuple[Control, ...]:
    match scenario.control:
        case ControlState.NONE:
            return ()
        case ControlState.UNREACHABLE:
            return (Control(id="control", url=_silent_address(stack)),)
    serving = serve_control(
        internet,
        CONTROL,
        roots,
        clock=lambda: datetime.now(UTC) - scenario.clock_ahead,
        timeout=TIMEOUT,
    )
    return (Control(id="control", url=await stack.enter_async_context(serving)),)


def _silent_address(stack: AsyncExitStack) -> str:
    """Returns the URL of a control from which nothing ever comes back."""
    listener = stack.enter_context(socket.create_server(("127.31.0.99", 0)))
    wire.drop_syns_from(listener, ("127.0.0.1",))
    return f"http://127.31.0.99:{listener.getsockname()[1]}/"
