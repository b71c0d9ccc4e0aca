"""Contrasts against the lab's real sockets: what the shipped rules make of each, and what it costs where all is well."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Any

import pytest

from lab.censor import Action, Rule
from lab.certificates import Authority
from lab.internet import Internet
from lab.scenario import HERE, ControlState, Expected, Played, ResolverState, Scenario, play
from lab.sites import Page, Site, ordinary_page
from models.measurement import Baseline
from models.observations import Contrast, ContrastKind
from models.targets import Consent, Contrasts, Target, VantagePoint
from models.words import Mechanism, Outcome
from probes.contrast_residue import Residue, now_us
from probes.plan import Plan
from probes.web import measure
from probing import proxies
from probing.servers import Handler, serving

NAME, NEUTRAL = "www.amnesty.example", "neutral.test"
SITE = Site(name=NAME, addresses=("127.30.1.1",))
HARMLESS = Site(name=NEUTRAL, addresses=("127.30.9.9",))
SETTINGS = Contrasts(neutral_names=(NEUTRAL,))
AUTHORITY = Authority("wallwatch lab authority")
ANYTHING = Expected(outcomes=frozenset(Outcome))
ELSEWHERE = frozenset({ContrastKind.TARGET_SNI_ELSEWHERE, ContrastKind.TARGET_HOST_ELSEWHERE})


async def _played(*rules: Rule, sites: tuple[Site, ...] = (SITE, HARMLESS), **changes: object) -> Played:
    given = {"id": "a_case", "says": "", "target": NAME, "expected": ANYTHING, "sites": sites, "rules": rules}
    return await play(Scenario(**(given | {"contrasts": SETTINGS} | changes)), AUTHORITY)  # type: ignore[arg-type]


def _rule(action: Action, *names: str, **changes: object) -> Rule:
    return Rule(action=action, names=names or (NAME,), sources=(HERE,), **changes)  # type: ignore[arg-type]


def _kinds(played: Played) -> set[ContrastKind]:
    return {contrast.kind for contrast in played.measurement.contrasts}


def _of(played: Played, kind: ContrastKind) -> list[Contrast]:
    return [contrast for contrast in played.measurement.contrasts if contrast.kind is kind]


def _said(played: Played) -> tuple[Outcome, str]:
    return played.verdict.outcome, played.verdict.rule


# nothing


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_contrasts_are_not_made_when_the_page_loads_as_it_should(scheme: str) -> None:
    played = await _played(scheme=scheme)
    assert played.verdict.outcome is Outcome.OK
    assert played.measurement.contrasts == ()


async def test_contrasts_are_not_made_when_they_are_switched_off() -> None:
    played = await _played(_rule(Action.SNI_RESET), contrasts=Contrasts(enabled=False))
    assert _said(played) == (Outcome.ANOMALY, "tls.cut_here")
    assert played.measurement.contrasts == ()


# the name in the ClientHello


@pytest.mark.parametrize(
    ("action", "mechanism"),
    [
        (Action.SNI_RESET, Mechanism.SNI_RESET),
        (Action.SNI_DROP, Mechanism.SNI_TIMEOUT),
        (Action.SNI_CLOSE, Mechanism.SNI_CLOSE),
    ],
)
async def test_contrast_confirms_when_a_handshake_is_cut_for_its_name_alone(
    action: Action, mechanism: Mechanism
) -> None:
    played = await _played(_rule(action))
    assert _said(played) == (Outcome.CONFIRMED, "tls.sni_follows_name")
    assert played.verdict.mechanism is mechanism
    assert _kinds(played) == {ContrastKind.NEUTRAL_SNI, ContrastKind.TARGET_SNI_ELSEWHERE, ContrastKind.REPEAT}


async def test_contrast_confirms_without_control_when_the_name_is_cut_wherever_it_goes() -> None:
    played = await _played(_rule(Action.SNI_RESET), control=ControlState.NONE)
    assert _said(played) == (Outcome.CONFIRMED, "tls.sni_follows_name")


async def test_contrast_confirms_when_there_is_no_other_address_but_a_control() -> None:
    played = await _played(_rule(Action.SNI_RESET), sites=(SITE,))
    assert _said(played) == (Outcome.CONFIRMED, "tls.sni_contrast")


async def test_contrast_leaves_an_anomaly_when_every_name_is_cut_at_the_address() -> None:
    played = await _played(_rule(Action.IP_RESET))
    assert played.verdict.outcome is Outcome.ANOMALY
    assert all(contrast.poisoned for contrast in _of(played, ContrastKind.REPEAT))


async def test_contrast_is_poisoned_when_residual_blocking_cuts_the_neutral_name_too() -> None:
    played = await _played(_rule(Action.SNI_RESET, residual=180), sites=(SITE,))
    assert _said(played) == (Outcome.ANOMALY, "tls.cut_here")
    neutral = _of(played, ContrastKind.NEUTRAL_SNI)
    assert neutral and all(each.poisoned and each.after_interference_us is not None for each in neutral)


async def test_contrast_settles_it_at_another_address_when_residual_blocking_spoilt_the_first() -> None:
    played = await _played(_rule(Action.SNI_RESET, residual=180))
    assert _said(played) == (Outcome.CONFIRMED, "tls.sni_cut_elsewhere")
    assert [c.poisoned for c in _of(played, ContrastKind.TARGET_SNI_ELSEWHERE)] == [False]


async def test_contrast_does_not_confirm_when_the_name_passes_at_another_address() -> None:
    """Whoever cuts it may be the site's own server, which does not want this visitor."""
    strict = Site(name=NAME, addresses=("127.30.1.1",))
    played = await _played(_rule(Action.SNI_RESET, only_at=("127.30.1.1",)), sites=(strict, HARMLESS))
    assert _said(played) == (Outcome.ANOMALY, "tls.cut_here")


