"""`wallwatch up` and `wallwatch judge`, as they are typed."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from models.store import Judged, open_store
from models.words import Mechanism, Outcome
from tests.scheduler.made import START, finished, reset_here, verdict

CONFIG = """
version: 1
vantage_points:
  - {id: here, consent: {by: operator, on: 2026-11-22}}
canaries:
  - {id: canary, url: "http://127.0.0.3:9/", allow_private: true}
targets:
  - {id: a, url: "http://127.0.0.2:9/", allow_private: true}
"""
WALLWATCH = [sys.executable, "-c", "from scheduler.cli import main; main()"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(what, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_up_prints_the_addresses_starts_a_killed_prober_again_and_stops_clean(tmp_path: Path) -> None:
    (tmp_path / "targets.yaml").write_text(CONFIG)
    port, out, err = free_port(), tmp_path / "out", tmp_path / "err"
    with out.open("w") as stdout, err.open("w") as stderr:
        up = subprocess.Popen(
            [*WALLWATCH, "up", "--listen", f"127.0.0.1:{port}"], cwd=tmp_path, stdout=stdout, stderr=stderr
        )
    try:
        until(lambda: '"event": "looked"' in err.read_text())
        assert f"http://127.0.0.1:{port}/" in out.read_text()
        (pid,) = re.findall(r'"process": "prober", "pid": (\d+)', err.read_text())
        os.kill(int(pid), signal.SIGKILL)
        until(lambda: "started again" in err.read_text() and err.read_text().count('"process": "prober", "pid"') == 2)
        until(lambda: err.read_text().count('"event": "measuring"') == 2)
    finally:
        up.send_signal(signal.SIGTERM)
        code = up.wait(40)
    assert code == 0
    pids = [int(pid) for pid in re.findall(r'"pid": (\d+)', err.read_text())]
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
    with open_store(f"sqlite:///{tmp_path}/data/wallwatch.sqlite", read_only=True) as store:
        assert store.current()[0].outcome is Outcome.INCONCLUSIVE


def test_up_refuses_a_bad_configuration_before_anything_starts(tmp_path: Path) -> None:
    (tmp_path / "targets.yaml").write_text("version: 1\ntagrets: []\n")
    done = subprocess.run([*WALLWATCH, "up"], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert "targets.yaml:2" in done.stderr
    assert "process started" not in done.stderr


def judge(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [*WALLWATCH, "judge", "--db", f"sqlite:///{folder}/w.sqlite", *options]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_judge_says_what_changed_and_folds_episodes_anew(tmp_path: Path) -> None:
    looks = [finished(n * 360) for n in range(4)] + [reset_here(n * 360) for n in range(4, 30)]
    given = [verdict(Outcome.OK)] * 30  # as if older rules had found nothing
    with open_store(f"sqlite:///{tmp_path}/w.sqlite") as store:
        store.put([Judged(*each) for each in zip(looks, given, strict=True)])
    done = judge(tmp_path)
    assert done.returncode == 0
    assert "30 measurements judged" in done.stdout
    assert "26 × ok (test.given) → anomaly http_reset" in done.stdout
    assert "Episodes: 1 appear, 0 vanish" in done.stdout
    assert "1 episodes came, went or changed, 1 there are" in done.stdout
    with open_store(f"sqlite:///{tmp_path}/w.sqlite") as store:
        assert store.current()[0].outcome is Outcome.ANOMALY
        (episode,) = store.episodes()
        assert episode.mechanisms == (Mechanism.HTTP_RESET,)
    assert "0 verdicts change." in judge(tmp_path).stdout


def test_judge_json_prints_a_line_for_each_measurement_and_nothing_else(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/w.sqlite") as store:
        store.put([Judged(reset_here(n), verdict(Outcome.OK)) for n in range(5)])
        names = {each.measurement for each in store.looks("a", "here")}
    done = judge(tmp_path, "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert {line["measurement"] for line in lines} == names
    assert {line["verdict"]["outcome"] for line in lines} == {"anomaly"}
    assert lines[0]["started_at"] == START.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def test_judge_says_that_it_has_no_cluster_yet(tmp_path: Path) -> None:
    done = judge(tmp_path, "--cluster", "tcp://127.0.0.1:1")
    assert done.returncode == 2
    assert "not built yet" in done.stderr
