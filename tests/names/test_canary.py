"""Canaries on the lab's internet: whether they hold, and why they say they do not."""

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import pytest

from lab.censor import Action, Rule
from lab.internet import Internet
from lab.sites import Page, Site, ordinary_page
from models.observations import CanaryLook
from models.roots import from_pem
from models.targets import Canary, Consent, VantagePoint
from names.nameserver import Nameserver
from probes.canary import look_at_canaries

AT = datetime(2026, 11, 22, tzinfo=UTC)
SITES = (
    Site(name="loads.example", addresses=("127.31.8.1",)),
    Site(
        name="check.example",
        addresses=("127.31.8.2",),
        pages={
            "/generate_204": Page(status=204),
            "/login": ordinary_page("Hotel"),
            "/portal": Page(status=302, headers=(("Location", "http://login.hotel.example/"),)),
            "/www": Page(status=302, headers=(("Location", "/login"),)),
            "/error": Page(status=503),
        },
    ),
    Site(
        name="dated.example",
        addresses=("127.31.8.3",),
        certificate_since=datetime(2026, 1, 1, tzinfo=UTC),
        certificate_until=datetime(2027, 1, 1, tzinfo=UTC),
    ),
    Site(name="gone.example", addresses=("127.31.8.4",), listens=False),
    Site(name="closes.example", addresses=("127.31.8.5",), tls="closes"),
)
RULES = (
    Rule(action=Action.TLS_MITM, names=("spied.example",), sources=("127.0.0.1",)),
    Rule(action=Action.DNS_NXDOMAIN, names=("lied.example",), sources=("127.0.0.1",)),
)


@pytest.fixture
async def internet() -> AsyncIterator[Internet]:
    sites = (*SITES, *(Site(name=rule.names[0], addresses=("127.31.8.6",)) for rule in RULES))
    async with Internet(sites, RULES, at=AT) as internet:
        yield internet


async def look(
    internet: Internet,
    url: str,
    *,
    expect: str = "loads",
    status: int | None = None,
    resolver: str | None = None,
    via: str = "direct",
    at: datetime = AT,
    private: bool = True,
) -> CanaryLook:
    canary = Canary(id="canary", url=url, expect=expect, status=status, allow_private=private)  # type: ignore[arg-type]
    vantage = VantagePoint(
        id="here",
        via=via,
        resolvers=(resolver or internet.resolver_address,),
        consent=Consent(by="me", on=date(2026, 1, 1)),
    )
    roots = from_pem(internet.authority.pem)
    (seen,) = await look_at_canaries([canary], vantage, timeout=0.6, at=at, roots=roots)
    return seen


async def test_canary_holds_when_it_loads(internet: Internet) -> None:
    seen = await look(internet, internet.url("loads.example"))
    assert (seen.held, seen.failure, seen.detail) == (True, None, None)
    assert (seen.id, seen.expect, seen.started_at) == ("canary", "loads", "2026-11-22T00:00:00.000000Z")


@pytest.mark.parametrize(
    ("path", "status", "detail"),
    [
        ("/generate_204", 204, None),
        ("/login", 204, "captive portal: status 200 instead of 204"),
        ("/portal", 204, "captive portal: sent to http://login.hotel.example"),
        ("/portal", None, "captive portal: sent to http://login.hotel.example"),
        ("/www", None, None),
        ("/error", None, "answers with status 503"),
    ],
)
async def test_canary_knows_a_captive_portal_when_it_meets_one(
    internet: Internet, path: str, status: int | None, detail: str | None
) -> None:
    seen = await look(internet, internet.url("check.example", path, scheme="http"), status=status)
    assert seen.held is (detail is None)
    assert (seen.detail or "").startswith(detail or "")


@pytest.mark.parametrize(
    ("name", "failure", "detail"),
    [
        ("lied.example", "dns_nxdomain_error", "the resolver gives no address for lied.example"),
        ("gone.example", "connection_refused", "no connection to gone.example"),
        ("closes.example", "eof_error", "TLS is broken on the way to closes.example"),
        (
            "spied.example",
            "ssl_unknown_authority",
            "TLS is intercepted: the certificate for spied.example is by CN=A cens",
        ),
    ],
)
async def test_canary_says_why_it_does_not_load(internet: Internet, name: str, failure: str, detail: str) -> None:
    seen = await look(internet, internet.url(name))
    assert (seen.held, seen.failure) == (False, failure)
    assert str(seen.detail).startswith(detail)
    assert (await look(internet, internet.url(name), expect="blocked")).held


@pytest.mark.parametrize("year", [2020, 2040])
async def test_canary_suspects_the_clock_when_a_good_certificate_is_out_of_date(internet: Internet, year: int) -> None:
    seen = await look(internet, internet.url("dated.example"), at=datetime(year, 1, 1, tzinfo=UTC))
    assert (seen.held, seen.failure) == (False, "ssl_invalid_certificate")
    assert seen.detail == (
        "the clock is wrong, or dated.example is: its certificate is valid from 2026-01-01 to 2027-01-01, "
        f"and this clock says {year}-01-01"
    )


async def test_canary_says_that_the_resolver_is_dead_when_it_is_silent(internet: Internet) -> None:
    async with Nameserver() as silent:
        seen = await look(internet, internet.url("loads.example"), resolver=silent.udp)
    assert (seen.held, seen.failure) == (False, "generic_timeout_error")
    assert seen.detail == "the resolver does not answer (generic_timeout_error)"


async def test_canary_tells_nothing_about_blocking_when_the_vantage_point_is_blind(internet: Internet) -> None:
    async with Nameserver() as silent:
        seen = await look(internet, internet.url("loads.example"), resolver=silent.udp, expect="blocked")
    assert (seen.held, str(seen.detail)[:35]) == (False, "it cannot be told whether it is blo")


async def test_canary_that_must_be_blocked_does_not_hold_when_it_loads(internet: Internet) -> None:
    seen = await look(internet, internet.url("loads.example"), expect="blocked")
    assert (seen.held, seen.failure) == (False, None)
    assert str(seen.detail).startswith("it loads here")


async def test_canary_blames_the_proxy_when_the_proxy_is_dead(internet: Internet) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    seen = await look(internet, internet.url("loads.example"), via=f"socks5://127.0.0.1:{port}", resolver="system")
    assert (seen.held, seen.failure) == (False, "way_out_error")
    assert str(seen.detail).startswith("the way out failed: the proxy cannot be reached")


async def test_canary_says_that_its_name_is_bent_when_it_leads_into_a_private_network(internet: Internet) -> None:
    seen = await look(internet, internet.url("loads.example"), private=False)
    assert (seen.held, seen.failure) == (False, "dns_bogon_error")
    assert seen.detail == "captive portal or filter: loads.example is said to be at 127.31.8.1"


async def test_canaries_are_looked_at_by_the_vantage_points_that_they_are_meant_for(internet: Internet) -> None:
    url = internet.url("loads.example")
    canaries = [Canary(id=one, url=url, vantage_points=(one,), allow_private=True) for one in ("here", "there")]
    vantage = VantagePoint(
        id="there", resolvers=(internet.resolver_address,), consent=Consent(by="me", on=date(2026, 1, 1))
    )
    async with asyncio.timeout(5):
        seen = await look_at_canaries(canaries, vantage, timeout=1, at=AT, roots=from_pem(internet.authority.pem))
    assert [one.id for one in seen] == ["there"]