async def test_contrast_says_down_when_the_server_resets_everybody() -> None:
    broken = Site(name=NAME, addresses=("127.30.1.1",), tls="resets")
    played = await _played(sites=(broken, HARMLESS))
    assert played.verdict.outcome is Outcome.DOWN


async def test_contrast_does_not_send_the_name_when_the_other_address_cuts_strangers_too() -> None:
    shy = Site(name=NEUTRAL, addresses=("127.30.9.9",), tls="resets")
    played = await _played(_rule(Action.SNI_RESET), sites=(SITE, shy))
    assert not _kinds(played) & ELSEWHERE
    assert _said(played) == (Outcome.CONFIRMED, "tls.sni_contrast")


async def test_repeat_settles_nothing_when_the_second_handshake_completes() -> None:
    played = await _played(_rule(Action.SNI_RESET, most=1))
    assert _said(played) == (Outcome.INCONCLUSIVE, "tls.repeat_completes")


# the name in the request


@pytest.mark.parametrize(
    ("action", "mechanism"),
    [
        (Action.HTTP_RESET, Mechanism.HTTP_RESET),
        (Action.HTTP_DROP, Mechanism.HTTP_TIMEOUT),
        (Action.HTTP_CLOSE, Mechanism.HTTP_CLOSE),
    ],
)
async def test_contrast_confirms_when_a_request_is_cut_for_its_host_alone(action: Action, mechanism: Mechanism) -> None:
    played = await _played(_rule(action), scheme="http")
    assert _said(played) == (Outcome.CONFIRMED, "http.host_follows_name")
    assert played.verdict.mechanism is mechanism


async def test_contrast_confirms_when_one_and_the_same_strange_page_comes_from_anywhere() -> None:
    page = b"<html><title>Blocked</title>This page cannot be shown.</html>"
    harmless = Site(name=NEUTRAL, addresses=("127.30.9.9",), pages={"/": _served_by("another")})
    played = await _played(
        _rule(Action.HTTP_PAGE, page=page, status=403), scheme="http", sites=(_site_of("one"), harmless)
    )
    assert _said(played) == (Outcome.CONFIRMED, "http.page_follows_name")
    assert played.verdict.mechanism is Mechanism.HTTP_DIFF


async def test_contrast_leaves_an_anomaly_when_both_addresses_are_of_one_operator() -> None:
    """A CDN may send its page about this visitor from each of its servers."""
    page = b"<html><title>Blocked</title>This page cannot be shown.</html>"
    harmless = Site(name=NEUTRAL, addresses=("127.30.9.9",), pages={"/": _served_by("one")})
    played = await _played(
        _rule(Action.HTTP_PAGE, page=page, status=403), scheme="http", sites=(_site_of("one"), harmless)
    )
    assert played.verdict.outcome is not Outcome.CONFIRMED


def _site_of(server: str) -> Site:
    return Site(name=NAME, addresses=("127.30.1.1",), pages={"/": _served_by(server)})


def _served_by(server: str) -> Page:
    page = ordinary_page(f"served by {server}")
    return Page(body=page.body, headers=(*page.headers, ("Server", server)))


# the speed


