"""How a verdict accounts for itself: the facts it stood on, what the control saw, and what contrasts showed."""

from evidence.facts import Facts, Hop
from evidence.facts_tls import completed
from evidence.wording import in_words, listed, mark_words, short, tally
from models.observations import Contrast, ControlReport, Observation

_MOST = 40


def facts_of(facts: Facts) -> tuple[str, ...]:
    """Returns one short line for each kind of step at each hop."""
    lines = [line for hop in facts.hops for line in (*_dns(hop), *_tcp(hop), *_tls(hop), *_http(hop), *_marks(hop))]
    return tuple((*lines, *_canaries(facts))[:_MOST])


def control_saw(facts: Facts) -> str | None:
    """Returns in one line what the control saw of the whole walk, null where there is none."""
    reports = facts.measurement.controls
    if not reports:
        return None
    return "; ".join(_report(report) for report in reports[:3])


def contrasts_showed(facts: Facts) -> tuple[str, ...]:
    """Returns one line for each contrast; those that do not count say why."""
    return tuple(_contrast(contrast) for contrast in facts.measurement.contrasts[:_MOST])


def _at(hop: Hop) -> str:
    return f" at redirect {hop.number}" if hop.number else ""


def _dns(hop: Hop) -> list[str]:
    return [
        f"dns{_at(hop)} {short(view.resolver)}: {listed(view.addresses) if view.addresses else in_words(view.failure)}"
        for view in hop.dns.resolvers[:3]
    ]


def _tcp(hop: Hop) -> list[str]:
    if not hop.tcp.walk:
        return []
    failed = [attempt.failure for attempt in hop.tcp.walk if attempt.failure is not None]
    told = f"; {tally(failed)}" if failed else ""
    return [f"tcp{_at(hop)} {len(hop.tcp.connected)} of {len(hop.tcp.walk)} connected{told}"]


def _tls(hop: Hop) -> list[str]:
    if not hop.tls.walk:
        return []
    valid = sum(completed(hello) and hop.tls.valid(hello) for hello in hop.tls.walk)
    return [
        f"tls{_at(hop)} {len(hop.tls.completed)} of {len(hop.tls.walk)} handshakes done, {valid} with a valid certificate"
    ]


def _http(hop: Hop) -> list[str]:
    fetch = hop.http.fetch
    if fetch is None:
        return []
    status = fetch.status if fetch.status is not None else "none"
    return [f"http{_at(hop)} status {status}, {fetch.body_bytes} octets, {in_words(fetch.failure)}"]


def _marks(hop: Hop) -> list[str]:
    """Returns the fingerprints that matched, those too that settle nothing; a page that is the site's is not held against any."""
    told = [*hop.marks.of_answers, *hop.marks.of_page]
    return [f"mark{_at(hop)} {mark.kind}, {mark.weight.value.replace('_', ' ')}: {mark_words([mark])}" for mark in told]


def _canaries(facts: Facts) -> list[str]:
    canaries = facts.measurement.canaries
    return [f"canaries {sum(c.held for c in canaries)} of {len(canaries)} held"] if canaries else []


def _report(report: ControlReport) -> str:
    if report.failure is not None:
        return f"{short(report.id)} could not be asked ({in_words(report.failure)})"
    names = listed(report.addresses) if report.addresses else in_words(report.dns_failure or "no address")
    connected = sum(endpoint.tcp_failure is None for endpoint in report.endpoints)
    page = f"status {report.status}" if report.http_failure is None else in_words(report.http_failure)
    parts = [f"addresses {names}", f"{connected} of {len(report.endpoints)} connected"]
    return f"{short(report.id)}: " + ", ".join([*parts, f"page {page}"] if report.http_tried else parts)


def _contrast(contrast: Contrast) -> str:
    steps: list[Observation] = [*contrast.dns, *contrast.tcp, *contrast.tls, *contrast.http]
    told = ", ".join(in_words(step.failure) for step in steps[-2:]) or "not done"
    spoilt = " (does not count: residual blocking could explain it)" if contrast.poisoned else ""
    return f"{contrast.kind.value.replace('_', ' ')}: {told}{spoilt}"
