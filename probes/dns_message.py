"""A DNS question on the wire, and what a message that came back for it says.

Questions are laid out by hand (a few microseconds); whatever comes back is hostile and is read within bounds, by
dnspython where it is not plain.
"""

import ipaddress
import secrets
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.opcode
import dns.rcode
import dns.rdatatype

from models.observations import DnsRecord, DnsReply
from probes.dns_plain import Said, plain

UDP_PAYLOAD = 1232  # octets; the size that DNS operators agreed on in 2020, which no path fragments
LONGEST_READ = 16_384  # octets of one message; parsing more would hold up every other measurement
MOST_RECORDS = 64
MOST_ALIASES = 16

_TYPES = {"A": 1, "AAAA": 28}
# An OPT record (RFC 6891) without options: without it a resolver may not send extended errors (RFC 8914).
_OPT = b"\0" + struct.pack("!HHIH", 41, UDP_PAYLOAD, 0, 0)
_IN = 1
_FAILURES: dict[int, str] = {
    dns.rcode.SERVFAIL: "dns_servfail_error",
    dns.rcode.NXDOMAIN: "dns_nxdomain_error",
    dns.rcode.REFUSED: "dns_refused_error",
}
_MAY_OMIT_QUESTION = {dns.rcode.FORMERR, dns.rcode.SERVFAIL, dns.rcode.NOTIMP, dns.rcode.REFUSED}


@dataclass(frozen=True, slots=True)
class Question:
    """One question as it goes onto the wire."""

    name: str
    type: str
    id: int
    wire: bytes


@dataclass(frozen=True, slots=True)
class Heard:
    """One message that came back; `fits` when it answers the question, whatever the answer."""

    reply: DnsReply
    fits: bool = False
    failure: str | None = None
    addresses: tuple[str, ...] = ()

    def with_raw(self, raw: str) -> "Heard":
        """Names the blob that holds the message."""
        return replace(self, reply=replace(self.reply, raw=raw))

    @property
    def refuses_edns(self) -> bool:
        """True where a resolver that knows no EDNS (RFC 6891, section 7) says so."""
        return self.fits and self.reply.rcode in {"FORMERR", "NOTIMP", "BADVERS"}


def question(name: str, type: str, *, id: int | None = None, edns: bool = True) -> Question:  # noqa: A002
    """Lays a question for an A-label name out, with a random id.

    The name keeps its letters' case: a filter that compares by case would let a name in mixed case (0x20) pass, and
    this measurement would miss what every visitor meets. Raises ValueError where the name cannot be asked.
    """
    number = secrets.randbelow(65_536) if id is None else id
    header = struct.pack("!HHHHHH", number, 0x0100, 1, 0, 0, 1 if edns else 0)
    asked = header + _name_to_wire(name) + struct.pack("!HH", _TYPES[type], 1)
    return Question(name, type, number, asked + _OPT if edns else asked)


@lru_cache(maxsize=4096)
def _name_to_wire(name: str) -> bytes:
    labels = name.removesuffix(".").encode("ascii").split(b".")
    if any(not 0 < len(label) < 64 for label in labels):
        raise ValueError("a label of the name is empty or longer than 63 octets")
    wire = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    if len(wire) > 255:
        raise ValueError("the name is longer than 255 octets")
    return wire


def read(wire: bytes, asked: Question, bare: DnsReply) -> Heard:
    """Reads one message that came back for `asked`; what is wrong with it is said in the reply's `malformed`.

    `bare` holds what is known without reading: when it came, from whom, with which IP TTL.
    """
    if len(wire) > LONGEST_READ:
        return unread(bare, f"{len(wire)} octets, more than are read")
    said = plain(wire)
    if said is not None:
        return _heard(said, asked, bare)
    try:
        return _heard(_said(dns.message.from_wire(wire, ignore_trailing=True)), asked, bare)
    except Exception as problem:  # a parser met by hostile octets may raise anything: none of it is ours to pass on
        return unread(bare, f"not a DNS message: {type(problem).__name__}")


def unread(bare: DnsReply, why: str) -> Heard:
    """A message that is kept, and never read as the answer."""
    return Heard(replace(bare, malformed=why))


def _heard(said: Said, asked: Question, bare: DnsReply) -> Heard:
    misfit = _misfit(said, asked)
    reply = replace(
        bare,
        rcode=_rcode(said.code),
        records=said.records,
        truncated=bool(said.flags & dns.flags.TC),
        extended_error=said.extended_error,
        malformed=misfit,
    )
    if misfit:
        return Heard(reply)
    addresses = _addresses(said, asked.type)
    return Heard(reply, fits=True, failure=_failure(said.code, addresses), addresses=addresses)


