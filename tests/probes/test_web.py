"""The web experiment: the whole walk over real sockets, and what is kept when things go wrong."""

import asyncio
import resource
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from lab.censor import Action, Rule
from lab.internet import Internet
from lab.sites import Page, Site
from models.failures import Failure
from models.measurement import Finished, from_canonical
from models.observations import Purpose
from models.roots import from_pem
from models.targets import Control, Target
from probes.ways import ConsentError
from probes.web import Plan, measure
from probing.servers import NOW, ROOTS, answering, direct_vantage, local_target, request_of, reset, serving

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\npage"


async def look(url: str, **options) -> Finished:
    vantage = options.pop("vantage", direct_vantage())
    target = options.pop("target", local_target(url))
    roots = options.pop("roots", ROOTS)
    given = {"timeout": 2, "total_timeout": 10, "dns_window": 0.1, **options}
    return await measure(Plan(target=target, vantage=vantage, **given), at=NOW, roots=roots)


def redirecting(*locations: str):
    """Redirects to each in turn, and then shows a page."""
    left = list(locations)

    async def handler(reader, writer):
        await request_of(reader)
        if left:
            writer.write(f"HTTP/1.1 302 Found\r\nLocation: {left.pop(0)}\r\nContent-Length: 0\r\n\r\n".encode())
        else:
            writer.write(OK)

    return handler


async def test_measure_walks_a_page_and_its_record_reads_back():
    async with serving(answering(OK)) as port:
        finished = await look(f"http://127.0.0.1:{port}/path?q=1")
    seen = finished.measurement
    assert (seen.own_fault, seen.timed_out, seen.dns) == (None, False, ())
    assert [one.address for one in seen.tcp] == ["127.0.0.1"]
    assert seen.http[0].url == f"http://127.0.0.1:{port}/path?q=1"
    assert finished.blobs[seen.http[0].body] == b"page"
    assert from_canonical(seen.to_canonical()) == seen
    assert seen.started_at == "2026-11-22T12:00:00.000000Z"
    assert seen.software.tls
    assert seen.software.client


async def test_measure_goes_to_ipv6_addresses():
    async with serving(answering(OK), host="::1") as port:
        finished = await look(f"http://[::1]:{port}/")
    seen = finished.measurement
    assert [(one.address, one.failure) for one in seen.tcp] == [("::1", None)]
    assert seen.http[0].host == f"[::1]:{port}"


async def test_measure_ends_a_redirect_loop_after_ten():
    async with serving(redirecting(*["/again"] * 50)) as port:
        seen = (await look(f"http://127.0.0.1:{port}/")).measurement
    assert [one.hop for one in seen.http] == list(range(11))
    assert [one.hop for one in seen.tcp] == list(range(11))
    assert any("more than 10 redirects" in note for note in seen.notes)


@pytest.mark.parametrize(
    "location", ["ftp://other.example/", "http://[garbage", "http://", "javascript:alert(1)", "http://999.1.1.1/"]
)
async def test_measure_records_a_redirect_to_nowhere_and_stops(location):
    async with serving(redirecting(location)) as port:
        seen = (await look(f"http://127.0.0.1:{port}/")).measurement
    assert len(seen.http) == 1
    assert seen.http[0].location is not None
    assert "its redirect was not followed" in seen.notes[0]


async def test_measure_sends_back_the_cookies_that_a_hop_sets():
    cookies = []

    async def wants_cookies(reader, writer):
        head = await request_of(reader)
        cookies.append([line for line in head.split(b"\r\n") if line.startswith(b"Cookie")])
        if cookies[-1]:
            writer.write(OK)
        else:
            writer.write(
                b"HTTP/1.1 302 Found\r\nSet-Cookie: seen=1; Path=/; HttpOnly\r\nSet-Cookie: b=2\r\n"
                b"Set-Cookie: other=3; Domain=elsewhere.example\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"
            )

    async with serving(wants_cookies) as port:
        seen = (await look(f"http://127.0.0.1:{port}/")).measurement
    assert cookies == [[], [b"Cookie: seen=1; b=2"]]
    assert [one.status for one in seen.http] == [302, 200]


