"""Raw facts of one measurement, shown safely: everything here was sent by somebody else, and is text and nothing but text."""

from collections.abc import Iterable, Mapping

from markupsafe import Markup

from dashboard.drawing import links
from dashboard.drawing.markup import el, foreign, joined, plain, verbatim
from dashboard.drawing.steps import failure_sentence
from dashboard.drawing.when import milliseconds, minute
from dashboard.shown.walk import endpoint
from dashboard.strings import say
from models.certificates import parse
from models.measurement import Baseline, Measurement
from models.observations import ControlReport, DnsLookup, DnsReply, HttpFetch, TlsHandshake

BODY_SHOWN = 8_000
_MOST = 60


def facts(measurement: Measurement) -> Markup:
    """Draws who measured, from where, with what."""
    vantage, software = measurement.vantage, measurement.software
    place = " · ".join(filter(None, (vantage.country, f"AS{vantage.asn}" if vantage.asn else None, vantage.network)))
    rows = {
        "raw.target": joined([foreign(measurement.target.id, 80), " ", foreign(measurement.target.url, 200)]),
        "raw.vantage": joined([foreign(vantage.id, 80), " ", foreign(place, 160)]),
        "raw.via": plain(vantage.via, 40),
        "raw.consent": plain(vantage.consent, 200) if vantage.consent else say("raw.none"),
        "raw.runtime": milliseconds(measurement.runtime_us),
        "raw.clock": milliseconds(measurement.clock_offset_us)
        if measurement.clock_offset_us is not None
        else say("raw.clock.unknown"),
        "raw.software": " · ".join(
            plain(part, 80)
            for part in (
                f"{software.name} {software.version}",
                software.python and f"Python {software.python}",
                software.tls,
                software.client,
            )
            if part
        ),
        "raw.baseline": _baseline(measurement.baseline),
        "raw.origin": plain(measurement.origin, 40),
        "raw.own_fault": plain(measurement.own_fault, 300) if measurement.own_fault else None,
        "raw.notes": joined(el("div", foreign(note, 300)) for note in measurement.notes[:_MOST])
        if measurement.notes
        else None,
    }
    return el("dl", joined(joined([el("dt", say(k)), el("dd", v)]) for k, v in rows.items() if v), class_="ww-facts")


def _baseline(usual: Baseline | None) -> str:
    if usual is None:
        return say("raw.baseline.none")
    rate, load = f"{usual.body_rate / 1000:,.1f}", milliseconds(usual.load_us)
    return say("raw.baseline.usual", looks=usual.looks, rate=rate, load=load)


def canaries(measurement: Measurement) -> Markup:
    """Draws what the canaries showed in this round."""
    if not measurement.canaries:
        return el("p", say("raw.canaries.none"), class_="soft")
    return el(
        "ul",
        joined(
            el(
                "li",
                el("b", foreign(c.id, 60)),
                " ",
                say("canary.held" if c.held else "canary.not_held"),
                " ",
                foreign(c.detail or c.failure or "", 300),
            )
            for c in measurement.canaries[:_MOST]
        ),
    )


def dns(lookups: Iterable[DnsLookup]) -> Markup:
    """Draws every reply to every question: when it came, from whom, with which IP TTL, what it said."""
    return joined(_lookup(one) for one in lookups)


def _lookup(lookup: DnsLookup) -> Markup:
    head = el(
        "h3",
        foreign(lookup.name, 120),
        f" {plain(lookup.type, 10)} ",
        el("span", say("raw.asked", resolver=plain(lookup.resolver, 120)), class_="soft"),
    )
    failed = _failed(lookup.failure)
    columns = ("arrived", "sender", "rcode", "records", "ttl", "message")
    rows = joined(_reply(r) for r in lookup.replies[:_MOST])
    table = el(
        "table",
        el("thead", el("tr", joined(el("th", say(f"raw.dns.{c}"), scope="col") for c in columns))),
        el("tbody", rows),
        class_="ww-table ww-stack",
    )
    return joined(
        [
            head,
            failed,
            el("div", table, class_="ww-wide") if lookup.replies else el("p", say("raw.dns.none"), class_="soft"),
        ]
    )


def _reply(reply: DnsReply) -> Markup:
    records = joined(el("div", f"{plain(r.type, 10)} ", foreign(r.value, 120)) for r in reply.records[:_MOST])
    odd = joined(
        el("div", foreign(text, 200), class_="ww-bad") for text in (reply.malformed, reply.extended_error) if text
    )
    cells = {
        "arrived": milliseconds(reply.at_us),
        "sender": foreign(reply.sender or "–", 80),
        "rcode": plain(reply.rcode or "–", 30),
        "records": joined([records, odd]),
        "ttl": reply.ip_ttl if reply.ip_ttl is not None else "–",
        "message": download(reply.raw),
    }
    return el("tr", joined(el("td", cell, data_label=say(f"raw.dns.{name}")) for name, cell in cells.items()))


def download(digest: str | None) -> Markup | str:
    """Returns the link to a blob's bytes."""
    return el("a", say("raw.bytes"), href=links.blob(digest), download="") if digest else "–"


