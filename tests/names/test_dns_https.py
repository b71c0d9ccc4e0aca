"""DNS over HTTPS against a small server on loopback whose certificate the lab's authority signed, or another."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from lab.certificates import Authority
from models.observations import DnsLookup
from names.nameserver import reply
from names.tcp_server import tcp_server
from probes.blobs import Blobs
from probes.clock import Clock
from probes.dns_lookup import dns_lookup
from probes.ways.direct import from_via

TRUE = "example.org. 60 IN A 192.0.2.1"
Answer = Callable[[bytes], bytes]
Serve = Callable[..., AbstractAsyncContextManager[str]]


@pytest.fixture
def serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Serve:
    trusted = Authority("lab")
    (tmp_path / "ca.pem").write_bytes(trusted.pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))

    @asynccontextmanager
    async def server(answer: Answer, *, name: str = "127.0.0.1", authority: Authority = trusted) -> AsyncIterator[str]:
        context: ssl.SSLContext = authority.leaf(name).context()
        async with tcp_server(_conversation(answer), context=context) as port:
            yield f"https://127.0.0.1:{port}/dns-query"

    return server


def _conversation(answer: Answer) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        assert b"\r\nContent-Type: application/dns-message\r\n" in head
        length = int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0])
        writer.write(answer(await reader.readexactly(length)))
        await writer.drain()

    return converse


def _ok(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body


async def look(resolver: str) -> DnsLookup:
    way = from_via("direct")
    return await dns_lookup("example.org", "A", resolver, way=way, clock=Clock(), timeout=2, window=1, blobs=Blobs())


async def test_lookup_over_https_gives_the_answer_of_a_verified_resolver(serve: Serve) -> None:
    async with serve(lambda query: _ok(reply(query, TRUE).to_wire())) as url:
        found = await look(url)
    assert (found.failure, found.addresses, found.replies[0].sender) == (None, ("192.0.2.1",), url)
    assert found.resolver == url
    assert found.duration_us < 1_000_000


async def test_lookup_over_https_gives_no_answer_when_the_certificate_is_a_strangers(serve: Serve) -> None:
    async with serve(lambda query: _ok(reply(query, TRUE).to_wire()), authority=Authority("stranger")) as url:
        found = await look(url)
    assert (found.failure, found.addresses) == ("ssl_unknown_authority", ())


async def test_lookup_over_https_gives_no_answer_when_the_certificate_is_for_another_name(serve: Serve) -> None:
    async with serve(lambda query: _ok(reply(query, TRUE).to_wire()), name="other.example") as url:
        found = await look(url)
    assert (found.failure, found.addresses) == ("ssl_invalid_hostname", ())


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (lambda _: b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", "http_unexpected_status_code"),
        (lambda _: _ok(b"<html>login</html>"), "dns_server_misbehaving"),
        (lambda _: b"SSH-2.0-nonsense\r\n", "http_malformed_response"),
        (lambda _: b"", "eof_error"),
        (lambda _: b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nabc", "eof_error"),
        (lambda _: b"HTTP/1.1 200 OK\r\n\r\n" + b"a" * (2 << 20), "http_malformed_response"),
    ],
)
async def test_lookup_over_https_names_the_failure_when_the_resolver_misbehaves(
    serve: Serve, answer: Answer, failure: str
) -> None:
    async with serve(answer) as url:
        found = await look(url)
    assert (found.failure, found.addresses) == (failure, ())
