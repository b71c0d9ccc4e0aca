"""OONI's measurements in: each document gives a record that our rules judge, or a reason; nothing makes it raise."""

import csv
import gzip
import json
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.judge import Judge
from evidence.ooni_import import Refused, read_ooni
from models.measurement import Finished, digest, from_canonical
from models.observations import Purpose
from models.verdict import Verdict
from models.words import Mechanism, Outcome, Stage
from tests.judge.ooni_documents import (
    BLOCKED_TEXT,
    CAPTCHA_TEXT,
    FORGED_QUERIES,
    Json,
    as_bytes,
    certificate,
    connect,
    control,
    document,
    handshake,
    loaded,
    nameless,
    not_loaded,
    query,
    request,
    tags,
    works,
    works_plainly,
)
from tests.judge.records import BOGON, FORGED, NAME, SITE, SITE_2, judge, true_leaf

SHARED = Path(__file__).parents[3] / "shared" / "data" / "ooni"
needs_data = pytest.mark.skipif(
    not SHARED.is_dir(), reason="needs the data folder beside the project: ../shared/data/ooni"
)
HTTP = f"http://{NAME}/"
BAD = "ssl_unknown_authority"
LOST, RESET, REFUSED = "generic_timeout_error", "connection_reset", "connection_refused"
NEXT = "www.elsewhere.example"


def _led_on(url: str, **changes: object) -> Json:
    """Returns the keys of a walk whose site redirects to `url`, for the control to its page."""
    port = 443 if url.startswith("https") else 80
    keys = works(
        queries=[query(SITE), query(SITE, engine="doh"), query(SITE_2, name=NEXT, depth=1)],
        tcp_connect=[connect(SITE), connect(SITE_2, port=port, tags=tags(depth=1))],
        requests=[request("", status=308, location=url)],
    )
    return keys | changes


