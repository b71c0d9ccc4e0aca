"""Measurements for each CPU-second, beside Debian's blackbox_exporter doing the same, and one idle look beside curl.

    python -m benchmarks.engine [--rounds 5] [--count 1500]

Each round takes all in turn, so that a busy machine hits all alike; ratios are of one round. Needs root (a network
namespace) and Debian's nginx, unbound, curl and prometheus-blackbox-exporter.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.engine_place import BLACKBOX_PORT, NAME, Ground, ground, lacking

_TICKS = os.sysconf("SC_CLK_TCK")
_GOALS = {"steps": 0.9, "stored": 0.5, "steps, uvloop": 0.9, "stored, uvloop": 0.5}


def _ours(at: Ground, kind: str, count: int, *more: str) -> float:
    command = at.inside(sys.executable, "-m", "benchmarks.engine_runner", kind, "--count", str(count), *more)
    ended = subprocess.run(command, env=at.environment, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise SystemExit(ended.stderr)
    return float(next(iter(json.loads(ended.stdout).values())))


def _peer(at: Ground, count: int) -> float:
    before = _cpu_of(at.peer)
    subprocess.run(
        at.inside(sys.executable, "-m", "benchmarks.engine", "--ask-peer", "--count", str(count)), check=True
    )
    return count / (_cpu_of(at.peer) - before)


def _cpu_of(pid: int) -> float:
    """CPU seconds of a process; `ip netns exec` becomes the program that it starts."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


async def _ask(count: int, at_once: int = 16) -> None:
    """Asks blackbox for probes over kept connections; every one must succeed."""
    places = asyncio.Semaphore(at_once)

    async def one() -> None:
        async with places:
            reader, writer = await asyncio.open_connection("127.0.0.1", BLACKBOX_PORT)
            request = f"GET /probe?module=page&target=https://{NAME}/ HTTP/1.0\r\n\r\n"
            writer.write(request.encode())
            answer = await reader.read()
            writer.close()
            assert b"\nprobe_success 1" in answer, answer[-500:]

    await asyncio.gather(*(one() for _ in range(count)))


def _curl(at: Ground, count: int) -> float:
    times = []
    for _ in range(count):
        command = at.inside(
            "curl",
            "-s",
            "-o",
            "/dev/null",
            "-4",
            "--cacert",
            str(at.authority),
            "-w",
            "%{time_total}",
            f"https://{NAME}/",
        )
        times.append(float(subprocess.run(command, capture_output=True, text=True, check=True).stdout))
    return 1000 * statistics.median(times)


def _round(at: Ground, count: int) -> dict[str, float]:
    peer = _peer(at, count)
    return {
        "blackbox": peer,
        "steps": _ours(at, "steps", count) / peer,
        "steps, uvloop": _ours(at, "steps", count, "--uvloop") / peer,
        "stored": _ours(at, "stored", count) / peer,
        "stored, uvloop": _ours(at, "stored", count, "--uvloop") / peer,
        **_idle(at),
    }


def _idle(at: Ground, turns: int = 5, looks: int = 40) -> dict[str, float]:
    """One look at a time, and curl, in short turns: a busy moment hits neither alone."""
    curl, ours, faster = [], [], []
    for _ in range(turns):
        curl.append(_curl(at, looks))
        ours.append(_ours(at, "idle", looks) / curl[-1])
        faster.append(_ours(at, "idle", looks, "--uvloop") / curl[-1])
    middle = statistics.median
    return {"curl ms": middle(curl), "idle": middle(ours), "idle, uvloop": middle(faster)}


def _print(rounds: list[dict[str, float]]) -> None:
    print(f"{len(rounds)} rounds; median (least to most)")
    for name in rounds[0]:
        values = sorted(each[name] for each in rounds)
        goal = f"  goal: at least {_GOALS[name]}" if name in _GOALS else "  goal: at most 1.1" if "idle" in name else ""
        print(f"  {name:14} {statistics.median(values):8.2f}  ({values[0]:.2f} to {values[-1]:.2f}){goal}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--count", type=int, default=1500)
    parser.add_argument("--ask-peer", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.ask_peer:
        asyncio.run(_ask(given.count))
        return 0
    if why := lacking():
        print(f"engine: not run: {why}")
        return 0
    with tempfile.TemporaryDirectory(prefix="wallwatch-bench-") as folder, ground(Path(folder)) as at:
        _peer(at, 100)
        _print([_round(at, given.count) for _ in range(given.rounds)])
    return 0


if __name__ == "__main__":
    sys.exit(main())
