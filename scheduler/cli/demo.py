"""`wallwatch demo`: the whole thing on a simulated censored internet on loopback, marked as simulated everywhere."""

import asyncio
import signal
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from lab.demo import run
from scheduler import logs
from scheduler.cli.up import DEFAULT_LISTEN


def command(
    listen: Annotated[
        str, typer.Option("--listen", metavar="HOST:PORT", help="Where the dashboard and the API listen.")
    ] = DEFAULT_LISTEN,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--folder", metavar="DIR", help="Keep the demo's store there; without it, it goes when the demo ends."
        ),
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Log every detail.")] = False,
) -> None:
    """Watch a simulated internet on loopback, with censors of many kinds, until Ctrl-C. Everything is marked as simulated."""
    logs.configure(debug=debug)
    typer.echo(f"Dashboard  http://{listen}/  (a simulation: nothing that it shows is about the real world)")
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        raise typer.Exit(asyncio.run(_until_stopped(folder.resolve(), listen)))
    with tempfile.TemporaryDirectory(prefix="wallwatch-demo-") as temporary:
        raise typer.Exit(asyncio.run(_until_stopped(Path(temporary), listen)))


async def _until_stopped(folder: Path, listen: str) -> int:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return await run(folder, listen, stop)
