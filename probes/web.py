"""The web experiment: the walk that a visitor's browser makes, hop by hop, beside a control that makes it elsewhere."""

import asyncio
import platform
import ssl
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version

from models.certificates import Roots, default_roots
from models.measurement import Finished, Measurement, Software, TargetFacts, VantageFacts, to_instant
from models.observations import DnsLookup, HttpFetch, Purpose
from models.targets import Target, VantagePoint
from probes.asking import Asking
from probes.contrasts import contrast
from probes.cookies import Cookies
from probes.failure import own_fault_of
from probes.hop import barred, chosen, fetch, leave_out, look_up, reach, still_barred
from probes.places import Place, place
from probes.plan import Plan
from probes.request import CLIENT
from probes.second_look import second_look
from probes.trail import OnStep, OutOfTimeError, Trail
from probes.ways import way_out

__all__ = ["Plan", "measure"]

_MOST_REDIRECTS = 10
_GRACE = 1.0  # seconds; steps end by themselves at the measurement's end, this is for those that do not


async def measure(
    plan: Plan, *, at: datetime | None = None, on_step: OnStep | None = None, roots: Roots | None = None
) -> Finished:
    """Measures one target from one vantage point. Whatever the network does is in the record, nothing of it is raised.

    Raises ConsentError for a vantage point without recorded consent, ValueError for a URL, a `via` or an
    `SSL_CERT_FILE` that makes no sense.
    """
    at = at or datetime.now(UTC)
    start = place(plan.target.url)
    trail = Trail(plan, way_out(plan.vantage), at=at, roots=roots or default_roots(), on_step=on_step)
    try:
        async with asyncio.timeout(plan.total_timeout + _GRACE):
            await _look(trail, start)
    except (OutOfTimeError, TimeoutError):
        trail.timed_out = True
    except Exception as error:  # a bug of ours must not pass for a fact about the target
        trail.fault(own_fault_of(error) or f"a fault in wallwatch: {type(error).__name__}: {error}"[:300])
    finally:
        trail.close()
        lookups = trail.settled()
    return Finished(measurement=_record(trail, lookups), blobs=trail.blobs)


async def _look(trail: Trail, start: Place) -> None:
    async with Asking(trail) as asking:
        await _walk(trail, start, asking)
        await asking.finish()
        await second_look(trail, start)
    await contrast(trail)
    await _listen_on(trail)


async def _walk(trail: Trail, start: Place, asking: Asking) -> None:
    here: Place | None = start
    cookies = Cookies()
    for hop in range(_MOST_REDIRECTS + 1):
        assert here is not None
        seen = await _hop(trail, here, hop, asking, cookies.header(here))
        if seen is None or seen.location is None:
            return
        cookies.take(here, list(seen.headers))
        here = _next(trail, hop, seen.location)
        if here is None:
            return
    trail.note(f"more than {_MOST_REDIRECTS} redirects; the last was not followed")


async def _hop(trail: Trail, here: Place, hop: int, asking: Asking, cookie: str | None) -> HttpFetch | None:
    trail.places[hop] = here
    asking.check(here, hop)
    addresses = await look_up(trail, here, hop)
    asking.control(here, hop, addresses)
    if not trail.way.can_tcp:
        return None
    ready = await reach(trail, here, await _permitted(trail, here, hop, asking, addresses), hop, Purpose.WALK)
    return await fetch(trail, here, ready, cookie)


async def _permitted(trail: Trail, here: Place, hop: int, asking: Asking, addresses: list[str]) -> list[str]:
    wanted = chosen(trail, here, addresses)
    private = barred(trail, wanted)
    if private and not here.is_address:
        private = still_barred(private, await asking.told(here))
    return leave_out(trail, wanted, private, hop)


def _next(trail: Trail, hop: int, location: str) -> Place | None:
    try:
        return place(location)
    except ValueError as why:
        trail.note(f"hop {hop}: its redirect was not followed: {why}")
        return None


async def _listen_on(trail: Trail) -> None:
    async with asyncio.timeout(trail.left()):
        for lookup in trail.lookups:
            await lookup.finish()


def _record(trail: Trail, lookups: tuple[DnsLookup, ...]) -> Measurement:
    plan = trail.plan
    return Measurement(
        target=_target(plan.target),
        vantage=_vantage(plan.vantage, trail.way.kind),
        started_at=to_instant(trail.at),
        runtime_us=trail.clock.us(),
        software=software(),
        simulated=plan.simulated,
        ipv6=trail.ipv6,
        timed_out=trail.timed_out,
        own_fault=trail.own_fault,
        dns=lookups,
        tcp=tuple(sorted(trail.tcp, key=lambda seen: seen.connection)),
        tls=tuple(sorted(trail.tls, key=lambda seen: seen.connection)),
        http=tuple(trail.http),
        contrasts=tuple(trail.contrasts),
        baseline=plan.baseline,
        clock_offset_us=next((c.clock_offset_us for c in trail.controls if c.clock_offset_us is not None), None),
        controls=tuple(sorted(trail.controls, key=lambda seen: (seen.hop, seen.started_us))),
        canaries=plan.canaries,
        notes=tuple(trail.notes),
    )


def _target(target: Target) -> TargetFacts:
    return TargetFacts(id=target.id, url=target.url, category=target.category, campaigns=target.campaigns)


def _vantage(vantage: VantagePoint, kind: str) -> VantageFacts:
    consent = vantage.consent
    return VantageFacts(
        id=vantage.id,
        via=kind,
        country=vantage.country,
        asn=vantage.asn,
        network=vantage.network,
        consent=f"{consent.by}, {consent.on.isoformat()}" if consent else None,
    )


@cache
def software() -> Software:
    """Returns what measures; asked once, because it reads files."""
    return Software(
        name="wallwatch",
        version=version("wallwatch"),
        python=platform.python_version(),
        tls=ssl.OPENSSL_VERSION,
        client=CLIENT,
    )