async def test_measure_keeps_what_came_when_its_own_time_is_up():
    drip = [b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"] + [b"x"] * 1000
    async with serving(answering(*drip, pause=0.05)) as port:
        finished = await look(f"http://127.0.0.1:{port}/", timeout=5, total_timeout=0.6)
    seen = finished.measurement
    assert seen.timed_out
    assert 500_000 < seen.runtime_us < 1_200_000
    assert seen.http[0].failure == Failure.INTERRUPTED
    assert finished.blobs[seen.http[0].body].startswith(b"xxx")


async def test_measure_never_says_timeout_when_it_was_itself_that_hung_up():
    async def silent(reader, writer):
        await reader.read()

    async with serving(silent) as port:
        seen = (await look(f"https://127.0.0.1:{port}/", timeout=5, total_timeout=0.5)).measurement
    assert seen.timed_out
    assert [one.failure for one in seen.tls] == [Failure.INTERRUPTED]


async def test_measure_leaves_no_socket_and_no_task_behind():
    before, tasks = len(list(Path("/proc/self/fd").iterdir())), len(asyncio.all_tasks())

    async def resets(reader, writer):
        await reader.read(10)
        reset(writer)

    async with serving(resets) as port:
        for scheme in ("http", "https"):
            await look(f"{scheme}://127.0.0.1:{port}/")
        await look(f"http://127.0.0.1:{port}/", total_timeout=0.001)
    await asyncio.sleep(0.05)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert len(asyncio.all_tasks()) == tasks


async def test_measure_blames_itself_when_file_descriptors_run_out():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    taken = []
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
        with pytest.raises(OSError):
            while True:
                taken.append(socket.socket())
        seen = (await look("https://127.0.0.1:9/")).measurement
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for one in taken:
            one.close()
    assert "ulimit" in seen.own_fault


async def test_measure_refuses_when_nobody_agreed():
    with pytest.raises(ConsentError):
        await look("http://127.0.0.1/", vantage=direct_vantage(consent=None))


@pytest.fixture
async def internet() -> AsyncIterator[Internet]:
    sites = [
        Site(name="site.example", addresses=("127.0.11.1", "127.0.11.2")),
        Site(name="xn--bcher-kva.example", addresses=("127.0.11.3",)),
        Site(name="forged.example", addresses=("127.0.11.4",)),
        Site(name="start.example", addresses=("127.0.11.5",), pages={"/": Page(status=302)}),
    ]
    rules = [
        Rule(action=Action.DNS_INJECT, names=("forged.example",), sources=("127.0.0.1",), addresses=("127.0.11.9",)),
        Rule(action=Action.SNI_RESET, names=("site.example",), sources=("127.0.0.8",)),
    ]
    async with Internet(sites, rules, at=NOW) as net:
        yield net


def inside(net: Internet, **options):
    return {
        "vantage": direct_vantage(resolvers=(net.resolver_address,), **options),
        "roots": from_pem(net.authority.pem),
    }


async def test_measure_looks_up_connects_to_all_and_fetches_over_one(internet):
    seen = (await look(internet.url("site.example"), **inside(internet))).measurement
    assert {one.type: one.failure for one in seen.dns} == {"A": None, "AAAA": Failure.DNS_NO_ANSWER}
    assert [one.failure for one in seen.tcp] == [None, None]
    assert [one.opinion for one in seen.tls] == ["ok", "ok"]
    assert [one.status for one in seen.http] == [200]
    assert seen.http[0].connection in [one.connection for one in seen.tls]


async def test_measure_asks_for_internationalised_names_by_their_a_labels(internet):
    url = internet.url("xn--bcher-kva.example").replace("xn--bcher-kva", "Bücher")
    seen = (await look(url, **inside(internet))).measurement
    assert {one.name for one in seen.dns} == {"xn--bcher-kva.example"}
    assert [(one.server_name, one.opinion) for one in seen.tls] == [("xn--bcher-kva.example", "ok")]
    assert seen.http[0].host.startswith("xn--bcher-kva.example:")


async def test_measure_keeps_listening_when_an_injected_answer_came_first(internet):
    seen = (await look(internet.url("forged.example"), **inside(internet), dns_window=0.4)).measurement
    asked = next(one for one in seen.dns if one.type == "A")
    assert asked.addresses == ("127.0.11.9",)
    assert [record.value for reply in asked.replies for record in reply.records] == ["127.0.11.9", "127.0.11.4"]


async def test_measure_sees_the_reset_on_every_address_when_the_name_is_blocked(internet):
    seen = (await look(internet.url("site.example"), **inside(internet, via="direct://?source=127.0.0.8"))).measurement
    assert [one.failure for one in seen.tls] == [Failure.CONNECTION_RESET] * 2
    assert seen.http == ()


async def test_measure_does_not_connect_to_private_addresses_that_dns_gives(internet):
    url = internet.url("site.example")
    seen = (await look(url, target=Target(id="site", url=url), **inside(internet))).measurement
    assert next(one for one in seen.dns if one.type == "A").addresses
    assert seen.tcp == ()
    assert any("127.0.11.1 is not a public address" in note for note in seen.notes)


def controlling(*addresses: str):
    """A control that names these addresses."""

    async def handler(reader, writer):
        head = await request_of(reader)
        length = next(
            int(line[15:]) for line in head.decode().split("\r\n") if line.lower().startswith("content-length")
        )
        asked.append(msgspec.json.decode(await reader.readexactly(length)))
        body = msgspec.json.encode({
            "tcp_connect": {}, "tls_handshake": {}, "dns": {"failure": None, "addrs": list(addresses)},
            "http_request": {"body_length": 4, "failure": None, "title": "", "headers": {}, "status_code": 200},
        })  # fmt: skip
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    asked: list = []
    handler.asked = asked
    return handler


async def beside(internet: Internet, name: str, control, **options):
    async with serving(control) as port:
        return (
            await look(
                internet.url(name, scheme="http"),
                controls=(Control(id="c", url=f"http://127.0.0.1:{port}/"),),
                **inside(internet),
                **options,
            )
        ).measurement


async def test_measure_asks_the_control_for_the_same_url_and_addresses(internet):
    control = controlling("127.0.11.1")
    seen = await beside(internet, "site.example", control)
    assert [one["http_request"] for one in control.asked] == [internet.url("site.example", scheme="http")]
    port = internet.http_port
    assert sorted(control.asked[0]["tcp_connect"]) == [f"127.0.11.1:{port}", f"127.0.11.2:{port}"]
    assert [(one.id, one.failure, one.addresses) for one in seen.controls] == [("c", None, ("127.0.11.1",))]


async def test_measure_tries_the_addresses_that_only_the_control_named_when_dns_differs(internet):
    seen = await beside(internet, "forged.example", controlling("127.0.11.4"))
    checks = [one for one in seen.http if one.purpose is Purpose.CHECK]
    assert [(one.address, one.status) for one in checks] == [("127.0.11.4", 200)]


async def test_measure_tries_no_more_addresses_when_the_walk_agrees_with_the_control(internet):
    seen = await beside(internet, "site.example", controlling("127.0.11.2", "127.0.11.3"))
    assert {one.purpose for one in seen.tcp} == {Purpose.WALK}


async def test_measure_connects_to_a_private_address_when_the_control_is_told_the_same(internet):
    target = Target(id="site", url=internet.url("site.example", scheme="http"))
    seen = await beside(internet, "site.example", controlling("127.0.11.1", "192.0.43.8"), target=target)
    assert [one.address for one in seen.tcp if one.purpose is Purpose.WALK] == ["127.0.11.1"]
    assert "127.0.11.2 is not a public address" in seen.notes[0]


async def test_measure_does_not_follow_a_redirect_into_a_private_network_even_when_the_control_repeats_it():
    async with serving(redirecting("http://192.168.77.1/")) as port, serving(controlling("192.168.77.1")) as control:
        url = f"http://127.0.0.1:{port}/"
        finished = await look(
            url,
            target=Target(id="site", url=url),
            controls=(Control(id="c", url=f"http://127.0.0.1:{control}/"),),
        )
    assert [one.address for one in finished.measurement.tcp] == []


async def test_measure_goes_on_when_the_control_says_nothing_of_use(internet):
    async def nonsense(reader, writer):
        await request_of(reader)
        writer.write(b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n")

    seen = await beside(internet, "site.example", nonsense)
    assert seen.controls[0].failure == Failure.HTTP_UNEXPECTED_STATUS_CODE
    assert [one.status for one in seen.http] == [200]
