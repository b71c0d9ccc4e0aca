"""Our measurements as OONI writes them: every field as the format has it, and the same verdict on the way back."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from evidence.judge import Judge
from evidence.ooni_export import original, to_blocking, to_ooni, unfit
from evidence.ooni_import import read_ooni
from lab.certificates import Authority
from lab.scenario import Played, Scenario, play
from lab.scenarios import SCENARIOS
from lab.selftest import at_once
from models.measurement import Finished, Measurement, VantageFacts
from models.roots import from_pem
from models.verdict import Verdict
from models.words import BLOCKED, Mechanism, Outcome, Stage
from tests.judge.ooni_documents import as_bytes, document
from tests.scheduler.made import finished


class Strict(msgspec.Struct, forbid_unknown_fields=True):
    """A part of the format: each field is there, and no other."""


class Answer(Strict):
    answer_type: str
    ttl: int | None
    ipv4: str | None = None
    ipv6: str | None = None
    hostname: str | None = None
    asn: int = 0
    as_org_name: str = ""


class Query(Strict):
    answers: list[Answer] | None
    engine: str
    failure: str | None
    getaddrinfo_error: int
    hostname: str
    query_type: str
    raw_response: str | None
    rcode: int
    resolver_hostname: None
    resolver_port: None
    resolver_address: str
    t0: float
    t: float
    tags: list[str]
    transaction_id: int


class Status(Strict):
    success: bool
    failure: str | None


class Connect(Strict):
    ip: str
    port: int
    status: Status
    t0: float
    t: float
    tags: list[str]
    transaction_id: int


class Binary(Strict):
    format: str
    data: str


class Handshake(Strict):
    network: str
    address: str
    cipher_suite: str
    failure: str | None
    so_error: None
    negotiated_protocol: str
    no_tls_verify: bool
    peer_certificates: list[Binary]
    server_name: str
    t0: float
    t: float
    tags: list[str]
    tls_version: str
    transaction_id: int


class Tor(Strict):
    exit_ip: None
    exit_name: None
    is_tor: bool


class Request(Strict):
    method: str
    url: str
    headers: dict[str, str]
    headers_list: list[tuple[str, str]]
    body: str
    body_is_truncated: bool
    tor: Tor
    x_transport: str


class Response(Strict):
    code: int
    headers: dict[str, str]
    headers_list: list[tuple[str, str]]
    body: str | Binary
    body_is_truncated: bool


class Transaction(Strict):
    network: str
    address: str
    alpn: str
    failure: str | None
    request: Request
    response: Response
    t0: float
    t: float
    tags: list[str]
    transaction_id: int


class Keys(Strict):
    agent: str
    client_resolver: str
    retries: None
    socksproxy: None
    network_events: list[Any]
    queries: list[Query]
    tcp_connect: list[Connect]
    tls_handshakes: list[Handshake]
    requests: list[Transaction]
    control_failure: str | None
    control: dict[str, Any]
    dns_experiment_failure: str | None
    dns_consistency: str | None
    http_experiment_failure: str | None
    body_proportion: float
    body_length_match: bool | None
    headers_match: bool | None
    status_code_match: bool | None
    title_match: bool | None
    blocking: str | bool | None
    accessible: bool | None
    x_dns_duplicate_responses: list[Query] | None = None


class Document(Strict):
    annotations: dict[str, str]
    data_format_version: str
    extensions: dict[str, int]
    input: str
    input_hashes: list[str]
    measurement_start_time: str
    options: list[str]
    probe_asn: str
    probe_cc: str
    probe_city: None
    probe_ip: str
    probe_network_name: str
    report_id: str
    resolver_asn: str
    resolver_ip: str
    resolver_network_name: str
    software_name: str
    software_version: str
    test_helpers: dict[str, Any]
    test_keys: Keys
    test_name: str
    test_runtime: float
    test_start_time: str
    test_version: str


AUTHORITY = Authority("The authority of the tests of exports")
ROOTS = from_pem(AUTHORITY.pem)
Lab = Mapping[str, Played]


@pytest.fixture(scope="session")
def lab() -> Lab:
    """Every scenario, played once."""
    places = asyncio.Semaphore(at_once())

    async def one(scenario: Scenario) -> Played:
        async with places:
            return await play(scenario, AUTHORITY)

    async def every() -> list[Played]:
        return await asyncio.gather(*(one(scenario) for scenario in SCENARIOS))

    return {played.scenario.id: played for played in asyncio.run(every())}


def read_back(document: Mapping[str, Any]) -> Finished:
    (found,) = read_ooni(json.dumps(document).encode())
    assert isinstance(found, Finished), found
    return found


def exported(played: Played) -> Mapping[str, Any]:
    return to_ooni(played.measurement, played.verdict, played.blobs)


def reason(played: Played) -> str | None:
    return unfit(replace(played.measurement, simulated=False), played.verdict)


def test_every_scenario_is_written_as_the_format_has_it(lab: Lab) -> None:
    for played in lab.values():
        msgspec.convert(exported(played), Document)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.id)
def test_export_is_judged_alike_when_it_is_read_back(scenario: Scenario, lab: Lab) -> None:
    played = lab[scenario.id]
    if why := reason(played):
        pytest.skip(f"left out of exports: {why}")
    back = read_back(exported(played))
    measurement = replace(back.measurement, simulated=True, vantage=played.measurement.vantage)
    judge = Judge(roots=ROOTS)
    verdict, given = judge.verdict(measurement, back.blobs), judge.verdict(told_by(played), played.blobs)
    assert (verdict.outcome, verdict.stage) == (given.outcome, given.stage), (verdict, given)
    assert verdict.outcome not in BLOCKED or played.verdict.outcome in BLOCKED, "an export never adds a block"


def told_by(played: Played) -> Measurement:
    """The record without what OONI's format has no place for."""
    seen = played.measurement
    controls = tuple(report for report in seen.controls if report.hop == 0)
    pages = tuple(replace(fetch, first_byte_us=None, last_byte_us=None) for fetch in seen.http)
    return replace(seen, contrasts=(), baseline=None, canaries=(), controls=controls, http=pages)


