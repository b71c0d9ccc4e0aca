"""`wallwatch show`: a stored measurement step by step, with its verdict and why."""

from typing import Annotated

import typer
from rich.console import Console

from models.errors import WallwatchError
from models.store import Store, open_store
from scheduler.cli.measurement_line import to_line
from scheduler.cli.options import DEFAULT_DB, Db, Json
from scheduler.cli.probe_shown import show


class ShowError(WallwatchError):
    """There is no such measurement."""


def command(
    measurement: Annotated[
        str, typer.Argument(metavar="MEASUREMENT", help="Its name, sha256:…, as every list has it.")
    ],
    record: Annotated[
        bool, typer.Option("--record", help="Print the record itself, whose SHA-256 is its name.")
    ] = False,
    db: Db = DEFAULT_DB,
    json: Json = False,
) -> None:
    """Show a stored measurement step by step, with its verdict, the facts it stands on, and what would have changed it."""
    name = measurement if measurement.startswith("sha256:") else f"sha256:{measurement}"
    with open_store(db, read_only=True) as store:
        _show(store, name, record=record, json=json)


def _show(store: Store, name: str, *, record: bool, json: bool) -> None:
    content, seen = store.record(name), store.measurement(name)
    if content is None or seen is None:
        raise ShowError(f"{store.place} holds no measurement {name}; `wallwatch export csv measurements` lists them.")
    verdict = store.verdict(name)
    if record:
        typer.echo(content, nl=False)
    elif verdict is None:
        raise ShowError(f"{name} was not judged yet; run `wallwatch judge`, or add --record to see what was recorded.")
    elif json:
        typer.echo(to_line(name, seen, verdict))
    else:
        show(Console(), name, seen, verdict)
