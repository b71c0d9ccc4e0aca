"""The step http_fetch against servers that reset, close, drip, never end, lie about lengths, or send a bomb."""

import asyncio
import gzip
import resource
import zlib

import pytest

from models.failures import Failure
from probes.body import KEPT, READ_AT_LEAST
from probing.servers import answering, fetch, request_of, reset

OK = b"HTTP/1.1 200 OK\r\n"


def whole(body: bytes, *fields: bytes) -> bytes:
    return OK + b"".join(f + b"\r\n" for f in fields) + b"Content-Length: %d\r\n\r\n" % len(body) + body


async def test_http_fetch_keeps_status_headers_and_body_when_all_is_well():
    seen, body = await fetch(answering(whole(b"<p>hello", b"Server: lab", b"X-Empty:", b"X-Next: yes")))
    assert (seen.failure, seen.status, body) == (None, 200, b"<p>hello")
    assert ("Server", "lab") in seen.headers
    assert ("X-Empty", "") in seen.headers
    assert ("X-Next", "yes") in seen.headers
    assert seen.body_bytes == 8
    assert not seen.body_truncated
    assert 0 < seen.first_byte_us <= seen.last_byte_us


async def test_http_fetch_asks_like_a_visitor():
    asked = []

    async def notes(reader, writer):
        asked.append(await request_of(reader))
        writer.write(whole(b""))

    seen, body = await fetch(notes, path="/a%20b?c=d")
    lines = asked[0].split(b"\r\n")
    assert lines[0] == b"GET /a%20b?c=d HTTP/1.1"
    assert [line.split(b":")[0] for line in lines[1:-2]] == [
        b"Host", b"User-Agent", b"Accept", b"Accept-Language", b"Accept-Encoding", b"Connection",
        b"Upgrade-Insecure-Requests",
    ]  # fmt: skip
    assert lines[1].startswith(b"Host: 127.0.0.1:")
    assert (seen.status, body) == (200, b"")


async def test_http_fetch_says_reset_when_a_rst_follows_the_request():
    seen, body = await fetch(answering(then="reset"))
    assert (seen.failure, seen.status, body) == (Failure.CONNECTION_RESET, None, None)
    assert seen.first_byte_us is None


async def test_http_fetch_says_eof_when_a_fin_follows_the_request():
    seen, _ = await fetch(answering())
    assert (seen.failure, seen.status) == (Failure.EOF_ERROR, None)


async def test_http_fetch_says_timeout_when_nothing_follows_the_request():
    seen, _ = await fetch(answering(then="wait"), timeout=0.3)
    assert (seen.failure, seen.status) == (Failure.GENERIC_TIMEOUT_ERROR, None)
    assert 290_000 <= seen.duration_us < 800_000


async def test_http_fetch_keeps_the_page_that_came_before_a_reset():
    seen, body = await fetch(answering(OK + b"Content-Length: 100\r\n\r\nhalf a page", pause=0.05, then="reset"))
    assert (seen.failure, seen.status, body) == (Failure.CONNECTION_RESET, 200, b"half a page")


async def test_http_fetch_keeps_place_and_time_when_the_page_stalls():
    seen, body = await fetch(answering(OK + b"Content-Length: 90000\r\n\r\n" + b"x" * 16000, then="wait"), timeout=0.4)
    assert (seen.failure, seen.status, seen.body_bytes) == (Failure.GENERIC_TIMEOUT_ERROR, 200, 16000)
    assert len(body) == 16000
    assert seen.started_us + seen.duration_us - seen.last_byte_us > 300_000


async def test_http_fetch_says_eof_when_the_content_is_shorter_than_announced():
    seen, body = await fetch(answering(OK + b"Content-Length: 100\r\n\r\nshort"))
    assert (seen.failure, seen.status, body) == (Failure.EOF_ERROR, 200, b"short")


async def test_http_fetch_leaves_what_is_longer_than_announced():
    seen, body = await fetch(answering(OK + b"Content-Length: 4\r\n\r\npage and more\x00\xff"))
    assert (seen.failure, body) == (None, b"page")


