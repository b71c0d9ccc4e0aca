"""`dns_lookup` against nameservers on loopback: what is kept, what is believed, how it fails."""

import asyncio
import socket

import dns.edns
import dns.message
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.observations import DnsLookup, DnsReply, Purpose
from names.nameserver import Datagram, Nameserver, answering, reply
from probes.blobs import Blobs
from probes.clock import Clock
from probes.dns_lookup import DnsListening, dns_listen, dns_lookup, server_from
from probes.dns_message import question, read
from probes.ways.direct import from_via

TRUE = "example.org. 60 IN A 192.0.2.1"
FORGED = "example.org. 60 IN A 203.0.113.66"


async def look(
    server: Nameserver | str, name: str = "example.org", kind: str = "A", *, window: float = 0.0, timeout: float = 2.0
) -> DnsLookup:
    resolver = server if isinstance(server, str) else server.udp
    way, clock = from_via("direct"), Clock()
    return await dns_lookup(
        name, kind, resolver, way=way, clock=clock, timeout=timeout, window=window, blobs=Blobs(), hop=2
    )


async def listen(server: Nameserver, blobs: Blobs, window: float) -> DnsListening:
    way = from_via("direct")
    return await dns_listen(
        "example.org", "A", server.udp, way=way, clock=Clock(), timeout=2, window=window, blobs=blobs
    )


async def test_lookup_takes_the_first_answer_and_keeps_the_later_one_when_an_injector_is_faster() -> None:
    def script(query: bytes) -> tuple[Datagram, ...]:
        return (Datagram(reply(query, FORGED).to_wire(), ttl=44), Datagram(reply(query, TRUE).to_wire(), after=0.1))

    blobs = Blobs()
    async with Nameserver(script) as server:
        listening = await listen(server, blobs, window=0.4)
        assert listening.so_far.addresses == ("203.0.113.66",)
        assert len(listening.so_far.replies) == 1
        found = await listening.finish()
    assert [one.records[0].value for one in found.replies] == ["203.0.113.66", "192.0.2.1"]
    assert [one.ip_ttl for one in found.replies] == [44, 64]
    assert found.addresses == ("203.0.113.66",)
    assert found.duration_us < 100_000 < found.replies[1].at_us
    assert all(dns.message.from_wire(blobs[one.raw]) for one in found.replies if one.raw)


async def test_lookup_records_hop_purpose_server_and_sender() -> None:
    async with Nameserver(answering(TRUE)) as server:
        found = await look(server)
    assert (found.hop, found.purpose, found.failure, found.queries_sent) == (2, Purpose.WALK, None, 1)
    assert found.servers == (server.udp,) == (found.resolver,)
    assert found.replies[0].sender == f"127.0.0.1:{server.port}"


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda query: b"", "not a DNS message: ShortHeader"),
        (lambda query: b"\xff" * 40, "not a DNS message"),
        (lambda query: reply(query, FORGED).to_wire()[:-3], "not a DNS message"),
        (lambda query: bytes([query[0] ^ 1]) + reply(query, FORGED).to_wire()[1:], "wrong id"),
        (lambda query: query, "a question, not a reply"),
        (lambda query: reply(query[:12] + query[12:].replace(b"example", b"elpmaxe"), FORGED).to_wire(), "wrong name"),
        (lambda query: reply(query.replace(b"\0\0\1\0\1", b"\0\0\x1c\0\1"), FORGED).to_wire(), "wrong type"),
        (
            lambda query: reply(query, FORGED).to_wire() + b"\0" * 20_000,
            "20",
        ),
    ],
)
async def test_lookup_keeps_but_never_believes_a_reply_when_it_does_not_fit(spoil: object, reason: str) -> None:
    def script(query: bytes) -> tuple[Datagram, ...]:
        return (Datagram(spoil(query)), Datagram(reply(query, TRUE).to_wire(), after=0.1))  # type: ignore[operator]

    async with Nameserver(script) as server:
        found = await look(server)
    assert found.addresses == ("192.0.2.1",)
    assert found.replies[0].malformed is not None
    assert found.replies[0].malformed.startswith(reason)
    assert found.replies[0].raw is not None
    assert found.replies[1].malformed is None


async def test_lookup_keeps_but_never_believes_a_reply_when_another_sender_gives_it() -> None:
    def script(query: bytes) -> tuple[Datagram, ...]:
        elsewhere = Datagram(reply(query, FORGED).to_wire(), source="127.0.0.9")
        return (elsewhere, Datagram(reply(query, TRUE).to_wire(), after=0.1))

    async with Nameserver(script) as server:
        found = await look(server)
    assert found.addresses == ("192.0.2.1",)
    assert found.replies[0].malformed == "from an address that was not asked"
    assert str(found.replies[0].sender).startswith("127.0.0.9:")