def certificates(handshakes: Iterable[TlsHandshake], blobs: Mapping[str, bytes]) -> Markup:
    """Draws every chain as it was presented, leaf first."""
    return joined(_handshake(one, blobs) for one in handshakes)


def _handshake(seen: TlsHandshake, blobs: Mapping[str, bytes]) -> Markup:
    opinion = say("raw.opinion", opinion=plain(seen.opinion, 60)) if seen.opinion else None
    head = el(
        "h3",
        endpoint(plain(seen.address, 80), seen.port),
        " ",
        el("span", say("raw.sni", name=plain(seen.server_name or "–", 120)), class_="soft"),
    )
    about = " · ".join(plain(part, 120) for part in (seen.version, seen.cipher, seen.alpn, opinion) if part)
    alert = el("p", say("raw.alert", alert=plain(seen.alert, 60))) if seen.alert else None
    chain = (
        el("ol", joined(_certificate(name, blobs) for name in seen.chain[:16]))
        if seen.chain
        else el("p", say("raw.chain.none"), class_="soft")
    )
    return joined([head, _failed(seen.failure), el("p", about) if about else None, alert, chain])


def _certificate(name: str, blobs: Mapping[str, bytes]) -> Markup:
    found = parse(blobs[name]) if name in blobs else None
    if found is None:
        return el("li", say("raw.certificate.unreadable"), " ", download(name))
    dates = say("raw.certificate.dates", start=minute(found.not_before), end=minute(found.not_after))
    names = ", ".join(plain(n, 80) for n in found.names[:12]) + (" …" if len(found.names) > 12 else "")
    lines = [
        el("div", foreign(found.subject, 200)),
        el("div", say("raw.certificate.issuer"), " ", foreign(found.issuer, 200), class_="soft"),
        el("div", dates, class_="soft"),
        el("div", names, class_="soft") if names else None,
    ]
    return el("li", joined(lines), el("div", el("code", f"SHA-256 {found.fingerprint}"), " ", download(name)))


def exchanges(fetches: Iterable[HttpFetch], blobs: Mapping[str, bytes]) -> Markup:
    """Draws every answer: status, headers, and the beginning of the body as text."""
    return joined(_exchange(one, blobs) for one in fetches)


def _exchange(seen: HttpFetch, blobs: Mapping[str, bytes]) -> Markup:
    head = el(
        "h3",
        el("code", plain(seen.method, 12)),
        " ",
        foreign(seen.url, 300),
        el("span", f" {endpoint(plain(seen.address, 80), seen.port)}", class_="soft"),
    )
    status = el(
        "p", say("raw.status", status=seen.status if seen.status is not None else "–", bytes=f"{seen.body_bytes:,}")
    )
    headers = verbatim("\n".join(f"{plain(k, 200)}: {plain(v, 1000)}" for k, v in seen.headers[:100]))
    cut = el("p", say("raw.body.truncated"), class_="soft") if seen.body_truncated else None
    return joined(
        [
            head,
            _failed(seen.failure),
            status,
            el("pre", headers, tabindex="0", aria_label=say("raw.headers")) if headers else None,
            _body(seen.body, blobs),
            cut,
        ]
    )


def _body(name: str | None, blobs: Mapping[str, bytes]) -> Markup | None:
    if name is None:
        return None
    content = blobs.get(name)
    if content is None:
        return el("p", say("raw.body.missing"), class_="soft")
    text = verbatim(content[: BODY_SHOWN * 2].decode("utf-8", "replace"), BODY_SHOWN)
    more = say("raw.body.begins", shown=f"{min(len(content), BODY_SHOWN):,}", bytes=f"{len(content):,}")
    return el(
        "details",
        el("summary", say("raw.body"), " · ", more),
        el("pre", text, tabindex="0", aria_label=say("raw.body")),
        el("p", download(name)),
    )


def controls(reports: Iterable[ControlReport]) -> Markup:
    """Draws what each control answered."""
    return joined(_control(one) for one in reports)


def _control(report: ControlReport) -> Markup:
    rows = {
        "raw.control.asked": foreign(report.asked_url, 300),
        "raw.control.addresses": ", ".join(plain(a, 60) for a in report.addresses[:20]) or report.dns_failure,
        "raw.control.endpoints": joined(
            el("div", f"{endpoint(plain(e.address, 60), e.port)}: {plain(e.tcp_failure or e.tls_failure or 'ok', 80)}")
            for e in report.endpoints[:20]
        ),
        "raw.control.http": " · ".join(
            plain(part, 200) for part in (report.status, report.http_failure, report.title) if part
        ),
        "raw.control.reply": download(report.raw) if report.raw else None,
    }
    listed = el("dl", joined(joined([el("dt", say(k)), el("dd", v)]) for k, v in rows.items() if v), class_="ww-facts")
    return joined([el("h3", foreign(report.id, 80)), _failed(report.failure), listed])


def _failed(failure: str | None) -> Markup | None:
    return (
        el("p", el("code", plain(failure, 200), class_="ww-bad"), " ", failure_sentence(failure)) if failure else None
    )
