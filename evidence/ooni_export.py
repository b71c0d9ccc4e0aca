"""Our measurements in OONI's format, web_connectivity 0.5, for the tools that read it; the way back is `ooni_import`.

Only what the format can say, and what is true of us: `x_` fields of probes that do other things are left out.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from evidence.ooni_export_steps import Steps
from models.measurement import Measurement, digest
from models.observations import ControlReport, Purpose
from models.verdict import Verdict
from models.words import BLOCKED, Mechanism, Outcome, Stage

Json = dict[str, Any]
TEST_VERSION = "0.5.0"
_NO_CONTROL = "unknown_failure: no control was asked"
_DIFFERS = frozenset({Mechanism.HTTP_DIFF, Mechanism.BLOCKPAGE, Mechanism.BLOCKPAGE_REDIRECT})
_OF_TH, _OF_PROBE, _VALID = 2, 1, 8  # flags of ip_info


def unfit(measurement: Measurement, verdict: Verdict) -> str | None:
    """Returns why a measurement has no place among OONI's, in words that follow a count; null where it has."""
    if measurement.origin == "ooni":
        return None
    proxied = [look.way_out_failure for look in measurement.dns] + [step.way_out_failure for step in measurement.tcp]
    reasons = {
        "of a simulated internet": measurement.simulated,
        "rows of other people's series, without anything that was seen": measurement.origin == "series",
        "made while the vantage point itself could not see, which OONI's format cannot say": (
            verdict.rule.startswith("measurement.")
        ),
        "in which a proxy failed, which OONI's format cannot say": any(proxied),
        "in which only contrasts show that a failure is no block, and OONI's format has no place for them": (
            bool(measurement.contrasts) and verdict.outcome not in BLOCKED
        ),
    }
    return next((why for why, holds in reasons.items() if holds), None)


def original(measurement: Measurement, blobs: Mapping[str, bytes]) -> bytes | None:
    """Returns the document that an imported measurement was read from, on one line; null where there is none.

    Line breaks lie between a document's tokens, never within a string, so blanks in their place change nothing.
    """
    if measurement.origin != "ooni":
        return None
    found = blobs.get(measurement.source or "")
    return found.replace(b"\r", b" ").replace(b"\n", b" ") if found is not None else None


def to_ooni(measurement: Measurement, verdict: Verdict, blobs: Mapping[str, bytes]) -> Json:
    """Returns a document that `read_ooni` and OONI's own tools read; without the vantage point's address."""
    vantage, software = measurement.vantage, measurement.software
    started = measurement.started_at[:19].replace("T", " ")
    return {
        "annotations": _annotations(measurement, verdict),
        "data_format_version": "0.2.0",
        "extensions": {"dnst": 0, "httpt": 0, "tcpconnect": 0, "tlshandshake": 0},
        "input": measurement.target.url,
        "input_hashes": [],
        "measurement_start_time": started,
        "options": [],
        "probe_asn": f"AS{vantage.asn or 0}",
        "probe_cc": vantage.country or "ZZ",
        "probe_city": None,
        "probe_ip": "127.0.0.1",
        "probe_network_name": vantage.network or "",
        "report_id": "",
        "resolver_asn": "AS0",
        "resolver_ip": "",
        "resolver_network_name": "",
        "software_name": software.name,
        "software_version": software.version,
        "test_helpers": _helpers(measurement.controls),
        "test_keys": _keys(measurement, verdict, blobs),
        "test_name": "web_connectivity",
        "test_runtime": measurement.runtime_us / 1e6,
        "test_start_time": started,
        "test_version": TEST_VERSION,
    }


def _annotations(measurement: Measurement, verdict: Verdict) -> dict[str, str]:
    """Says who measured, what we made of it, and where the whole record is; all of OONI's annotations are text."""
    software = measurement.software
    told = {
        "engine_name": "wallwatch",
        "engine_version": software.version,
        "wallwatch_measurement": digest(measurement.to_canonical()),
        "wallwatch_started_at": measurement.started_at,
        "wallwatch_outcome": verdict.outcome.value,
        "wallwatch_stage": verdict.stage.value if verdict.stage else "",
        "wallwatch_mechanism": verdict.mechanism.value if verdict.mechanism else "",
        "wallwatch_rule": verdict.rule,
        "wallwatch_ruleset": verdict.ruleset,
    }
    return {name: text for name, text in told.items() if text}


