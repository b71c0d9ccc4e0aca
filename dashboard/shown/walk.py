"""One measurement as a list of steps in time order, each with what it was, what came of it, and when."""

from dataclasses import dataclass

from models.measurement import Measurement
from models.observations import (
    Contrast,
    ControlReport,
    DnsLookup,
    HttpFetch,
    Observation,
    Purpose,
    TcpConnect,
    TlsHandshake,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One network operation as it is listed."""

    operation: str  # the contract's word, or `control`
    what: str
    outcome: str  # in words, where it worked
    failure: str | None
    started_us: int
    duration_us: int
    hop: int
    purpose: Purpose
    contrast: str | None = None

    @property
    def expected(self) -> bool:
        """Many names have no IPv6 address: that answer is a failure word, and no trouble."""
        return self.failure == "dns_no_answer" and " AAAA " in self.what


def walk(measurement: Measurement) -> list[Step]:
    """Returns every step of a measurement, contrasts and controls included, in the order in which they began."""
    seen: list[Observation] = [*measurement.dns, *measurement.tcp, *measurement.tls, *measurement.http]
    steps = [_step(observation) for observation in seen]
    steps += [step for contrast in measurement.contrasts for step in contrast_steps(contrast)]
    steps += [_control(report) for report in measurement.controls]
    return sorted(steps, key=lambda step: (step.started_us, step.hop))


def contrast_steps(contrast: Contrast) -> list[Step]:
    """Returns the steps of one contrast."""
    seen: list[Observation] = [*contrast.dns, *contrast.tcp, *contrast.tls, *contrast.http]
    return [_step(observation, contrast.kind.value) for observation in seen]


def _step(observation: Observation, contrast: str | None = None) -> Step:
    operation, what, outcome = _told(observation)
    return Step(
        operation=operation,
        what=what,
        outcome=outcome,
        failure=observation.failure,
        started_us=observation.started_us,
        duration_us=observation.duration_us,
        hop=observation.hop,
        purpose=observation.purpose,
        contrast=contrast,
    )


def _told(seen: Observation) -> tuple[str, str, str]:
    if isinstance(seen, DnsLookup):
        return "dns_lookup", f"{seen.name} {seen.type} · {seen.resolver}", _addresses(seen)
    if isinstance(seen, TcpConnect):
        return "tcp_connect", endpoint(seen.address, seen.port), "connected"
    if isinstance(seen, TlsHandshake):
        name = seen.server_name or "no name sent"
        return "tls_handshake", f"{endpoint(seen.address, seen.port)} · {name}", _tls(seen)
    return "http_fetch", f"{seen.method} {seen.url}", _http(seen)


def endpoint(address: str, port: int) -> str:
    """Returns `192.0.2.1:443` or `[2001:db8::1]:443`."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _addresses(lookup: DnsLookup) -> str:
    shown = ", ".join(lookup.addresses[:6]) + (" …" if len(lookup.addresses) > 6 else "")
    several = f" · {len(lookup.replies)} replies" if len(lookup.replies) > 1 else ""
    return shown + several


def _tls(seen: TlsHandshake) -> str:
    return " · ".join(filter(None, (seen.version, seen.alpn, f"certificate: {seen.opinion}" if seen.opinion else None)))


def _http(seen: HttpFetch) -> str:
    to = f" → {seen.location}" if seen.location else ""
    return f"{seen.status or '?'}{to} · {seen.body_bytes:,} bytes"


def _control(report: ControlReport) -> Step:
    return Step(
        operation="control",
        what=f"{report.id} · {report.asked_url}",
        outcome=f"{report.status or report.http_failure or 'answered'}",
        failure=report.failure,
        started_us=report.started_us,
        duration_us=report.duration_us,
        hop=report.hop,
        purpose=Purpose.WALK,
    )