async def test_contrast_confirms_a_freeze_when_a_harmless_name_at_the_same_address_is_served_in_full() -> None:
    big = ordinary_page("big", size=90_000)
    here = Site(name=NAME, addresses=("127.30.1.1",), pages={"/": big})
    also = Site(name=NEUTRAL, addresses=("127.30.1.1",), pages={"/": big})
    # Silence counts as a freeze from three seconds on.
    played = await _played(_rule(Action.FREEZE, after=16_000), sites=(here, also), timeout=3.2, total_timeout=30)
    assert _said(played) == (Outcome.CONFIRMED, "http.stall_contrast")


@pytest.mark.parametrize("looks", [4, 5])
async def test_baseline_makes_a_throttle_an_anomaly_when_it_rests_on_five_good_looks(looks: int) -> None:
    usual = Baseline(looks=looks, body_rate=400_000, load_us=30_000)
    played = await _played(_rule(Action.THROTTLE, rate=4_000), baseline=usual)
    assert (played.verdict.rule == "http.throttled") is (looks == 5)
    assert played.measurement.baseline == usual
    assert played.verdict.outcome is (Outcome.ANOMALY if looks == 5 else Outcome.OK)


async def test_baseline_blames_nobody_when_the_site_is_slow_for_the_control_too() -> None:
    slow = Site(name=NAME, addresses=("127.30.1.1",), delay=2.2)
    usual = Baseline(looks=9, body_rate=400_000, load_us=30_000)
    played = await _played(sites=(slow, HARMLESS), baseline=usual, timeout=4)
    assert played.verdict.outcome is Outcome.OK


# the name in the query


async def test_contrast_leaves_an_anomaly_when_the_resolver_denies_this_name_alone() -> None:
    played = await _played(_rule(Action.DNS_NXDOMAIN))
    assert _said(played) == (Outcome.ANOMALY, "dns.check_loads")
    assert {ContrastKind.NEUTRAL_NAME, ContrastKind.UNREGISTERED_NAME, ContrastKind.TARGET_NAME_TCP} <= _kinds(played)


async def test_contrast_tells_a_closed_resolver_when_it_refuses_the_neutral_name_too() -> None:
    played = await _played(resolver=ResolverState.CLOSED)
    assert played.verdict.outcome is Outcome.INCONCLUSIVE


async def test_contrast_tells_a_search_page_when_a_made_up_name_gets_the_same_answer() -> None:
    gone = Site(name=NAME, addresses=("127.30.1.1",), dns="nxdomain", listens=False)
    played = await _played(sites=(gone, HARMLESS), resolver=ResolverState.REWRITES)
    assert _said(played) == (Outcome.DOWN, "dns.search_page")


async def test_contrast_confirms_an_injection_when_an_address_without_resolver_answers() -> None:
    forged = _rule(Action.DNS_FORGE, addresses=("127.30.66.66",))
    played = await _played(forged, nobody=True)
    assert _said(played) == (Outcome.CONFIRMED, "dns.answer_from_nowhere")
    asked = _of(played, ContrastKind.NO_RESOLVER)[0].dns
    assert [bool(look.addresses) for look in asked] == [False, True]
    assert asked[1].replies[0].ip_ttl is not None


async def test_contrast_is_ready_within_the_time_of_the_measurement_when_everything_is_silent() -> None:
    played = await _played(_rule(Action.SNI_DROP), total_timeout=2.5)
    assert played.measurement.runtime_us < 3_000_000
    assert not played.measurement.timed_out


async def test_contrast_shows_who_lied_without_any_control_when_the_later_reply_holds_the_certificate() -> None:
    liar = Site(name="elsewhere.test", addresses=("127.30.66.66",))
    injected = _rule(Action.DNS_INJECT, addresses=("127.30.66.66",))
    played = await _played(injected, sites=(SITE, HARMLESS, liar), control=ControlState.NONE)
    assert _said(played) == (Outcome.CONFIRMED, "dns.two_authors_here")


# other ways out, and other looks


async def test_contrasts_are_lookups_alone_when_the_way_out_is_a_resolver() -> None:
    denied = Rule(action=Action.DNS_NXDOMAIN, names=(NAME,), sources=("127.0.0.1",))
    async with _internet(denied) as internet:
        finished = await measure(_plan(internet, via=internet.resolver_address.replace("udp", "resolver")))
    kinds = {contrast.kind for contrast in finished.measurement.contrasts}
    assert kinds == {ContrastKind.NEUTRAL_NAME, ContrastKind.UNREGISTERED_NAME, ContrastKind.REPEAT}