async def test_lookup_finds_the_answer_when_a_flood_of_misfits_comes_first() -> None:
    def script(query: bytes) -> tuple[Datagram, ...]:
        wrong = bytes([query[0] ^ 1]) + query[1:]
        return (*(Datagram(wrong) for _ in range(200)), Datagram(reply(query, TRUE).to_wire(), after=0.05))

    async with Nameserver(script) as server:
        found = await look(server)
    assert found.addresses == ("192.0.2.1",)
    assert len(found.replies) == 33
    assert found.not_kept == 168


@pytest.mark.parametrize(
    ("rcode", "failure"),
    [
        ("NXDOMAIN", "dns_nxdomain_error"),
        ("SERVFAIL", "dns_servfail_error"),
        ("REFUSED", "dns_refused_error"),
        ("NOERROR", "dns_no_answer"),
        ("YXDOMAIN", "dns_server_misbehaving"),
    ],
)
async def test_lookup_names_the_failure_when_the_resolver_gives_no_address(rcode: str, failure: str) -> None:
    async with Nameserver(answering(rcode=rcode)) as server:
        found = await look(server)
    assert (found.failure, found.replies[0].rcode, found.addresses) == (failure, rcode, ())


async def test_lookup_asks_again_at_half_time_when_the_first_packet_is_lost() -> None:
    def script(query: bytes) -> tuple[Datagram, ...]:
        return (Datagram(reply(query, TRUE).to_wire()),) if len(server.queries) == 2 else ()

    async with Nameserver(script) as server:
        found = await look(server, timeout=0.6)
    assert (found.failure, found.queries_sent) == (None, 2)
    assert 250_000 < found.duration_us < 600_000
    assert server.queries[0] == server.queries[1]


async def test_lookup_times_out_when_nothing_comes_back() -> None:
    async with Nameserver() as server:
        found = await look(server, timeout=0.3, window=5)
    assert (found.failure, found.queries_sent, found.replies) == ("generic_timeout_error", 2, ())
    assert 280_000 < found.duration_us < 600_000


@pytest.mark.parametrize("address", ["127.0.0.1", "[::1]"])
async def test_lookup_says_refused_when_no_server_listens_there(address: str) -> None:
    found = await look(f"udp://{address}:{free_port(address)}")
    assert found.failure == "connection_refused"
    assert found.duration_us < 1_000_000


async def test_lookup_costs_no_time_on_the_processor_when_errors_wait_in_the_kernel() -> None:
    loop_turns = 0

    async def count() -> None:
        nonlocal loop_turns
        while True:
            loop_turns += 1
            await asyncio.sleep(0.01)

    counting = asyncio.create_task(count())
    found = await look(f"udp://127.0.0.1:{free_port('127.0.0.1')}", window=0.3)
    counting.cancel()
    assert found.failure == "connection_refused"
    assert loop_turns > 15


async def test_lookup_asks_over_tcp_when_the_reply_is_cut_off() -> None:
    def script(query: bytes) -> tuple[Datagram, ...]:
        return (Datagram(reply(query, FORGED, truncated=True).to_wire()),)

    async with Nameserver(script, tcp=lambda query: reply(query, TRUE).to_wire()) as server:
        found = await look(server)
    assert found.addresses == ("192.0.2.1",)
    assert [one.truncated for one in found.replies] == [True, False]
    assert found.replies[1].sender == f"tcp://127.0.0.1:{server.port}"
    assert found.servers == (server.udp, server.udp.replace("udp", "tcp"))


async def test_lookup_asks_without_edns_when_the_resolver_does_not_know_it() -> None:
    def script(query: bytes) -> tuple[Datagram, ...]:
        knows = dns.message.from_wire(query).edns < 0
        return (Datagram(reply(query, TRUE).to_wire() if knows else reply(query, rcode="FORMERR").to_wire()),)

    async with Nameserver(script) as server:
        found = await look(server)
    assert found.addresses == ("192.0.2.1",)
    assert [one.rcode for one in found.replies] == ["FORMERR", "NOERROR"]


async def test_lookup_answers_over_tcp() -> None:
    async with Nameserver(tcp=lambda query: reply(query, TRUE).to_wire()) as server:
        found = await look(server.udp.replace("udp", "tcp"))
    assert (found.addresses, found.failure) == (("192.0.2.1",), None)


async def test_lookup_says_eof_when_a_tcp_resolver_hangs_up() -> None:
    async with Nameserver() as server:
        found = await look(server.udp.replace("udp", "tcp"))
    assert found.failure == "eof_error"


