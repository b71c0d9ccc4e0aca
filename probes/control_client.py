"""Asks a control, a `wallwatch control` or an OONI test helper, what it sees of the same URL at the same moment."""

import ipaddress
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec

from models.failures import Failure, unknown
from models.observations import ControlEndpoint, ControlReport
from models.targets import Control
from probes import request
from probes.addresses import is_public
from probes.blobs import Blobs
from probes.clock import Clock
from probes.control_protocol import MEDIA, PRIVATE, About, Answer, Asked, from_endpoint
from probes.dns_lookup import dns_lookup
from probes.failure import Word
from probes.places import Place, place
from probes.post import Posted, post
from probes.together import together
from probes.ways import WayOut
from probes.ways.bind import Bind
from probes.ways.direct import Direct

LONGEST_WAIT = 30.0
_DNS_SHARE = 5.0
_ANSWER = msgspec.json.Decoder(Answer)
_FARTHEST_OFF = timedelta(days=36_525)
_MOST_FIELDS = 100
_LONGEST_FIELD = 4096

# Test helpers say these for what we, and OONI's probes, call otherwise.
_LEGACY = {
    "dns_name_error": Failure.DNS_NXDOMAIN_ERROR,
    "dns_lookup_error": Failure.DNS_NXDOMAIN_ERROR,
    "dns_server_failure": Failure.DNS_SERVER_MISBEHAVING,
    "connection_refused_error": Failure.CONNECTION_REFUSED,
    "tcp_timed_out_error": Failure.GENERIC_TIMEOUT_ERROR,
    "connect_error": unknown("connect_error"),
    "unknown_error": unknown("unknown_error"),
}


async def ask_control(
    control: Control,
    url: str,
    endpoints: Sequence[str],
    *,
    clock: Clock,
    blobs: Blobs,
    hop: int = 0,
    timeout: float = LONGEST_WAIT,
) -> ControlReport:
    """Asks about a URL and the endpoints ("address:port") that this vantage point was given for it.

    Whatever goes wrong is the report's `failure`: a control that cannot be asked says nothing about the target.
    """
    report = ControlReport(
        hop=hop, id=control.id, url=control.url, asked_url=url, started_us=clock.us(), duration_us=0, failure=None
    )
    try:
        posted = await _post(control, _asked(url, endpoints), min(timeout, LONGEST_WAIT))
        report = replace(report, raw=blobs.put(posted.body))
        report = _told(report, posted)
    except Word as failed:
        report = replace(report, failure=failed.word)
    except ValueError as why:  # msgspec's are ValueErrors
        report = replace(report, failure=Failure.JSON_PARSE_ERROR if report.raw else unknown(str(why)))
    return replace(report, duration_us=clock.since(report.started_us))


def _asked(url: str, endpoints: Sequence[str]) -> bytes:
    headers = {"Accept": request.ACCEPT, "Accept-Language": request.ACCEPT_LANGUAGE, "User-Agent": request.USER_AGENT}
    asked = Asked(
        http_request=url,
        http_request_headers={name: [value] for name, value in headers.items()},
        tcp_connect=list(endpoints)[:64],
    )
    return msgspec.json.encode(asked)


async def _post(control: Control, content: bytes, timeout: float) -> Posted:
    to, way = place(control.url), Direct(Bind())
    addresses = (to.host,) if to.is_address else await _find(to, way)
    if to.scheme == "http" and any(is_public(address) for address in addresses):
        raise ValueError("a control on the internet is asked over https alone; plain http could be forged on the way")
    posted = await post(to, content, MEDIA, way=way, addresses=addresses, timeout=timeout)
    if posted.status != 200:
        raise Word(Failure.HTTP_UNEXPECTED_STATUS_CODE)
    return posted


async def _find(to: Place, way: WayOut) -> tuple[str, ...]:
    found = await together(
        dns_lookup(to.host, kind, "system", way=way, clock=Clock(), timeout=_DNS_SHARE, window=0, blobs=Blobs())
        for kind in ("A", "AAAA")
    )
    addresses = tuple(address for lookup in found for address in lookup.addresses)
    if not addresses:
        raise Word(found[0].failure or Failure.DNS_NO_ANSWER)
    return addresses


def _told(report: ControlReport, posted: Posted) -> ControlReport:
    """Carries a reply over into a report; raises ValueError where it is none."""
    answer = _ANSWER.decode(posted.body)
    page = answer.http_request
    about = answer.ip_info or {}
    got_page = page.failure is None and page.status_code > 0
    return replace(
        report,
        dns_failure=_word(answer.dns.failure),
        addresses=tuple(_address(one) for one in answer.dns.addrs or ()),
        endpoints=_endpoints(answer),
        valid_addresses=tuple(_address(a) for a, known in about.items() if known.flags & About.VALID_FOR_DOMAIN),
        asns=tuple((_address(address), known.asn) for address, known in about.items() if known.asn > 0),
        http_tried=got_page or page.failure not in (None, PRIVATE),
        http_failure=_word(page.failure),
        status=page.status_code if page.status_code > 0 else None,
        title=page.title or None,
        headers=tuple((name, value[:_LONGEST_FIELD]) for name, value in (page.headers or {}).items())[:_MOST_FIELDS],
        body_length=page.body_length if page.body_length >= 0 else None,
        final_url=page.x_final_url,
        body_sketch=page.x_body_sketch,
        clock_offset_us=_offset(answer.x_time),
    )


def _endpoints(answer: Answer) -> tuple[ControlEndpoint, ...]:
    handshakes = answer.tls_handshake or {}
    met = []
    for endpoint, tcp in (answer.tcp_connect or {}).items():
        address, port = from_endpoint(endpoint)
        tls = handshakes.get(endpoint)
        met.append(
            ControlEndpoint(
                address=address,
                port=port,
                tcp_failure=_ended(tcp.status, tcp.failure),
                tls_tried=tls is not None,
                tls_failure=_ended(tls.status, tls.failure) if tls else None,
            )
        )
    return tuple(met)


def _ended(status: bool, failure: str | None) -> str | None:
    return None if status else _word(failure) or unknown("the control gives no reason")


def _word(failure: str | None) -> str | None:
    return _LEGACY.get(failure, failure) if failure else None


def _address(text: str) -> str:
    return str(ipaddress.ip_address(text))


def _offset(said: str | None) -> int | None:
    """How far this machine's clock is ahead of the control's, in microseconds; unsure by the way the reply took."""
    if said is None:
        return None
    there = datetime.fromisoformat(said)
    if there.tzinfo is None:
        raise ValueError("x_time has no time zone")
    ahead = datetime.now(UTC) - there
    if abs(ahead) > _FARTHEST_OFF:
        raise ValueError("x_time is no time of our days")
    return ahead // timedelta(microseconds=1)
