"""Measurements made by hand, for what carries them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from models.measurement import Finished, Measurement, Software, TargetFacts, VantageFacts, digest, to_instant
from models.observations import ControlEndpoint, ControlReport, DnsLookup, HttpFetch, Purpose, TcpConnect
from models.verdict import Verdict
from models.words import Mechanism, Outcome

START = datetime(2026, 11, 22, 7, 20, tzinfo=UTC)


def finished(
    n: int = 0, *, target: str = "a", vantage: str = "here", body: bytes = b"<title>A</title>", at=None
) -> Finished:
    """A plain http look that loaded, `n` minutes after START."""
    page = digest(body)
    at = at or START + timedelta(minutes=n)
    lookup = DnsLookup(
        name="a.test",
        type="A",
        resolver="system",
        started_us=0,
        duration_us=900,
        failure=None,
        addresses=("192.0.2.1",),
    )
    connect = TcpConnect(connection=1, address="192.0.2.1", port=80, started_us=1000, duration_us=500, failure=None)
    fetch = HttpFetch(
        purpose=Purpose.WALK,
        connection=1,
        url="http://a.test/",
        host="a.test",
        address="192.0.2.1",
        port=80,
        started_us=1500,
        duration_us=500,
        failure=None,
        status=200,
        body=page,
        body_bytes=len(body),
    )
    measurement = Measurement(
        target=TargetFacts(id=target, url="http://a.test/"),
        vantage=VantageFacts(id=vantage, via="direct", consent="operator, 2026-11-22"),
        started_at=to_instant(at),
        runtime_us=2000,
        software=Software(name="wallwatch", version="0"),
        dns=(lookup,),
        tcp=(connect,),
        http=(fetch,),
    )
    return Finished(measurement=measurement, blobs={page: body})


def verdict(outcome: Outcome, mechanism: Mechanism | None = None) -> Verdict:
    return Verdict(outcome=outcome, mechanism=mechanism, rule="test.given", ruleset="test")


def reset_here(n: int = 0, *, target: str = "a", at: datetime | None = None) -> Finished:
    """A look whose request was reset, while the control loaded the page."""
    loaded = finished(n, target=target, at=at)
    measurement = loaded.measurement
    (fetch,) = measurement.http
    page = replace(fetch, failure="connection_reset", status=None, body=None, body_bytes=0)
    control = ControlReport(
        id="control-1",
        url="https://control.test/",
        asked_url=fetch.url,
        started_us=0,
        duration_us=1000,
        failure=None,
        addresses=("192.0.2.1",),
        endpoints=(ControlEndpoint(address="192.0.2.1", port=80, tcp_failure=None),),
        http_tried=True,
        status=200,
        body_length=100,
    )
    return Finished(measurement=replace(measurement, http=(page,), controls=(control,)), blobs={})
