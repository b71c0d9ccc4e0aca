"""Bad luck: a killed writer, a full disk, a lock that is held, a damaged record. Nothing is half-written, nothing measured is lost."""

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.store import StoreError, open_store
from models.store import engine as store_engine
from models.words import Outcome
from tests.store.making import HOUR, START, look, name, url

SIZE = 50


def killed_writer(path: Path, lines: int, delay: float) -> int:
    """Starts a writer, kills it in the middle of a write, and returns how many batches it said were kept."""
    command = [sys.executable, "-m", "tests.store.writer", url(path), str(SIZE)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in range(lines):
            process.stdout.readline()
        threading.Event().wait(delay)
        process.kill()
        said = process.stdout.read().split()
    return int(said[-1]) if said else lines


@pytest.mark.parametrize(("lines", "delay"), [(1, 0.0), (2, 0.004), (3, 0.009), (5, 0.013)])
def test_killed_writer_leaves_whole_batches_only(tmp_path: Path, lines: int, delay: float):
    kept = killed_writer(tmp_path, lines, delay)
    connection = sqlite3.connect(tmp_path / "wallwatch.sqlite")
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    with open_store(url(tmp_path)) as store:
        found = store.counts().measurements
        assert found % SIZE == 0
        assert found >= kept * SIZE
        days = store.daily(days=4002, until=START + 4000 * 24 * HOUR)
        assert sum(day.checks for day in days) == found == sum(now.looks for now in store.current())
        assert sum(1 for _ in store.each_measurement()) == found
        assert store.put([look(found)]).new == 1


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    if (
        os.geteuid() != 0
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1500k", "tmpfs", str(tmp_path)], capture_output=True, check=False
        ).returncode
    ):
        pytest.skip("needs root, to mount a small file system")
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


@pytest.mark.root
def test_full_disk_is_said_and_the_store_goes_on_when_there_is_room_again(small_disk: Path):
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * 300_000)
    with open_store(url(small_disk)) as store:
        kept, batch = fill(store)
        with pytest.raises(StoreError, match=r"the disk is full.*Nothing of this batch was written; free some"):
            store.put(batch)
        assert store.counts().measurements == kept
        ballast.unlink()
        assert store.put(batch[:1]).new == 1
        assert store.counts().measurements == kept + 1
        assert sum(now.looks for now in store.current()) == kept + 1


def fill(store) -> tuple[int, list]:
    """Puts batches until one does not fit, and returns how many measurements were kept and the batch that was not."""
    for start in range(0, 100_000, 40):
        batch = [look(start + n) for n in range(40)]
        try:
            store.put(batch)
        except StoreError:
            return start, batch
    raise AssertionError("the disk did not fill")


def test_locked_database_is_said_and_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(store_engine, "_BUSY_MS", 50)
    with open_store(url(tmp_path)) as store:
        holder = sqlite3.connect(tmp_path / "wallwatch.sqlite", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match=r"locked by another process.*stop the other writer"):
            store.put([look()])
        assert store.current() == []  # readers are not held up
        holder.execute("ROLLBACK")
        holder.close()
        assert store.put([look()]).new == 1


def test_failed_batch_leaves_no_names_behind_that_the_next_would_trust(tmp_path: Path):
    with open_store(url(tmp_path)) as store:
        with sqlite3.connect(store.place) as shell:
            shell.execute("CREATE TRIGGER trap BEFORE INSERT ON current BEGIN SELECT RAISE(ABORT, 'sprung'); END")
        with pytest.raises(StoreError, match=r"sprung"):
            store.put([look(0, Outcome.ANOMALY, target="new", vantage="fresh")])
        with shell:
            shell.execute("DROP TRIGGER trap")
        shell.close()
        assert store.counts().targets == 0
        store.put(
            [
                look(0, Outcome.ANOMALY, target="other", vantage="fresh"),
                look(0, Outcome.ANOMALY, target="new", vantage="fresh"),
            ]
        )
        assert {(now.target, now.vantage, now.rule) for now in store.current()} == {
            ("other", "fresh", "tls.reset_only_here"),
            ("new", "fresh", "tls.reset_only_here"),
        }


def test_record_that_was_changed_from_outside_is_not_passed_on(tmp_path: Path):
    with open_store(url(tmp_path)) as store:
        (first, second) = store.put([look(1), look(2)]).ids
        with sqlite3.connect(store.place) as shell:
            shell.execute("DROP TRIGGER record_no_update")
            shell.execute("UPDATE record SET body = (SELECT body FROM record WHERE seq = 2) WHERE seq = 1")
        shell.close()
        with pytest.raises(StoreError, match=r"no longer what its name says.*restore a backup"):
            store.record(first)
        assert store.record(second) is not None


@pytest.mark.parametrize(
    ("which", "said"), [("=", r"The blob sha256:.*restore a backup"), ("<>", r"The sample sha256:.*restore a backup")]
)
def test_blob_that_was_cut_from_outside_is_not_passed_on(tmp_path: Path, which: str, said: str):
    with open_store(url(tmp_path)) as store:
        store.put([look(1)])
        with sqlite3.connect(store.place) as shell:
            shell.execute("DROP TRIGGER blob_no_update")
            shell.execute(
                f"UPDATE blob SET body = substr(body, 1, 9) WHERE digest {which} (SELECT digest FROM blob WHERE seq = 1)"
            )
        shell.close()
        with pytest.raises(StoreError, match=said):
            store.blobs_of(name(look(1)))


def test_sample_that_was_never_written_is_written_by_the_next_batch_that_needs_it(tmp_path: Path):
    with open_store(url(tmp_path)) as store:
        with sqlite3.connect(store.place) as shell:
            shell.execute("CREATE TRIGGER trap BEFORE INSERT ON current BEGIN SELECT RAISE(ABORT, 'sprung'); END")
        with pytest.raises(StoreError, match="sprung"):
            store.put([look(1)])
        with shell:
            shell.execute("DROP TRIGGER trap")
        shell.close()
        store.put([look(2), look(3)])
    with open_store(url(tmp_path)) as again:
        again.put([look(4)])
        for number in (2, 3, 4):
            assert again.record(name(look(number))) == look(number).finished.measurement.to_canonical()
        assert again.counts().blobs == 2 + 3 + 1


def test_several_threads_and_writers_do_not_lose_a_look(tmp_path: Path):
    def write(target: str) -> None:
        with open_store(url(tmp_path)) as store:
            for number in range(20):
                store.put([look(number, target=target), look(number, target="shared", vantage=target)])

    threads = [threading.Thread(target=write, args=(target,)) for target in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with open_store(url(tmp_path), read_only=True) as store:
        assert store.counts().measurements == 160
        assert sum(now.looks for now in store.current()) == 160
