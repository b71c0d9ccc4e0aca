"""`wallwatch up`: two processes, one command. A child that ends is started again, ever more slowly, and it is said."""

import asyncio
import ctypes
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

FIRST_WAIT, LAST_WAIT = 1.0, 60.0
LIVED = 60.0  # a child that ran this long begins again with a short wait
PATIENCE = 20.0  # seconds after SIGTERM before SIGKILL
BAD_INPUT = 2

log = structlog.get_logger("up")


@dataclass(frozen=True, slots=True)
class Child:
    """One of the processes."""

    name: str
    command: tuple[str, ...]


def _die_with_parent() -> None:
    """Asks Linux to end a child whose parent was killed: nobody would start or stop it any more."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


async def supervise(children: Sequence[Child], stop: asyncio.Event) -> int:
    """Keeps the children running until `stop` is set; returns 2 when one refuses its input at the first start."""
    refused = asyncio.Event()
    tasks = [asyncio.create_task(_keep(child, stop, refused)) for child in children]
    await asyncio.gather(*tasks)
    return BAD_INPUT if refused.is_set() else 0


async def _keep(child: Child, stop: asyncio.Event, refused: asyncio.Event) -> None:
    loop, wait, ran_before = asyncio.get_running_loop(), FIRST_WAIT, False
    while not stop.is_set():
        began = loop.time()
        code = await _run(child, stop)
        if stop.is_set():
            return
        lived = loop.time() - began
        if code == BAD_INPUT and not ran_before and lived < LIVED:
            refused.set()
            stop.set()
            return
        ran_before = True
        wait = FIRST_WAIT if lived > LIVED else wait
        log.error("a process ended and is started again", process=child.name, why=_why(code), in_seconds=wait)
        await _pause(stop, wait)
        wait = min(2 * wait, LAST_WAIT)


async def _run(child: Child, stop: asyncio.Event) -> int:
    """Runs one child until it ends or `stop` is set; returns its exit code."""
    process = await asyncio.create_subprocess_exec(*child.command, preexec_fn=_die_with_parent)
    log.info("process started", process=child.name, pid=process.pid)
    ended, stopping = asyncio.create_task(process.wait()), asyncio.create_task(stop.wait())
    await asyncio.wait([ended, stopping], return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    return await ended if ended.done() else await _end(child, process, ended)


async def _end(child: Child, process: asyncio.subprocess.Process, ended: "asyncio.Task[int]") -> int:
    process.terminate()
    done, _ = await asyncio.wait([ended], timeout=PATIENCE)
    if not done:
        log.warning("a process did not stop in time and is killed", process=child.name)
        process.kill()
    return await ended


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return


def _why(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"signal {signal.Signals(-code).name}"
    except ValueError:
        return f"signal {-code}"
