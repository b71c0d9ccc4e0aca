"""The journal: what was appended is there after a kill, and a full disk tears nothing."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from scheduler import journal as journals
from scheduler.journal import HEAD, Entry, Journal, JournalError, entries_of, to_frame
from tests.scheduler.made import finished


def entry(n: int) -> Entry:
    return Entry.from_finished(f"key-{n}", finished(n))


def segments(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.journal"))


def test_an_entry_comes_back_as_the_same_bytes(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append(entry(1))
    (back,) = entries_of(segments(tmp_path)[0])
    assert back.to_finished() == finished(1)
    assert back.record == finished(1).measurement.to_canonical()
    journal.close()


def test_what_the_store_has_is_removed_at_the_end_and_the_rest_is_left(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.settle([journal.append(entry(1))])
    journal.close()
    assert segments(tmp_path) == []
    journal = Journal(tmp_path)
    numbers = [journal.append(entry(1)), journal.append(entry(2))]
    journal.settle(numbers[:1])
    journal.close()
    (path,) = Journal(tmp_path).left_over()
    assert [each.key for each in entries_of(path)] == ["key-1", "key-2"]


def test_a_later_entry_of_a_key_takes_the_place_of_the_earlier(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append(Entry.from_finished("same", finished(1)))
    journal.append(Entry.from_finished("same", finished(2)))
    assert [each.to_finished() for each in entries_of(segments(tmp_path)[0])] == [finished(2)]
    journal.close()


@pytest.mark.parametrize("cut", [1, HEAD.size - 1, HEAD.size, HEAD.size + 5, -1])
def test_a_torn_last_entry_costs_only_itself(tmp_path: Path, cut: int) -> None:
    whole, torn = to_frame(entry(1)), to_frame(entry(2))
    path = tmp_path / "00000001.journal"
    path.write_bytes(whole + torn[:cut])
    assert [each.key for each in entries_of(path)] == ["key-1"]


@pytest.mark.parametrize("at", range(0, 200, 7))
def test_a_flipped_byte_costs_one_entry_and_not_those_after_it(tmp_path: Path, at: int) -> None:
    damaged = bytearray(to_frame(entry(1)))
    damaged[at] ^= 0xFF
    path = tmp_path / "00000001.journal"
    path.write_bytes(bytes(damaged) + to_frame(entry(2)))
    assert [each.key for each in entries_of(path)] == ["key-2"]


def test_a_length_that_claims_gigabytes_is_stepped_over(tmp_path: Path) -> None:
    path = tmp_path / "00000001.journal"
    path.write_bytes(HEAD.pack(b"\x89WWJ", 0xFFFFFFFF, 0) + to_frame(entry(2)))
    assert [each.key for each in entries_of(path)] == ["key-2"]


def test_a_second_process_is_refused_with_what_to_do(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    with pytest.raises(JournalError, match=r"another wallwatch is measuring.*--db"):
        Journal(tmp_path)
    journal.close()
    Journal(tmp_path).close()


def test_segments_rotate_and_go_from_the_oldest_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journals, "ROTATE_BYTES", 1)
    monkeypatch.setattr(journals, "KEEP_SECONDS", 0.0)
    journal = Journal(tmp_path)
    first, second, third = (journal.append(entry(n)) for n in range(3))
    assert (first, second, third) == (1, 2, 3)
    journal.settle([second])
    journal.sync()
    assert len(segments(tmp_path)) == 3
    journal.settle([first])
    journal.sync()
    assert [path.name for path in segments(tmp_path)] == ["00000003.journal"]
    assert journal.unsettled == 1
    journal.close()


def test_all_that_was_appended_is_there_after_kill_9(tmp_path: Path) -> None:
    program = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from scheduler.journal import Entry, Journal
        from tests.scheduler.made import finished
        journal, n = Journal(Path(sys.argv[1])), 0
        while True:
            journal.append(Entry.from_finished(f"key-{n}", finished(n)))
            print(n, flush=True)
            n += 1
        """
    )
    process = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        if int(line) >= 200:
            break
    os.kill(process.pid, signal.SIGKILL)
    said = [int(line) for line in process.stdout.read().split("\n")[:-1]]
    process.wait()
    process.stdout.close()
    told = max([200, *said])
    journal = Journal(tmp_path)
    keys = {each.key for path in journal.left_over() for each in entries_of(path)}
    assert {f"key-{n}" for n in range(told + 1)} <= keys
    journal.close()


def test_a_full_disk_leaves_whole_entries_and_takes_more_when_there_is_room(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root to mount a small disk")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(tmp_path)], check=True)
    try:
        journal, ballast = Journal(tmp_path), tmp_path / "ballast"
        journal.append(entry(0))
        ballast.write_bytes(b"x" * 40_000)
        big = Entry.from_finished("big", finished(1, body=os.urandom(50_000)))
        with pytest.raises(OSError, match=r"No space|only part"):
            journal.append(big)
        ballast.unlink()
        journal.append(entry(2))
        assert [each.key for each in entries_of(segments(tmp_path)[0])] == ["key-0", "key-2"]
        journal.close()
    finally:
        subprocess.run(["umount", "-l", str(tmp_path)], check=True)
