"""Block pages that no list knows: one and the same page instead of several unrelated sites, and for none of them at the control.

A pure pass over the looks of one vantage point. Left out are the pages that proxies, CDNs and failing servers show by
themselves, which are alike at any number of sites, and every look whose control did not get a good and different page.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from evidence.page import label, registrable, same_title
from evidence.refusals import challenger, server
from evidence.urls import host_of
from models.measurement import Measurement
from models.observations import ControlReport, HttpFetch, Purpose
from models.page_text import decode, title
from models.sketch import similarity, sketch
from models.verdict import Verdict
from models.words import Mechanism, Outcome, Stage

RULE = "http.page_cluster"
SENTENCE = "One and the same page came here instead of {count} unrelated sites ({sites}) between {first} and {last}, and for none of them at the control; no list knows it, and no contrast shows who sends it."
WOULD_CHANGE = "A contrast that isolates the name, a fingerprint of this page, or the control getting it too."
FEWEST = 3  # unrelated sites
SPAN = timedelta(days=7)  # between two looks that show the page
_RAISED = frozenset({"http.other_page", "http.led_astray", "http.unclear"})
COUNTED = _RAISED | {"http.marked_page"}
"""Rules whose pages are compared with each other."""
_LENGTHS = 0.02
_ALIKE = 0.9  # of sketches: the visible words are the same but for a name or a number
_SAME_PAGE = 0.5  # of sketches: the control's page, for all that changes with each look
_SHORTEST = 64  # characters: shorter pages are alike by chance
_FAILING = frozenset({407, 500, 502, 503, 504})
_PROXY_MARKS = frozenset({"x-squid-error", "proxy-connection", "proxy-status", "proxy-authenticate", "x-cache-lookup"})
_MOST_LEADERS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What one look got instead of its site, made comparable: the site's own name is taken out of it."""

    measurement: str
    target: str
    vantage: str
    at: datetime
    domain: str
    status: int
    length: int
    title: str | None
    sketch: str | None
    digest: str


@dataclass(slots=True)
class Cluster:
    """Sightings of one page at one vantage point."""

    leader: Sighting
    sightings: list[Sighting] = field(default_factory=list)

    @property
    def domains(self) -> tuple[str, ...]:
        """Returns the sites, one of each family: `amnesty.org` stands for `amnestyusa.org` too."""
        found: list[str] = []
        for domain in sorted({sighting.domain for sighting in self.sightings}):
            if not any(_related(domain, other) for other in found):
                found.append(domain)
        return tuple(found)


def sighting(name: str, measurement: Measurement, blobs: Mapping[str, bytes], verdict: Verdict) -> Sighting | None:
    """Returns what a look contributes; null where its page is explained, its control no measure, or a proxy's error."""
    fetch = _last_page(measurement)
    body = blobs.get(fetch.body) if fetch and fetch.body else None
    if verdict.rule not in COUNTED or fetch is None or fetch.status is None or not body:
        return None
    told = next((value for key, value in fetch.headers if key.lower() == "content-type"), None)
    text, drawn = decode(body, told), sketch(body, told)
    if _explained(fetch, text, measurement) or not _control_differs(measurement, title(text), drawn):
        return None
    host = host_of(measurement.target.url)
    bare = _without_name(text, measurement.target.url, host)
    if len(bare) < _SHORTEST:
        return None
    return Sighting(
        measurement=name,
        target=measurement.target.id,
        vantage=measurement.vantage.id,
        at=_started(measurement),
        domain=registrable(host),
        status=fetch.status,
        length=len(bare),
        title=title(bare),
        sketch=drawn,
        digest=hashlib.sha256(bare.encode("utf-8", "replace")).hexdigest(),
    )


def clusters(sightings: Iterable[Sighting]) -> list[Cluster]:
    """Returns the pages that stood for at least three unrelated sites of one vantage point."""
    found: dict[tuple[str, int], list[Cluster]] = {}
    for one in sorted(sightings, key=lambda each: (each.at, each.measurement)):
        known = found.setdefault((one.vantage, one.status), [])
        home = next((c for c in known if one.at - c.sightings[-1].at <= SPAN and same_page(c.leader, one)), None)
        if home is not None:
            home.sightings.append(one)
        elif len(known) < _MOST_LEADERS:
            known.append(Cluster(one, [one]))
    return [cluster for known in found.values() for cluster in known if len(cluster.domains) >= FEWEST]


