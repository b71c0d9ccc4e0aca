"""Our lookups, connections, handshakes and requests as OONI's df-002, df-005, df-006 and df-001."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from evidence.addresses import bogon, parsed
from models.failures import SSL_WORDS
from models.measurement import Measurement
from models.observations import DnsLookup, DnsReply, HttpFetch, Purpose, TcpConnect, TlsHandshake

Json = dict[str, Any]
_FIELDS = {"A": "ipv4", "AAAA": "ipv6", "CNAME": "hostname"}
_RCODES = {"NOERROR": 0, "FORMERR": 1, "SERVFAIL": 2, "NXDOMAIN": 3, "REFUSED": 5}
_IPV4 = re.compile(rb"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")
_IPV6 = re.compile(rb"(?<![\w:.])(?:[0-9A-Fa-f]{1,4}:|::)(?:[0-9A-Fa-f]{0,4}:){1,6}[0-9A-Fa-f]{0,4}(?![\w:])")
_SCRUBBED = b"[scrubbed]"


@dataclass(frozen=True, slots=True)
class Steps:
    """One measurement's steps, ready to be written."""

    measurement: Measurement
    blobs: Mapping[str, bytes]
    asns: Mapping[str, int]
    host: str
    resolved: tuple[str, ...]  # addresses that any resolver gave
    public: frozenset[str]  # addresses of servers: they may stand in bodies, all others are scrubbed
    invalid: Mapping[int, str]  # connection -> why its certificate is not valid for the name

    @classmethod
    def of(cls, measurement: Measurement, blobs: Mapping[str, bytes]) -> "Steps":
        resolved = tuple(dict.fromkeys(a for look in measurement.dns for a in look.addresses))
        named = (a for report in measurement.controls for a in (*report.addresses, *report.valid_addresses))
        return cls(
            measurement=measurement,
            blobs=blobs,
            asns={address: number for report in measurement.controls for address, number in report.asns},
            host=urlsplit(measurement.target.url).hostname or "",
            resolved=resolved,
            public=frozenset({*resolved, *named, *(step.address for step in measurement.tcp)}),
            invalid={
                hello.connection: hello.opinion
                for hello in measurement.tls
                if hello.failure is None and hello.opinion in SSL_WORDS
            },
        )

    def queries(self) -> list[Json]:
        return [self._query(look, first(look), number) for number, look in enumerate(self.measurement.dns, 1)]

    def later_replies(self) -> list[Json]:
        """Returns what came for a query after its first answer."""
        looks = enumerate(self.measurement.dns, 1)
        return [self._query(look, one, number) for number, look in looks for one in look.replies if one != first(look)]

    def connects(self) -> list[Json]:
        return [self._connect(step) for step in self.measurement.tcp if parsed(step.address)]

    def handshakes(self) -> list[Json]:
        return [self._handshake(step) for step in self.measurement.tls if parsed(step.address)]

    def requests(self) -> list[Json]:
        """Returns the requests, the most recent first; what only checks an address comes last."""
        walk = [self._request(step) for step in self.measurement.http if step.purpose is Purpose.WALK]
        checks = [self._request(step) for step in self.measurement.http if step.purpose is not Purpose.WALK]
        return [*reversed(walk), *reversed(checks)]

    def last_failure(self) -> str | None:
        """Returns how the walk ended: null where its last request was answered."""
        measurement = self.measurement
        for steps in (measurement.http, measurement.tls, measurement.tcp):
            walk = [step for step in steps if step.purpose is Purpose.WALK]
            if walk:
                last = walk[-1]
                return last.failure or self.invalid.get(last.connection)
        return None

    @staticmethod
    def endpoint(address: str, port: int) -> str:
        return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"

    def _query(self, look: DnsLookup, reply: DnsReply | None, number: int) -> Json:
        engine, resolver = _engine(look)
        is_first = reply is None or reply == first(look)
        return {
            "answers": self._answers(look, reply) or None,
            "engine": engine,
            "failure": look.failure if is_first else _failure(reply),
            "getaddrinfo_error": 0,
            "hostname": look.name,
            "query_type": look.type,
            "raw_response": self._raw(reply),
            "rcode": _RCODES.get((reply.rcode if reply else None) or "", 0),
            "resolver_hostname": None,
            "resolver_port": None,
            "resolver_address": resolver,
            **_times(look.started_us, reply.at_us if reply else look.started_us + look.duration_us),
            "tags": _tags(look.hop, look.purpose),
            "transaction_id": 10_000 + number,
        }

    def _answers(self, look: DnsLookup, reply: DnsReply | None) -> list[Json]:
        if reply is not None and reply.records:
            known = [record for record in reply.records if record.type in _FIELDS]
            return [self._answer(record.type, record.value, record.ttl) for record in known]
        if reply is not None and reply != first(look):
            return []
        return [self._answer("AAAA" if ":" in address else "A", address, None) for address in look.addresses]

    def _answer(self, kind: str, value: str, ttl: int | None) -> Json:
        answer: Json = {"answer_type": kind, _FIELDS[kind]: value, "ttl": ttl}
        if kind != "CNAME":
            answer |= {"asn": self.asns.get(value, 0), "as_org_name": ""}
        return answer

    def _raw(self, reply: DnsReply | None) -> str | None:
        content = self.blobs.get(reply.raw) if reply and reply.raw else None
        return base64.b64encode(content).decode() if content is not None else None

    def _connect(self, step: TcpConnect) -> Json:
        return {
            "ip": step.address,
            "port": step.port,
            "status": {"success": step.failure is None, "failure": step.failure},
            **_span(step),
            "tags": _tags(step.hop, step.purpose),
            "transaction_id": step.connection + 1,
        }

    def _handshake(self, step: TlsHandshake) -> Json:
        chain = (self.blobs.get(name) for name in step.chain)
        return {
            "network": "tcp",
            "address": self.endpoint(step.address, step.port),
            "cipher_suite": step.cipher or "",
            "failure": step.failure or self.invalid.get(step.connection),
            "so_error": None,
            "negotiated_protocol": step.alpn or "",
            "no_tls_verify": step.failure is None and step.opinion is None,
            "peer_certificates": [_base64(der) for der in chain if der is not None],
            "server_name": step.server_name or "",
            **_span(step),
            "tags": _tags(step.hop, step.purpose),
            "tls_version": step.version or "",
            "transaction_id": step.connection + 1,
        }

    def _request(self, step: HttpFetch) -> Json:
        """Renders a request; one over a certificate that is not valid failed, for OONI's probes do not make it."""
        numeric = parsed(step.address) is not None
        headers = [(name, self._scrubbed(value)) for name, value in step.headers]
        body = self.blobs.get(step.body) if step.body else None
        return {
            "network": "tcp",
            "address": self.endpoint(step.address, step.port) if numeric else "",
            "alpn": "",
            "failure": step.failure or self.invalid.get(step.connection),
            "request": {
                "method": step.method,
                "url": step.url,
                "headers": {"Host": step.host},
                "headers_list": [["Host", step.host]],
                "body": "",
                "body_is_truncated": False,
                "tor": {"exit_ip": None, "exit_name": None, "is_tor": False},
                "x_transport": "tcp",
            },
            "response": {
                "code": step.status or 0,
                "headers": dict(reversed(headers)),
                "headers_list": [list(pair) for pair in headers],
                "body": self._body(body or b""),
                "body_is_truncated": step.body_truncated,
            },
            **_span(step),
            "tags": [*_tags(step.hop, step.purpose), "fetch_body=true"],
            "transaction_id": step.connection + 1,
        }

    def _scrubbed(self, value: str) -> str:
        return self._without_addresses(value.encode("utf-8", "replace")).decode()

    def _body(self, content: bytes) -> str | Json:
        clean = self._without_addresses(content)
        try:
            return clean.decode("utf-8")
        except UnicodeDecodeError:
            return _base64(clean)

    def _without_addresses(self, content: bytes) -> bytes:
        """Takes out every address that is not a server's we met: one of them may be the vantage point's own."""
        return _IPV6.sub(self._kept, _IPV4.sub(self._kept, content))

    def _kept(self, found: re.Match[bytes]) -> bytes:
        word = found.group().decode("ascii")
        address = parsed(word)
        keeps = address is None or word in self.public or (bogon(word) and address.is_loopback)
        return found.group() if keeps else _SCRUBBED


