"""How long each step of the walk took: read from a measurement once, kept for charts."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from models.measurement import Measurement
from models.observations import DnsLookup, HttpFetch, Purpose, TcpConnect, TlsHandshake


class StepTimes(NamedTuple):
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
    dns = _lookups(measurement.dns)
    tcp = _of(measurement.tcp, used)
    tls = _of(measurement.tls, used)
    http = sum([fetch.duration_us for fetch in fetches]) if fetches else None
    loaded = bool(fetches) and _loaded(fetches[-1])
    return StepTimes(dns, tcp, tls, http, (dns or 0) + (tcp or 0) + (tls or 0) + (http or 0) if loaded else None)


def _loaded(last: HttpFetch) -> bool:
    return last.failure is None and last.status is not None


def _lookups(lookups: Iterable[DnsLookup]) -> int | None:
    """Returns for each hop how long its slowest lookup took to its first reply, summed over the hops."""
    hops: dict[int, int] = {}
    for lookup in lookups:
        if lookup.purpose is Purpose.WALK:
            took = max(0, lookup.replies[0].at_us - lookup.started_us) if lookup.replies else lookup.duration_us
            hops[lookup.hop] = max(hops.get(lookup.hop, 0), took)
    return sum(hops.values()) if hops else None


def _of(steps: Sequence[TcpConnect] | Sequence[TlsHandshake], used: set[int]) -> int | None:
    """Returns the durations on the connections that fetched, summed; without a fetch, the longest try."""
    walked = [step for step in steps if step.purpose is Purpose.WALK]
    fetched = [step.duration_us for step in walked if step.connection in used]
    return sum(fetched) if fetched else max([step.duration_us for step in walked], default=None)
