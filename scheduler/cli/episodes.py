"""`wallwatch episodes`: block episodes, of the store or of a series file."""

import json as json_format
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from evidence.episode_outages import episodes_of
from evidence.episodes import to_json
from evidence.series_file import read_series
from models.episode import Episode, Interval
from models.store import open_store
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
        _print(told)


def _from_file(path: Path, target: str | None, vantage: str | None) -> list[Episode]:
    # All of the file is folded, also when one target is asked for: outages and waves show in the others.
    told = episodes_of(read_series(path))
    return [one for one in told if target in (None, one.target) and vantage in (None, one.vantage)]


def _from_store(db: str, target: str | None, vantage: str | None) -> list[Episode]:
    with open_store(db, read_only=True) as store:
        return store.episodes(target=target, vantage=vantage, limit=_ALL)


def _print(told: Sequence[Episode]) -> None:
    if not told:
        typer.echo("No episodes.")
        return
    table = Table("Episode", "Target", "Vantage point", "Onset", "Release", "State", "Blocked", "How", box=None)
    for one in told:
        blocked = f"{one.blocked_checks} of {one.checks} checks"
        how = ", ".join(one.mechanisms) or "-"
        table.add_row(one.id, one.target, one.vantage, _onset(one.onset), _release(one), one.state, blocked, how)
    Console(width=None if sys.stdout.isatty() else 200, highlight=False, markup=False).print(table)
    for one in told:
        for line in _notes(one):
            typer.echo(f"{one.id}: {line}")


def _onset(onset: Interval) -> str:
    by = f"{onset.by:%Y-%m-%d %H:%M}"
    if onset.after is None:
        return f"already blocked when first looked at, {by}"
    return f"{onset.after:%Y-%m-%d %H:%M} to {by}{_mixed(onset)}"


def _release(one: Episode) -> str:
    if one.release is None or one.release.after is None:
        return "not seen yet"
    return f"{one.release.after:%Y-%m-%d %H:%M} to {one.release.by:%Y-%m-%d %H:%M}{_mixed(one.release)}"


def _mixed(of: Interval) -> str:
    return "" if of.clean else " (mixed)"


def _notes(one: Episode) -> list[str]:
    """What a reader must know who would quote the dates."""
    notes = [f"nobody looked from {gap.after:%Y-%m-%d %H:%M} to {gap.by:%Y-%m-%d %H:%M}" for gap in one.gaps]
    for blind in one.unusable:
        notes.append(f"no usable look from {blind.after:%Y-%m-%d %H:%M} to {blind.by:%Y-%m-%d %H:%M} ({blind.why})")
    if one.interruptions:
        times = "once" if len(one.interruptions) == 1 else f"{len(one.interruptions)} times"
        notes.append(f"reachable in between {times}, never long enough to call it a release")
    if one.wave:
        others = "one other target" if one.wave == 1 else f"{one.wave} other targets"
        notes.append(f"{others} of this vantage point changed within an hour of the onset")
    return notes