KINDS: list[tuple[str, Json, Outcome, Stage | None, Mechanism | None]] = [
    ("a site that works", document(), Outcome.OK, None, None),
    ("a site that works over http", document(HTTP, keys=works_plainly()), Outcome.OK, None, None),
    (
        "a bogon",
        document(
            keys=works(
                queries=[query(BOGON), query(SITE, engine="doh")], tcp_connect=[], tls_handshakes=[], requests=[]
            )
        ),
        Outcome.ANOMALY,
        Stage.DNS,
        Mechanism.DNS_BOGON,
    ),
    (
        "somebody else's address with a block page",
        document(
            HTTP,
            keys=works_plainly(
                queries=FORGED_QUERIES,
                tcp_connect=[connect(FORGED, port=80)],
                tls_handshakes=[],
                requests=[request(BLOCKED_TEXT, url=HTTP, address=FORGED, port=80)],
            ),
        ),
        Outcome.ANOMALY,
        Stage.DNS,
        Mechanism.DNS_FORGED_ANSWER,
    ),
    (
        "a transparent proxy that passes the true page",
        document(
            HTTP,
            keys=works_plainly(
                queries=FORGED_QUERIES,
                tcp_connect=[connect(FORGED, port=80), connect(FORGED, tags=tags(body=False))],
                tls_handshakes=[handshake(FORGED, tags=tags(body=False))],
                requests=[request(url=HTTP, address=FORGED, port=80)],
            ),
        ),
        Outcome.OK,
        None,
        None,
    ),
    (
        "another page over http",
        document(HTTP, keys=works_plainly(requests=[request(BLOCKED_TEXT, url=HTTP, port=80)])),
        Outcome.ANOMALY,
        Stage.HTTP,
        Mechanism.HTTP_DIFF,
    ),
    (
        "a bot challenge over http",
        document(HTTP, keys=works_plainly(requests=[request(CAPTCHA_TEXT, url=HTTP, port=80, status=503)])),
        Outcome.RESTRICTED,
        Stage.HTTP,
        None,
    ),
    (
        "a bot challenge over https",
        document(keys=works(requests=[request(CAPTCHA_TEXT, status=503)])),
        Outcome.RESTRICTED,
        Stage.HTTP,
        None,
    ),
    (
        "a block that outlived its site",
        document(
            HTTP,
            keys=works_plainly(
                queries=[*FORGED_QUERIES[:2], query(engine="doh", failure="dns_nxdomain_error")],
                tcp_connect=[connect(FORGED, port=80)],
                tls_handshakes=[],
                requests=[request(BLOCKED_TEXT, url=HTTP, address=FORGED, port=80)],
                control=nameless(),
            ),
        ),
        Outcome.ANOMALY,
        Stage.DNS,
        Mechanism.DNS_FORGED_ANSWER,
    ),
    (
        "a name that is gone",
        document(
            keys=works(
                queries=[query(failure="dns_nxdomain_error")],
                tcp_connect=[],
                tls_handshakes=[],
                requests=[],
                control=nameless(),
            )
        ),
        Outcome.DOWN,
        None,
        None,
    ),
    (
        "a server that is down",
        document(
            keys=works(
                tcp_connect=[connect(SITE, REFUSED)],
                tls_handshakes=[],
                requests=[],
                control=control(tcp_failure="connection_refused_error", page=not_loaded()),
            )
        ),
        Outcome.DOWN,
        None,
        None,
    ),
    (
        "a loopback address that the owner publishes",
        document(
            HTTP,
            keys=works_plainly(
                queries=[query("127.0.0.1"), query("127.0.0.1", engine="doh")],
                tcp_connect=[],
                tls_handshakes=[],
                requests=[],
                control=control("127.0.0.1", ports=(), page=not_loaded()),
            ),
        ),
        Outcome.DOWN,
        None,
        None,
    ),
    (
        "a reset after the ClientHello",
        document(keys=works(tls_handshakes=[handshake(SITE, RESET)], requests=[])),
        Outcome.ANOMALY,
        Stage.TLS,
        Mechanism.SNI_RESET,
    ),
    (
        "an untrusted certificate, only here",
        document(keys=works(tls_handshakes=[handshake(SITE, BAD)], requests=[])),
        Outcome.ANOMALY,
        Stage.TLS,
        Mechanism.TLS_MITM,
    ),
    (
        "a body that does not come, over https",
        document(
            keys=works(requests=[request("", failure=LOST)], control=control(page=loaded(body_length=16_777_216)))
        ),
        Outcome.ANOMALY,
        Stage.HTTP,
        Mechanism.HTTP_TIMEOUT,
    ),
    (
        "a refused connection after a redirect",
        document(
            keys=_led_on(f"http://{NEXT}/")
            | {"tcp_connect": [connect(SITE), connect(SITE_2, REFUSED, port=80, tags=tags(depth=1))]}
        ),
        Outcome.ANOMALY,
        Stage.TCP,
        Mechanism.IP_RESET,
    ),
    (
        "no answer after a redirect to http",
        document(
            keys=_led_on(
                f"http://{NEXT}/",
                requests=[
                    request(
                        "", url=f"http://{NEXT}/", status=0, failure=LOST, address=SITE_2, port=80, tags=tags(depth=1)
                    ),
                    request("", status=308, location=f"http://{NEXT}/"),
                ],
            )
        ),
        Outcome.ANOMALY,
        Stage.HTTP,
        Mechanism.HTTP_TIMEOUT,
    ),
    (
        "a closed handshake after a redirect",
        document(
            keys=_led_on(f"https://{NEXT}/")
            | {"tls_handshakes": [handshake(SITE), handshake(SITE_2, "eof_error", name=NEXT, tags=tags(depth=1))]}
        ),
        Outcome.ANOMALY,
        Stage.TLS,
        Mechanism.SNI_CLOSE,
    ),
    (
        "a page cut at the probe's cap",
        document(
            HTTP,
            keys=works_plainly(
                requests=[
                    request(url=HTTP, port=80)
                    | {"response": {"code": 200, "headers": {}, "body": "x" * 9_000, "body_is_truncated": True}}
                ],
                control=control(ports=(80, 443), page=loaded(body_length=16_777_216, title="")),
            ),
        ),
        Outcome.OK,
        None,
        None,
    ),
    (
        "a control that failed",
        document(keys=works(control={}, control_failure=RESET, tls_handshakes=[handshake(SITE, RESET)], requests=[])),
        Outcome.INCONCLUSIVE,
        None,
        None,
    ),
]


