"""`wallwatch up`: scheduler, API and dashboard together, until Ctrl-C."""

import asyncio
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from evidence.judge import Judge
from models.errors import WallwatchError
from models.store import StoreError, open_store
from models.targets_file import read
from scheduler import logs
from scheduler.cli.options import DEFAULT_CONFIG, DEFAULT_DB, Config, Db
from scheduler.fingerprints import known_to
from scheduler.judging import catch_up
from scheduler.supervisor import Child, supervise

DEFAULT_LISTEN = "127.0.0.1:8501"


class StartError(WallwatchError):
    """`up` cannot begin."""


def command(
    config: Config = DEFAULT_CONFIG,
    db: Db = DEFAULT_DB,
    listen: Annotated[
        str, typer.Option("--listen", metavar="HOST:PORT", help="Where the dashboard and the API listen.")
    ] = DEFAULT_LISTEN,
    allow_host: Annotated[
        list[str] | None,
        typer.Option("--allow-host", metavar="NAME", help="A host name under which the dashboard is reached."),
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Log every detail.")] = False,
) -> None:
    """Measure on schedule and show it: scheduler, API and dashboard together, until Ctrl-C."""
    logs.configure(debug=debug)
    _check(config, db)
    _say(config, listen)
    raise typer.Exit(asyncio.run(_up(_children(config, db, listen, (allow_host or [], debug)))))


def _check(config: Path, db: str) -> None:
    """Refuses bad input before any process starts, and brings the store and its verdicts up to date for both."""
    for warning in read(config).warnings:
        typer.echo(f"warning: {warning}", err=True)
    judge = Judge(fingerprints=known_to(config, required=True).set)
    try:
        with open_store(db) as store:
            catch_up(store, judge, lambda text: typer.echo(text, err=True))
    except StoreError as error:
        raise StartError(str(error)) from error


def _say(config: Path, listen: str) -> None:
    base = f"http://{_address(listen)}"
    typer.echo(f"Dashboard  {base}/")
    typer.echo(f"API        {base}/api/v1/docs")
    typer.echo(f"Watching   {config} (changes are taken up live); Ctrl-C stops.")
    sys.stdout.flush()


def _address(listen: str) -> str:
    """Returns what to type into a browser for an address to listen on."""
    host, _, port = listen.rpartition(":") if not listen.isdigit() else ("", "", listen)
    everywhere = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "[::]": "[::1]"}
    return f"{everywhere.get(host, host)}:{port}"


def _children(config: Path, db: str, listen: str, more: tuple[list[str], bool]) -> list[Child]:
    names, debug = more
    common = ("--db", db, "--config", str(config))
    hosts = tuple(part for name in names for part in ("--allow-host", name))
    return [
        Child("prober", (sys.executable, "-m", "scheduler.prober", *common, *(("--debug",) if debug else ()))),
        Child("web", (sys.executable, "-m", "dashboard", *common, "--listen", listen, *hosts)),
    ]


async def _up(children: list[Child]) -> int:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return await supervise(children, stop)
