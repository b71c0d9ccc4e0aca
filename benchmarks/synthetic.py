"""Measurements as large and as varied as real ones, made from a seed: what the store's benchmarks and dictionary feed on.

Two lookups with replies, two to four connects, handshakes with chains, one fetch with about 20 headers, a control's
report, two canaries. Everything that differs between two real looks (ids, times, dates, tokens, tags) differs here.
"""

import hashlib
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec
from synthetic_headers import site_headers

from models.measurement import Finished, Measurement, Software, TargetFacts, VantageFacts, digest, to_instant
from models.observations import (
    CanaryLook,
    ControlEndpoint,
    ControlReport,
    DnsLookup,
    DnsRecord,
    DnsReply,
    HttpFetch,
    TcpConnect,
    TlsHandshake,
)
from models.store import Judged
from models.verdict import Verdict
from models.words import Mechanism, Outcome, Stage

START = datetime(2026, 1, 1, tzinfo=UTC)
_WORDS = [
    "news",
    "rights",
    "free",
    "press",
    "daily",
    "mirror",
    "voice",
    "watch",
    "forum",
    "radio",
    "justice",
    "open",
    "letter",
    "world",
    "human",
    "post",
    "times",
]
_TLDS = ("org", "com", "net", "info", "cn", "ru", "de", "co.uk")
_NETWORKS = (
    (4837, "CN", "China Unicom"),
    (4134, "CN", "Chinanet"),
    (12389, "RU", "Rostelecom"),
    (197207, "IR", "MCCI"),
    (3320, "DE", "Telekom"),
)
_CIPHERS = ("TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256")


class World:
    """Sites and vantage points, fixed by the seed; `look` makes one measurement of one pair."""

    def __init__(self, targets: int, vantages: int, seed: int = 1) -> None:
        self.rng = random.Random(seed)
        self.sites = [_Site(self.rng, number) for number in range(targets)]
        self.vantages = [_vantage(self.rng, number) for number in range(vantages)]
        self.bodies = True

    def looks(self, count: int, every: timedelta = timedelta(hours=1), start: datetime = START) -> Iterator[Judged]:
        """Yields `count` looks, round after round over all pairs, as a schedule would bring them."""
        pairs = [(site, vantage) for vantage in self.vantages for site in self.sites]
        step = every / len(pairs)
        for number in range(count):
            site, vantage = pairs[number % len(pairs)]
            yield self.look(site, vantage, start + number * step + timedelta(microseconds=self.rng.randrange(900_000)))

    def look(self, site: "_Site", vantage: VantageFacts, at: datetime) -> Judged:
        return _Look(self, site, vantage, at).judged()


class _Site:
    def __init__(self, rng: random.Random, number: int) -> None:
        self.name = f"www.{rng.choice(_WORDS)}-{rng.choice(_WORDS)}{number}.{rng.choice(_TLDS)}"
        self.facts = TargetFacts(
            id=self.name[4:].replace(".", "-"), url=f"https://{self.name}/", category="HUMR", campaigns=("open-web",)
        )
        self.v4 = [
            f"{rng.randrange(11, 223)}.{rng.randrange(256)}.{rng.randrange(256)}.{rng.randrange(1, 255)}"
            for _ in range(rng.choice((1, 2, 2, 4)))
        ]
        self.v6 = [
            f"2606:4700:{rng.randrange(65536):x}::{rng.randrange(65536):x}:{rng.randrange(65536):x}"
        ] * rng.choice((0, 1))
        self.chain = [rng.randbytes(rng.choice((1100, 1500, 4200))), rng.randbytes(1300), rng.randbytes(1380)]
        self.headers = site_headers(rng, self.name[4:], rng.choice(_WORDS))
        self.cipher = rng.choice(_CIPHERS)
        self.title = " ".join(rng.choice(_WORDS) for _ in range(4)).title()
        self.asn = rng.randrange(1000, 60000)
        self.fetches_bodies = rng.random() < 0.5  # a page that never differs, or one that always does
        self.page = _page(rng, self.title, 12_000)


def _vantage(rng: random.Random, number: int) -> VantageFacts:
    asn, country, network = rng.choice(_NETWORKS)
    return VantageFacts(
        id=f"{country.lower()}-as{asn}-{number}",
        via="socks5",
        country=country,
        asn=asn,
        network=network,
        consent="operator, 2026-01-01",
    )


