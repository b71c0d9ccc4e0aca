"""A control, asked over its wire protocol, looking at the lab's sites; and the client that asks it."""

import asyncio
import contextlib
import json
import signal
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lab.internet import Internet
from lab.sites import Page, Site, ordinary_page
from models.observations import ControlReport
from models.sketch import sketch
from models.targets import Control
from names.tcp_server import tcp_server
from probes.blobs import Blobs
from probes.clock import Clock
from probes.control_client import ask_control
from probes.control_eyes import Eyes
from probes.control_server import Offer, serve
from probes.failure import Word
from probes.places import place
from probes.post import Posted, post
from probes.ways.direct import from_via

AT = datetime(2026, 11, 22, tzinfo=UTC)
SITES = (
    Site(
        name="site.example",
        addresses=("127.31.7.1", "127.31.7.2"),
        pages={
            "/moved": Page(status=302, headers=(("Location", "/landed"),)),
            "/circle": Page(status=302, headers=(("Location", "/circle"),)),
            "/nowhere": Page(status=302, headers=(("Location", "ftp://site.example/"),)),
            "/landed": ordinary_page("Landed &amp; safe"),
        },
    ),
    Site(name="expired.example", addresses=("127.31.7.3",), certificate_until=datetime(2020, 1, 1, tzinfo=UTC)),
    Site(name="servfail.example", addresses=(), dns="servfail"),
    Site(name="empty.example", addresses=(), dns="empty"),
    Site(name="gone.example", addresses=("127.31.7.4",), listens=False),
    Site(name="resets.example", addresses=("127.31.7.5",), tls="resets"),
)
Start = Callable[..., Any]


