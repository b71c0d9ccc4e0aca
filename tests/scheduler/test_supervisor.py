"""The parent of prober and web."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from scheduler import supervisor
from scheduler.supervisor import Child, supervise


def child(program: str, *arguments: str) -> Child:
    return Child("child", (sys.executable, "-c", program, *arguments))


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "FIRST_WAIT", 0.05)


async def lines(path: Path, count: int) -> list[str]:
    async with asyncio.timeout(20):
        while not path.exists() or len(path.read_text().split()) < count:
            await asyncio.sleep(0.05)
    return path.read_text().split()


NOTE = "import os, sys; open(sys.argv[1], 'a').write(f'{os.getpid()}\\n'); "


async def test_a_child_that_crashes_is_started_again(tmp_path: Path) -> None:
    out, stop = tmp_path / "pids", asyncio.Event()
    task = asyncio.create_task(supervise([child(NOTE + "sys.exit(1)", str(out))], stop))
    assert len(set(await lines(out, 3))) >= 3
    stop.set()
    assert await task == 0


async def test_a_child_that_is_killed_is_started_again(tmp_path: Path) -> None:
    out, stop = tmp_path / "pids", asyncio.Event()
    task = asyncio.create_task(supervise([child(NOTE + "import time; time.sleep(60)", str(out))], stop))
    os.kill(int((await lines(out, 1))[0]), signal.SIGKILL)
    await lines(out, 2)
    stop.set()
    assert await task == 0


async def test_bad_input_at_the_first_start_ends_all_with_2(tmp_path: Path) -> None:
    forever = child("import time; time.sleep(60)")
    async with asyncio.timeout(20):
        assert await supervise([forever, child("import sys; sys.exit(2)")], asyncio.Event()) == 2


async def test_stop_ends_children_and_kills_those_who_will_not(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(supervisor, "PATIENCE", 0.5)
    out, stop = tmp_path / "pids", asyncio.Event()
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + NOTE + "time.sleep(60)"
    task = asyncio.create_task(supervise([child(deaf, str(out))], stop))
    (pid,) = await lines(out, 1)
    stop.set()
    async with asyncio.timeout(10):
        assert await task == 0
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid), 0)