def test_export_takes_what_was_imported_as_it_came() -> None:
    source = json.dumps(document(), indent=2).encode()
    (found,) = read_ooni(source)
    assert isinstance(found, Finished)
    line = original(found.measurement, found.blobs)
    assert line is not None
    assert b"\n" not in line
    assert line.replace(b" ", b"") == source.replace(b" ", b"").replace(b"\n", b"")
    assert json.loads(line) == document()
    (again,) = read_ooni(as_bytes(document()))
    assert isinstance(again, Finished)
    assert original(again.measurement, again.blobs) == as_bytes(document())


def test_export_holds_no_address_but_those_of_servers() -> None:
    own = b"Hello 203.0.113.77, also known as 2001:db8:77::1; we are 192.0.2.1, version 1.2.3"
    one = finished(body=own)
    resolver = replace(one.measurement.dns[0], resolver="udp://198.51.100.53:53")
    seen = replace(
        one.measurement, dns=(resolver,), vantage=VantageFacts(id="home", via="direct", country="DE", asn=64500)
    )
    page = replace(seen.http[0], headers=(("X-Client", "203.0.113.77"), ("Set-Cookie", "ip=2001:db8:77::1")))
    seen = replace(seen, http=(page,))
    written = json.dumps(to_ooni(seen, given(Outcome.OK), one.blobs))
    assert "203.0.113.77" not in written
    assert "2001:db8:77::1" not in written
    assert "198.51.100.53" not in written
    assert "home" not in written
    assert "Hello [scrubbed], also known as [scrubbed]; we are 192.0.2.1, version 1.2.3" in written
    assert (json.loads(written)["probe_ip"], json.loads(written)["probe_asn"]) == ("127.0.0.1", "AS64500")


def given(outcome: Outcome, stage: Stage | None = None, mechanism: Mechanism | None = None) -> Verdict:
    return Verdict(outcome=outcome, stage=stage, mechanism=mechanism, rule="http.given", ruleset="test")


@pytest.mark.parametrize(
    ("verdict", "blocking", "accessible"),
    [
        (given(Outcome.OK), False, True),
        (given(Outcome.DOWN), False, False),
        (given(Outcome.RESTRICTED, Stage.HTTP), False, False),
        (given(Outcome.INCONCLUSIVE), None, None),
        (given(Outcome.ANOMALY, Stage.DNS, Mechanism.DNS_TIMEOUT), "dns", False),
        (given(Outcome.CONFIRMED, Stage.TCP, Mechanism.IP_RESET), "tcp_ip", False),
        (given(Outcome.CONFIRMED, Stage.TLS, Mechanism.SNI_RESET), "http-failure", False),
        (given(Outcome.ANOMALY, Stage.HTTP, Mechanism.HTTP_RESET), "http-failure", False),
        (given(Outcome.CONFIRMED, Stage.HTTP, Mechanism.BLOCKPAGE), "http-diff", False),
    ],
)
def test_verdict_is_told_in_words_of_oonis(verdict: Verdict, blocking: object, accessible: object) -> None:
    assert to_blocking(verdict) == (blocking, accessible)


def test_export_leaves_out_what_the_format_would_make_look_like_a_block() -> None:
    one = finished().measurement
    offline = Verdict(outcome=Outcome.INCONCLUSIVE, rule="measurement.offline", ruleset="test")
    assert unfit(one, given(Outcome.OK)) is None
    assert unfit(one, offline) is not None
    assert unfit(replace(one, simulated=True), given(Outcome.OK)) == "of a simulated internet"
    assert unfit(replace(one, origin="series"), given(Outcome.OK)) is not None
