"""`wallwatch probe`, as its user runs it, against real servers behind a real filter: outcome, stage and mechanism."""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from realworld.namespaces import Namespace
from realworld.network import CLIENT, CONTROL, HONEST, LYING, OPERATOR, PROXIES, Network

pytestmark = [pytest.mark.root, pytest.mark.timeout(300)]

Found = tuple[str, str | None, str | None]
OK: Found = ("ok", None, None)
DOWN: Found = ("down", None, None)
VOID: Found = ("inconclusive", None, None)
_CONSENT = "consent: {by: the test, on: 2026-11-22}"

ON_THE_PATH: dict[str, Found] = {
    "https://open.example/": OK,
    "http://open.example/": OK,
    "https://dropped.example/": ("anomaly", "tcp", "ip_timeout"),
    "https://rejected.example/": ("anomaly", "tcp", "ip_reset"),
    "https://snireset.example/": ("confirmed", "tls", "sni_reset"),  # settled by contrasts
    "https://snidrop.example/": ("confirmed", "tls", "sni_timeout"),
    "https://intercepted.example/": ("confirmed", "tls", "tls_mitm"),
    "http://blockpage.example/": ("anomaly", "http", "http_diff"),  # a page that no fingerprint knows
    "https://gone.example/": DOWN,
}
IN_THE_DNS: dict[str, Found] = {
    "https://open.example/": OK,
    "https://forged.example/": ("anomaly", "dns", "dns_forged_answer"),
    "http://forged.example/": ("anomaly", "dns", "dns_forged_answer"),
    "https://nxdomain.example/": ("anomaly", "dns", "dns_nxdomain"),
    "https://refused.example/": ("anomaly", "dns", "dns_refused"),
}
# A proxy ends a connection that was reset with a plain close; the rest comes through it unchanged.
THROUGH_A_PROXY = ON_THE_PATH | {"https://snireset.example/": ("confirmed", "tls", "sni_close")}
# tinyproxy answers 500 whether it cannot find, cannot reach, or is refused: that says nothing about the site.
THROUGH_TINYPROXY = THROUGH_A_PROXY | {"https://rejected.example/": VOID}


@pytest.fixture(scope="session")
def config(network: Network) -> Path:
    points = [f"  - {{id: here, via: direct, ipv6: false, {_CONSENT}}}"]
    points += [f'  - {{id: {name}, via: "{via}", {_CONSENT}}}' for name, via in PROXIES.items()]
    points += [f'  - {{id: dns-through-dante, via: "{PROXIES["dante"]}", resolvers: ["udp://{LYING}"], {_CONSENT}}}']
    points += [f'  - {{id: namespace, via: "direct://?netns={network.client.name}", ipv6: false, {_CONSENT}}}']
    points += [f'  - {{id: nobody, via: "socks5://{CLIENT}:9", {_CONSENT}}}']
    path = network.folder / "targets.yaml"
    path.write_text(
        "version: 1\ndefaults: {timeout: 3s, total_timeout: 30s, dns_window: 1s}\nvantage_points:\n"
        + "\n".join(points)
        + f'\ncontrols:\n  - {{id: abroad, url: "{CONTROL}"}}\n'
        'canaries:\n  - {id: loads, url: "https://open.example/"}\n'
        '  - {id: no-portal, url: "http://open.example/204", status: 204}\n'
    )
    return path


@pytest.fixture
def lying(network: Network) -> Iterator[Network]:
    """The client's network, and its proxies, are given the ISP's resolver."""
    network.resolve_by(LYING)
    yield network
    network.resolve_by(HONEST)


def probe(where: Namespace, config: Path, vantage: str, urls: Sequence[str], *options: str) -> dict[str, Any]:
    """Runs `wallwatch probe --json` in a namespace and returns its lines by URL."""
    wallwatch = str(Path(sys.executable).with_name("wallwatch"))
    printed = where.run(
        wallwatch, "probe", "--json", "--no-store", "--config", str(config), "--vantage", vantage, *options, *urls,
        env={"SSL_CERT_FILE": str(config.with_name("ca.pem"))}, timeout=200,
    )  # fmt: skip
    lines = [json.loads(line) for line in printed.splitlines()]
    return {line["url"]: line["verdict"] for line in lines}


def found(verdicts: dict[str, Any]) -> dict[str, Found]:
    return {url: (said["outcome"], said["stage"], said["mechanism"]) for url, said in verdicts.items()}


def test_probe_tells_each_interference_on_the_path_when_it_looks_directly(network: Network, config: Path) -> None:
    assert found(probe(network.client, config, "here", list(ON_THE_PATH))) == ON_THE_PATH


