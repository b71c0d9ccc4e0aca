"""The way out `direct` inside a network namespace, and the engine under uvloop."""

import os
import shutil
import socket
import subprocess
import threading

import pytest

from probes.ways.bind import Bind
from probes.web import Plan, measure
from probing.servers import NOW, ROOTS, direct_vantage, local_target

uvloop = pytest.importorskip("uvloop")

NAME = "wallwatch-test"


@pytest.fixture
def namespace():
    if os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("needs root and iproute2, to make a network namespace")
    made = subprocess.run(["ip", "netns", "add", NAME], check=False, capture_output=True)
    if made.returncode != 0:
        pytest.skip(f"no network namespace can be made here: {made.stderr.decode()}")
    try:
        subprocess.run(["ip", "-n", NAME, "link", "set", "lo", "up"], check=True)
        yield NAME
    finally:
        subprocess.run(["ip", "netns", "del", NAME], check=True)


def serve_one_page(listener: socket.socket) -> threading.Thread:
    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\ninside")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    return thread


@pytest.mark.root
async def test_direct_opens_its_sockets_inside_the_namespace_and_nowhere_else(namespace):
    listener = Bind(netns=namespace).open(socket.AF_INET, socket.SOCK_STREAM)
    listener.setblocking(True)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    port = listener.getsockname()[1]
    thread = serve_one_page(listener)
    target = local_target(f"http://127.0.0.1:{port}/")
    outside = await measure(Plan(target=target, vantage=direct_vantage(), timeout=2), at=NOW, roots=ROOTS)
    assert outside.measurement.tcp[0].failure == "connection_refused"
    inside = await measure(
        Plan(target=target, vantage=direct_vantage(via=f"direct://?netns={namespace}"), timeout=2), at=NOW, roots=ROOTS
    )
    thread.join(2)
    listener.close()
    assert inside.blobs[inside.measurement.http[0].body] == b"inside"


@pytest.mark.root
async def test_direct_finds_that_a_bare_namespace_has_no_ipv6(namespace):
    assert Bind(netns=namespace).has_ipv6() is False


async def test_measure_blames_itself_when_the_namespace_is_not_there():
    plan = Plan(
        target=local_target("http://127.0.0.1:9/"), vantage=direct_vantage(via="direct://?netns=nosuch"), timeout=1
    )
    seen = (await measure(plan, at=NOW, roots=ROOTS)).measurement
    assert "namespace nosuch" in seen.own_fault


def test_measure_sees_the_same_under_uvloop():
    listener = socket.create_server(("127.0.0.1", 0))
    thread = serve_one_page(listener)
    port = listener.getsockname()[1]

    async def both():
        plan = Plan(target=local_target(f"http://127.0.0.1:{port}/"), vantage=direct_vantage(), timeout=2)
        first = await measure(plan, at=NOW, roots=ROOTS)
        listener.close()
        return first, await measure(plan, at=NOW, roots=ROOTS)

    loop = uvloop.new_event_loop()
    try:
        page, refused = loop.run_until_complete(both())
    finally:
        loop.close()
        thread.join(2)
    assert page.blobs[page.measurement.http[0].body] == b"inside"
    assert refused.measurement.tcp[0].failure == "connection_refused"
