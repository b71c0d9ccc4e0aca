"""Runs inside the namespace: our steps alone, our whole path, or one look at a time; prints one JSON line."""

import argparse
import asyncio
import json
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from pathlib import Path

from benchmarks.engine_place import NAME
from evidence.judge import Judge
from models.certificates import default_roots
from models.measurement import Finished
from models.store import Judged, Store, open_store
from models.targets import Consent, Target, VantagePoint
from probes.blobs import Blobs
from probes.clock import Clock
from probes.dns_lookup import dns_lookup
from probes.http_fetch import Ask, http_fetch
from probes.places import place
from probes.plan import Plan
from probes.tcp_connect import Endpoint, tcp_connect
from probes.tls_handshake import Trust, tls_handshake
from probes.ways.bind import Bind
from probes.ways.direct import Direct
from probes.web import measure
from scheduler.garbage import seldom_search

_URL = f"https://{NAME}/"
_ROOTS = default_roots()
_WAY = Direct(Bind())
_BATCH = 200


async def steps() -> None:
    """One DNS query, one TCP connection, one TLS handshake, one GET: the smallest unit."""
    clock, blobs = Clock(), Blobs()
    looked = await dns_lookup(NAME, "A", "system", way=_WAY, clock=clock, timeout=10, window=0, blobs=blobs)
    end = Endpoint(connection=1, address=looked.addresses[0], port=443)
    connected = await tcp_connect(end, _WAY, clock, timeout=10)
    assert connected.stream
    trust = Trust(at=datetime.now(UTC), roots=_ROOTS, name=NAME)
    shaken = await tls_handshake(connected.stream, end, trust, server_name=NAME, clock=clock, blobs=blobs, timeout=10)
    assert shaken.stream and shaken.seen.opinion == "ok", shaken.seen
    seen = await http_fetch(
        shaken.stream, end, Ask(place=place(_URL)), clock=clock, blobs=blobs, timeout=10, at_most=30
    )
    assert seen.status == 200 and seen.body_bytes > 12_000, seen


async def whole() -> Finished:
    """A measurement as it is: A and AAAA, the walk, the record."""
    return await measure(_plan(), roots=_ROOTS)


def _plan() -> Plan:
    vantage = VantagePoint(id="here", ipv6=False, consent=Consent(by="the benchmark", on=date(2026, 11, 22)))
    return Plan(target=Target(id="site", url=_URL, allow_private=True), vantage=vantage, dns_window=0)


async def _race(one: Callable[[], Awaitable[object]], count: int, at_once: int) -> list[object]:
    places, done = asyncio.Semaphore(at_once), []

    async def in_turn() -> None:
        async with places:
            done.append(await one())

    await asyncio.gather(*(in_turn() for _ in range(count)))
    return done


async def _stored(count: int, at_once: int, judge: Judge, store: Store) -> None:
    for start in range(0, count, _BATCH):
        finished = await _race(whole, min(_BATCH, count - start), at_once)
        batch = [
            Judged(each, judge.verdict(each.measurement, each.blobs)) for each in finished if isinstance(each, Finished)
        ]
        assert all(each.verdict.outcome == "ok" for each in batch), batch[0].verdict
        store.put(batch)


async def _cost_of_steps(count: int, at_once: int) -> dict[str, float]:
    await _race(steps, 30, at_once)  # imports, caches, the TLS context
    seldom_search()  # as the prober does once it has begun
    before = _cpu()
    await _race(steps, count, at_once)
    return {"per_cpu_second": count / (_cpu() - before)}


async def _cost_of_all(count: int, at_once: int) -> dict[str, float]:
    judge = Judge(roots=_ROOTS)
    with tempfile.TemporaryDirectory() as folder, open_store(f"sqlite:///{Path(folder) / 'bench.sqlite'}") as store:
        await _stored(30, at_once, judge, store)
        seldom_search()
        before = _cpu()
        await _stored(count, at_once, judge, store)
        return {"per_cpu_second": count / (_cpu() - before)}


async def _idle(count: int) -> dict[str, float]:
    for _ in range(20):
        await steps()
    times = []
    for _ in range(count):
        started = time.perf_counter()
        await steps()
        times.append(time.perf_counter() - started)
        await asyncio.sleep(0.01)
    return {"median_ms": 1000 * statistics.median(times)}


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=("steps", "stored", "idle"))
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--at-once", type=int, default=16)
    parser.add_argument("--uvloop", action="store_true")
    given = parser.parse_args()
    throughput = _cost_of_steps if given.kind == "steps" else _cost_of_all
    work = _idle(given.count) if given.kind == "idle" else throughput(given.count, given.at_once)
    factory = None
    if given.uvloop:
        import uvloop

        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        json.dump(runner.run(work), sys.stdout)


if __name__ == "__main__":
    main()
