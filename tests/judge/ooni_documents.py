"""Builders of documents in OONI's format, as its probes 0.5 would write them of networks that we make up."""

import base64
import json
from typing import Any

from tests.judge.records import FORGED, NAME, PAGE, PUBLIC, SITE

Json = dict[str, Any]
PAGE_TEXT = PAGE.decode()
BLOCKED_TEXT = "<html><head><title>Access denied by order</title></head><body>Not here.</body></html>"
CAPTCHA_TEXT = "<html><head><title>Attention Required! | Cloudflare</title></head><body>One more step</body></html>"
_HEADERS = {"Content-Type": "text/html; charset=utf-8", "X-Own": "yes"}


def document(url: str = f"https://{NAME}/", *, keys: Json | None = None, **changes: Any) -> Json:
    """Returns a whole measurement; `changes` set fields of the top level."""
    return {
        "annotations": {"engine_name": "ooniprobe-engine"},
        "data_format_version": "0.2.0",
        "input": url,
        "measurement_start_time": "2024-02-12 20:33:47",
        "probe_asn": "AS4837",
        "probe_cc": "CN",
        "software_name": "ooniprobe",
        "software_version": "3.22.0",
        "test_helpers": {"backend": {"address": "https://0.th.example/", "type": "https"}},
        "test_keys": keys if keys is not None else works(),
        "test_name": "web_connectivity",
        "test_runtime": 1.25,
        "test_version": "0.5.28",
    } | changes


def works(**changes: Any) -> Json:
    """Returns the test keys of a site that works over https; `changes` set some of them."""
    keys: Json = {
        "queries": [query(SITE), query(SITE, engine="udp"), query(SITE, engine="doh")],
        "tcp_connect": [connect(SITE)],
        "tls_handshakes": [handshake(SITE)],
        "requests": [request()],
        "control": control(),
        "control_failure": None,
    }
    return keys | changes


def works_plainly(**changes: Any) -> Json:
    """Returns the same over http, with the handshake that 0.5 adds to check the address."""
    keys = works(
        tcp_connect=[connect(SITE, port=80), connect(SITE, tags=tags(body=False))],
        tls_handshakes=[handshake(SITE, tags=tags(body=False))],
        requests=[request(url=f"http://{NAME}/", port=80)],
        control=control(ports=(80, 443)),
    )
    return keys | changes


def tags(*, depth: int = 0, classic: bool = True, body: bool = True) -> list[str]:
    return (["classic"] if classic else []) + [f"depth={depth}", f"fetch_body={'true' if body else 'false'}"]


def query(
    *addresses: str,
    engine: str = "getaddrinfo",
    failure: str | None = None,
    name: str = NAME,
    depth: int = 0,
    as_number: int = 15133,
) -> Json:
    asked = {"getaddrinfo": "", "udp": PUBLIC.removeprefix("udp://"), "doh": "https://dns.example/dns-query"}
    answers = [{"answer_type": "A", "ipv4": address, "asn": as_number, "ttl": None} for address in addresses]
    return {
        "engine": engine,
        "hostname": name,
        "query_type": "ANY" if engine == "getaddrinfo" else "A",
        "resolver_address": asked[engine],
        "failure": failure,
        "answers": answers or None,
        "t": 0.02,
        "tags": (["classic"] if engine == "getaddrinfo" else []) + [f"depth={depth}"],
    }


def connect(address: str, failure: str | None = None, *, port: int = 443, **changes: Any) -> Json:
    status = {"failure": failure, "success": failure is None}
    return {"ip": address, "port": port, "status": status, "t0": 0.03, "t": 0.07, "tags": tags()} | changes


def handshake(address: str, failure: str | None = None, *, name: str = NAME, **changes: Any) -> Json:
    given = {"network": "tcp", "server_name": name, "peer_certificates": None, "no_tls_verify": False, "tags": tags()}
    return given | {"address": f"{address}:443", "failure": failure, "t0": 0.08, "t": 0.12} | changes


def request(
    body: str = PAGE_TEXT,
    *,
    url: str = f"https://{NAME}/",
    status: int = 200,
    failure: str | None = None,
    address: str = SITE,
    port: int = 443,
    location: str | None = None,
    **changes: Any,
) -> Json:
    own = {} if body == BLOCKED_TEXT else {"X-Own": "yes"}  # which the site alone sends
    headers = {"Content-Type": "text/html; charset=utf-8"} | own | ({"Location": location} if location else {})
    answered = {"code": status, "headers": headers, "body": body, "body_is_truncated": False}
    return {
        "address": f"{address}:{port}",
        "failure": failure,
        "request": {"url": url, "method": "GET", "headers": {}},
        "response": answered,
        "tags": tags(),
    } | changes


def control(
    *addresses: str,
    ports: tuple[int, ...] = (443,),
    tls_failure: str | None = None,
    tcp_failure: str | None = None,
    page: Json | None = None,
    **changes: Any,
) -> Json:
    found = addresses or (SITE,)
    met = {f"{a}:{p}": {"status": tcp_failure is None, "failure": tcp_failure} for a in found for p in ports}
    shaken = {
        f"{a}:443": {"server_name": NAME, "status": tls_failure is None, "failure": tls_failure}
        for a in found
        if tcp_failure is None and 443 in ports
    }
    return {
        "dns": {"failure": None, "addrs": list(found)},
        "tcp_connect": met,
        "tls_handshake": shaken,
        "http_request": page or loaded(),
        "ip_info": {a: {"asn": 15133, "flags": 10 if tls_failure is None else 2} for a in found},
    } | changes


def loaded(**changes: Any) -> Json:
    title = "Amnesty International: human rights"
    return {
        "body_length": len(PAGE),
        "failure": None,
        "title": title,
        "headers": dict(_HEADERS),
        "status_code": 200,
    } | changes


def not_loaded(failure: str = "unknown_error") -> Json:
    return {"body_length": -1, "failure": failure, "title": "", "headers": {}, "status_code": -1}


def nameless() -> Json:
    """Returns the control's reply for a name that does not exist."""
    gone = {"failure": "dns_name_error", "addrs": []}
    return {"dns": gone, "tcp_connect": {}, "http_request": not_loaded("dns_name_error")}


def as_bytes(found: Json) -> bytes:
    return json.dumps(found).encode()


def certificate(der: bytes) -> Json:
    return {"format": "base64", "data": base64.b64encode(der).decode()}


FORGED_QUERIES = [
    query(FORGED, as_number=30722),
    query(FORGED, engine="udp", as_number=30722),
    query(SITE, engine="doh"),
]
