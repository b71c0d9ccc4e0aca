"""The step tcp_connect against real sockets."""

import asyncio
import errno
import resource
import socket

import pytest

from models.failures import Failure
from probes.clock import Clock
from probes.tcp_connect import Connected, Endpoint, tcp_connect
from probes.ways import ConsentError, way_out
from probes.ways.bind import Bind
from probing.servers import direct_vantage, serving


async def connect(address: str, port: int, *, via: str = "direct", timeout: float = 1) -> Connected:
    made = await tcp_connect(
        Endpoint(connection=1, address=address, port=port), way_out(direct_vantage(via=via)), Clock(), timeout=timeout
    )
    if made.stream is not None:
        made.stream.close()
    return made


async def nothing(reader, writer):
    await reader.read()


def free_port(host: str = "127.0.0.1") -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as sock:
        sock.bind((host, 0))
        return sock.getsockname()[1]


async def test_tcp_connect_gives_a_stream_when_somebody_listens():
    async with serving(nothing) as port:
        made = await connect("127.0.0.1", port)
    assert made.seen.failure is None
    assert made.seen.duration_us > 0


async def test_tcp_connect_reaches_ipv6_addresses():
    async with serving(nothing, host="::1") as port:
        made = await connect("::1", port)
    assert made.seen.failure is None


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_tcp_connect_says_refused_when_nobody_listens(host):
    made = await connect(host, free_port(host))
    assert made.seen.failure == Failure.CONNECTION_REFUSED
    assert made.stream is None
    assert made.own_fault is None


async def test_tcp_connect_says_timeout_when_nothing_answers():
    with socket.socket() as full:  # a full backlog swallows further SYNs on Linux
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        waiting = []
        for _ in range(3):
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
            waiting.append(one)
        made = await connect("127.0.0.1", port, timeout=0.3)
        for one in waiting:
            one.close()
    assert made.seen.failure == Failure.GENERIC_TIMEOUT_ERROR
    assert 290_000 <= made.seen.duration_us < 600_000


async def test_tcp_connect_says_unreachable_when_there_is_no_route():
    made = await connect("255.255.255.255", 80)
    assert made.seen.failure in (Failure.NETWORK_UNREACHABLE, Failure.PERMISSION_DENIED)


async def test_tcp_connect_blames_itself_when_file_descriptors_run_out():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    taken = []
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
        with pytest.raises(OSError) as full:
            while True:
                taken.append(socket.socket())
        assert full.value.errno == errno.EMFILE
        made = await connect("127.0.0.1", 9)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for one in taken:
            one.close()
    assert made.own_fault is not None
    assert "ulimit" in made.own_fault


async def test_direct_leaves_from_the_source_address_that_was_given():
    peers = []

    async def note(reader, writer):
        peers.append(writer.get_extra_info("peername")[0])

    async with serving(note) as port:
        made = await connect("127.0.0.1", port, via="direct://?source=127.0.0.7")
        await asyncio.sleep(0.05)
    assert made.seen.failure is None
    assert peers == ["127.0.0.7"]


async def test_direct_blames_itself_when_the_source_address_is_not_its_own():
    made = await connect("127.0.0.1", 9, via="direct://?source=192.0.2.1")
    assert made.own_fault is not None
    assert "source address" in made.own_fault


async def test_direct_binds_udp_sockets_likewise():
    with Bind(source="127.0.0.7").open(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        assert sock.getsockname()[0] == "127.0.0.7"


def test_way_out_refuses_when_nobody_agreed():
    with pytest.raises(ConsentError, match="no recorded consent"):
        way_out(direct_vantage(consent=None))


@pytest.mark.parametrize("via", ["direct://?color=red", "direct://somewhere"])
def test_direct_refuses_options_that_it_does_not_have(via):
    with pytest.raises(ValueError, match="source, interface and netns"):
        way_out(direct_vantage().model_copy(update={"via": via}))
