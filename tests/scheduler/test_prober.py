"""The prober as a process, against real servers on loopback: kills, stops, reloads, an offline line."""

import asyncio
import contextlib
import random
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from models.store import Store, open_store
from models.words import Outcome
from scheduler.clock_watch import Jolt
from scheduler.journal import Journal
from scheduler.prober import Prober
from scheduler.reload import Watched

CONFIG = """
version: 1
defaults: {{every: 1m, jitter: 1s, timeout: 2s, total_timeout: 10s}}
vantage_points:
  - {{id: here, consent: {{by: operator, on: 2026-11-22}}, resolvers: ["udp://127.0.0.1:9"]}}
canaries:
  - {{id: canary, url: "{canary}", allow_private: true}}
targets:
"""


class Site(BaseHTTPRequestHandler):
    """Answers everything; counts what it is asked."""

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<title>hello</title>" + self.path.encode())

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def site() -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Here", (Site,), {"asked": asked}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


def configuration(base: str, names: list[str], canary: str | None = None) -> str:
    lines = [f'  - {{id: {name}, url: "{base.format(n)}/{name}", allow_private: true}}' for n, name in enumerate(names)]
    return CONFIG.format(canary=canary or f"{base}/canary") + "\n".join(lines) + "\n"


class Running:
    """A prober in a folder of its own."""

    def __init__(self, folder: Path, config: str) -> None:
        self.folder, self.config = folder, folder / "targets.yaml"
        self.config.write_text(config)
        self.url = f"sqlite:///{folder}/w.sqlite"
        self.log = folder / "log"
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "scheduler.prober", "--db", self.url, "--config", str(self.config)]
        with self.log.open("a") as out:
            self.process = subprocess.Popen(command, stderr=out)

    def end(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        return self.process.wait(30)

    @contextlib.contextmanager
    def store(self) -> Iterator[Store]:
        with open_store(self.url) as store:
            yield store

    def measured(self) -> int:
        """Counts looks that the log says were finished: what must never be lost."""
        return len(re.findall(r'"event": "looked"', self.log.read_text()))

    def stored(self) -> int:
        path = self.folder / "w.sqlite"
        if not path.exists():
            return 0
        try:
            with contextlib.closing(sqlite3.connect(path)) as sql:
                return int(sql.execute("SELECT count(*) FROM look").fetchone()[0])
        except sqlite3.OperationalError:
            return 0

    def until(self, what: Callable[[], object], seconds: float = 40) -> None:
        end = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < end, self.log.read_text()[-3000:]
            time.sleep(0.05)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[[str], Running]]:
    started: list[Running] = []

    def begin(config: str) -> Running:
        started.append(Running(tmp_path, config))
        return started[-1]

    yield begin
    for each in started:
        if each.process.poll() is None:
            each.end(signal.SIGKILL)


NAMES = [f"t{n}" for n in range(30)]


def test_nothing_measured_is_lost_when_the_prober_is_killed_in_the_middle_and_started_again(site, run) -> None:
    base, _ = site
    prober = run(configuration("http://127.0.9.{}:9", NAMES, f"{base}/canary"))  # refused at once: quick to measure
    for kill_at in (3, 12):
        prober.until(lambda at=kill_at: prober.measured() >= at)
        prober.end(signal.SIGKILL)
        prober.start()
    prober.until(lambda: prober.measured() >= len(NAMES))
    assert prober.end(signal.SIGTERM) == 0
    with prober.store() as store:
        assert {each.target for each in store.current()} == set(NAMES)
        assert store.counts().measurements >= prober.measured()
        looks = [look for name in NAMES for look in store.looks(name, "here")]
        assert len({look.measurement for look in looks}) == len(looks)
    assert list((prober.folder / "w.sqlite.journal").glob("*.journal")) == []


def test_a_restart_resumes_the_schedule_and_writes_down_what_was_missed(site, run) -> None:
    base, asked = site
    prober = run(configuration(base, ["a", "b"]))
    prober.until(lambda: prober.stored() >= 2)
    assert prober.end(signal.SIGTERM) == 0
    with contextlib.closing(sqlite3.connect(prober.folder / "w.sqlite")) as sql:  # as if it had been off for a day
        sql.execute("UPDATE status SET at = at - 86400000000")
        sql.execute(
            "UPDATE current SET at = at - 86400000000 WHERE target = (SELECT number FROM target WHERE name = 'a')"
        )
        sql.commit()
    before = list(asked)
    prober.start()
    prober.until(lambda: prober.stored() >= 3)
    assert asked[len(before) :].count("/a") == 1
    assert asked[len(before) :].count("/b") == 0
    assert prober.end(signal.SIGTERM) == 0
    with prober.store() as store:
        (gap,) = store.gaps()
        assert timedelta(hours=23) < gap.by - gap.after < timedelta(hours=25)
        assert "not running; looks of 1 pairs fell due" in gap.reason


