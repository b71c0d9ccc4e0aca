"""Pages: 40 people who click every 4 seconds, as a ratio to a trivial Streamlit page in the same run.

Each person is a real session over a websocket, speaking Streamlit's own protocol to a real server process, on a store of
20 targets by 5 vantage points. (`pages_data.py` measures the data behind the pages at two sizes of store.)

    python -m benchmarks.pages [--people 40] [--every 4] [--seconds 30]
"""

import argparse
import asyncio
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

from evidence.episodes import episodes
from models.measurement import Finished, Measurement, Software, TargetFacts, VantageFacts, to_instant
from models.store import Judged, Store, open_store
from models.verdict import Verdict
from models.words import Mechanism, Outcome, Stage

ROOT = Path(__file__).parents[1]
TRIVIAL = 'import streamlit as st\n\nst.write("hello")\n'
SERVE_TRIVIAL = """
import gc, socket, sys
import uvicorn
from pathlib import Path
from fastapi import FastAPI
from streamlit.starlette import App
from streamlit.web import bootstrap
from dashboard.server import Listen, settings

sock = socket.create_server(("127.0.0.1", 0))
port = sock.getsockname()[1]
bootstrap.load_config_options(settings(Listen(host="127.0.0.1", port=port)))
page = App(Path(sys.argv[1]))
app = FastAPI(lifespan=page.lifespan())
app.mount("/", page)
gc.collect()
gc.freeze()
print(f"trivial: http://127.0.0.1:{port}/", flush=True)
uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[sock])
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=40)
    parser.add_argument("--every", type=float, default=4.0, help="seconds between one person's clicks")
    parser.add_argument("--seconds", type=float, default=30.0, help="how long each page is clicked on")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wallwatch-pages-") as folder:
        clicks(Path(folder), given.people, given.every, given.seconds)


# Clicks


@dataclass(frozen=True)
class Clicked:
    waits: list[float]
    cpu: float

    def at(self, share: float) -> float:
        return sorted(self.waits)[int(share * (len(self.waits) - 1))] * 1000


def clicks(folder: Path, people: int, every: float, seconds: float) -> None:
    db, config = f"sqlite:///{folder / 'store.sqlite'}", folder / "targets.yaml"
    config.write_text(configuration_text(20, 5), "utf-8")
    with open_store(db) as store:
        fill(store, 20 * 5 * 90 * 4, targets=20, vantages=5, step=timedelta(hours=6))
    script = folder / "trivial.py"
    script.write_text(TRIVIAL, "utf-8")
    ours = [sys.executable, "-m", "dashboard", "--db", db, "--config", str(config), "--listen", "127.0.0.1:0"]
    theirs = [sys.executable, "-c", SERVE_TRIVIAL, str(script)]
    print(f"{people} people, a click each {every:g} s, {seconds:g} s a page; milliseconds from click to finished page")
    with served(theirs, folder) as (url, pid):
        plain = asyncio.run(crowd(url, pid, [("", "")], people, every, seconds))
    show("trivial page", plain, plain)
    with served(ours, folder) as (url, pid):
        pages = {
            "overview": [("overview", f"sort={sort}") for sort in ("state", "name", "changed")],
            "target": [("target", f"id=target-{n}") for n in range(20)],
            "campaign": [("campaign", "id=campaign")],
        }
        for name, places in pages.items():
            show(name, asyncio.run(crowd(url, pid, places, people, every, seconds)), plain)


def show(name: str, found: Clicked, plain: Clicked) -> None:
    ratio = found.cpu / len(found.waits) / (plain.cpu / len(plain.waits))
    print(
        f"{name:14} clicks {len(found.waits):5}  p50 {found.at(0.5):6.0f}  p95 {found.at(0.95):6.0f}  max {found.at(1):6.0f}"
        f"  CPU a click {1000 * found.cpu / len(found.waits):5.1f} ms = {ratio:.1f} x trivial"
    )


async def crowd(
    url: str, pid: int, places: list[tuple[str, str]], people: int, every: float, seconds: float
) -> Clicked:
    waits: list[float] = []
    rng = random.Random(7)
    before = 0.0
    async with asyncio.TaskGroup() as group:
        started = asyncio.Event()
        for n in range(people):
            group.create_task(
                person(
                    url,
                    places[n % len(places) :] + places[: n % len(places)],
                    every,
                    seconds,
                    rng.random() * every,
                    started,
                    waits,
                )
            )
        await asyncio.sleep(every * 1.5)  # everybody has come in
        before = cpu_seconds(pid)
        started.set()
    return Clicked(waits, cpu_seconds(pid) - before)


async def person(
    url: str,
    places: list[tuple[str, str]],
    every: float,
    seconds: float,
    late: float,
    started: asyncio.Event,
    waits: list[float],
) -> None:
    stream = url.replace("http", "ws", 1).rstrip("/") + "/_stcore/stream"
    async with connect(stream, subprotocols=["streamlit"], max_size=None, compression=None) as socket:  # type: ignore[list-item]
        await click(socket, *places[0])
        await started.wait()
        await asyncio.sleep(late)
        end, turn = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            turn += 1
            took = await click(socket, *places[turn % len(places)])
            waits.append(took)
            await asyncio.sleep(max(0.0, every - took))


async def click(socket: ClientConnection, page: str, query: str) -> float:
    message = BackMsg()
    message.rerun_script.page_name = page
    message.rerun_script.query_string = query
    begin = time.perf_counter()
    await socket.send(message.SerializeToString())
    while True:
        answer = ForwardMsg()
        answer.ParseFromString(await socket.recv())  # type: ignore[arg-type]
        if answer.WhichOneof("type") == "script_finished":
            if answer.script_finished != ForwardMsg.ScriptFinishedStatus.FINISHED_SUCCESSFULLY:
                raise RuntimeError(f"the page did not finish: {answer.script_finished}")
            return time.perf_counter() - begin


@contextmanager
def served(command: list[str], folder: Path) -> Iterator[tuple[str, int]]:
    env = {**os.environ, "HOME": str(folder), "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env, cwd=folder)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().split()[1], process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


# A store to read from


def fill(store: Store, size: int, *, targets: int, vantages: int, step: timedelta) -> None:
    """Puts `size` measurements of targets by vantage points; every seventh pair is blocked for a third of the time."""
    pairs = [(f"target-{t}", f"vantage-{v}") for t in range(targets) for v in range(vantages)]
    rounds = size // len(pairs)
    now = datetime.now(UTC)
    batch: list[Judged] = []
    for turn in range(rounds):
        at = now - step * (rounds - turn)
        for n, pair in enumerate(pairs):
            blocked = n % 7 == 0 and turn % 90 > 60
            batch.append(look(pair, at + timedelta(milliseconds=n), blocked=blocked))
            if len(batch) == 5000:
                store.put(batch)
                batch = []
    store.put(batch)
    for n, (target, vantage) in enumerate(pairs):
        if n % 7 == 0:
            store.replace_episodes(target, vantage, episodes(target, vantage, store.looks(target, vantage)))


BLOCKED = Verdict(
    outcome=Outcome.CONFIRMED,
    stage=Stage.TLS,
    mechanism=Mechanism.SNI_RESET,
    rule="tls.reset_only_here",
    ruleset="x",
    reasons=("Reset after the ClientHello here; the control loads the page.",),
)
FINE = Verdict(outcome=Outcome.OK, rule="http.loads", ruleset="x", reasons=("It loaded.",))


def look(pair: tuple[str, str], at: datetime, *, blocked: bool) -> Judged:
    measurement = Measurement(
        target=TargetFacts(id=pair[0], url=f"https://{pair[0]}.example/"),
        vantage=VantageFacts(id=pair[1], via="direct"),
        started_at=to_instant(at),
        runtime_us=100_000,
        software=Software(name="wallwatch", version="0"),
    )
    return Judged(Finished(measurement=measurement, blobs={}), BLOCKED if blocked else FINE)


def configuration_text(targets: int, vantages: int) -> str:
    return "\n".join(
        [
            "version: 1",
            "vantage_points:",
            *(
                f"  - {{id: vantage-{n}, via: direct, consent: {{by: benchmark, on: 2026-01-01}}}}"
                for n in range(vantages)
            ),
            "campaigns:",
            "  - {id: campaign, title: A campaign, organisation: Benchmark, petition: {url: 'https://example.org/', state: open}}",
            "targets:",
            *(
                f"  - {{id: target-{n}, url: 'https://target-{n}.example/', campaigns: [campaign]}}"
                for n in range(targets)
            ),
        ]
    )


if __name__ == "__main__":
    main()