def _helpers(controls: Iterable[ControlReport]) -> Json:
    first = next(iter(controls), None)
    return {"backend": {"address": first.url, "type": "https"}} if first else {}


def _keys(measurement: Measurement, verdict: Verdict, blobs: Mapping[str, bytes]) -> Json:
    steps = Steps.of(measurement, blobs)
    control = next((report for report in measurement.controls if report.hop == 0), None)
    blocking, accessible = to_blocking(verdict)
    keys: Json = {
        "agent": "redirect",
        "client_resolver": "",
        "retries": None,
        "socksproxy": None,
        "network_events": [],
        "queries": steps.queries(),
        "tcp_connect": steps.connects(),
        "tls_handshakes": steps.handshakes(),
        "requests": steps.requests(),
        "control_failure": control.failure if control else _NO_CONTROL,
        "control": _control(control, steps) if control and control.failure is None else {},
        "dns_experiment_failure": _name_failure(measurement),
        "dns_consistency": _consistency(verdict),
        "http_experiment_failure": steps.last_failure(),
        "body_proportion": 0.0,
        "body_length_match": None,
        "headers_match": None,
        "status_code_match": None,
        "title_match": None,
        "blocking": blocking,
        "accessible": accessible,
    }
    later = steps.later_replies()
    return keys | ({"x_dns_duplicate_responses": later} if later else {})


def to_blocking(verdict: Verdict) -> tuple[str | bool | None, bool | None]:
    """Returns OONI's `blocking` and `accessible` for one of our verdicts.

    A site that refuses us itself, and one that is down for all, are both "false, false": not blocked, not reached.
    """
    if verdict.outcome in BLOCKED:
        return _how(verdict), False
    by_outcome: dict[Outcome, tuple[bool | None, bool | None]] = {
        Outcome.OK: (False, True),
        Outcome.DOWN: (False, False),
        Outcome.RESTRICTED: (False, False),
    }
    return by_outcome.get(verdict.outcome, (None, None))


def _how(verdict: Verdict) -> str:
    if verdict.stage is Stage.DNS:
        return "dns"
    if verdict.stage is Stage.TCP:
        return "tcp_ip"
    return "http-diff" if verdict.mechanism in _DIFFERS else "http-failure"


def _consistency(verdict: Verdict) -> str | None:
    if verdict.outcome is Outcome.OK:
        return "consistent"
    return "inconsistent" if verdict.outcome in BLOCKED and verdict.stage is Stage.DNS else None


def _name_failure(measurement: Measurement) -> str | None:
    """Returns why the visitor's own resolver gave no address at all."""
    walk = [look for look in measurement.dns if look.purpose is Purpose.WALK and look.hop == 0]
    if any(look.failure is None for look in walk):
        return None
    return next((look.failure for look in walk), None)


def _control(report: ControlReport, steps: Steps) -> Json:
    met = {f"{steps.endpoint(e.address, e.port)}": e for e in report.endpoints}
    return {
        "tcp_connect": {name: _met(e.tcp_failure) for name, e in met.items()},
        "tls_handshake": {
            name: {"server_name": steps.host, **_met(e.tls_failure)} for name, e in met.items() if e.tls_tried
        },
        "quic_handshake": {},
        "http_request": {
            "body_length": -1 if report.body_length is None else report.body_length,
            "discovered_h3_endpoint": "",
            "failure": report.http_failure,
            "title": report.title or "",
            "headers": dict(reversed(report.headers)),
            "status_code": -1 if report.status is None else report.status,
        },
        "http3_request": None,
        "dns": {"failure": report.dns_failure, "addrs": list(report.addresses)},
        "ip_info": _about_addresses(report, steps),
    }


def _met(failure: str | None) -> Json:
    return {"status": failure is None, "failure": failure}


def _about_addresses(report: ControlReport, steps: Steps) -> Json:
    numbers = dict(report.asns)
    return {
        address: {
            "asn": numbers.get(address, 0),
            "flags": _OF_PROBE * (address in steps.resolved)
            + _OF_TH * (address in report.addresses)
            + _VALID * (address in report.valid_addresses),
        }
        for address in dict.fromkeys([*steps.resolved, *report.addresses, *numbers, *report.valid_addresses])
    }
