"""The step tls_handshake against servers that reset, close, fall silent, alert, or present what they should not."""

import asyncio
import ssl
from datetime import UTC, datetime

import pytest

from lab.certificates import Authority
from models.failures import Failure
from models.measurement import digest
from probing.servers import AUTHORITY, reset, serving, shake


async def after_hello(reader):
    await reader.readexactly(5)
    await asyncio.sleep(0.02)
    await reader.read(65536)


async def quiet(reader, writer):
    await reader.read()


async def shaken_by(handler, **options):
    async with serving(handler) as port:
        shaken, blobs = await shake(port, **options)
    return shaken.seen, blobs


async def shaken_with(context, **options):
    async with serving(quiet, tls=context) as port:
        shaken, blobs = await shake(port, **options)
    return shaken.seen, blobs


async def test_tls_handshake_says_reset_when_a_rst_follows_the_client_hello():
    async def resets(reader, writer):
        await after_hello(reader)
        reset(writer)

    seen, _ = await shaken_by(resets)
    assert seen.failure == Failure.CONNECTION_RESET
    assert seen.alert is None
    assert seen.bytes_sent > 200
    assert seen.bytes_received == 0


async def test_tls_handshake_says_eof_when_a_fin_follows_the_client_hello():
    async def closes(reader, writer):
        await after_hello(reader)

    seen, _ = await shaken_by(closes)
    assert seen.failure == Failure.EOF_ERROR


async def test_tls_handshake_says_timeout_when_nothing_follows_the_client_hello():
    seen, _ = await shaken_by(quiet, timeout=0.3)
    assert seen.failure == Failure.GENERIC_TIMEOUT_ERROR
    assert 290_000 <= seen.duration_us < 700_000


@pytest.mark.parametrize(
    ("code", "name", "failure"),
    [
        (40, "handshake_failure", Failure.SSL_FAILED_HANDSHAKE),
        (70, "protocol_version", Failure.SSL_FAILED_HANDSHAKE),
        (80, "internal_error", Failure.SSL_FAILED_HANDSHAKE),
        (49, "access_denied", Failure.SSL_FAILED_HANDSHAKE),
        (112, "unrecognized_name", Failure.SSL_INVALID_HOSTNAME),
    ],
)
async def test_tls_handshake_names_the_alert_when_one_comes(code, name, failure):
    async def alerts(reader, writer):
        await after_hello(reader)
        writer.write(bytes([21, 3, 3, 0, 2, 2, code]))
        await writer.drain()

    seen, _ = await shaken_by(alerts)
    assert (seen.failure, seen.alert) == (failure, name)


async def test_tls_handshake_reports_the_alert_and_not_the_reset_that_follows_it():
    async def alerts_then_resets(reader, writer):
        await after_hello(reader)
        writer.write(bytes([21, 3, 3, 0, 2, 2, 40]))
        await writer.drain()
        await asyncio.sleep(0.05)
        reset(writer)

    seen, _ = await shaken_by(alerts_then_resets)
    assert seen.alert == "handshake_failure"


@pytest.mark.parametrize("page", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x00" * 40, b"SSH-2.0-OpenSSH_9.6\r\n"])
async def test_tls_handshake_says_that_it_is_not_tls_when_something_else_speaks(page):
    async def speaks(reader, writer):
        writer.write(page)
        await after_hello(reader)

    seen, _ = await shaken_by(speaks)
    assert seen.failure in (Failure.SSL_NOT_TLS, Failure.SSL_FAILED_HANDSHAKE)
    assert seen.alert is None


async def test_tls_handshake_keeps_chain_version_cipher_and_name_when_all_is_well():
    seen, blobs = await shaken_with(AUTHORITY.leaf("site.example").context())
    assert seen.failure is None
    assert (seen.opinion, seen.version, seen.alpn, seen.server_name) == ("ok", "TLSv1.3", "http/1.1", "site.example")
    assert seen.cipher
    assert [digest(blobs[name]) for name in seen.chain] == list(seen.chain)


@pytest.mark.parametrize(
    ("leaf", "opinion"),
    [
        (AUTHORITY.leaf("other.example"), Failure.SSL_INVALID_HOSTNAME),
        (Authority("Nobody's").leaf("site.example"), Failure.SSL_UNKNOWN_AUTHORITY),
        (AUTHORITY.leaf("site.example", until=datetime(2020, 1, 1, tzinfo=UTC)), Failure.SSL_INVALID_CERTIFICATE),
        (AUTHORITY.leaf("site.example", since=datetime(2040, 1, 1, tzinfo=UTC)), Failure.SSL_INVALID_CERTIFICATE),
        (AUTHORITY.leaf("*.example"), Failure.SSL_INVALID_HOSTNAME),
    ],
)
async def test_tls_handshake_goes_through_and_gives_its_opinion_when_the_certificate_is_bad(leaf, opinion):
    seen, _ = await shaken_with(leaf.context())
    assert seen.failure is None
    assert seen.opinion == opinion
    assert seen.chain


async def test_tls_handshake_sends_no_name_when_the_url_has_an_address():
    names = []
    context = AUTHORITY.leaf("127.0.0.1").context()
    context.sni_callback = lambda _sock, name, _context: names.append(name)
    async with serving(quiet, tls=context) as port:
        shaken, _ = await shake(port, name=None)
    assert names == [None]
    assert shaken.seen.server_name is None


async def test_tls_handshake_keeps_the_chain_when_the_connection_is_reset_after_it():
    context = AUTHORITY.leaf("site.example").context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = context.wrap_bio(incoming, outgoing, server_side=True)

    async def first_flight_then_reset(reader, writer):
        while not outgoing.pending:
            incoming.write(await reader.read(65536))
            with pytest.raises(ssl.SSLWantReadError):
                server.do_handshake()
        writer.write(outgoing.read())
        await writer.drain()
        await reader.read(65536)
        reset(writer)

    seen, blobs = await shaken_by(first_flight_then_reset)
    assert seen.failure == Failure.CONNECTION_RESET
    assert len(seen.chain) == 1
    assert seen.chain[0] in blobs
    assert seen.opinion == "ok"


async def test_tls_handshake_has_a_word_when_the_certificate_does_not_parse():
    context = AUTHORITY.leaf("site.example").context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = context.wrap_bio(incoming, outgoing, server_side=True)

    async def garbled(reader, writer):
        while not outgoing.pending:
            incoming.write(await reader.read(65536))
            with pytest.raises(ssl.SSLWantReadError):
                server.do_handshake()
        flight = bytearray(outgoing.read())
        at = flight.index(b"\x30\x82")  # the certificate's outermost SEQUENCE
        flight[at : at + 4] = b"\x31\x84\xff\xff"
        writer.write(bytes(flight))
        await writer.drain()
        await reader.read(65536)

    seen, _ = await shaken_by(garbled)
    assert seen.failure == Failure.SSL_INVALID_CERTIFICATE
    assert seen.alert is None
    assert seen.chain == ()


async def test_tls_handshake_speaks_with_a_server_that_knows_tls_1_2_only():
    context = AUTHORITY.leaf("site.example").context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    seen, _ = await shaken_with(context)
    assert (seen.failure, seen.version) == (None, "TLSv1.2")