def test_probe_tells_each_lie_of_the_systems_resolver(lying: Network, config: Path) -> None:
    assert found(probe(lying.client, config, "here", list(IN_THE_DNS))) == IN_THE_DNS


def test_probe_tells_the_lies_of_a_resolver_that_it_is_given(network: Network, config: Path) -> None:
    urls = [url for url in IN_THE_DNS if "refused" not in url]
    seen = found(probe(network.client, config, "here", urls, "--resolver", LYING))
    assert seen == {url: IN_THE_DNS[url] for url in urls}


def test_probe_tells_a_lie_when_all_its_dns_is_led_to_the_isp(hijacked: Network, config: Path) -> None:
    seen = probe(hijacked.client, config, "here", ["https://hijacked.example/", "https://open.example/"])
    assert found(seen) == {
        "https://hijacked.example/": ("anomaly", "dns", "dns_forged_answer"),
        "https://open.example/": OK,
    }


@pytest.mark.parametrize("proxy", ["dante", "microsocks"])
def test_probe_tells_each_interference_on_the_path_when_it_looks_through_a_socks_proxy(
    network: Network, config: Path, proxy: str
) -> None:
    assert found(probe(network.abroad, config, proxy, list(THROUGH_A_PROXY))) == THROUGH_A_PROXY


def test_probe_tells_each_interference_on_the_path_when_it_looks_through_an_http_proxy(
    network: Network, config: Path
) -> None:
    assert found(probe(network.abroad, config, "tinyproxy", list(THROUGH_TINYPROXY))) == THROUGH_TINYPROXY


def test_probe_tells_that_a_proxy_was_led_elsewhere_by_its_resolver(lying: Network, config: Path) -> None:
    urls = ["https://open.example/", "https://forged.example/", "http://forged.example/"]
    for proxy in PROXIES:
        seen = found(probe(lying.abroad, config, proxy, urls))
        assert seen == {
            "https://open.example/": OK,
            "https://forged.example/": ("confirmed", "tls", "tls_mitm"),  # whose certificate it is, is all that shows
            "http://forged.example/": ("anomaly", "http", "http_diff"),
        }


def test_probe_tells_the_lies_of_a_resolver_that_it_asks_through_a_proxy(network: Network, config: Path) -> None:
    urls = ["https://open.example/", "https://forged.example/", "https://nxdomain.example/"]
    seen = found(probe(network.abroad, config, "dns-through-dante", urls))
    assert seen == {url: IN_THE_DNS[url] for url in urls}


def test_probe_looks_from_another_network_namespace_when_the_way_out_says_so(network: Network, config: Path) -> None:
    urls = ["https://open.example/", "https://rejected.example/", "https://snireset.example/"]
    seen = found(probe(network.abroad, config, "namespace", urls))
    assert seen == {url: ON_THE_PATH[url] for url in urls}


def test_probe_blames_nobody_when_the_proxy_is_dead(network: Network, config: Path) -> None:
    urls = ["https://open.example/", "https://dropped.example/"]
    seen = probe(network.abroad, config, "nobody", urls)
    assert found(seen) == dict.fromkeys(urls, VOID)
    assert all("proxy" in said["reasons"][0] or "way out" in said["reasons"][0] for said in seen.values())


def test_probe_blames_nobody_when_the_control_cannot_be_reached(network: Network, config: Path) -> None:
    rule = ("inet", "censor", "forward")
    network.router.run("nft", "insert", "rule", *rule, "ip", "saddr", CLIENT, "ip", "daddr", OPERATOR, "drop")
    try:
        seen = found(probe(network.client, config, "here", list(ON_THE_PATH)))
    finally:
        handle = network.router.run("nft", "-a", "list", "chain", *rule).split("handle ")[2].split()[0]
        network.router.run("nft", "delete", "rule", *rule, "handle", handle)
    # A certificate for the name by a stranger, and a name that is cut wherever it goes, need no control to be strange.
    alone = {f"https://{name}.example/" for name in ("intercepted", "snireset", "snidrop")}
    assert {url for url, said in seen.items() if said[0] == "ok"} == {"https://open.example/"}
    assert {url for url, said in seen.items() if said[0] in ("anomaly", "confirmed", "down")} <= alone


def test_probe_blames_nobody_when_the_cable_is_out(network: Network, config: Path) -> None:
    network.client.run("ip", "link", "set", "eth0", "down")
    try:
        seen = probe(network.client, config, "here", list(ON_THE_PATH))
    finally:
        network.client.run("ip", "link", "set", "eth0", "up")
        network.client.run("ip", "route", "add", "default", "via", "11.1.1.1")
    assert found(seen) == dict.fromkeys(ON_THE_PATH, VOID)
