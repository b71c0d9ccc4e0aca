"""Thousands of silent targets at once: their memory, their timeouts, and what healthy targets beside them feel.

    python -m benchmarks.patience [--silent 5000] [--healthy 1000]

Half of the silent targets take the connection and say nothing to the ClientHello, half never answer the SYN. Starts are
paced as the scheduler paces them: 400 a second, and 40 healthy looks a second among them. The peer is the same healthy
looks alone, in the same process just before, so that a busy machine shows. Servers run in a process of their own.
"""

import argparse
import asyncio
import json
import resource
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from lab.certificates import Authority
from lab.wire import drop_syns_from
from models.measurement import Finished
from models.roots import Roots, from_pem
from models.targets import Consent, Target, VantagePoint
from probes.plan import Plan
from probes.web import measure
from scheduler.garbage import seldom_search

STALLED, DROPPED, HEALTHY = "127.93.0.1", "127.93.0.2", "127.93.0.3"
TIMEOUT = 10.0
_A_SECOND, _HEALTHY_A_SECOND = 400, 40
_PAGE = b"<!doctype html><title>A page</title>" + b"x" * 12_000


@dataclass(slots=True)
class Seen:
    """What was seen of each look, in seconds."""

    healthy: list[float] = field(default_factory=list)
    silent: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


# the servers, in their own process