def test_an_offline_vantage_point_gives_one_inconclusive_look_each_and_rests(run) -> None:
    prober = run(configuration("http://127.0.0.2:9", ["a", "b", "c"], "http://127.0.0.3:9/canary"))
    prober.until(lambda: prober.stored() >= 3)
    prober.until(lambda: _status(prober, "vantage:here").get("working") is False)
    assert prober.end(signal.SIGTERM) == 0
    with prober.store() as store:
        assert {each.outcome for each in store.current()} == {Outcome.INCONCLUSIVE}
        assert all("offline" in (each.reason or "") for each in store.current())
        measurement = store.measurement(store.current()[0].measurement)
        assert measurement is not None
        assert not measurement.canaries[0].held
        assert store.announcements() == []


def test_a_changed_configuration_is_taken_up_live_and_a_broken_one_leaves_the_last_good_one(site, run) -> None:
    base, _ = site
    prober = run(configuration(base, ["a"]))
    prober.until(lambda: prober.stored() >= 1)
    prober.config.write_text(configuration(base, ["a"]).replace("targets:", "tagrets:"))
    prober.until(lambda: "targets.yaml:" in (_status(prober, "configuration").get("error") or ""))
    assert _status(prober, "configuration")["problems"][0]["line"] > 0
    replacement = prober.config.with_suffix(".new")
    replacement.write_text(configuration(base, ["b", "c"]))
    replacement.replace(prober.config)  # as editors do
    prober.until(lambda: _status(prober, "configuration").get("error") is None)
    prober.until(lambda: prober.stored() >= 3)
    assert "added 2" in _status(prober, "configuration")["last_change"]["summary"]
    assert prober.end(signal.SIGTERM) == 0
    with prober.store() as store:
        assert {each.target for each in store.current()} == {"a", "b", "c"}


def _status(prober: Running, name: str) -> dict:
    with open_store(prober.url, read_only=True) as store:
        found = store.status().get(name)
    return found.document if found else {}


def test_a_second_prober_on_one_store_is_refused_with_what_to_do(site, run) -> None:
    base, _ = site
    prober = run(configuration(base, ["a"]))
    prober.until(lambda: prober.stored() >= 1)
    command = [sys.executable, "-m", "scheduler.prober", "--db", prober.url, "--config", str(prober.config)]
    second = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert second.returncode == 2
    assert "another wallwatch is measuring" in second.stderr
    assert prober.end(signal.SIGTERM) == 0


def test_a_bad_configuration_is_refused_at_the_start_with_file_and_line(run) -> None:
    prober = run("version: 1\ntagrets: []\n")
    assert prober.process.wait(30) == 2
    assert "targets.yaml:2" in prober.log.read_text()


async def test_a_clock_that_jumps_brings_no_storm_and_is_told(site, tmp_path: Path) -> None:
    base, asked = site
    config = tmp_path / "targets.yaml"
    config.write_text(configuration(base, ["a", "b"]).replace("every: 1m", "every: 1h"))
    with open_store(f"sqlite:///{tmp_path}/w.sqlite") as store:
        prober = Prober(store, Watched.from_file(config), Journal(tmp_path / "journal"), rng=random.Random(1))
        stop = asyncio.Event()
        running = asyncio.create_task(prober.run(stop))
        async with asyncio.timeout(20):
            while prober.sink.stored < 2:
                await asyncio.sleep(0.05)
        before = [due.at for due in prober.looker.timetable.coming(2)]
        jump = timedelta(days=400)
        await prober._jolted(Jolt(datetime.now(UTC), jump, timedelta(0)))
        assert [due.at for due in prober.looker.timetable.coming(2)] == [at + jump for at in before]
        await prober._jolted(Jolt(datetime.now(UTC), -jump, timedelta(0)))
        assert [due.at for due in prober.looker.timetable.coming(2)] == before
        await asyncio.sleep(0.5)
        assert len([path for path in asked if path != "/canary"]) == 2
        await prober._jolted(Jolt(datetime.now(UTC) - timedelta(hours=2), timedelta(0), timedelta(hours=2)))
        stop.set()
        await running
        assert "slept for 7200 s" in store.status()["scheduler"].document["clock"]["what"]
        assert [gap.reason for gap in store.gaps()] == ["the machine slept for 7200 s"]
