"""`wallwatch episodes`: block episodes, of the store or of a series file."""

import json as json_format
import sys
from pathlib import Path
from typing import Annotated

import typer

from evidence.episode_outages import episodes_of
from evidence.episodes import to_json
from evidence.series_file import read_series
from models.episode import Episode
from models.store import open_store
from scheduler.cli.episodes_shown import show
from scheduler.cli.options import DEFAULT_DB, Db, Json

_ALL = sys.maxsize


def command(
    target: Annotated[str | None, typer.Option("--target", metavar="ID", help="Only this target.")] = None,
    vantage: Annotated[str | None, typer.Option("--vantage", metavar="ID", help="Only this vantage point.")] = None,
    from_series: Annotated[
        Path | None,
        typer.Option("--from-series", metavar="FILE.csv", help="Fold a series file; the store is not read."),
    ] = None,
    db: Db = DEFAULT_DB,
    json: Json = False,
) -> None:
    """Block episodes, with the intervals in which each began and ended."""
    told = _from_store(db, target, vantage) if from_series is None else _from_file(from_series, target, vantage)
    if json:
        for episode in told:
            typer.echo(json_format.dumps(to_json(episode), ensure_ascii=False))
    else:
        show(told)


def _from_file(path: Path, target: str | None, vantage: str | None) -> list[Episode]:
    # All of the file is folded, also when one target is asked for: outages and waves show in the others.
    told = episodes_of(read_series(path))
    return [one for one in told if target in (None, one.target) and vantage in (None, one.vantage)]


def _from_store(db: str, target: str | None, vantage: str | None) -> list[Episode]:
    with open_store(db, read_only=True) as store:
        return store.episodes(target=target, vantage=vantage, limit=_ALL)
