"""The ways out through proxies: the target's failures and the proxy's own are told apart."""

import socket

import pytest

from models.failures import Failure
from probes.ways import way_out
from probes.web import Plan, measure
from probing import proxies
from probing.servers import AUTHORITY, ROOTS, answering, direct_vantage, local_target, reset, serving

PAGE = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\npage"


async def opened(via: str, host: str, port: int, timeout: float = 1):
    way = way_out(direct_vantage(via=via))
    result = await way.open_stream(host, port, timeout)
    if result.stream is not None:
        result.stream.close()
    return result


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        (3, Failure.NETWORK_UNREACHABLE),
        (4, Failure.HOST_UNREACHABLE),
        (5, Failure.CONNECTION_REFUSED),
        (6, Failure.GENERIC_TIMEOUT_ERROR),
    ],
)
async def test_socks5_reports_what_the_far_end_met(code, failure):
    async with serving(proxies.socks5(code=code)) as proxy:
        result = await opened(f"socks5://127.0.0.1:{proxy}", "site.example", 443)
    assert (result.failure, result.way_out_failure) == (failure, None)


@pytest.mark.parametrize("code", [1, 2, 7, 8, 99])
async def test_socks5_blames_the_proxy_when_the_proxy_itself_failed(code):
    async with serving(proxies.socks5(code=code)) as proxy:
        result = await opened(f"socks5://127.0.0.1:{proxy}", "site.example", 443)
    assert result.failure == Failure.WAY_OUT_ERROR
    assert result.way_out_failure


@pytest.mark.parametrize("scheme", ["socks5", "http"])
async def test_a_proxy_is_blamed_when_it_cannot_be_reached(scheme):
    result = await opened(f"{scheme}://127.0.0.1:{free_port()}", "site.example", 443)
    assert "cannot be reached" in result.way_out_failure
    assert Failure.CONNECTION_REFUSED in result.way_out_failure


async def test_socks5_blames_the_proxy_when_it_resets_the_connection():
    async def resets(reader, writer):
        await reader.read(3)
        reset(writer)

    async with serving(resets) as proxy:
        result = await opened(f"socks5://127.0.0.1:{proxy}", "site.example", 443)
    assert result.way_out_failure == "the proxy broke off: connection_reset"


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad\r\n\r\n", b"\x04\x00", b"", b"\x05"])
async def test_socks5_blames_whoever_is_no_socks5_proxy(answer):
    async def speaks(reader, writer):
        await reader.read(3)
        writer.write(answer)

    async with serving(speaks) as proxy:
        result = await opened(f"socks5://127.0.0.1:{proxy}", "site.example", 443)
    assert result.way_out_failure


async def test_socks5_blames_the_proxy_when_it_is_silent_before_the_request():
    async def silent(reader, writer):
        await reader.read()

    async with serving(silent) as proxy:
        result = await opened(f"socks5://127.0.0.1:{proxy}", "site.example", 443, timeout=0.2)
    assert result.way_out_failure == "the proxy broke off: generic_timeout_error"


@pytest.mark.parametrize(
    ("credentials", "blamed"),
    [("ann:secret@", None), ("ann:wrong@", "does not accept"), ("", "wants a user name")],
)
async def test_socks5_enters_with_name_and_password(credentials, blamed):
    async with serving(answering(PAGE)) as port, serving(proxies.socks5(user="ann", password="secret")) as proxy:
        result = await opened(f"socks5://{credentials}127.0.0.1:{proxy}", "127.0.0.1", port)
    if blamed is None:
        assert (result.failure, result.way_out_failure) == (None, None)
    else:
        assert blamed in result.way_out_failure
        assert "secret" not in result.way_out_failure


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 403 Forbidden\r\n\r\n", b"HTTP/1.1 502 Bad Gateway\r\n\r\n", b"", b"SSH-2.0\r\n\r\n"]
)
async def test_http_proxy_is_blamed_for_whatever_is_no_tunnel(answer):
    async with serving(proxies.http(answer=answer)) as proxy:
        result = await opened(f"http://127.0.0.1:{proxy}", "site.example", 443)
    assert result.failure == Failure.WAY_OUT_ERROR
    assert result.way_out_failure


async def test_http_proxy_is_blamed_when_its_header_never_ends():
    async with serving(proxies.http(answer=b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 9000)) as proxy:
        result = await opened(f"http://127.0.0.1:{proxy}", "site.example", 443)
    assert "http_header_too_large" in result.way_out_failure


async def look(url: str, via: str):
    finished = await measure(
        Plan(target=local_target(url), vantage=direct_vantage(via=via), timeout=2, total_timeout=8), roots=ROOTS
    )
    return finished.measurement


@pytest.mark.parametrize(("scheme", "make"), [("socks5", proxies.socks5), ("http", proxies.http)])
async def test_a_measurement_through_a_proxy_gives_the_same_records(scheme, make):
    asked = []
    context = AUTHORITY.leaf("site.example").context()
    async with serving(answering(PAGE), tls=context) as port, serving(make(asked=asked)) as proxy:
        seen = await look(f"https://site.example:{port}/", f"{scheme}://127.0.0.1:{proxy}")
    assert seen.own_fault is None
    assert seen.vantage.via == scheme
    assert [one.address for one in seen.tcp] == ["site.example"]
    assert [(one.failure, one.opinion, one.server_name) for one in seen.tls] == [(None, "ok", "site.example")]
    assert [(one.status, one.failure) for one in seen.http] == [(200, None)]
    assert len(asked) == 1
    assert "127.0.0.1" not in seen.to_canonical().decode()


async def test_http_proxy_tunnels_plain_http_too():
    asked = []
    async with serving(answering(PAGE)) as port, serving(proxies.http(asked=asked, credentials="ann:secret")) as proxy:
        seen = await look(f"http://site.example:{port}/", f"http://ann:secret@127.0.0.1:{proxy}")
    assert asked[0].startswith(f"CONNECT site.example:{port} HTTP/1.1\r\n")
    assert [one.status for one in seen.http] == [200]
    assert "secret" not in seen.to_canonical().decode()


async def test_a_reset_by_the_target_is_the_targets_also_through_a_proxy():
    async def resets(reader, writer):
        await reader.read(100)
        reset(writer)

    async with serving(resets) as port, serving(proxies.socks5()) as proxy:
        seen = await look(f"https://site.example:{port}/", f"socks5://127.0.0.1:{proxy}")
    assert seen.tcp[0].failure is None
    assert seen.tls[0].failure in (Failure.CONNECTION_RESET, Failure.EOF_ERROR)  # as the proxy passes it on


async def test_a_dead_proxy_is_the_vantage_points_fault_in_the_record():
    seen = await look("https://site.example/", f"socks5://127.0.0.1:{free_port()}")
    assert [one.failure for one in seen.tcp] == [Failure.WAY_OUT_ERROR]
    assert "cannot be reached" in seen.tcp[0].way_out_failure


@pytest.mark.parametrize("via", ["socks5://", "http://proxy.example", "resolver://name.example", "socks5://h:1/path"])
def test_way_out_refuses_what_is_not_complete(via):
    with pytest.raises(ValueError, match=r"way out|resolver"):
        way_out(direct_vantage().model_copy(update={"via": via}))


async def test_resolver_connects_nowhere():
    result = await opened("resolver://192.0.2.53", "127.0.0.1", 80)
    assert result.stream is None
    assert way_out(direct_vantage(via="resolver://[::1]:5353")).resolvers == ("udp://[::1]:5353",)
