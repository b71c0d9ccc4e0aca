"""The small internet, made once for all tests in here."""

import os
import shutil
from collections.abc import Iterator

import pytest

from realworld import censor
from realworld.namespaces import Namespaces
from realworld.network import Network, build

_PROGRAMS = {
    "ip": "iproute2",
    "nft": "nftables",
    "nginx": "nginx",
    "unbound": "unbound",
    "danted": "dante-server",
    "microsocks": "microsocks",
    "tinyproxy": "tinyproxy",
    "dig": "dnsutils",
    "curl": "curl",
    "openssl": "openssl",
}


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    if os.geteuid() != 0:
        pytest.skip("needs root, to make network namespaces")
    missing = sorted({package for program, package in _PROGRAMS.items() if shutil.which(program) is None})
    if missing:
        pytest.skip(f"needs the Debian packages {' '.join(missing)}")
    folder = tmp_path_factory.mktemp("realworld")
    with Namespaces(folder) as namespaces:
        network = build(namespaces, folder)
        network.router.feed(censor.rules(), "nft", "-f", "-")
        yield network


@pytest.fixture
def hijacked(network: Network) -> Iterator[Network]:
    """The same, with every DNS question of the client led to the ISP's resolver."""
    network.router.feed(censor.HIJACK, "nft", "-f", "-")
    yield network
    network.router.run("nft", "delete", "table", "ip", "hijack")
