"""`wallwatch export`: measurements, verdicts and episodes as CSV or Parquet, measurements as OONI writes them."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from models.store import open_store
from scheduler.cli.export_columns import TABLES, Wanted
from scheduler.cli.options import DEFAULT_DB, Db

FORMATS = {
    "csv": "scheduler.cli.export_csv",
    "parquet": "scheduler.cli.export_parquet",
    "ooni": "scheduler.cli.export_ooni",
}
"""Format -> the module with its `write`, loaded when it is asked for."""


def _one_of(words: Iterable[str]) -> Callable[[str], str]:
    def check(word: str) -> str:
        if word and word not in words:
            raise typer.BadParameter(f"{word!r} is not one of {', '.join(words)}.")
        return word

    return check


_Target = Annotated[str | None, typer.Option("--target", metavar="ID", help="Only this target.")]
_Vantage = Annotated[str | None, typer.Option("--vantage", metavar="ID", help="Only this vantage point.")]
_Since = Annotated[
    str | None,
    typer.Option(
        "--since", metavar="WHEN", help="Only from this day or instant on, in UTC: 2026-11-22 or 2026-11-22T07:20Z."
    ),
]


def command(
    file_format: Annotated[
        str, typer.Argument(metavar="FORMAT", callback=_one_of(FORMATS), help=f"One of {', '.join(FORMATS)}.")
    ],
    what: Annotated[
        str,
        typer.Argument(
            metavar="[WHAT]", callback=_one_of(TABLES), help=f"One of {', '.join(TABLES)}; ooni: measurements."
        ),
    ] = "",
    *,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Where to write; text goes to standard output without it."),
    ] = None,
    target: _Target = None,
    vantage: _Vantage = None,
    since: _Since = None,
    db: Db = DEFAULT_DB,
) -> None:
    """Measurements, verdicts or episodes for other tools; a file is written whole or not at all.

    `ooni` writes measurements as JSON lines of web_connectivity; imported ones as they came.
    """
    if output is None and file_format == "parquet":
        raise typer.BadParameter(f"{file_format} is not text; name a file with -o FILE.")
    wanted = Wanted(target, vantage, _instant(since))
    if file_format == "ooni":
        _ooni(db, output, what or "measurements", wanted)
        return
    if not what:
        raise typer.BadParameter(f"say what: one of {', '.join(TABLES)}.")
    columns, rows = TABLES[what]
    write: Callable[..., int] = import_module(FORMATS[file_format]).write
    with open_store(db, read_only=True) as store, _opened(output) as file:
        count = write(file, columns, rows(store, wanted))
    typer.echo(f"{count} {what}" + (f" in {output}" if output else ""), err=True)


def _ooni(db: str, output: Path | None, what: str, wanted: Wanted) -> None:
    if what != "measurements":
        raise typer.BadParameter(f"OONI's format has no {what}; it is for measurements.")
    write: Callable[..., tuple[int, dict[str, int]]] = import_module(FORMATS["ooni"]).write
    with open_store(db, read_only=True) as store, _opened(output) as file:
        count, left_out = write(file, store, wanted)
    typer.echo(f"{count} measurements" + (f" in {output}" if output else ""), err=True)
    for why, number in left_out.items():
        typer.echo(f"{number} left out: {why}", err=True)


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(
            f"--since: {text!r} is no day and no instant; give 2026-11-22 or 2026-11-22T07:20Z."
        ) from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)


@contextmanager
def _opened(output: Path | None) -> Iterator[BinaryIO]:
    """Gives standard output, or a file that takes its name only when it is whole."""
    if output is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    part = output.with_name(output.name + ".part")
    try:
        with part.open("wb") as file:
            yield file
        part.replace(output)
    except OSError as error:
        raise typer.BadParameter(f"{output} cannot be written: {error.strerror}. Name another file with -o.") from error
    finally:
        part.unlink(missing_ok=True)
