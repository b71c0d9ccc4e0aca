"""`wallwatch import`: archive files into measurements, judged by the same rules as our own."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from evidence.judge import Judge
from evidence.ooni_import import Refused, read_ooni
from models.errors import WallwatchError
from models.measurement import Finished, digest
from models.store import Judged, Store, open_store
from models.targets_file import read
from models.targets_values import same_url
from scheduler import logs
from scheduler.cli.measurement_line import to_line
from scheduler.cli.options import DEFAULT_CONFIG, DEFAULT_DB, Config, Db, Json
from scheduler.folding import fold_all
from scheduler.sink import judged
from scheduler.timetable import Pair

BATCH = 200
SHOWN = 50


class ArchiveError(WallwatchError):
    """Nothing of what was given can be imported."""


Known = Mapping[str, str]
Reader = Callable[[Path, Known], Iterator[Finished | Refused]]


def _ooni(path: Path, known: Known) -> Iterator[Finished | Refused]:
    with path.open("rb") as file:
        yield from read_ooni(file, known)


IMPORTERS: dict[str, Reader] = {"ooni": _ooni}
"""Kind of archive -> what reads one of its files."""


@dataclass(slots=True)
class _Told:
    read: int = 0
    new: int = 0
    refused: list[str] = field(default_factory=list)
    pairs: set[Pair] = field(default_factory=set)


def command(
    kind: Annotated[str, typer.Argument(metavar="KIND", help=f"One of {', '.join(IMPORTERS)}.")],
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="JSON, JSON lines, or either in gzip.")],
    config: Config = DEFAULT_CONFIG,
    db: Db = DEFAULT_DB,
    json: Json = False,
) -> None:
    """Read archive files into measurements, judge them, and say for each file what could not be used and why.

    A measurement of a URL that targets.yaml watches is filed under that target. The original bytes are kept.
    """
    logs.configure()
    if kind not in IMPORTERS:
        raise ArchiveError(f"{kind!r} is not a kind of archive; expected one of {', '.join(IMPORTERS)}")
    if absent := [path for path in files if not path.is_file()]:
        raise ArchiveError(f"{absent[0]} is not a file")
    told = _Told()
    with open_store(db) as store:
        finished = _finished(IMPORTERS[kind], files, _known(config), told)
        _put(store, finished, told, json=json)
        episodes, _ = fold_all(store, sorted(told.pairs))
    _say(told, episodes)


def _known(config: Path) -> Known:
    """Returns which URLs are watched already, where there is a configuration."""
    if not config.is_file():
        return {}
    return {same_url(target.url): target.id for target in read(config).configuration.targets}


def _finished(reader: Reader, files: Sequence[Path], known: Known, told: _Told) -> Iterator[Finished]:
    for path in files:
        for found in reader(path, known):
            if isinstance(found, Refused):
                told.refused.append(f"{path}{', ' if found.where else ''}{found.where}: {found.reason}")
            else:
                told.read += 1
                yield found


def _put(store: Store, finished: Iterator[Finished], told: _Told, *, json: bool) -> None:
    judge = Judge()
    while batch := [Judged(finished=each, verdict=judged(judge, each)) for each in islice(finished, BATCH)]:
        told.new += store.put(batch).new
        told.pairs |= {Pair(e.finished.measurement.target.id, e.finished.measurement.vantage.id) for e in batch}
        if json:
            for each in batch:
                found = each.finished.measurement
                typer.echo(to_line(digest(found.to_canonical()), found, each.verdict))


def _say(told: _Told, episodes: int) -> None:
    for reason in told.refused[:SHOWN]:
        typer.echo(reason, err=True)
    if len(told.refused) > SHOWN:
        typer.echo(f"… and {len(told.refused) - SHOWN} more that could not be used", err=True)
    typer.echo(
        f"{told.read} measurements read, {told.new} of them new; {len(told.refused)} could not be used; "
        f"{episodes} episodes in the series they belong to.",
        err=True,
    )
    if told.refused and not told.read:
        raise typer.Exit(2)
