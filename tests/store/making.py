"""Looks made by hand for the store: each with its own messages, a shared chain, and a body."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from models.measurement import Finished, Measurement, Software, TargetFacts, VantageFacts, digest, to_instant
from models.observations import ControlReport, DnsLookup, DnsRecord, DnsReply, HttpFetch, TcpConnect, TlsHandshake
from models.store import Judged
from models.verdict import Verdict
from models.words import Mechanism, Outcome, Stage

START = datetime(2026, 3, 1, 22, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
CHAIN = (b"leaf certificate" * 60, b"issuer certificate" * 60)


def url(path: Path) -> str:
    return f"sqlite:///{path / 'wallwatch.sqlite'}"


def verdict(outcome: Outcome = Outcome.OK, *, ruleset: str = "2026.11", reason: str = "It loaded.") -> Verdict:
    if outcome in {Outcome.ANOMALY, Outcome.CONFIRMED}:
        return Verdict(
            outcome=outcome,
            stage=Stage.TLS,
            mechanism=Mechanism.SNI_RESET,
            also=(Mechanism.DNS_BOGON,),
            rule="tls.reset_only_here",
            ruleset=ruleset,
            fingerprints="sha256:ff",
            reasons=("Reset after the ClientHello.", "The control shakes hands."),
        )
    return Verdict(outcome=outcome, rule=f"web.{outcome}", ruleset=ruleset, reasons=(reason,))


def look(
    number: int = 0,
    outcome: Outcome = Outcome.OK,
    *,
    target: str = "a",
    vantage: str = "here",
    at: datetime | None = None,
    http_us: int = 300_000,
) -> Judged:
    """A look, `number` hours after START; looks with other numbers, targets or vantage points have other bytes."""
    blobs: dict[str, bytes] = {}
    at = at or START + number * HOUR

    def keep(content: bytes) -> str:
        blobs[digest(content)] = content
        return digest(content)

    measurement = Measurement(
        target=TargetFacts(id=target, url=f"https://{target}.test/", category="NEWS"),
        vantage=VantageFacts(id=vantage, via="direct", country="CN", asn=4837, network="A network"),
        started_at=to_instant(at),
        runtime_us=1_000_000 + number,
        software=Software(name="wallwatch", version="0.1.0"),
        dns=(_lookup(target, keep(f"dns {target} {vantage} {number}".encode() * 3)),),
        tcp=(
            TcpConnect(
                connection=1, address="192.0.2.1", port=443, started_us=40_000, duration_us=50_000, failure=None
            ),
        ),
        tls=(_handshake(target, tuple(keep(one) for one in CHAIN)),),
        http=_fetches(
            target,
            keep(f"<p>page of {target}, look {number}</p>".encode() * 9) if outcome is Outcome.OK else None,
            http_us,
        ),
        controls=(_control(target, keep(f'{{"control": "{target} {vantage} {number}"}}'.encode())),),
    )
    return Judged(Finished(measurement=measurement, blobs=blobs), verdict(outcome))


def looks(outcomes: Sequence[Outcome], *, target: str = "a", vantage: str = "here") -> list[Judged]:
    """A series, an hour apart."""
    return [look(number, outcome, target=target, vantage=vantage) for number, outcome in enumerate(outcomes)]


def name(judged: Judged) -> str:
    return digest(judged.finished.measurement.to_canonical())


def _lookup(target: str, raw: str) -> DnsLookup:
    record = DnsRecord(name=f"{target}.test", type="A", value="192.0.2.1", ttl=60)
    reply = DnsReply(at_us=31_000, sender="192.0.2.53:53", rcode="NOERROR", records=(record,), raw=raw)
    return DnsLookup(
        name=f"{target}.test",
        type="A",
        resolver="system",
        started_us=1_000,
        duration_us=2_031_000,
        failure=None,
        addresses=("192.0.2.1",),
        replies=(reply,),
    )


def _handshake(target: str, chain: tuple[str, ...]) -> TlsHandshake:
    return TlsHandshake(
        connection=1,
        address="192.0.2.1",
        port=443,
        server_name=f"{target}.test",
        started_us=90_000,
        duration_us=20_000,
        failure=None,
        chain=chain,
    )


def _fetches(target: str, body: str | None, http_us: int) -> tuple[HttpFetch, ...]:
    return (
        HttpFetch(
            connection=1,
            url=f"https://{target}.test/",
            host=f"{target}.test",
            address="192.0.2.1",
            port=443,
            started_us=110_000,
            duration_us=http_us,
            failure=None if body else "connection_reset",
            status=200 if body else None,
            headers=(("Server", "=cmd|' /C calc'!A0"),),
            body=body,
        ),
    )


def _control(target: str, raw: str) -> ControlReport:
    return ControlReport(
        id="control-1",
        url="https://control.test/",
        asked_url=f"https://{target}.test/",
        started_us=0,
        duration_us=400_000,
        failure=None,
        raw=raw,
    )
