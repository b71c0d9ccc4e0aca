"""The censorship conditions themselves, proved with dig, curl and openssl before anything of ours is tried on them."""

import sys

import pytest

from realworld.network import BLOCK_PAGE, CLIENT, CONTROL, HONEST, LYING, PROXIES, SITES, Network

pytestmark = [pytest.mark.root, pytest.mark.timeout(300)]


def curl(network: Network, url: str, *arguments: str, abroad: bool = False) -> str:
    """Returns the status and the exit code, such as `200 0`."""
    where = network.abroad if abroad else network.client
    address = SITES[url.split("/")[2]]
    fixed = f"{url.split('/')[2]}:{443 if url.startswith('https') else 80}:{address}"
    written = "%{http_code} %{exitcode}"
    return where.run(
        "curl", "-s", "-m", "3", "--cacert", str(network.ca), "--resolve", fixed, "-o", "/dev/null", "-w", written,
        *arguments, url, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("name", SITES)
def test_every_site_loads_abroad(network: Network, name: str) -> None:
    assert curl(network, f"https://{name}/", abroad=True) == "200 0"
    assert curl(network, f"http://{name}/", abroad=True) == "200 0"


@pytest.mark.parametrize(
    ("url", "status_and_exit_code"),
    [
        ("https://open.example/", "200 0"),
        ("https://dropped.example/", "000 28"),  # timed out
        ("https://rejected.example/", "000 7"),  # refused
        ("http://blockpage.example/", "403 0"),
        ("https://intercepted.example/", "000 60"),  # certificate
    ],
)
def test_the_censor_does_to_curl_what_it_should(network: Network, url: str, status_and_exit_code: str) -> None:
    assert curl(network, url) == status_and_exit_code


def test_the_censor_matches_names_in_the_hello_of_this_python_alone(network: Network) -> None:
    program = (
        "import socket, ssl, sys; from probes.tls_stream import any_certificate as any\n"
        "s = socket.create_connection((sys.argv[1], 443), 3); s.settimeout(2)\n"
        "try: any().wrap_socket(s, server_hostname=sys.argv[2]); print('shaken')\n"
        "except OSError as e: print(type(e).__name__)"
    )
    for name, seen in (
        ("snireset.example", "ConnectionResetError"),
        ("snidrop.example", "TimeoutError"),
        ("open.example", "shaken"),
    ):
        for address in (SITES["snireset.example"], SITES["open.example"]):
            assert network.client.run(sys.executable, "-c", program, address, name).strip() == seen


@pytest.mark.parametrize(
    ("server", "name", "status", "answer"),
    [
        (HONEST, "forged.example", "NOERROR", SITES["forged.example"]),
        (LYING, "forged.example", "NOERROR", BLOCK_PAGE),
        (LYING, "nxdomain.example", "NXDOMAIN", ""),
        (LYING, "refused.example", "REFUSED", ""),
        (LYING, "open.example", "NOERROR", SITES["open.example"]),
    ],
)
def test_the_resolvers_say_to_dig_what_they_should(
    network: Network, server: str, name: str, status: str, answer: str
) -> None:
    said = network.client.run("dig", f"@{server}", "+tries=1", "+time=3", name, "A")
    assert f"status: {status}" in said
    assert answer in said


def test_the_hijack_answers_for_whatever_resolver_is_asked(hijacked: Network) -> None:
    assert BLOCK_PAGE in hijacked.client.run("dig", f"@{HONEST}", "+short", "+tries=1", "hijacked.example", "A")


@pytest.mark.parametrize("proxy", PROXIES.values(), ids=PROXIES.keys())
def test_the_proxies_look_from_behind_the_censor(network: Network, proxy: str) -> None:
    through = ("-x", proxy.replace("socks5://", "socks5h://"))
    assert curl(network, "https://open.example/", *through, abroad=True) == "200 0"
    assert curl(network, "https://dropped.example/", *through, abroad=True) != "200 0"
    assert curl(network, "http://blockpage.example/", *through, abroad=True).startswith("403")


def test_the_control_answers_curl(network: Network) -> None:
    asked = '{"http_request": "https://dropped.example/", "tcp_connect": ["11.2.2.14:443"]}'
    said = network.client.run("curl", "-s", "-m", "20", "--cacert", str(network.ca), "-d", asked, CONTROL)
    assert '"status_code":200' in said
    assert '"flags":11' in said


def test_the_control_is_not_led_into_a_private_network_by_a_redirect(network: Network) -> None:
    said = network.client.run(
        "curl", "-s", "-m", "20", "--cacert", str(network.ca), "-d", '{"http_request": "http://open.example/inside"}', CONTROL
    )  # fmt: skip
    assert '"failure":"unknown_failure: this control does not connect to private addresses"' in said


def test_the_client_has_no_other_way_out(network: Network) -> None:
    assert network.client.run("ip", "-o", "-4", "addr", "show", "dev", "eth0").count(CLIENT) == 1
    assert "default via 11.1.1.1" in network.client.run("ip", "route")