async def _serve(folder: Path) -> None:
    """Opens the three servers, says where they are, and serves until its standard input ends."""
    _many_files()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "leaf.pem", folder / "leaf.key")
    healthy = await asyncio.start_server(_answer, HEALTHY, 0, ssl=context, backlog=4096)
    stalled = await asyncio.start_server(_swallow, STALLED, 0, backlog=4096)
    dropped = socket.create_server((DROPPED, 0))
    drop_syns_from(dropped, ("127.0.0.1",))
    ports = [sock.getsockname()[1] for sock in (healthy.sockets[0], stalled.sockets[0], dropped)]
    print(json.dumps(ports), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%b" % (len(_PAGE), _PAGE))
        await writer.drain()
    except (OSError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


async def _swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while await reader.read(65_536):
            pass
    except OSError:
        pass
    finally:
        writer.close()


# the prober


@dataclass(frozen=True, slots=True)
class Field:
    """Where the targets are."""

    healthy: str
    silent: tuple[str, str]
    roots: Roots


async def _look(field: Field, url: str) -> Finished:
    vantage = VantagePoint(id="here", ipv6=False, consent=Consent(by="the benchmark", on=date(2026, 11, 22)))
    target = Target(id="site", url=url, allow_private=True)
    return await measure(Plan(target=target, vantage=vantage, timeout=TIMEOUT), roots=field.roots)


async def _healthy(field: Field, seen: Seen) -> None:
    began = time.perf_counter()
    finished = await _look(field, field.healthy)
    seen.healthy.append(time.perf_counter() - began)
    fetches = finished.measurement.http
    if not fetches or fetches[-1].status != 200:
        seen.wrong.append(f"healthy: {finished.measurement.tcp} {finished.measurement.tls} {fetches}")


async def _silent(field: Field, seen: Seen, number: int) -> None:
    measurement = (await _look(field, field.silent[number % 2])).measurement
    step = (*measurement.tcp, *measurement.tls)[-1]
    seen.silent.append(step.duration_us / 1e6)
    if step.failure != "generic_timeout_error" or measurement.own_fault:
        seen.wrong.append(f"silent: {step} {measurement.own_fault}")


async def _paced(count: int, a_second: float, start: Callable[[int], Awaitable[None]]) -> None:
    """Starts so many a second, and waits until the last is over."""
    began, tasks = time.monotonic(), []
    for number in range(count):
        await asyncio.sleep(began + number / a_second - time.monotonic())
        tasks.append(asyncio.ensure_future(start(number)))
    await asyncio.gather(*tasks)


async def _run(field: Field, silent: int, healthy: int) -> dict[str, float]:
    warm, alone, beside = Seen(), Seen(), Seen()
    await _paced(50, 20, lambda _: _healthy(field, warm))
    seldom_search()  # as the prober does once it has begun
    await _paced(healthy, _HEALTHY_A_SECOND, lambda _: _healthy(field, alone))
    before, cpu = _resident(), time.process_time()
    watch = asyncio.ensure_future(_watch())
    looks = min(healthy, int(_HEALTHY_A_SECOND * (silent / _A_SECOND + TIMEOUT)))  # as long as there is silence
    await asyncio.gather(
        _paced(silent, _A_SECOND, lambda number: _silent(field, beside, number)),
        _paced(looks, _HEALTHY_A_SECOND, lambda _: _healthy(field, beside)),
    )
    spent = time.process_time() - cpu
    watch.cancel()
    peak, lag = _PEAK["resident"], _PEAK["lag"]
    if beside.wrong or alone.wrong:
        raise SystemExit(
            f"{len(beside.wrong + alone.wrong)} looks were not as they must be: {(beside.wrong + alone.wrong)[0]}"
        )
    return {
        "in flight": _PEAK["tasks"],
        "growth MB": (peak - before) / 1e6,
        "process MB": peak / 1e6,
        "least s": min(beside.silent),
        "median s": statistics.median(beside.silent),
        "most s": max(beside.silent),
        "healthy p50 ms": 1000 * statistics.median(beside.healthy),
        "healthy p99 ms": 1000 * _percentile(beside.healthy, 0.99),
        "alone p50 ms": 1000 * statistics.median(alone.healthy),
        "alone p99 ms": 1000 * _percentile(alone.healthy, 0.99),
        "loop lag ms": 1000 * lag,
        "cpu s": spent,
    }


_PEAK = {"resident": 0.0, "tasks": 0.0, "lag": 0.0}


async def _watch() -> None:
    while True:
        _PEAK["resident"] = max(_PEAK["resident"], _resident())
        _PEAK["tasks"] = max(_PEAK["tasks"], len(asyncio.all_tasks()))
        asleep = time.monotonic()
        await asyncio.sleep(0.1)
        _PEAK["lag"] = max(_PEAK["lag"], time.monotonic() - asleep - 0.1)


def _resident() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def _percentile(values: list[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, int(part * len(values)))]


def _many_files() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _print(found: dict[str, float], silent: int) -> None:
    print(f"{silent} silent targets, {found['in flight']:.0f} tasks at most at once, {found['cpu s']:.1f} s of CPU")
    print(
        f"  memory             grew by {found['growth MB']:.0f} MB to {found['process MB']:.0f} MB     goal: under 400 MB"
    )
    print(
        f"  timeouts reported  {found['median s']:.2f} s ({found['least s']:.2f} to {found['most s']:.2f})  goal: 10 s"
    )
    print(
        f"  healthy beside     p50 {found['healthy p50 ms']:.1f} ms, p99 {found['healthy p99 ms']:.1f} ms   goal: p99 within 50 ms"
    )
    print(f"  healthy alone      p50 {found['alone p50 ms']:.1f} ms, p99 {found['alone p99 ms']:.1f} ms")
    print(
        f"  ratio              p50 {found['healthy p50 ms'] / found['alone p50 ms']:.2f}, p99 {found['healthy p99 ms'] / found['alone p99 ms']:.2f}"
    )
    print(f"  event loop         at most {found['loop lag ms']:.0f} ms late")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--silent", type=int, default=5000)
    parser.add_argument("--healthy", type=int, default=900)
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        asyncio.run(_serve(given.serve))
        return 0
    if sys.platform != "linux":
        print("patience: not run: needs Linux, to drop SYNs and to read this process's memory")
        return 0
    _many_files()
    with tempfile.TemporaryDirectory(prefix="wallwatch-bench-") as folder:
        authority = Authority("Benchmark authority")
        leaf = authority.leaf(HEALTHY)
        (Path(folder) / "leaf.pem").write_bytes(leaf.certificate)
        (Path(folder) / "leaf.key").write_bytes(leaf.key)
        command = [sys.executable, "-m", "benchmarks.patience", "--serve", folder]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as servers:
            assert servers.stdout is not None
            healthy, stalled, dropped = json.loads(servers.stdout.readline())
            field = Field(
                healthy=f"https://{HEALTHY}:{healthy}/",
                silent=(f"https://{STALLED}:{stalled}/", f"https://{DROPPED}:{dropped}/"),
                roots=from_pem(authority.pem),
            )
            try:
                _print(asyncio.run(_run(field, given.silent, given.healthy)), given.silent)
            finally:
                assert servers.stdin is not None
                servers.stdin.close()
                servers.terminate()
    return 0


if __name__ == "__main__":
    sys.exit(main())
