"""Measurements that nobody would think of, for properties that must hold of all."""

from hypothesis import strategies as st

from models.failures import Failure
from models.measurement import Measurement, Software, TargetFacts, VantageFacts, digest
from models.observations import (
    CanaryLook,
    Contrast,
    ContrastKind,
    ControlEndpoint,
    ControlReport,
    DnsLookup,
    DnsRecord,
    DnsReply,
    HttpFetch,
    Purpose,
    TcpConnect,
    TlsHandshake,
)
from tests.judge.records import (
    BLOCK_PAGE,
    BOGON,
    CDN,
    DOH,
    FORGED,
    NAME,
    NEUTRAL,
    PAGE,
    PUBLIC,
    SITE,
    SITE_2,
    forged_leaf,
    true_leaf,
)

ADDRESSES = [
    SITE,
    SITE_2,
    CDN,
    FORGED,
    NEUTRAL,
    BOGON,
    "127.0.0.1",
    "::1",
    "2606:2800:21f:cb07::1",
    "not an address",
    "",
]
NAMES = [NAME, "other.example", "example.com", SITE, ""]
BODIES = {
    digest(body): body for body in (PAGE, BLOCK_PAGE, b"", b"\xff\xfe<title>", forged_leaf(), true_leaf(), b"\x30\x82")
}

failures = st.one_of(st.none(), st.sampled_from([str(word) for word in Failure]), st.just("unknown_failure: odd"))
addresses = st.sampled_from(ADDRESSES)
names = st.sampled_from(NAMES)
hops = st.sampled_from([0, 0, 0, 1, 2, -1])
purposes = st.sampled_from([Purpose.WALK, Purpose.WALK, Purpose.CHECK, Purpose.CONTRAST])
ports = st.sampled_from([80, 443, 0])
moments = st.integers(-10, 20_000_000)
digests = st.one_of(st.none(), st.sampled_from([*BODIES, "sha256:absent", ""]))
urls = st.sampled_from([f"https://{NAME}/", f"http://{NAME}/", f"https://{SITE}/", "http://[::1", "", "https://", "::"])
texts = st.one_of(st.none(), st.text(max_size=30))
TIMES = {"started_us": moments, "duration_us": moments}


def several(strategy: st.SearchStrategy[object], most: int = 3) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(strategy, max_size=most).map(tuple)


records = st.builds(DnsRecord, name=names, type=st.sampled_from(["A", "AAAA", "CNAME"]), value=addresses)
replies = st.builds(
    DnsReply,
    at_us=moments,
    sender=texts,
    rcode=st.sampled_from(["NOERROR", "NXDOMAIN", "REFUSED", None]),
    records=several(records),
    malformed=st.one_of(st.none(), st.just("loop")),
    truncated=st.booleans(),
)
lookups = st.builds(
    DnsLookup,
    hop=hops,
    purpose=purposes,
    name=names,
    type=st.sampled_from(["A", "AAAA", "ANY", "?"]),
    resolver=st.sampled_from(["system", PUBLIC, DOH, "hosts", ""]),
    failure=failures,
    addresses=several(addresses),
    replies=several(replies),
    queries_sent=st.integers(0, 3),
    **TIMES,
)
connects = st.builds(
    TcpConnect,
    hop=hops,
    purpose=purposes,
    connection=st.integers(0, 3),
    address=addresses,
    port=ports,
    failure=failures,
    way_out_failure=st.one_of(st.none(), st.none(), failures),
    **TIMES,
)
handshakes = st.builds(
    TlsHandshake,
    hop=hops,
    purpose=purposes,
    connection=st.integers(0, 3),
    address=addresses,
    port=ports,
    server_name=st.one_of(st.none(), names),
    failure=failures,
    alert=st.one_of(st.none(), st.just("handshake_failure")),
    chain=several(digests.filter(lambda found: found is not None)),
    opinion=st.sampled_from([None, "ok", "ssl_unknown_authority", "ssl_invalid_hostname", "odd"]),
    **TIMES,
)
headers = several(
    st.tuples(st.sampled_from(["Content-Type", "Link", "Server", "cf-mitigated", "X-Own"]), st.text(max_size=20)), 4
)
fetches = st.builds(
    HttpFetch,
    hop=hops,
    purpose=purposes,
    connection=st.integers(0, 3),
    url=urls,
    host=names,
    address=addresses,
    port=ports,
    failure=failures,
    status=st.sampled_from([None, 200, 200, 302, 403, 404, 451, 500, -1]),
    headers=headers,
    location=st.one_of(st.none(), urls),
    body=digests,
    body_bytes=st.sampled_from([0, 90, 16_000, 90_000, -5]),
    body_truncated=st.booleans(),
    last_byte_us=st.one_of(st.none(), moments),
    **TIMES,
)
contrasts = st.builds(
    Contrast,
    kind=st.sampled_from(list(ContrastKind)),
    hop=hops,
    poisoned=st.booleans(),
    dns=several(lookups, 2),
    tcp=several(connects, 2),
    tls=several(handshakes, 2),
    http=several(fetches, 2),
)
endpoints = st.builds(
    ControlEndpoint, address=addresses, port=ports, tcp_failure=failures, tls_tried=st.booleans(), tls_failure=failures
)
controls = st.builds(
    ControlReport,
    hop=hops,
    id=st.just("control-1"),
    url=st.sampled_from(["https://control.example/", "http://127.0.0.1:8080/", "http://[", ""]),
    asked_url=urls,
    failure=st.one_of(st.none(), failures),
    dns_failure=failures,
    addresses=several(addresses),
    endpoints=several(endpoints),
    valid_addresses=several(addresses),
    asns=several(st.tuples(addresses, st.integers(-1, 3))),
    http_tried=st.booleans(),
    http_failure=failures,
    status=st.sampled_from([None, 200, 200, 404, 503, -1]),
    title=st.one_of(texts, st.just("Amnesty International: human rights")),
    headers=headers,
    body_length=st.sampled_from([None, -1, 0, len(PAGE), 200_000]),
    final_url=st.one_of(st.none(), urls),
    body_sketch=st.sampled_from([None, "mh1:", "mh1:" + "00" * 64]),
    **TIMES,
)
canaries = st.builds(
    CanaryLook,
    id=st.just("canary"),
    url=urls,
    expect=st.sampled_from(["loads", "blocked"]),
    started_at=st.just("2026-11-22T07:19:58.000000Z"),
    held=st.booleans(),
    failure=failures,
)
measurements = st.builds(
    Measurement,
    origin=st.sampled_from(["wallwatch", "ooni"]),
    target=st.builds(TargetFacts, id=st.just("amnesty"), url=urls),
    vantage=st.builds(
        VantageFacts, id=st.just("home"), via=st.just("direct"), consent=st.sampled_from(["operator", None])
    ),
    started_at=st.sampled_from(["2026-11-22T07:20:00.000000Z", "2026-11-22T07:20:00", "yesterday", ""]),
    runtime_us=moments,
    software=st.just(Software(name="wallwatch", version="0")),
    clock_offset_us=st.one_of(st.none(), st.integers(-(10**14), 10**14)),
    simulated=st.booleans(),
    ipv6=st.sampled_from([None, True, False]),
    timed_out=st.booleans(),
    own_fault=st.sampled_from([None, None, None, "EMFILE"]),
    dns=several(lookups),
    tcp=several(connects),
    tls=several(handshakes),
    http=several(fetches),
    contrasts=several(contrasts, 2),
    controls=several(controls, 2),
    canaries=several(canaries, 2),
)
"""Anything that the types allow, with the words and addresses of the cases, so that rules do fire."""
