"""How long each step of the walk took: read from a measurement once, kept for charts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from models.measurement import Measurement
from models.observations import DnsLookup, HttpFetch, Purpose, TcpConnect, TlsHandshake


@dataclass(frozen=True, slots=True)
class StepTimes:
    """Microseconds, summed over the hops of the walk that fetched; null where there was no such step."""

    dns: int | None = None
    tcp: int | None = None
    tls: int | None = None
    http: int | None = None
    load: int | None = None  # the sum, where the last fetch of the walk succeeded


def step_times(measurement: Measurement) -> StepTimes:
    """Returns the times of the steps that a visitor would have waited for; waits of our own (windows) do not count."""
    fetches = [fetch for fetch in measurement.http if fetch.purpose is Purpose.WALK]
    used = {fetch.connection for fetch in fetches}
    dns = _total(_hop_times(measurement.dns))
    tcp = _total(_of(measurement.tcp, used))
    tls = _total(_of(measurement.tls, used))
    http = _total(fetch.duration_us for fetch in fetches)
    return StepTimes(dns, tcp, tls, http, _load(fetches, (dns, tcp, tls, http)))


def _load(fetches: list[HttpFetch], parts: Sequence[int | None]) -> int | None:
    if not fetches:
        return None
    last = max(fetches, key=lambda fetch: (fetch.hop, fetch.started_us))
    if last.failure is not None or last.status is None:
        return None
    return sum(part for part in parts if part is not None)


def _hop_times(lookups: Iterable[DnsLookup]) -> Iterable[int]:
    """Yields for each hop how long its slowest lookup took to its first reply."""
    hops: dict[int, int] = {}
    for lookup in lookups:
        if lookup.purpose is Purpose.WALK:
            took = max(0, lookup.replies[0].at_us - lookup.started_us) if lookup.replies else lookup.duration_us
            hops[lookup.hop] = max(hops.get(lookup.hop, 0), took)
    return hops.values()


def _of(steps: Sequence[TcpConnect] | Sequence[TlsHandshake], used: set[int]) -> list[int]:
    """Returns the durations on the connections that fetched; without a fetch, the longest try."""
    walked = [step for step in steps if step.purpose is Purpose.WALK]
    fetched = [step.duration_us for step in walked if step.connection in used]
    return fetched or [max(step.duration_us for step in walked)] if walked else []


def _total(parts: Iterable[int]) -> int | None:
    parts = list(parts)
    return sum(parts) if parts else None