async def test_lookup_follows_aliases_within_the_answer() -> None:
    chain = (
        "example.org. 60 IN CNAME www.Example.NET.",
        "www.example.net. 60 IN CNAME cdn.example.",
        "cdn.example. 60 IN A 192.0.2.7",
    )
    async with Nameserver(answering(*chain, "other.example. 60 IN A 203.0.113.1")) as server:
        found = await look(server)
    assert found.addresses == ("192.0.2.7",)
    assert [one.type for one in found.replies[0].records] == ["CNAME", "CNAME", "A", "A"]


async def test_lookup_ends_when_aliases_run_in_a_circle() -> None:
    circle = ("example.org. 60 IN CNAME a.example.", "a.example. 60 IN CNAME example.org.")
    async with Nameserver(answering(*circle)) as server:
        found = await look(server)
    assert found.failure == "dns_no_answer"
    assert len(found.replies[0].records) == 2


async def test_lookup_keeps_the_resolvers_reason_when_it_gives_one() -> None:
    def script(query: bytes) -> tuple[Datagram, ...]:
        answer = reply(query, rcode="NXDOMAIN")
        answer.use_edns(options=[dns.edns.EDEOption(15, "by order 42")])
        return (Datagram(answer.to_wire()),)

    async with Nameserver(script) as server:
        found = await look(server)
    assert found.replies[0].extended_error == "15 Blocked: by order 42"


async def test_lookup_asks_for_ipv6_addresses_over_ipv6() -> None:
    async with Nameserver(answering("example.org. 60 IN AAAA 2001:db8::7"), address="::1") as server:
        found = await look(server, kind="AAAA")
    assert found.addresses == ("2001:db8::7",)
    assert found.replies[0].sender == f"[::1]:{server.port}"
    assert found.replies[0].ip_ttl == 64


async def test_lookup_sends_nothing_when_the_name_cannot_be_asked() -> None:
    async with Nameserver(answering(TRUE)) as server:
        found = [
            await look(server, name) for name in ("a" * 64 + ".org", "a..org", ".".join(["a" * 60] * 5), "blå.org")
        ]
        assert server.queries == []
    assert all(str(one.failure).startswith("unknown_failure: not a name") for one in found)


async def test_lookup_uses_a_fresh_id_and_port_for_each_question() -> None:
    async with Nameserver(answering(TRUE)) as server:
        for _ in range(5):
            await look(server)
        assert len({query[:2] for query in server.queries}) > 1


async def test_lookups_by_the_hundred_share_one_thread() -> None:
    async with Nameserver(answering(TRUE)) as server:
        found = await asyncio.gather(*(look(server, window=0.2) for _ in range(200)))
    assert {one.failure for one in found} == {None}


async def test_listening_leaves_no_socket_behind_when_it_is_given_up() -> None:
    async with Nameserver() as server:
        task = asyncio.create_task(listen(server, Blobs(), window=1))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_listening_ends_at_once_when_it_is_closed() -> None:
    async with Nameserver(answering(TRUE)) as server:
        listening = await listen(server, Blobs(), window=60)
        listening.close()
        async with asyncio.timeout(1):
            assert (await listening.finish()).addresses == ("192.0.2.1",)


@pytest.mark.parametrize("resolver", ["dot://192.0.2.1", "udp://", "https://", "ftp://x", "udp://192.0.2.1:0x"])
def test_resolver_is_refused_when_it_is_none(resolver: str) -> None:
    with pytest.raises(ValueError, match=r"resolver|[Pp]ort"):
        server_from(resolver)


@pytest.mark.parametrize(
    ("given_as", "written"),
    [
        ("192.0.2.1", "udp://192.0.2.1:53"),
        ("2001:db8::1", "udp://[2001:db8::1]:53"),
        ("tcp://[2001:db8::1]:5353", "tcp://[2001:db8::1]:5353"),
    ],
)
def test_resolver_is_written_in_one_way_however_it_is_given(given_as: str, written: str) -> None:
    assert server_from(given_as).url == written


@given(st.binary(max_size=600))
@settings(max_examples=300)
def test_reading_never_raises_whatever_comes(junk: bytes) -> None:
    asked = question("example.org", "A")
    for wire in (junk, asked.wire[:2] + junk, reply(asked.wire, TRUE).to_wire()[: len(junk)] + junk):
        heard = read(wire, asked, DnsReply(at_us=0, sender="192.0.2.53:53", rcode=None))
        assert heard.fits is (heard.reply.malformed is None)


def free_port(address: str) -> int:
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((address.strip("[]"), 0))
        return int(sock.getsockname()[1])
