"""Isolates the cause while it is there: where the walk failed or differs, does once more what differs in one thing only."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from models.observations import HttpFetch, TcpConnect, TlsHandshake
from probes.contrast_bench import Bench, as_far_as_possible
from probes.contrast_dns import contrast_dns
from probes.contrast_http import contrast_http
from probes.contrast_residue import INTERFERENCE, now_us
from probes.contrast_tcp import contrast_tcp
from probes.contrast_tls import contrast_tls
from probes.contrast_trouble import Trouble, trouble
from probes.trail import OutOfTimeError, Trail

_MOST_HOPS = 2
_HAIR = 0.1  # seconds before the measurement's end


async def contrast(trail: Trail) -> None:
    """Adds contrasts to the measurement; none where all is well. What time is left bounds them, and they take none more."""
    settings = trail.plan.contrasts
    if settings is None or not settings.enabled:
        return
    troubled = [found for hop in sorted(trail.places) if (found := trouble(trail, hop))]
    if not troubled:
        return
    _note_interference(trail)
    with suppress(TimeoutError, OutOfTimeError):
        async with asyncio.timeout(trail.left() - _HAIR):
            for found in (troubled[0], *troubled[1:][-(_MOST_HOPS - 1) :]):
                await _contrast(Bench(trail, settings, trail.places[found.hop], found.hop), found)


async def _contrast(bench: Bench, found: Trouble) -> None:
    kinds: list[Coroutine[Any, Any, None]] = []
    if found.lookups:
        kinds.append(contrast_dns(bench, found.lookups))
    if bench.trail.way.can_tcp:
        if found.tcp:
            kinds.append(contrast_tcp(bench, found.tcp))
        if found.tls:
            kinds.append(contrast_tls(bench, found.tls))
        if found.http:
            kinds.append(contrast_http(bench, found.http))
    await as_far_as_possible(kinds)


def _note_interference(trail: Trail) -> None:
    vantage, residue, began = trail.plan.vantage.id, trail.plan.residue, now_us() - trail.clock.us()
    steps: list[TcpConnect | TlsHandshake | HttpFetch] = [*trail.tcp, *trail.tls, *trail.http]
    for seen in steps:
        if seen.failure in INTERFERENCE:
            residue.note((vantage, seen.address, seen.port), began + seen.started_us + seen.duration_us)