def _read(found: Json) -> Finished:
    (only,) = read_ooni(as_bytes(found))
    assert isinstance(only, Finished), only
    return only


def _verdict(found: Json) -> Verdict:
    finished = _read(found)
    return judge().verdict(finished.measurement, finished.blobs)


@pytest.mark.parametrize(("kind", "found", "outcome", "stage", "mechanism"), KINDS, ids=[kind[0] for kind in KINDS])
def test_imported_measurement_gets_the_verdict_of_its_kind(
    kind: str, found: Json, outcome: Outcome, stage: Stage | None, mechanism: Mechanism | None
) -> None:
    verdict = _verdict(found)
    assert (verdict.outcome, verdict.stage, verdict.mechanism) == (outcome, stage, mechanism), (kind, verdict)


def test_imported_measurement_keeps_the_bytes_as_they_came() -> None:
    data = as_bytes(document())
    finished = _read(document())
    assert finished.measurement.source == digest(data)
    assert finished.blobs[digest(data)] == data
    assert finished.measurement.origin == "ooni"


def test_imported_measurement_can_be_read_back_from_its_canonical_form() -> None:
    finished = _read(document())
    assert from_canonical(finished.measurement.to_canonical()) == finished.measurement


def test_imported_measurement_says_where_it_was_made_and_by_what() -> None:
    measurement = _read(document()).measurement
    assert (measurement.vantage.id, measurement.vantage.country, measurement.vantage.asn) == (
        "ooni-cn-as4837",
        "CN",
        4837,
    )
    assert measurement.started_at == "2024-02-12T20:33:47.000000Z"
    assert measurement.runtime_us == 1_250_000
    assert measurement.software.client == "web_connectivity 0.5.28"


def test_imported_measurement_is_filed_under_the_target_that_watches_its_url() -> None:
    (found,) = read_ooni(as_bytes(document()), {f"https://{NAME}/": "amnesty"})
    assert isinstance(found, Finished)
    assert found.measurement.target.id == "amnesty"


def test_imported_walk_is_what_the_systems_resolver_led_to() -> None:
    measurement = _read(document(HTTP, keys=works_plainly())).measurement
    assert [(x.port, x.purpose) for x in measurement.tcp] == [(80, Purpose.WALK), (443, Purpose.CHECK)]
    assert [x.purpose for x in measurement.dns] == [Purpose.WALK, Purpose.CHECK, Purpose.CHECK]


def test_imported_chain_is_kept_as_evidence() -> None:
    leaf = true_leaf()
    finished = _read(document(keys=works(tls_handshakes=[handshake(SITE, peer_certificates=[certificate(leaf)])])))
    assert finished.measurement.tls[0].chain == (digest(leaf),)
    assert finished.blobs[digest(leaf)] == leaf


def test_imported_duplicate_reply_settles_an_injection() -> None:
    keys = works(
        queries=[query(SITE), query(FORGED, engine="udp", as_number=1), query(SITE, engine="doh")],
        x_dns_duplicate_responses=[query(SITE, engine="udp")],
    )
    assert _verdict(document(keys=keys)).rule == "dns.two_authors"


def test_imported_requests_are_put_in_the_order_of_the_walk_when_the_probe_marks_no_depth() -> None:
    first = request("", url=HTTP, status=302, location=f"https://{NAME}/", tags=None)
    keys = works(requests=[request(tags=None), first, dict(first)])
    measurement = _read(document(HTTP, keys=keys, test_version="0.4.3")).measurement
    assert [(fetch.url, fetch.hop) for fetch in measurement.http] == [(HTTP, 0), (HTTP, 0), (f"https://{NAME}/", 1)]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"test_name": "tor"}, "test_name is tor; only web_connectivity is read"),
        ({"test_name": None}, "test_name is missing; only web_connectivity is read"),
        ({"test_version": "0.6.0"}, "test_version is 0.6.0; 0.0 to 0.5 are read"),
        ({"test_keys": None}, "test_keys is missing or null: the probe recorded nothing"),
        ({"input": ["a", "b"]}, "input is not an http or https URL"),
        ({"input": "https://[half"}, "input is not an http or https URL"),
        ({"input": "https://example.org:99999999/"}, "input is not an http or https URL"),
        ({"measurement_start_time": "yesterday"}, "measurement_start_time is not a date and time"),
    ],
)
def test_import_says_why_a_document_cannot_be_used(changes: Json, reason: str) -> None:
    assert list(read_ooni(as_bytes(document(**changes)))) == [Refused("", reason)]