@pytest.fixture
async def internet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Internet]:
    async with Internet(SITES, at=AT) as internet:
        (tmp_path / "ca.pem").write_bytes(internet.authority.pem)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        yield internet


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Starts a control with these eyes, and ends it as an operator would, by a signal."""
    running: list[asyncio.Task[None]] = []

    async def start(eyes: Eyes, **limits: float) -> str:
        ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        offer = Offer(host="127.0.0.1", port=0, **limits)  # type: ignore[arg-type]
        running.append(asyncio.create_task(serve(offer, eyes, on_ready=ready.set_result)))
        return await ready

    yield start
    signal.raise_signal(signal.SIGTERM)
    await asyncio.gather(*running)


@pytest.fixture
async def control(internet: Internet, start: Start) -> str:
    return str(await start(Eyes(allow_private=True, resolver=internet.resolver_address, timeout=3)))


async def ask(control: str, url: str, *endpoints: str, blobs: Blobs | None = None) -> ControlReport:
    known = Control(id="c", url=control)
    return await ask_control(known, url, endpoints, clock=Clock(), blobs=Blobs() if blobs is None else blobs, hop=1)


async def send(control: str, content: bytes) -> Posted:
    way = from_via("direct")
    return await post(place(control), content, "application/json", way=way, addresses=["127.0.0.1"], timeout=20)


async def test_control_tells_all_of_a_site_that_works(internet: Internet, control: str) -> None:
    blobs = Blobs()
    seen = await ask(control, internet.url("site.example"), f"127.31.7.2:{internet.https_port}", blobs=blobs)
    page = ordinary_page("site.example").body
    assert (seen.failure, seen.dns_failure, seen.http_failure, seen.hop) == (None, None, None, 1)
    assert set(seen.addresses) == {"127.31.7.1", "127.31.7.2"} == set(seen.valid_addresses)
    assert {(e.address, e.tcp_failure, e.tls_tried, e.tls_failure) for e in seen.endpoints} == {
        ("127.31.7.1", None, True, None),
        ("127.31.7.2", None, True, None),
    }
    assert (seen.status, seen.title, seen.body_length) == (200, "site.example", len(page))
    assert seen.body_sketch == sketch(page, "text/html; charset=utf-8")
    assert seen.final_url == internet.url("site.example")
    assert dict(seen.headers)["Content-Type"] == "text/html; charset=utf-8"
    assert seen.clock_offset_us is not None
    assert 0 <= seen.clock_offset_us < 2_000_000
    assert seen.raw is not None
    assert json.loads(blobs[seen.raw])["ip_info"]["127.31.7.2"] == {"asn": 0, "flags": 1 | 2 | 8}


async def test_control_answers_in_the_form_that_test_helpers_use(internet: Internet, control: str) -> None:
    asked = {
        "http_request": internet.url("gone.example", scheme="http"),
        "http_request_headers": {"Accept": ["*/*"], "Accept-Language": ["en"], "User-Agent": ["x"]},
        "tcp_connect": [f"127.31.7.4:{internet.http_port}"],
        "x_quic_enabled": False,
    }
    answer = json.loads((await send(control, json.dumps(asked).encode())).body)
    endpoint = f"127.31.7.4:{internet.http_port}"
    assert answer["tcp_connect"] == {endpoint: {"status": False, "failure": "connection_refused"}}
    assert answer["tls_handshake"] == answer["quic_handshake"] == {}
    assert answer["http3_request"] is None
    assert answer["dns"] == {"failure": None, "addrs": ["127.31.7.4"]}
    page = answer["http_request"]
    assert (page["body_length"], page["status_code"], page["failure"]) == (-1, -1, "connection_refused")
    assert (page["title"], page["discovered_h3_endpoint"], page["headers"]) == ("", "", {})


@pytest.mark.parametrize(
    ("name", "said", "understood"),
    [
        ("nobody.example", "dns_name_error", "dns_nxdomain_error"),
        ("servfail.example", "dns_servfail_error", "dns_servfail_error"),
        ("empty.example", None, None),
    ],
)
async def test_control_uses_a_test_helpers_words_for_dns_and_its_client_understands_them(
    internet: Internet, control: str, name: str, said: str | None, understood: str | None
) -> None:
    blobs = Blobs()
    seen = await ask(control, internet.url(name), blobs=blobs)
    assert seen.raw is not None
    assert json.loads(blobs[seen.raw])["dns"] == {"failure": said, "addrs": []}
    assert (seen.dns_failure, seen.addresses, seen.http_tried) == (understood, (), True)
    assert seen.http_failure == (understood or "dns_no_answer")


async def test_control_says_that_a_certificate_is_expired_for_itself_too(internet: Internet, control: str) -> None:
    seen = await ask(control, internet.url("expired.example"))
    assert (seen.endpoints[0].tcp_failure, seen.endpoints[0].tls_failure) == (None, "ssl_invalid_certificate")
    assert (seen.http_failure, seen.valid_addresses, seen.status) == ("ssl_invalid_certificate", (), None)


async def test_control_says_that_a_site_resets_for_itself_too(internet: Internet, control: str) -> None:
    seen = await ask(control, internet.url("resets.example"))
    assert (seen.endpoints[0].tls_failure, seen.http_failure) == ("connection_reset", "connection_reset")


async def test_control_follows_redirects_to_the_page(internet: Internet, control: str) -> None:
    seen = await ask(control, internet.url("site.example", "/moved"))
    assert (seen.status, seen.title) == (200, "Landed & safe")
    assert seen.final_url == internet.url("site.example", "/landed")


@pytest.mark.parametrize(
    ("path", "failure"),
    [("/circle", "unknown_failure: more than 10 redirects"), ("/nowhere", "http_invalid_redirect_location_host")],
)
async def test_control_gives_up_when_redirects_lead_nowhere(
    internet: Internet, control: str, path: str, failure: str
) -> None:
    assert (await ask(control, internet.url("site.example", path))).http_failure == failure


async def test_control_meets_the_clients_addresses_on_the_urls_port_alone(internet: Internet, control: str) -> None:
    seen = await ask(control, internet.url("site.example"), "127.31.7.4:22", "127.31.7.4:25")
    assert {(e.address, e.port) for e in seen.endpoints} == {
        (address, internet.https_port) for address in ("127.31.7.1", "127.31.7.2", "127.31.7.4")
    }


async def test_control_touches_no_private_address_unless_it_is_told_to(internet: Internet, start: Start) -> None:
    control = await start(Eyes(resolver=internet.resolver_address))
    blobs = Blobs()
    seen = await ask(control, internet.url("site.example"), "192.168.1.1:443", "169.254.169.254:80", blobs=blobs)
    assert (seen.failure, seen.endpoints, seen.http_tried) == (None, (), False)
    assert seen.raw is not None
    about = json.loads(blobs[seen.raw])["ip_info"]
    assert {address: known["flags"] & 4 for address, known in about.items()} == {
        "127.31.7.1": 4,
        "127.31.7.2": 4,
        "192.168.1.1": 4,
        "169.254.169.254": 4,
    }


async def test_control_admits_that_it_is_blind_when_its_resolver_knows_no_name_at_all(
    internet: Internet, start: Start
) -> None:
    control = await start(Eyes(resolver=internet.resolver_address))
    answer = await send(control, b'{"http_request": "https://nobody.example/"}')
    assert (answer.status, b"cannot see" in answer.body) == (503, True)
    assert (await ask(control, "https://nobody.example/")).failure == "http_unexpected_status_code"


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b'{"http_request": 7}', 400),
        (b'{"http_request": "gopher://site.example/"}', 400),
        (b'{"http_request": "http://site.example/", "tcp_connect": ["site.example:80"]}', 400),
        (b'{"http_request": "http://site.example/", "tcp_connect": %s}' % json.dumps(["1.1.1.1:1"] * 65).encode(), 400),
        (b'{"http_request": "http://%s/"}' % (b"a" * 70_000), 413),
    ],
)
async def test_control_refuses_a_question_when_it_makes_no_sense(control: str, content: bytes, status: int) -> None:
    assert (await send(control, content)).status == status


async def test_control_serves_nothing_else(control: str) -> None:
    way = from_via("direct")
    for path, status in (("", 200), ("other", 404), ("healthz", 405)):
        asked = place(control + path)
        content = json.dumps({"http_request": "http://127.31.7.9:1/"}).encode()
        answer = await post(asked, content, "application/json", way=way, addresses=["127.0.0.1"], timeout=5)
        assert answer.status == status


async def test_control_slows_one_client_down_when_it_asks_too_often(internet: Internet, start: Start) -> None:
    control = await start(Eyes(allow_private=True, resolver=internet.resolver_address), rate=2)
    asked = json.dumps({"http_request": internet.url("empty.example")}).encode()
    assert [(await send(control, asked)).status for _ in range(3)] == [200, 200, 429]


async def test_control_says_that_it_is_busy_when_all_its_places_are_taken(internet: Internet, start: Start) -> None:
    control = await start(Eyes(allow_private=True, resolver=internet.resolver_address), at_once=1)
    _, writer = await asyncio.open_connection("127.0.0.1", place(control).port)
    writer.write(b"POST / HTTP/1.1\r\nHost: c\r\nContent-Length: 50\r\n\r\n{")
    await writer.drain()
    await asyncio.sleep(0.2)
    assert (await send(control, b"{}")).status == 503
    writer.close()
    await writer.wait_closed()


@contextlib.asynccontextmanager
async def saying(answer: bytes) -> AsyncIterator[str]:
    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()

    async with tcp_server(converse) as port:
        yield f"http://127.0.0.1:{port}/"


def _ok(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body


_LEAST = b'{"http_request":{"failure":null,"status_code":200},"dns":{"failure":null,"addrs":["192.0.2.1"]}%s}'


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", "http_unexpected_status_code"),
        (b"", "eof_error"),
        (_ok(b"<html>"), "json_parse_error"),
        (_ok(b"{}"), "json_parse_error"),
        (_ok(_LEAST.replace(b"192.0.2.1", b"example.org") % b""), "json_parse_error"),
        (_ok(_LEAST % b',"tcp_connect":{"here":{"status":true}}'), "json_parse_error"),
        (_ok(_LEAST % b',"x_time":"yesterday"'), "json_parse_error"),
        (_ok(_LEAST % b',"x_time":"0001-01-01T00:00:00Z"'), "json_parse_error"),
        (_ok(b" " * (2 << 20)), "http_malformed_response"),
    ],
)
async def test_client_reports_a_failure_when_a_control_speaks_nonsense(answer: bytes, failure: str) -> None:
    async with saying(answer) as url:
        assert (await ask(url, "https://example.org/")).failure == failure


async def test_client_understands_a_plain_test_helper() -> None:
    said = _LEAST % (
        b',"tcp_connect":{"[2001:db8::1]:443":{"status":false,"failure":"connection_refused_error"},'
        b'"192.0.2.1:443":{"status":true,"failure":null}},'
        b'"tls_handshake":{"192.0.2.1:443":{"server_name":"example.org","status":true,"failure":null}},'
        b'"ip_info":{"192.0.2.1":{"asn":64496,"flags":10}},"some_new_field":[1]'
    )
    async with saying(_ok(said)) as url:
        seen = await ask(url, "https://example.org/")
    assert (seen.failure, seen.status, seen.body_length, seen.body_sketch) == (None, 200, None, None)
    assert seen.asns == (("192.0.2.1", 64496),)
    assert seen.valid_addresses == ("192.0.2.1",)
    assert [(e.address, e.tcp_failure, e.tls_tried) for e in seen.endpoints] == [
        ("2001:db8::1", "connection_refused", False),
        ("192.0.2.1", None, True),
    ]


async def test_client_reports_a_failure_when_nobody_is_there() -> None:
    async with saying(b"") as url:
        pass
    assert (await ask(url, "https://example.org/")).failure == "connection_refused"


async def test_client_asks_no_control_on_the_internet_over_plain_http() -> None:
    seen = await ask("http://8.8.8.8:1/", "https://example.org/")
    assert str(seen.failure).startswith("unknown_failure: a control on the internet is asked over https alone")
    assert seen.duration_us < 1_000_000


async def test_post_says_timeout_when_the_other_side_falls_silent() -> None:
    async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    async with tcp_server(silent) as port:
        to = place(f"http://127.0.0.1:{port}/")
        with pytest.raises(Word, match="generic_timeout_error"):
            await post(to, b"", "text/plain", way=from_via("direct"), addresses=["127.0.0.1"], timeout=0.2)
