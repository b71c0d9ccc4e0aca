"""URLs taken apart, and addresses told apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.addresses import is_public
from probes.places import place, redirected


@pytest.mark.parametrize(
    ("url", "host", "port", "target", "authority"),
    [
        ("https://www.example.org", "www.example.org", 443, "/", "www.example.org"),
        ("http://Example.ORG:8080/a?b=c#d", "example.org", 8080, "/a?b=c", "example.org:8080"),
        ("https://example.org:443/", "example.org", 443, "/", "example.org"),
        ("http://[2001:DB8::1]/", "2001:db8::1", 80, "/", "[2001:db8::1]"),
        ("http://192.0.2.1:81/", "192.0.2.1", 81, "/", "192.0.2.1:81"),
        ("https://Bücher.example/ü?ß", "xn--bcher-kva.example", 443, "/%C3%BC?%C3%9F", "xn--bcher-kva.example"),
        ("https://www.example.org./", "www.example.org", 443, "/", "www.example.org"),
        ("https://a_b.example.org/%41", "a_b.example.org", 443, "/%41", "a_b.example.org"),
    ],
)
def test_place_takes_a_url_apart(url, host, port, target, authority):
    where = place(url)
    assert (where.host, where.port, where.target, where.authority) == (host, port, target, authority)


@pytest.mark.parametrize(
    "url",
    ["ftp://x.example/", "http://", "http:///path", "//x.example", "http://x.example:0/", "http://x.example:99999/",
     "http://[::1/", "http://a b/", "http://x.example/\n", "http://-x.example/", "http://1.2.3/", "http://1.2.3.4.5/",
     "http://" + "a" * 64 + ".example/", "https://x.example/" + "y" * 9000, "http://xn--\u2603.example/", "http://0x7f.1/"],
)  # fmt: skip
def test_place_refuses_what_leads_nowhere(url):
    with pytest.raises(ValueError, match=r"host|scheme|port|URL|IPv6|name|Port"):
        place(url)


@given(st.text(max_size=80))
def test_place_and_redirected_refuse_or_read_whatever_comes(text):
    start = place("https://example.org/start")
    for url in (text, f"http://{text}"):
        try:
            where = place(redirected(start, url))
        except ValueError:
            continue
        assert where.url.isascii()
        assert place(where.url) == where


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True), ("2606:4700::1111", True), ("10.10.34.34", False), ("127.0.0.1", False),
        ("0.0.0.0", False), ("100.64.0.1", False), ("169.254.1.1", False), ("192.168.1.1", False), ("224.0.0.1", False),
        ("240.0.0.1", False), ("255.255.255.255", False), ("::1", False), ("::", False), ("fe80::1", False),
        ("fc00::1", False), ("ff02::1", False), ("::ffff:192.168.1.1", False), ("64:ff9b::10.0.0.1", False),
        ("64:ff9b::5db8:d70e", True), ("2002:c0a8:0101::1", False), ("no address", False),
    ],
)  # fmt: skip
def test_is_public_sees_through_embedded_addresses(address, public):
    assert is_public(address) is public
