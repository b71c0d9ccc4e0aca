"""The hosts file and resolv.conf, as glibc's stub resolver reads them."""

import os
from pathlib import Path

from probes.blobs import Blobs
from probes.clock import Clock
from probes.dns_lookup import dns_lookup
from probes.dns_system import from_hosts, name_servers
from probes.ways.direct import from_via


def test_hosts_file_gives_addresses_of_both_families_and_ignores_comments(tmp_path: Path) -> None:
    hosts = tmp_path / "hosts"
    hosts.write_text(
        "# 192.0.2.9 commented.example\n192.0.2.1 Example.org www.example.org # here\n\n2001:db8::1\texample.org.\nnonsense example.org\n"
    )
    assert from_hosts("example.ORG", path=hosts) == ("192.0.2.1", "2001:db8::1")
    assert from_hosts("www.example.org", path=hosts) == ("192.0.2.1",)
    assert from_hosts("commented.example", path=hosts) == ()


def test_hosts_file_is_read_again_when_it_has_changed(tmp_path: Path) -> None:
    hosts = tmp_path / "hosts"
    hosts.write_text("192.0.2.1 example.org\n")
    assert from_hosts("example.org", path=hosts) == ("192.0.2.1",)
    hosts.write_text("192.0.2.2 example.org\n")
    os.utime(hosts, ns=(1, 1))
    assert from_hosts("example.org", path=hosts) == ("192.0.2.2",)


def test_localhost_is_this_machine_when_the_hosts_file_is_missing(tmp_path: Path) -> None:
    assert from_hosts("a.localhost", path=tmp_path / "none") == ("127.0.0.1", "::1")


def test_resolv_conf_gives_at_most_three_servers_and_skips_what_is_no_address(tmp_path: Path) -> None:
    conf = tmp_path / "resolv.conf"
    conf.write_text(
        "search example.org\nnameserver 192.0.2.1\nnameserver ns.example\n; nameserver 192.0.2.2\nnameserver fe80::1%eth0\nnameserver 192.0.2.3\nnameserver 192.0.2.4\n"
    )
    assert name_servers(path=conf) == ("192.0.2.1", "fe80::1%eth0", "192.0.2.3")


def test_resolv_conf_means_this_machine_when_it_is_missing(tmp_path: Path) -> None:
    assert name_servers(path=tmp_path / "none") == ("127.0.0.1",)


async def test_lookup_says_that_the_hosts_file_answered_when_it_did() -> None:
    for kind, address in (("A", "127.0.0.1"), ("AAAA", "::1")):
        found = await dns_lookup(
            "x.localhost", kind, "system", way=from_via("direct"), clock=Clock(), timeout=1, window=1, blobs=Blobs()
        )
        assert (found.resolver, found.addresses, found.queries_sent, found.replies) == ("hosts", (address,), 0, ())