@pytest.mark.parametrize(("scheme", "make"), [("socks5", proxies.socks5), ("http", proxies.http)])
async def test_contrasts_are_the_same_when_the_way_out_is_a_proxy(
    scheme: str, make: Callable[..., Handler], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(proxies.NAMES, NAME, SITE.addresses[0])
    monkeypatch.setitem(proxies.NAMES, NEUTRAL, HARMLESS.addresses[0])
    cut = Rule(action=Action.SNI_RESET, names=(NAME,), sources=("127.0.0.1",))
    async with _internet(cut) as internet, serving(make()) as proxy:
        finished = await measure(_plan(internet, via=f"{scheme}://127.0.0.1:{proxy}"))
    found = finished.measurement
    assert [hello.failure for hello in found.tls] == ["eof_error"]  # as these proxies pass a reset on
    assert sorted((c.kind, c.tls[0].address, c.tls[0].failure) for c in found.contrasts if c.tls[0].failure) == [
        (ContrastKind.REPEAT, NAME, "eof_error"),
        (ContrastKind.TARGET_SNI_ELSEWHERE, NEUTRAL, "eof_error"),
    ]
    neutral = [c.tls[0].address for c in found.contrasts if c.kind is ContrastKind.NEUTRAL_SNI]
    assert sorted(neutral) == [NEUTRAL, NAME]


async def test_contrast_leaves_a_harmless_address_alone_when_an_earlier_look_was_cut_there() -> None:
    residue = Residue()
    async with _internet(_rule(Action.SNI_RESET)) as internet:
        looks = [(await measure(_plan(internet, residue=residue))).measurement for _ in range(2)]
    elsewhere = [[c.kind for c in look.contrasts if c.kind in ELSEWHERE] for look in looks]
    assert elsewhere == [[ContrastKind.TARGET_SNI_ELSEWHERE], []]


async def test_contrast_with_small_ttls_ends_at_the_nearest_hop_when_everything_is_on_loopback() -> None:
    settings = SETTINGS.model_copy(update={"ttl_limited": True})
    played = await _played(_rule(Action.SNI_RESET), contrasts=settings)
    limited = _of(played, ContrastKind.TTL_LIMITED)
    assert [(c.detail, c.tls[0].failure) for c in limited] == [
        (f"ttl {ttl}", "connection_reset") for ttl in (16, 8, 4, 2, 1)
    ]


def test_residue_is_over_when_three_minutes_have_passed() -> None:
    residue, here = Residue(), ("here", "192.0.2.1", 443)
    assert residue.since_us(here) is None
    residue.note(here, now_us() - 200_000_000)
    assert residue.since_us(here) is None
    residue.note(here, now_us() - 1_000_000)
    residue.note(here, now_us() - 100_000_000)  # news of something older
    assert 1_000_000 <= (residue.since_us(here) or 0) < 20_000_000
    assert residue.since_us(("there", "192.0.2.1", 443)) is None


@asynccontextmanager
async def _internet(*rules: Rule) -> AsyncIterator[Internet]:
    async with Internet((SITE, HARMLESS), rules, at=datetime.now(UTC), authority=AUTHORITY) as internet:
        yield internet


def _plan(internet: Internet, **changes: Any) -> Plan:
    given = {"via": f"direct://?source={HERE}", "residue": Residue()} | changes
    consent = Consent(by="the lab", on=date(2026, 11, 22))
    resolvers = (internet.resolver_address,) if given["via"].startswith("direct") else ("system",)
    vantage = VantagePoint(id="here", via=given["via"], consent=consent, resolvers=resolvers, ipv6=False)
    return Plan(
        target=Target(id="a", url=internet.url(NAME), allow_private=True),
        vantage=vantage,
        timeout=1,
        total_timeout=10,
        dns_window=0.2,
        contrasts=SETTINGS,
        residue=given["residue"],
    )


async def test_contrasts_go_on_when_the_proxy_cannot_reach_the_harmless_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(proxies.NAMES, NAME, SITE.addresses[0])
    monkeypatch.setitem(proxies.NAMES, NEUTRAL, "127.30.9.10")  # where nobody is
    cut = Rule(action=Action.SNI_RESET, names=(NAME,), sources=("127.0.0.1",))
    async with _internet(cut) as internet, serving(proxies.http()) as proxy:
        finished = await measure(_plan(internet, via=f"http://127.0.0.1:{proxy}"))
    kinds = [contrast.kind for contrast in finished.measurement.contrasts]
    assert sorted(kinds) == [ContrastKind.NEUTRAL_SNI, ContrastKind.REPEAT]