def same_page(one: Sighting, other: Sighting) -> bool:
    """Tells whether two looks got the same page, but for the site's name, numbers and the like."""
    if abs(one.length - other.length) > _LENGTHS * max(one.length, other.length):
        return False
    alike = similarity(one.sketch, other.sketch)
    if one.digest == other.digest or (alike is not None and alike >= _ALIKE):
        return True
    titled = bool(one.title and other.title) and same_title(one.title or "", other.title or "")
    return titled and (alike is None or alike >= _SAME_PAGE)


def clustered(verdict: Verdict, cluster: Cluster) -> Verdict:
    """Returns what the cluster makes of a member's verdict: a suspicion, named; never more without a contrast."""
    if verdict.rule not in _RAISED:
        return verdict
    sites = cluster.domains
    sentence = SENTENCE.format(
        count=len(sites),
        sites=", ".join(sites[:3]) + (" and others" if len(sites) > 3 else ""),
        first=_day(cluster.sightings[0].at),
        last=_day(cluster.sightings[-1].at),
    )
    return replace(
        verdict,
        outcome=Outcome.ANOMALY,
        stage=verdict.stage or Stage.HTTP,
        mechanism=Mechanism.BLOCKPAGE,
        rule=RULE,
        reasons=(sentence, *verdict.reasons)[:5],
        would_change=(WOULD_CHANGE, *verdict.would_change),
    )


def raised(members: Mapping[str, Verdict], sightings: Sequence[Sighting]) -> dict[str, Verdict]:
    """Returns the verdicts that clusters change, by measurement."""
    found = {}
    for cluster in clusters(sightings):
        for one in cluster.sightings:
            before = members.get(one.measurement)
            if before is not None and (after := clustered(before, cluster)) != before:
                found[one.measurement] = after
    return found


def _last_page(measurement: Measurement) -> HttpFetch | None:
    walked = [fetch for fetch in measurement.http if fetch.purpose is Purpose.WALK and fetch.status is not None]
    return max(walked, key=lambda fetch: (fetch.hop, fetch.failure is None, fetch.body_bytes), default=None)


def _explained(fetch: HttpFetch, text: str, measurement: Measurement) -> bool:
    """The page is one that a proxy, a CDN or a failing server shows by itself."""
    status = fetch.status or 0
    if status in _FAILING or challenger(fetch, text, title(text)) or (status >= 400 and server(fetch)):
        return True
    names = {key.lower() for key, _ in fetch.headers}
    by_proxy = measurement.vantage.via not in ("direct", "resolver")
    return bool(names & _PROXY_MARKS) or (by_proxy and (status >= 400 or "via" in names))


def _control_differs(measurement: Measurement, heading: str | None, drawn: str | None) -> bool:
    """A control got a good page, and none got this one."""
    got = [report for report in measurement.controls if _got_page(report)]
    good = any((report.status or 0) < 400 for report in got if report.hop == 0)
    return good and not any(_same_as(report, heading, drawn) for report in got if report.hop == 0)


def _same_as(report: ControlReport, heading: str | None, drawn: str | None) -> bool:
    if heading and report.title and same_title(heading, report.title):
        return True
    return (similarity(drawn, report.body_sketch) or 0.0) >= _SAME_PAGE


def _got_page(report: ControlReport) -> bool:
    return report.failure is None and report.http_tried and report.http_failure is None and bool(report.status)


def _without_name(text: str, url: str, host: str) -> str:
    """Takes the address asked for out of a page that repeats it, in each of its usual spellings."""
    names = [url, url.rstrip("/"), host, registrable(host)]
    for name in (name for name in names if len(name) > 3):
        text = text.replace(quote(name, safe=""), "").replace(name, "")
    return text


def _related(one: str, other: str) -> bool:
    """One owner may well show the same page on amnesty.org, amnestyusa.org and amnesty.fr."""
    ours, theirs = sorted((label(one), label(other)), key=len)
    return one == other or ours == theirs or (len(ours) >= 4 and ours in theirs)


def _started(measurement: Measurement) -> datetime:
    started = measurement.started
    return started if started.tzinfo else started.replace(tzinfo=UTC)


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}Z"