def _page(rng: random.Random, title: str, size: int) -> bytes:
    text = " ".join(rng.choice(_WORDS) for _ in range(size // 6))
    return f"<!doctype html><html><head><title>{title}</title></head><body><p>{text}</p></body></html>".encode()


class _Look:
    """One look at one site, built step by step on one clock."""

    def __init__(self, world: World, site: _Site, vantage: VantageFacts, at: datetime) -> None:
        self.world, self.rng, self.site, self.vantage, self.at = world, world.rng, site, vantage, at
        self.blobs: dict[str, bytes] = {}
        self.us = 0

    def judged(self) -> Judged:
        measurement = self.measurement()
        return Judged(Finished(measurement=measurement, blobs=self.blobs), self.verdict(measurement))

    def measurement(self) -> Measurement:
        canaries = tuple(self.canary(index) for index in range(2))
        dns = (self.lookup("A", self.site.v4), self.lookup("AAAA", self.site.v6))
        reset = self.rng.random() < 0.1
        addresses = [*self.site.v4[:2], *self.site.v6] if len(self.site.v4) > 1 or self.site.v6 else self.site.v4 * 2
        tcp = tuple(self.connect(index, address) for index, address in enumerate(addresses, 1))
        tls = tuple(self.handshake(step.connection, step.address, reset) for step in tcp)
        http = () if reset else (self.fetch(1, addresses[0]),)
        controls = (self.control(addresses),)
        return Measurement(
            target=self.site.facts,
            vantage=self.vantage,
            started_at=to_instant(self.at),
            runtime_us=self.took(20_000, 80_000),
            software=Software(
                name="wallwatch",
                version="0.1.0",
                python="3.11.7",
                tls="OpenSSL 3.0.22 27 Jan 2026",
                client="browser-2026.11",
            ),
            clock_offset_us=self.rng.randrange(-40_000, 40_000),
            ipv6=bool(self.site.v6),
            dns=dns,
            tcp=tcp,
            tls=tls,
            http=http,
            controls=controls,
            canaries=canaries,
        )

    def took(self, low: int, high: int) -> int:
        self.us += self.rng.randrange(low, high)
        return self.us

    def step(self, low: int, high: int) -> tuple[int, int]:
        start = self.us
        return start, self.took(low, high) - start

    def keep(self, content: bytes) -> str:
        name = digest(content)
        self.blobs[name] = content
        return name

    def lookup(self, kind: str, addresses: list[str]) -> DnsLookup:
        start, took = self.step(4_000, 90_000)
        records = tuple(
            DnsRecord(name=self.site.name, type=kind, value=one, ttl=self.rng.randrange(300)) for one in addresses
        )
        reply = DnsReply(
            at_us=start + took,
            sender="9.9.9.9:53",
            rcode="NOERROR",
            records=records,
            ip_ttl=57,
            raw=self.keep(self.message(kind, records)),
        )
        return DnsLookup(
            name=self.site.name, type=kind, resolver="system", started_us=start, duration_us=took, servers=("udp://9.9.9.9:53",),
            failure=None if records else "dns_no_answer", addresses=tuple(addresses), replies=(reply,),
        )  # fmt: skip

    def message(self, kind: str, records: tuple[DnsRecord, ...]) -> bytes:
        """A DNS message's bytes as to size and entropy: a random id, the name, addresses, TTLs."""
        name = b"".join(bytes([len(label)]) + label.encode() for label in self.site.name.split(".")) + b"\0"
        answers = b"".join(
            b"\xc0\x0c\0\1\0\1"
            + (record.ttl or 0).to_bytes(4, "big")
            + b"\0\4"
            + hashlib.md5(record.value.encode()).digest()[: 4 if kind == "A" else 16]
            for record in records
        )
        return (
            self.rng.randbytes(2)
            + b"\x81\x80\0\1\0\2\0\0\0\1"
            + name
            + b"\0\1\0\1"
            + answers
            + b"\0\0\x29\x04\xd0\0\0\0\0\0\0"
        )

    def connect(self, connection: int, address: str) -> TcpConnect:
        start, took = self.step(9_000, 180_000)
        return TcpConnect(
            connection=connection, address=address, port=443, started_us=start, duration_us=took, failure=None
        )

    def handshake(self, connection: int, address: str, reset: bool) -> TlsHandshake:
        start, took = self.step(20_000, 200_000)
        known = {"failure": "connection_reset"} if reset else {
            "failure": None, "version": "TLSv1.3", "cipher": self.site.cipher, "alpn": "http/1.1", "opinion": "ok",
            "chain": tuple(self.keep(one) for one in self.site.chain),
        }  # fmt: skip
        return TlsHandshake(
            connection=connection, address=address, port=443, server_name=self.site.name, started_us=start, duration_us=took,
            bytes_sent=517 + self.rng.randrange(80), bytes_received=0 if reset else sum(map(len, self.site.chain)) + self.rng.randrange(300), **known,
        )  # fmt: skip

    def fetch(self, connection: int, address: str) -> HttpFetch:
        start, took = self.step(30_000, 700_000)
        body = self.site.page if self.site.fetches_bodies else self.site.page + self.rng.randbytes(12).hex().encode()
        return HttpFetch(
            connection=connection, url=self.site.facts.url, host=self.site.name, address=address, port=443, started_us=start, duration_us=took,
            failure=None, status=200, headers=self.headers(), body=self.keep(body) if self.world.bodies else None, body_bytes=len(body) // 4,
            first_byte_us=start + took // 2, last_byte_us=start + took,
        )  # fmt: skip

    def headers(self) -> tuple[tuple[str, str], ...]:
        return self.site.headers(self.rng, self.at)

    def control(self, addresses: list[str]) -> ControlReport:
        start, took = self.step(300_000, 900_000)
        headers = tuple((name, value) for name, value in self.headers() if name != "Set-Cookie")
        reply = {
            "tcp_connect": {f"{one}:443": {"status": True, "failure": None} for one in addresses},
            "tls_handshake": {
                f"{one}:443": {"server_name": self.site.name, "status": True, "failure": None} for one in addresses
            },
            "http_request": {
                "body_length": 12_000,
                "failure": None,
                "title": self.site.title,
                "headers": dict(headers),
                "status_code": 200,
            },
            "dns": {"failure": None, "addrs": addresses},
            "ip_info": {one: {"asn": self.site.asn, "flags": 11} for one in addresses},
        }
        return ControlReport(
            id="control-1", url="https://control.example.org/", asked_url=self.site.facts.url, started_us=start, duration_us=took, failure=None,
            addresses=tuple(addresses), valid_addresses=tuple(addresses), asns=tuple((one, self.site.asn) for one in addresses),
            endpoints=tuple(ControlEndpoint(address=one, port=443, tcp_failure=None, tls_tried=True) for one in addresses),
            http_tried=True, status=200, title=self.site.title, headers=headers, body_length=12_000, raw=self.keep(msgspec.json.encode(reply)),
        )  # fmt: skip

    def canary(self, index: int) -> CanaryLook:
        before = self.at - timedelta(seconds=self.rng.randrange(1, 600), microseconds=self.rng.randrange(1_000_000))
        return CanaryLook(
            id=f"canary-{index}",
            url=f"https://canary{index}.example.org/generate_204",
            expect="loads",
            started_at=to_instant(before),
            held=True,
        )

    def verdict(self, measurement: Measurement) -> Verdict:
        connected = f"tcp {len(measurement.tcp)} of {len(measurement.tcp)} connected"
        if measurement.http:
            return Verdict(
                outcome=Outcome.OK, rule="web.loads_as_control", ruleset="2026.11", control_saw=f"200, title {self.site.title!r}",
                reasons=(f"{self.site.name} resolved and loaded with the same title as for the control.",), facts=(connected, "tls ok", "http 200"),
            )  # fmt: skip
        return Verdict(
            outcome=Outcome.ANOMALY, stage=Stage.TLS, mechanism=Mechanism.SNI_RESET, rule="tls.reset_only_here", ruleset="2026.11",
            reasons=(f"Reset after the ClientHello for {self.site.name}; the control shakes hands with the same address.",),
            facts=(connected, f"tls reset at {len(measurement.tls)} of {len(measurement.tls)}"), control_saw="tls ok, 200",
            would_change=("A reset for a neutral name at the same address would say that the server resets everybody.",),
        )  # fmt: skip
