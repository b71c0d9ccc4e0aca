"""The words that fill the rules' sentences: numbers and names from the record, short, on one line, and no motive."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from inspect import isfunction

from evidence.facts import Hop
from evidence.facts_dns import Resolved
from evidence.fingerprint_seam import Mark
from models.certificates import parse
from models.failures import Failure
from models.observations import ControlEndpoint, DnsLookup, DnsReply, HttpFetch, TcpConnect, TlsHandshake

_MOST = 120
_SHORT = {
    "generic_timeout_error": "no reply",
    "timed_out": "no reply",
    "connection_reset": "reset",
    "connection_refused": "refused",
    "eof_error": "closed",
    "host_unreachable": "host unreachable",
    "network_unreachable": "network unreachable",
    "dns_nxdomain_error": "no such name",
    "dns_servfail_error": "server failure",
    "dns_refused_error": "refused",
    "dns_no_answer": "no address",
    "dns_server_misbehaving": "no sensible reply",
    "ssl_unknown_authority": "signed by nobody trusted",
    "ssl_invalid_hostname": "for another name",
    "ssl_invalid_certificate": "out of date or unreadable",
}
_DENIALS = {
    "dns_nxdomain_error": "{who} says that {name} does not exist",
    "dns_refused_error": "{who} refuses to answer for {name}",
    "dns_servfail_error": "{who} says that it failed on {name}",
    "generic_timeout_error": "{who} does not answer for {name}",
    "timed_out": "{who} does not answer for {name}",
}
_CUT = {
    "connection_reset": "Reset",
    "connection_aborted": "Reset",
    "generic_timeout_error": "No reply",
    "timed_out": "No reply",
}


def short(text: object) -> str:
    """Returns foreign text fit for a sentence: one line, printable, bounded."""
    line = " ".join("".join(c if c.isprintable() else " " for c in str(text)[: 4 * _MOST]).split())
    return line if len(line) <= _MOST else line[: _MOST - 1] + "…"


def in_words(failure: str | None) -> str:
    """Returns a failure in plain words."""
    return "done" if failure is None else _SHORT.get(failure, short(failure))


def listed(values: Iterable[object], most: int = 3) -> str:
    """Returns the first values with commas, and how many more there are."""
    every = sorted({short(value) for value in values})
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return (", ".join(every[:most]) or "nothing") + more


def tally(failures: Iterable[str | None]) -> str:
    """Returns "2 of 2 reset" or "1 of 3 refused, 2 of 3 no reply"."""
    counted = Counter(in_words(failure) for failure in failures)
    total = counted.total()
    return ", ".join(f"{count} of {total} {word}" for word, count in sorted(counted.items())) or "none tried"


class Words(Mapping[str, str]):
    """The placeholders of one hop; each is a method, called only when a sentence has it."""

    def __init__(self, hop: Hop) -> None:
        self._hop = hop
        self._m = hop.facts.measurement

    def __getitem__(self, word: str) -> str:
        return str(getattr(self, f"_{word}")())

    def __iter__(self) -> Iterator[str]:
        return iter(PLACEHOLDERS)

    def __len__(self) -> int:
        return len(PLACEHOLDERS)

    # the vantage point

    def _vantage(self) -> str:
        return short(self._m.vantage.id)

    def _own_fault(self) -> str:
        return short(self._m.own_fault)

    def _notes(self) -> str:
        return f": {short('; '.join(self._m.notes))}" if self._m.notes else ""

    def _way_out_failure(self) -> str:
        steps: list[TcpConnect | DnsLookup] = [*self._m.tcp, *self._m.dns]
        return short(next((step.way_out_failure for step in steps if step.way_out_failure), "unknown"))

    def _asked(self) -> str:
        parts = (
            _count(len(self._m.dns), "lookup", "lookups"),
            _count(len(self._m.tcp), "connection", "connections"),
            _count(len(self._m.controls), "control", "controls"),
        )
        return ", ".join(part for part in parts if part) or "nobody"

    def _attempts(self) -> str:
        return _count(len(self._m.tcp), "connection", "connections")

    def _canary(self) -> str:
        failed = self._hop.look.failed_canaries
        said = (f"{short(c.id)}: {short(c.detail or in_words(c.failure))}" for c in failed)
        return "; ".join(list(said)[:3])

    def _clock_offset(self) -> str:
        return f"{abs(self._m.clock_offset_us or 0) / 3_600_000_000:.0f} hours"

    def _time_limit(self) -> str:
        return ": the measurement ended at its time limit" if self._m.timed_out else ""

    # the name

    def _name(self) -> str:
        return short(self._hop.name)

    def _host(self) -> str:
        return short(self._hop.http.host)

    def _here(self) -> str:
        return listed(self._hop.dns.answered)

    def _known(self) -> str:
        return listed(self._hop.dns.known)

    def _checked(self) -> str:
        return listed(self._hop.dns.checked)

    def _vouched(self) -> str:
        return listed(self._hop.dns.vouched)

    def _over_tcp(self) -> str:
        return listed(self._hop.contrast.tcp_addresses)

    def _known_from(self) -> str:
        if self._hop.control.resolved:
            return "the control"
        return "an encrypted resolver" if self._hop.dns.checked else "a valid certificate"

    def _from_nowhere(self) -> str:
        looks = self._hop.contrast.from_nowhere
        return listed(a for look in looks for a in (look.addresses or [in_words(look.failure)]))

    def _replies(self) -> str:
        looks = [look for look in (*self._hop.dns.walk, *self._hop.dns.checks) if len(look.replies) > 1]
        said = [_told(reply) for look in looks for reply in sorted(look.replies, key=lambda reply: reply.at_us)]
        return ", then ".join(list(dict.fromkeys(filter(None, said)))[:4])

    def _denial(self) -> str:
        views = sorted(self._hop.dns.failing, key=lambda view: view.failure != Failure.DNS_NXDOMAIN_ERROR)
        return "; ".join(_denies(view, self._name()) for view in views[:2])

    # the control

    def _no_control(self) -> str:
        reports = self._m.controls
        if not reports:
            return "there is no control"
        return f"the control could not be asked ({in_words(next((r.failure for r in reports if r.failure), None))})"

    def _control_addresses(self) -> str:
        return listed(self._hop.control.addresses)

    def _control_dns(self) -> str:
        return in_words(self._hop.control.dns_failure or Failure.DNS_NO_ANSWER)

    def _control_http(self) -> str:
        return in_words(self._hop.control.http_failure or "no page")

    def _control_end(self) -> str:
        return short(self._hop.control.ends_at or "its own page")

    def _rates(self) -> str:
        return f"{self._hop.http.rate / 1000:.1f} against {self._hop.contrast.neutral_rate() / 1000:.1f} kB a second"

    def _speed(self) -> str:
        here, usual = self._hop.speed.here, self._m.baseline
        if here is None or usual is None:
            return "an unknown speed"
        return (
            f"{here.rate / 1000:.1f} kB a second in {_seconds(here.load_us)}, where {usual.looks} good looks from here"
            f" had {usual.body_rate / 1000:.1f} kB a second in {_seconds(usual.load_us)} (medians)"
        )

    def _control_time(self) -> str:
        page = self._hop.control.page
        return _seconds(page.duration_us) if page else "no time"

    def _control_status(self) -> str:
        return str(self._hop.control.page.status if self._hop.control.page else "none")

    def _control_page(self) -> str:
        page = self._hop.control.page
        if page is None:
            return "the control gets no page"
        size = f", {page.body_length} octets" if page.body_length else ""
        return f"the control loads the page (status {page.status}{size})"

    def _control_tcp(self) -> str:
        met = self._hop.control.tcp((attempt.address, attempt.port) for attempt in self._hop.tcp.counting)
        return _control_met(met, [e.tcp_failure for e in met], "connects to") or self._control_page()

    def _control_tls(self) -> str:
        met = self._hop.control.tcp((hello.address, hello.port) for hello in self._hop.tls.walk)
        tried = [endpoint for endpoint in met if endpoint.tls_tried]
        return _control_met(tried, [e.tls_failure for e in tried], "shakes hands at") or self._control_page()

    # connections and handshakes

    def _connected(self) -> str:
        return listed(attempt.address for attempt in self._hop.tcp.connected)

    def _failures(self) -> str:
        attempts: Iterable[TcpConnect] = self._hop.tcp.counting or self._hop.tcp.walk
        return tally(attempt.failure for attempt in attempts)

    def _handshakes(self) -> str:
        return tally(hello.alert or hello.failure for hello in self._hop.tls.walk)

    def _cut(self) -> str:
        first = next(iter(self._hop.tls.broken_off), None)
        return _CUT.get(first.failure or "", "Closed") if first else "Closed"

    def _certificate(self) -> str:
        shown: TlsHandshake | None = next(iter(self._hop.tls.completed), None)
        word = in_words(self._hop.tls.certificate_failure)
        leaf = self._hop.facts.blobs.get(shown.chain[0]) if shown and shown.chain else None
        certificate = parse(leaf) if leaf else None
        return f"{word}; issued by {short(certificate.issuer)}" if certificate else word

    # the page

    def _status(self) -> str:
        return str(self._hop.http.status)

    def _http_failure(self) -> str:
        return in_words(self._hop.http.failure)

    def _body_bytes(self) -> str:
        return str(self._hop.http.fetch.body_bytes if self._hop.http.fetch else 0)

    def _no_answer(self) -> str:
        failure = self._hop.http.failure
        return "No answer" if failure is None else f"No answer ({in_words(failure)})"

    def _redirect(self) -> str:
        fetch: HttpFetch | None = self._hop.http.fetch
        return short(fetch.location or in_words(fetch.failure)) if fetch else "nothing"

    def _blocked_by(self) -> str:
        return f", and names {short(self._hop.http.blocked_by)} as who ordered it" if self._hop.http.blocked_by else ""

    def _challenger(self) -> str:
        return short(self._hop.http.challenger or "The server")[:1].upper() + short(self._hop.http.challenger or "")[1:]

    def _refused_alike(self) -> str:
        page = self._hop.control.page
        return ", as to the control" if page is not None and page.status == self._hop.http.status else ""

    def _page_note(self) -> str:
        if (self._hop.http.status or 0) >= 400:
            return f", with status {self._hop.http.status}"
        if self._hop.control.loaded and not self._hop.http.like_control:
            return "; it differs from the control's page, as pages do by language or each time"
        return ""

    def _place(self) -> str:
        if self._hop.http.same_site:
            return "on the site's own domain"
        return (
            "where the site itself sends its visitors" if self._hop.http.led_by_site else "where the control ends too"
        )

    def _agreeing(self) -> str:
        return _signs(self._hop, agree=True) or "nothing speaks against it"

    def _disagreeing(self) -> str:
        return _signs(self._hop, agree=False) or "too little to compare"

    def _page_marks(self) -> str:
        return mark_words(self._hop.marks.block_page)

    def _redirect_marks(self) -> str:
        return mark_words(self._hop.marks.block_redirect)

    def _address_marks(self) -> str:
        return mark_words(self._hop.marks.forged)

    def _pointing(self) -> str:
        return mark_words(self._hop.marks.pointing)

    def _pointing_address(self) -> str:
        return mark_words(self._hop.marks.pointing_address)

    def _harmless(self) -> str:
        return mark_words(self._hop.marks.harmless)


PLACEHOLDERS = tuple(name[1:] for name, word in vars(Words).items() if isfunction(word) and name[1].isalpha())


def _seconds(us: int) -> str:
    return f"{us / 1e6:.1f} s"


def mark_words(marks: Sequence[Mark], most: int = 2) -> str:
    """Returns what matched, where, by whose list, and what its scope says of whose mark it is."""
    told = [f"{_matched(mark)}{short(mark.name)} ({short(mark.source)}{_aside(mark.whose)})" for mark in marks[:most]]
    return "; ".join(told) + (f"; and {len(marks) - most} more" if len(marks) > most else "")


def _matched(mark: Mark) -> str:
    if not mark.excerpt:
        return ""
    at = f" at character {mark.offset} of the body" if mark.location == "body" else f" in {short(mark.location)}"
    return f"“{short(mark.excerpt)}”{at}, " if mark.location != "dns" else f"{short(mark.excerpt)}, "


def _aside(words: str) -> str:
    return f"; {words}" if words else ""


def _count(number: int, one: str, many: str) -> str:
    return "" if number == 0 else f"{number} {one if number == 1 else many}"


def _control_met(met: list[ControlEndpoint], failures: list[str | None], does: str) -> str:
    if not met:
        return ""
    good = failures.count(None)
    if good:
        return f"the control {does} {good} of {_count(len(met), 'address', 'addresses')}"
    return f"the control: {tally(failures)}"


def _told(reply: DnsReply) -> str:
    if reply.rcode != "NOERROR":
        return in_words("dns_nxdomain_error") if reply.rcode == "NXDOMAIN" else short(reply.rcode or "")
    return ", ".join(short(record.value) for record in reply.records if record.type in ("A", "AAAA"))


def _denies(view: Resolved, name: str) -> str:
    who = "The system's resolver" if view.resolver == "system" else f"The resolver {short(view.resolver)}"
    form = _DENIALS.get(view.failure or "", "{who} gives no address for {name}")
    return form.format(who=who, name=name)


def _signs(hop: Hop, *, agree: bool) -> str:
    found = hop.http.comparison
    if found is None:
        return ""
    signs = {"status": found.status, "title": found.title}
    if not (agree and found.title):  # the body takes 2 ms to compare, and the title has settled it
        signs |= {"body": found.body, "header names": found.headers}
    names = [name for name, sign in signs.items() if sign is agree]
    return ", ".join(names) + (" agree" if agree else " differ") if names else ""
