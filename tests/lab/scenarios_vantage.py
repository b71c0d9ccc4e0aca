"""Conditions of the vantage point itself that look like censorship: no network, portals, closed resolvers, wrong clocks."""

from datetime import UTC, datetime, timedelta

from lab.censor import Action
from lab.scenario import ControlState, ResolverState, Scenario, only
from lab.scenario_parts import (
    ADDRESS,
    CANARY,
    DOWN,
    FORGED,
    NAME,
    OK,
    VOID,
    box,
    site,
)

_NOW = datetime.now(UTC)
_AHEAD = timedelta(days=400)
_SINCE, _UNTIL = _NOW - _AHEAD - timedelta(days=60), _NOW - _AHEAD + timedelta(days=60)
"""Of certificates that are valid today, and long out of date by a clock that is so far ahead."""
_BROKEN_6 = "::1"
"""Where the simulated internet has nothing that listens."""

OF_THE_VANTAGE_POINT = (
    Scenario(
        id="offline",
        says="The vantage point has no network: no resolver, no control and no site answers.",
        looks_like="vantage point offline",
        target=NAME,
        sites=(site(),),
        rules=(box(Action.IP_DROP),),
        resolver=ResolverState.DEAD,
        control=ControlState.UNREACHABLE,
        expected=only(VOID),
    ),
    Scenario(
        id="offline_with_names_from_a_cache",
        says="The resolver nearby answers, and nothing beyond it does, not even the control.",
        looks_like="vantage point offline",
        target=NAME,
        sites=(site(),),
        rules=(box(Action.IP_DROP),),
        control=ControlState.UNREACHABLE,
        expected=only(VOID),
    ),
    Scenario(
        id="offline_and_the_canary_says_so",
        says="The vantage point has lost the network but not its control: the canary fails like everything else.",
        looks_like="vantage point offline",
        target=NAME,
        sites=(site(), site(CANARY, "127.30.4.1")),
        rules=(box(Action.IP_DROP, NAME, CANARY),),
        canary=CANARY,
        expected=only(VOID),
    ),
    Scenario(
        id="dead_resolver",
        says="The resolver answers nothing, whatever it is asked.",
        looks_like="closed resolver",
        target=NAME,
        sites=(site(),),
        resolver=ResolverState.DEAD,
        expected=only(VOID),
    ),
    Scenario(
        id="dead_resolver_and_the_canary_says_so",
        says="The resolver answers nothing, and the canary shows it.",
        looks_like="closed resolver",
        target=NAME,
        sites=(site(), site(CANARY, "127.30.4.1")),
        resolver=ResolverState.DEAD,
        canary=CANARY,
        expected=only(VOID),
    ),
    Scenario(
        id="closed_resolver",
        says="The resolver refuses to answer for any name.",
        looks_like="closed resolver",
        target=NAME,
        sites=(site(),),
        resolver=ResolverState.CLOSED,
        expected=only(VOID),
    ),
    *(
        Scenario(
            id=f"search_page_for_missing_names_over_{scheme}",
            says="The name exists for nobody; the network's resolver shows its search page for every missing name.",
            looks_like="ISP's NXDOMAIN search page",
            target="www.gone.example",
            scheme=scheme,
            sites=(site("search.isp.example", "127.30.8.8"),),
            resolver=ResolverState.REWRITES,
            expected=only(DOWN, VOID),
        )
        for scheme in ("http", "https")
    ),
    Scenario(
        id="captive_portal",
        says="A portal answers every request over http with its own sign-in page, the canary's too.",
        looks_like="captive portal",
        target=NAME,
        scheme="http",
        sites=(site(), site(CANARY, "127.30.4.1"), site("portal.hotel.example", "127.30.5.1")),
        rules=(box(Action.HTTP_REDIRECT, NAME, CANARY, location="http://portal.hotel.example/"),),
        canary=CANARY,
        canary_scheme="http",
        expected=only(VOID),
    ),
    Scenario(
        id="captive_portal_that_answers_for_all_names",
        says="A portal's resolver gives its own address for every name, with a certificate that fits none.",
        looks_like="captive portal",
        target=NAME,
        sites=(site(), site(CANARY, "127.30.4.1"), site("portal.hotel.example", FORGED, trusted=False)),
        rules=(box(Action.DNS_FORGE, NAME, CANARY, addresses=(FORGED,)),),
        canary=CANARY,
        expected=only(VOID),
    ),
    Scenario(
        id="office_reads_all_tls",
        says="The network's own box signs every certificate anew, the canary's too, and passes the pages on.",
        looks_like="transparent proxy that passes the true page",
        target=NAME,
        sites=(site(), site(CANARY, "127.30.4.1")),
        rules=(box(Action.TLS_MITM, NAME, CANARY),),
        canary=CANARY,
        expected=only(VOID),
    ),
    Scenario(
        id="transparent_proxy",
        says="A proxy of the network answers in place of the site, over http, with the site's true page.",
        looks_like="transparent proxy that passes the true page",
        target=NAME,
        scheme="http",
        sites=(site(), site("proxy.isp.example", FORGED, proxies=True)),
        rules=(box(Action.DNS_FORGE, addresses=(FORGED,)),),
        expected=only(OK),
    ),
    Scenario(
        id="broken_ipv6",
        says="The site has both kinds of address, and IPv6 does not work here.",
        looks_like="broken IPv6",
        target=NAME,
        sites=(site(NAME, ADDRESS, published=(ADDRESS, _BROKEN_6)),),
        ipv6=True,
        expected=only(OK),
    ),
    Scenario(
        id="no_ipv6_and_nothing_else",
        says="The site has IPv6 addresses alone, and this vantage point has no IPv6.",
        looks_like="broken IPv6",
        target=NAME,
        sites=(site(NAME, published=(_BROKEN_6,), listens=False),),
        expected=only(VOID, DOWN),
    ),
    Scenario(
        id="clock_ahead",
        says="This machine's clock is more than a year ahead, so a good certificate looks out of date.",
        looks_like="clock skew here",
        target=NAME,
        sites=(site(certificate_since=_SINCE, certificate_until=_UNTIL),),
        clock_ahead=_AHEAD,
        expected=only(VOID),
    ),
    Scenario(
        id="clock_ahead_and_the_canary_says_so",
        says="This machine's clock is more than a year ahead, and the canary's certificate shows it.",
        looks_like="clock skew here",
        target=NAME,
        sites=(
            site(certificate_since=_SINCE, certificate_until=_UNTIL),
            site(CANARY, "127.30.4.1", certificate_since=_SINCE, certificate_until=_UNTIL),
        ),
        clock_ahead=_AHEAD,
        canary=CANARY,
        expected=only(VOID),
    ),
    Scenario(
        id="lost_packet",
        says="The first queries to the resolver get lost on the way; those sent again are answered.",
        looks_like="a lost UDP packet",
        target=NAME,
        sites=(site(),),
        loses=2,
        expected=only(OK),
    ),
    Scenario(
        id="lost_packets",
        says="All queries of the walk get lost on the way, and the resolver answers later ones.",
        looks_like="a lost UDP packet",
        target=NAME,
        sites=(site(),),
        loses=4,
        expected=only(VOID, OK),
    ),
)