def first(look: DnsLookup) -> DnsReply | None:
    """Returns the reply that the lookup's failure or addresses come from: the first that can be read."""
    readable = (reply for reply in look.replies if reply.malformed is None)
    return next(readable, look.replies[0] if look.replies else None)


def _engine(look: DnsLookup) -> tuple[str, str]:
    """Returns OONI's name for how was asked, and whom; who a vantage point's own resolver is stays untold."""
    scheme, _, address = look.resolver.partition("://")
    if scheme == "https":
        return "doh", look.resolver
    if scheme in ("udp", "tcp"):
        return scheme, "" if look.purpose is Purpose.WALK else address
    return ("udp", "") if look.replies else ("getaddrinfo", "")


def _failure(reply: DnsReply | None) -> str | None:
    if reply is None or (reply.rcode == "NOERROR" and reply.records):
        return None
    words = {
        "NOERROR": "dns_no_answer",
        "NXDOMAIN": "dns_nxdomain_error",
        "REFUSED": "dns_refused_error",
        "SERVFAIL": "dns_servfail_error",
    }
    return words.get(reply.rcode or "", "dns_server_misbehaving")


def _tags(hop: int, purpose: Purpose) -> list[str]:
    return (["classic"] if purpose is Purpose.WALK else []) + [f"depth={hop}"]


def _span(step: TcpConnect | TlsHandshake | HttpFetch) -> Json:
    return _times(step.started_us, step.started_us + step.duration_us)


def _times(start_us: int, end_us: int) -> Json:
    return {"t0": start_us / 1e6, "t": end_us / 1e6}


def _base64(content: bytes) -> Json:
    return {"format": "base64", "data": base64.b64encode(content).decode()}