async def test_http_fetch_is_bounded_when_the_server_drips_a_byte_at_a_time():
    drip = [OK + b"Content-Length: 1000\r\n\r\n"] + [b"x"] * 1000
    seen, body = await fetch(answering(*drip, pause=0.1), timeout=0.3)
    assert seen.failure == Failure.GENERIC_TIMEOUT_ERROR
    assert 850_000 <= seen.duration_us < 1_500_000  # three times the step's timeout
    assert 3 <= len(body) < 20
    assert seen.started_us + seen.duration_us - seen.last_byte_us < 200_000


async def test_http_fetch_is_bounded_when_the_server_drips_its_header():
    seen, _ = await fetch(answering(*[b"H"] * 1000, pause=0.05), timeout=0.3)
    assert seen.failure in (Failure.GENERIC_TIMEOUT_ERROR, Failure.HTTP_MALFORMED_RESPONSE)
    assert seen.duration_us < 800_000


@pytest.mark.parametrize(
    "endless", [b"X-More: " + b"y" * 1000 + b"\r\n", b"A: b\r\n", b"z" * 4096, b"HTTP/1.1 103 Early Hints\r\n\r\n"]
)
async def test_http_fetch_stops_when_the_header_never_ends(endless):
    async def endlessly(reader, writer):
        await request_of(reader)
        writer.write(b"" if endless.startswith(b"HTTP") else OK + b"X-Long: ")
        while True:
            writer.write(endless * 100)
            await writer.drain()

    seen, _ = await fetch(endlessly, timeout=5)
    assert seen.failure == Failure.HTTP_HEADER_TOO_LARGE
    assert seen.duration_us < 3_000_000


async def test_http_fetch_opens_a_gzip_page():
    page = b"<h1>page</h1>" * 5000
    seen, body = await fetch(answering(whole(gzip.compress(page), b"Content-Encoding: gzip")))
    assert (seen.failure, body, seen.body_truncated) == (None, page, False)
    assert seen.body_bytes == len(gzip.compress(page))


@pytest.mark.parametrize("frame", [zlib.MAX_WBITS, -zlib.MAX_WBITS])
async def test_http_fetch_opens_a_deflated_page_of_either_kind(frame):
    packer = zlib.compressobj(wbits=frame)
    packed = packer.compress(b"page" * 100) + packer.flush()
    seen, body = await fetch(answering(whole(packed, b"Content-Encoding: deflate")))
    assert (seen.failure, body) == (None, b"page" * 100)


async def test_http_fetch_keeps_a_megabyte_of_a_gzip_bomb():
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(200)) + packer.flush()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seen, body = await fetch(answering(whole(bomb, b"Content-Encoding: gzip")), timeout=10)
    assert (seen.failure, len(body), seen.body_truncated) == (None, KEPT, True)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30_000  # kB
    assert READ_AT_LEAST <= seen.body_bytes <= len(bomb)


async def test_http_fetch_has_a_word_when_the_page_is_not_what_its_encoding_says():
    seen, body = await fetch(answering(whole(b"plain text", b"Content-Encoding: gzip")))
    assert (seen.failure, seen.status, body) == (Failure.HTTP_MALFORMED_RESPONSE, 200, b"")


async def test_http_fetch_leaves_after_a_megabyte_of_two_gigabytes():
    sent = 0

    async def pours(reader, writer):
        nonlocal sent
        await request_of(reader)
        writer.write(OK + b"Content-Length: 2147483648\r\n\r\n")
        while True:
            writer.write(bytes(65536))
            await writer.drain()
            sent += 65536

    seen, body = await fetch(pours, timeout=5)
    assert (seen.failure, len(body), seen.body_truncated) == (None, KEPT, True)
    assert sent < 64 << 20


async def test_http_fetch_joins_chunks():
    seen, body = await fetch(
        answering(OK + b"Transfer-Encoding: chunked\r\n\r\n4\r\npage\r\n1;x=y\r\n!\r\n0\r\nTrailer: x\r\n\r\n")
    )
    assert (seen.failure, body) == (None, b"page!")


