"""Where the walk failed or differs: what contrasts are made of. No judgement, only what is worth a second operation."""

from collections.abc import Sequence
from dataclasses import dataclass

from models import page_text
from models.observations import DnsLookup, HttpFetch, Purpose, TcpConnect, TlsHandshake
from probes.addresses import is_public
from probes.contrast_residue import INTERFERENCE
from probes.places import Place, place
from probes.trail import Trail

_HEAD = 32_768  # octets in which a title stands
_BEGINNING = 40  # of a title's letters, which are alike or not
_NEAR = 0.7  # of the longer page


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """The steps of one hop that ended badly or are in doubt."""

    hop: int
    lookups: tuple[DnsLookup, ...] = ()
    tcp: tuple[TcpConnect, ...] = ()
    tls: tuple[TlsHandshake, ...] = ()
    http: tuple[HttpFetch, ...] = ()


def trouble(trail: Trail, hop: int) -> Trouble | None:
    """Returns what went wrong at a hop, null where nothing did."""
    tcp = [seen for seen in trail.tcp if seen.hop == hop and seen.purpose is Purpose.WALK]
    tls = [seen for seen in trail.tls if seen.hop == hop and seen.purpose is Purpose.WALK]
    http = [seen for seen in trail.http if seen.hop == hop and seen.purpose is Purpose.WALK]
    failed = tcp if tcp and all(seen.failure for seen in tcp) else []
    cut = tls if tls and all(seen.failure for seen in tls) else []
    poor = http if http and (all(seen.failure for seen in http) or _differs(trail, http[-1])) else []
    here = trail.places[hop]
    unproved = bool(failed or poor) or (bool(tls) and not any(seen.opinion == "ok" for seen in tls))
    doubtful = _doubtful(trail, here, hop, unproved=unproved)
    if not (failed or cut or poor or doubtful):
        return None
    return Trouble(hop=hop, lookups=doubtful, tcp=_counting(failed), tls=tuple(cut), http=tuple(poor))


def _counting(failed: Sequence[TcpConnect]) -> tuple[TcpConnect, ...]:
    """What the proxy or this machine could not do is no trouble of the target's."""
    return tuple(
        seen for seen in failed if seen.failure in INTERFERENCE or (seen.failure or "").endswith("unreachable")
    )


def _doubtful(trail: Trail, here: Place, hop: int, *, unproved: bool) -> tuple[DnsLookup, ...]:
    """Returns the walk's lookups where a resolver gave nothing, or where what they gave may not be the site's."""
    if here.is_address:
        return ()
    looks = [each.so_far for each in trail.lookups]
    walk = [seen for seen in looks if seen.hop == hop and seen.purpose is Purpose.WALK]
    silent = _without_address(walk)
    if silent:
        return tuple(seen for seen in walk if seen.resolver in silent)
    given = {address for seen in walk for address in seen.addresses}
    named = {a for seen in looks if seen.hop == hop and seen.purpose is Purpose.CHECK for a in seen.addresses}
    named |= {a for report in trail.controls if report.hop == hop for a in report.addresses}
    missing = any(report.hop == hop and not report.failure and not report.addresses for report in trail.controls)
    bogus = not trail.plan.target.allow_private and any(not is_public(address) for address in given - named)
    differs = (unproved or missing) and given.isdisjoint(named)  # also where there is nobody to compare with
    return tuple(seen for seen in walk if seen.addresses) if given and (bogus or differs) else ()


def _without_address(walk: Sequence[DnsLookup]) -> set[str]:
    asked = {seen.resolver for seen in walk if not seen.resolver.endswith(" far end")}
    return asked - {seen.resolver for seen in walk if seen.addresses}


def _differs(trail: Trail, fetch: HttpFetch) -> bool:
    """Tells cheaply whether a page that proves nothing may be another than the control's."""
    report = next((r for r in trail.controls if r.failure is None and r.http_tried and r.status), None)
    if fetch.location is not None or report is None or fetch.url.startswith("https:"):
        return False
    body = trail.blobs.get(fetch.body or "", b"")
    if report.title and not _titled(fetch, body, like=report.title):
        return True
    here, there = len(body), report.body_length or 0
    if fetch.status != report.status or (report.final_url and not _same_host(fetch.url, report.final_url)):
        return True
    return bool(here and there) and not fetch.body_truncated and min(here, there) < _NEAR * max(here, there)


def _titled(fetch: HttpFetch, body: bytes, *, like: str) -> bool:
    told = next((value for name, value in fetch.headers if name.lower() == "content-type"), None)
    found = page_text.title(page_text.decode(body[:_HEAD], told))
    return found is not None and " ".join(like.split()).startswith(found[:_BEGINNING])


def _same_host(one: str, other: str) -> bool:
    try:
        return place(one).host == place(other).host
    except ValueError:
        return False
