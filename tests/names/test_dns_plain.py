"""The plain reader of DNS messages says what dnspython says, or nothing."""

import random

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probes import dns_message
from probes.dns_message import question
from probes.dns_plain import plain

NAMES = (
    "www.site.example",
    "site.example",
    "WWW.Site.Example",
    "cdn.other.example",
    "_x-1.example",
    "a\\.b.example",
    ".",
)
VALUES = {
    "A": ("192.0.2.1", "192.0.2.2", "198.51.100.7"),
    "AAAA": ("2001:db8::1", "::ffff:192.0.2.1", "::192.0.2.1", "fe80::"),
    "CNAME": ("cdn.other.example.", "Site.example.", "."),
    "TXT": ('"no address"',),
    "MX": ("10 site.example.",),
}
AUTHORITY = {
    "SOA": ("ns.example. admin.example. 1 2 3 4 5", "ns.example. an\\.admin.example. 1 2 3 4 5"),
    "NS": ("ns.example.",),
}


def read_by_dnspython(wire: bytes) -> object:
    try:
        return dns_message._said(dns.message.from_wire(wire, ignore_trailing=True))
    except Exception:
        return None


@st.composite
def messages(draw: st.DrawFn) -> bytes:
    """Replies as resolvers and their forgers send them."""
    asked = dns.message.make_query(
        draw(st.sampled_from(NAMES)), draw(st.sampled_from(("A", "AAAA"))), use_edns=draw(st.booleans())
    )
    reply = dns.message.make_response(asked)
    reply.set_rcode(dns.rcode.Rcode(draw(st.sampled_from((0, 0, 0, 2, 3, 5, 16)))))
    for section, choice in ((reply.answer, VALUES), (reply.authority, AUTHORITY)):
        for _ in range(draw(st.integers(0, 3))):
            kind = draw(st.sampled_from(tuple(choice)))
            owner = dns.name.from_text(draw(st.sampled_from(NAMES)))
            value = draw(st.sampled_from(choice[kind]))
            section.append(dns.rrset.from_text(owner, draw(st.sampled_from((0, 60, 300))), "IN", kind, value))
    return reply.to_wire()


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """The same with octets changed, cut off or added."""
    wire = bytearray(draw(messages()))
    for _ in range(draw(st.integers(1, 3))):
        wire[draw(st.integers(0, len(wire) - 1))] = draw(st.sampled_from((0, 1, 12, 0x3F, 0x40, 0x80, 0xC0, 0xFF)))
    return (
        bytes(wire[: draw(st.integers(0, len(wire)))])
        if draw(st.booleans())
        else bytes(wire) + draw(st.binary(max_size=4))
    )


@settings(max_examples=600, deadline=None)
@given(st.one_of(messages(), damaged()))
def test_the_plain_reader_says_what_dnspython_says_or_nothing(wire: bytes) -> None:
    said = plain(wire)
    assert said is None or said == read_by_dnspython(wire)


@pytest.mark.parametrize("name", ["www.site.example", "a.b.c.d.example"])
def test_an_ordinary_answer_is_read_by_the_plain_reader(name: str) -> None:
    asked = dns.message.from_wire(question(name, "A").wire)
    reply = dns.message.make_response(asked)
    reply.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", "CNAME", "cdn.example."))
    reply.answer.append(dns.rrset.from_text("cdn.example.", 60, "IN", "A", "192.0.2.1", "192.0.2.2"))
    reply.authority.append(dns.rrset.from_text("example.", 60, "IN", "NS", "ns.example."))
    said = plain(reply.to_wire())
    assert said is not None
    assert {record.value for record in said.records} == {"cdn.example", "192.0.2.1", "192.0.2.2"}


def test_names_that_point_in_circles_are_left_to_dnspython() -> None:
    head = question("site.example", "A", edns=False).wire
    header = head[:2] + b"\x81\x80\0\1\0\1\0\0\0\0"
    here = len(head)
    for pointer in (here, here + 2, 12, 0x3FFF):
        record = (0xC000 | pointer).to_bytes(2, "big") + b"\0\1\0\1\0\0\0\x3c\0\4\xc0\0\2\1"
        wire = header + head[12:] + record
        assert plain(wire) == (read_by_dnspython(wire) if pointer == 12 else None)


def test_noise_behind_a_header_is_read_alike_or_not_at_all() -> None:
    rng = random.Random(7)
    for _ in range(2000):
        wire = rng.randbytes(2) + b"\x81\x80\0\1\0\1\0\0\0\0" + rng.randbytes(rng.randrange(60))
        said = plain(wire)
        assert said is None or said == read_by_dnspython(wire)
