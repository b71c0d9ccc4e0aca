"""Answers that are kept for a moment, and a store that is not there yet."""

import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dashboard.reading import Memory, Reader
from dashboard.shown.claim import today
from dashboard.shown.status import canary_lines, coming_looks, document_rows, last_change, scheduler_lag, works
from models.store import Status


def test_an_answer_is_made_once_when_many_ask_at_the_same_moment() -> None:
    memory, made = Memory(), []

    def make() -> int:
        time.sleep(0.05)
        made.append(1)
        return 7

    answers: list[int] = []
    threads = [threading.Thread(target=lambda: answers.append(memory.get("x", 60, make))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (answers, len(made)) == ([7] * 8, 1)


def test_an_answer_is_made_anew_when_it_is_old_and_nothing_is_kept_of_a_failure() -> None:
    memory = Memory(most=2)
    assert [memory.get("x", 0.0, lambda n=n: n) for n in (1, 2)] == [1, 2]  # type: ignore[misc]
    with pytest.raises(ValueError, match="once"):
        memory.get("y", 60, lambda: (_ for _ in ()).throw(ValueError("once")))
    assert memory.get("y", 60, lambda: 3) == 3
    assert memory.get("z", 60, lambda: 4) == 4  # more than it may keep: it forgets rather than grows


def test_everything_is_empty_and_said_to_be_while_there_is_no_store(tmp_path: Path) -> None:
    reader = Reader(f"sqlite:///{tmp_path / 'none.sqlite'}")
    assert (reader.current(), reader.episodes(), reader.status(), reader.counts()) == ([], [], {}, None)
    assert "wallwatch up" in (reader.problem() or "")


@pytest.mark.parametrize(
    "document",
    [None, [], "x", 3, {}, {"canaries": 1, "coming": "x", "last_change": [], "lag_seconds": "soon", "working": 1}],
)
def test_a_document_of_another_version_is_read_as_far_as_it_can_be(document: object) -> None:
    left = Status(name="scheduler", at=datetime.now(UTC), document=document)
    status = {"scheduler": left, "configuration": left}
    assert (canary_lines(left), coming_looks(status), last_change(status)) == ([], [], [])
    assert (scheduler_lag(status), works(left)) == (None, None)
    assert isinstance(document_rows(left), list)


def test_nothing_is_said_to_be_blocked_while_nobody_looked() -> None:
    assert today([], [], timedelta(hours=1), datetime.now(UTC)).state == "unobserved"