@pytest.mark.parametrize(
    "chunks", [b"4\r\npage\r\nzz\r\n", b"4\r\npagefault\r\n", b"-1\r\n", b"ffffffffffffffffff\r\nx"]
)
async def test_http_fetch_has_a_word_when_chunks_are_broken(chunks):
    seen, _ = await fetch(answering(OK + b"Transfer-Encoding: chunked\r\n\r\n" + chunks))
    assert (seen.failure, seen.status) == (Failure.HTTP_MALFORMED_RESPONSE, 200)


async def test_http_fetch_says_eof_when_the_last_chunk_is_missing():
    seen, body = await fetch(answering(OK + b"Transfer-Encoding: chunked\r\n\r\n4\r\npage\r\n"))
    assert (seen.failure, body) == (Failure.EOF_ERROR, b"page")


async def test_http_fetch_reads_to_the_end_when_no_length_is_given():
    seen, body = await fetch(answering(b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\nold", b" page", pause=0.02))
    assert (seen.failure, seen.status, body) == (None, 200, b"old page")


@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"])
async def test_http_fetch_waits_for_no_body_when_the_status_has_none(status):
    seen, body = await fetch(answering(b"HTTP/1.1 " + status + b"\r\n\r\n", then="wait"), timeout=1)
    assert (seen.failure, body) == (None, b"")
    assert seen.duration_us < 500_000


async def test_http_fetch_goes_past_interim_answers():
    interim = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
    seen, body = await fetch(answering(interim, whole(b"page", b"Real: yes"), pause=0.02))
    assert (seen.status, body) == (200, b"page")
    assert [name for name, _ in seen.headers] == ["Real", "Content-Length"]


@pytest.mark.parametrize(
    "nonsense",
    [b"220 smtp.example ESMTP\r\n", b"\x16\x03\x01\x00\x05hello", b"<html>blocked</html>", b"HTTP/9 x\r\n\r\n"],
)
async def test_http_fetch_keeps_what_came_when_it_is_not_http(nonsense):
    seen, body = await fetch(answering(nonsense))
    assert (seen.failure, seen.status) == (Failure.HTTP_MALFORMED_RESPONSE, None)
    assert body == nonsense


async def test_http_fetch_refuses_an_upgrade_that_nobody_asked_for():
    seen, _ = await fetch(answering(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"))
    assert seen.failure == Failure.HTTP_MALFORMED_RESPONSE


async def test_http_fetch_takes_a_page_from_a_server_that_only_offers_an_upgrade():
    seen, body = await fetch(answering(whole(b"page", b"Upgrade: h2,h2c", b"Connection: Upgrade, close")))
    assert (seen.failure, body) == (None, b"page")


async def test_http_fetch_takes_the_page_that_came_before_the_request_was_read_and_the_connection_reset():
    async def hasty(reader, writer):
        writer.write(whole(b"refused"))
        await writer.drain()
        await asyncio.sleep(0.05)
        reset(writer)

    seen, body = await fetch(hasty)
    assert (seen.failure, body) == (None, b"refused")


@pytest.mark.parametrize(
    ("location", "absolute"),
    [
        (b"/there", "http://127.0.0.1:{port}/there"),
        (b"https://other.example/x#part", "https://other.example/x"),
        (b"//other.example/", "http://other.example/"),
        (b"?q=1", "http://127.0.0.1:{port}/?q=1"),
        (b"ftp://other.example/", "ftp://other.example/"),
        (b"http://[garbage", "http://[garbage"),
        ("https://exämple.example/ü".encode(), "https://exämple.example/ü"),
    ],
)
async def test_http_fetch_makes_a_redirect_absolute(location, absolute):
    seen, _ = await fetch(answering(b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n"))
    assert seen.location == absolute.format(port=seen.port)


async def test_http_fetch_names_no_redirect_when_the_status_is_not_one():
    seen, _ = await fetch(answering(whole(b"", b"Location: /there")))
    assert seen.location is None