@cache
def _rcode(code: int) -> str:
    return dns.rcode.to_text(dns.rcode.Rcode.make(code))


def _misfit(said: Said, asked: Question) -> str | None:
    """Returns why a message does not answer the question (RFC 5452, section 9), or None."""
    if not said.flags & dns.flags.QR:
        return "a question, not a reply"
    if said.id != asked.id:
        return "wrong id"
    if dns.opcode.from_flags(said.flags) != dns.opcode.QUERY:
        return "wrong opcode"
    return _misfit_of_question(said, asked)


def _misfit_of_question(said: Said, asked: Question) -> str | None:
    if not said.questions and said.code in _MAY_OMIT_QUESTION:
        return None
    if len(said.questions) != 1:
        return f"{len(said.questions)} questions"
    name, kind, group = said.questions[0]
    if name != _name_to_wire(asked.name).lower():
        return "wrong name in the question"
    if kind != _TYPES[asked.type] or group != _IN:
        return "wrong type in the question"
    return None


def _failure(code: int, addresses: tuple[str, ...]) -> str | None:
    if code == 0:
        return None if addresses else "dns_no_answer"
    return _FAILURES.get(code, "dns_server_misbehaving")


def _addresses(said: Said, wanted: str) -> tuple[str, ...]:
    """Follows the aliases within the answer, as a stub resolver does; a loop, or a chain too long, leads nowhere."""
    if said.code != 0:
        return ()
    aliases: dict[str, str] = {}
    found: dict[str, list[str]] = {}
    for record in said.records:
        if record.type == "CNAME":
            aliases.setdefault(record.name, record.value.lower())
        elif record.type == wanted:
            found.setdefault(record.name, []).append(record.value)
    name = said.name
    for _ in range(MOST_ALIASES):
        if name in found:
            return tuple(dict.fromkeys(found[name]))
        if name not in aliases:
            break
        name = aliases[name]
    return ()


def _said(message: dns.message.Message) -> Said:
    """Takes over what dnspython read."""
    questions = tuple(
        ((one.name.to_wire() or b"").lower(), int(one.rdtype), int(one.rdclass)) for one in message.question
    )
    return Said(
        id=message.id,
        flags=int(message.flags),
        code=int(message.rcode()),
        questions=questions,
        name=_text(message.question[0].name) if message.question else "",
        records=tuple(_records(message)),
        extended_error=_extended_error(message),
    )


def _records(message: dns.message.Message) -> Iterator[DnsRecord]:
    left = MOST_RECORDS
    for rrset in message.answer:
        kind = dns.rdatatype.to_text(rrset.rdtype)
        for item in rrset:
            if left == 0:
                return
            left -= 1
            value = item.to_text()[:1024].removesuffix(".")
            yield DnsRecord(name=_text(rrset.name), type=kind, value=value, ttl=rrset.ttl)


def _text(name: object) -> str:
    return str(name).removesuffix(".").lower()


def _extended_error(message: dns.message.Message) -> str | None:
    """Renders the RFC 8914 errors, e.g. "15 Blocked: by order"; the text is the resolver's own, cut short."""
    said = []
    for error in message.extended_errors()[:4]:
        word = _EXTENDED.get(int(error.code), "")
        text = (error.text or "")[:200]
        said.append(f"{int(error.code)} {word}".strip() + (f": {text}" if text else ""))
    return "; ".join(said) or None


# The registry of extended DNS error codes, as RFC 8914 and its successors fill it.
_EXTENDED = dict(
    enumerate(
        (
            "Other",
            "Unsupported DNSKEY Algorithm",
            "Unsupported DS Digest Type",
            "Stale Answer",
            "Forged Answer",
            "DNSSEC Indeterminate",
            "DNSSEC Bogus",
            "Signature Expired",
            "Signature Not Yet Valid",
            "DNSKEY Missing",
            "RRSIGs Missing",
            "No Zone Key Bit Set",
            "NSEC Missing",
            "Cached Error",
            "Not Ready",
            "Blocked",
            "Censored",
            "Filtered",
            "Prohibited",
            "Stale NXDOMAIN Answer",
            "Not Authoritative",
            "Not Supported",
            "No Reachable Authority",
            "Network Error",
            "Invalid Data",
        )
    )
)


def endpoint(address: str, port: int) -> str:
    """Renders an address and port as records write them: `192.0.2.1:53`, `[2001:db8::1]:53`."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


@lru_cache(maxsize=256)
def plain_address(address: str) -> str:
    """Returns an address without its zone, and an IPv4 address without its IPv6 clothing, for comparing."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    return str(mapped or ip)