def test_import_reads_json_lines_and_says_which_line_is_bad() -> None:
    lines = [as_bytes(document()), b"", b"{broken", as_bytes(document(HTTP, keys=works_plainly()))]
    first, bad, last = read_ooni(b"\n".join(lines))
    assert isinstance(first, Finished) and isinstance(last, Finished)
    assert bad == Refused("line 3", "it is not a JSON object")


@pytest.mark.parametrize(
    "data",
    [
        gzip.compress(as_bytes(document())),
        json.dumps(document(), indent=1).encode(),
        json.dumps([document()]).encode(),
        json.dumps({"anomaly": True, "raw_measurement": json.dumps(document())}).encode(),
        b"\n\n" + as_bytes(document()),
    ],
    ids=["gzip", "indented", "list", "wrapped by the API", "after empty lines"],
)
def test_import_reads_every_wrapping(data: bytes) -> None:
    (found,) = read_ooni(data)
    assert isinstance(found, Finished)


def test_import_reads_an_open_file() -> None:
    assert [type(found) for found in read_ooni(BytesIO(as_bytes(document())))] == [Finished]


@pytest.mark.parametrize("data", [b"", b"\n", b"null", b"[" * 90_000, b"\x1f\x8b broken", b"\xff\xfe", b"1" * 6_000])
def test_import_gives_a_reason_when_a_file_holds_no_measurement(data: bytes) -> None:
    (found,) = read_ooni(data)
    assert isinstance(found, Refused)
    assert found.reason


def test_import_says_so_when_a_gzip_breaks_off() -> None:
    found = list(read_ooni(gzip.compress(as_bytes(document()))[:-20]))
    assert isinstance(found[-1], Refused)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from([SITE, f"{SITE}:443"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_import_gives_a_record_or_a_reason_when_any_part_is_replaced(data: st.DataObject) -> None:
    found = document(keys=works(x_dns_duplicate_responses=[query(SITE, engine="udp")]))
    for _ in range(data.draw(st.integers(1, 3))):
        _replace_somewhere(found, data)
    for each in read_ooni(json.dumps(found).encode()):
        if isinstance(each, Finished):
            assert from_canonical(each.measurement.to_canonical())
            assert judge().verdict(each.measurement, each.blobs).reasons
        else:
            assert each.reason


def _replace_somewhere(found: Json, data: st.DataObject) -> None:
    at: object = found
    for _ in range(data.draw(st.integers(0, 4))):
        inner = [v for v in (at.values() if isinstance(at, dict) else at) if isinstance(v, dict | list) and v]  # type: ignore[attr-defined]
        if not inner:
            break
        at = data.draw(st.sampled_from(inner))
    if isinstance(at, dict):
        at[data.draw(st.sampled_from(sorted(at)))] = data.draw(json_values)
    elif isinstance(at, list):
        at[0] = data.draw(json_values)


@pytest.mark.data
@needs_data
def test_import_gives_a_record_or_a_reason_for_each_real_measurement() -> None:
    given_files = sorted((SHARED / "measurements").iterdir())
    results = {path.name: list(read_ooni(path.read_bytes())) for path in given_files}
    assert all(len(found) == 1 for found in results.values())
    assert sum(isinstance(found[0], Finished) for found in results.values()) == 12


def _expected() -> list[dict[str, str]]:
    path = SHARED / "qa" / "expected.csv"
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines())) if path.is_file() else []


@pytest.mark.data
@needs_data
@pytest.mark.parametrize("row", _expected(), ids=lambda row: row["scenario"])
def test_scenario_of_oonis_qa_matrix_gets_the_adjudicated_verdict(row: dict[str, str]) -> None:
    (found,) = read_ooni((SHARED / "qa" / f"{row['scenario']}.json").read_bytes())
    assert isinstance(found, Finished)
    verdict = Judge().verdict(found.measurement, found.blobs)
    assert verdict.outcome in row["outcomes"].split("|"), verdict
    assert (verdict.stage or "") == row["stage"]
