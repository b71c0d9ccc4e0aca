"""`wallwatch import`: archive files into measurements, judged by the same rules as our own."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from evidence.judge import Judge
from evidence.ooni_import import Refused, read_ooni
from evidence.series_import import Filing, measurements
from models.errors import WallwatchError
from models.measurement import Finished, digest
from models.store import Judged, Store, open_store
from models.targets_file import read
from models.targets_values import same_url
from scheduler import logs
from scheduler.cli.measurement_line import to_line
from scheduler.cli.options import DEFAULT_CONFIG, DEFAULT_DB, Config, Db, Json
from scheduler.fingerprints import known_to
from scheduler.refolding import refold
from scheduler.sink import judged
from scheduler.timetable import Pair

BATCH = 200
SHOWN = 50


class ArchiveError(WallwatchError):
    """Nothing of what was given can be imported."""


Reader = Callable[[Path, Filing], Iterator[Finished | Refused]]


def _ooni(path: Path, filing: Filing) -> Iterator[Finished | Refused]:
    with path.open("rb") as file:
        yield from read_ooni(file, filing.known)


def _series(path: Path, filing: Filing) -> Iterator[Finished | Refused]:
    try:
        yield from measurements(path, filing)
    except WallwatchError as error:
        yield Refused("", str(error).removeprefix(f"{path}:"))


IMPORTERS: dict[str, Reader] = {"ooni": _ooni, "series": _series}
"""Kind of archive -> what reads one of its files."""


@dataclass(slots=True)
class _Told:
    read: int = 0
    new: int = 0
    refused: list[str] = field(default_factory=list)
    pairs: set[Pair] = field(default_factory=set)


def command(
    kind: Annotated[str, typer.Argument(metavar="KIND", help=f"One of {', '.join(IMPORTERS)}.")],
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE…", help="OONI: JSON, JSON lines, or either in gzip; series: CSV.")
    ],
    *,
    file_under: Annotated[
        list[str] | None,
        typer.Option("--file-under", metavar="NAME=ID", help="File a series' target NAME under the target ID."),
    ] = None,
    config: Config = DEFAULT_CONFIG,
    db: Db = DEFAULT_DB,
    json: Json = False,
) -> None:
    """Read archive files into measurements, judge them, and say for each file what could not be used and why.

    A measurement of a URL that targets.yaml watches is filed under that target. The original bytes are kept.
    A series states outcomes without what was seen; each row is kept, and counts as it states.
    """
    logs.configure()
    if kind not in IMPORTERS:
        raise ArchiveError(f"{kind!r} is not a kind of archive; expected one of {', '.join(IMPORTERS)}")
    if absent := [path for path in files if not path.is_file()]:
        raise ArchiveError(f"{absent[0]} is not a file")
    told, filing = _Told(), _filing(config, file_under or [])
    with open_store(db) as store:
        judge = Judge(fingerprints=known_to(config, required=False).set)
        _put(store, _finished(IMPORTERS[kind], files, filing, told), told, judge=judge, json=json)
        episodes, _, _ = refold(store, told.pairs, why=lambda _: "measurements were imported")
    _say(told, episodes)


def _filing(config: Path, asked: Sequence[str]) -> Filing:
    """Returns which targets are watched already, where there is a configuration, and what was asked for."""
    if wrong := [text for text in asked if not all(text.partition("="))]:
        raise ArchiveError(f"--file-under {wrong[0]!r}: expected NAME=ID, for example amnesty.org=amnesty-org")
    under: Mapping[str, str] = {name: target for name, _, target in (text.rpartition("=") for text in asked)}
    targets = read(config).configuration.targets if config.is_file() else ()
    urls = {target.id: target.url for target in targets}
    if strange := [target for target in under.values() if target not in urls]:
        raise ArchiveError(f"--file-under: {strange[0]!r} is the id of no target in {config}")
    return Filing(urls=urls, known={same_url(url): name for name, url in urls.items()}, under=under)


def _finished(reader: Reader, files: Sequence[Path], filing: Filing, told: _Told) -> Iterator[tuple[Path, Finished]]:
    for path in files:
        for found in reader(path, filing):
            if isinstance(found, Refused):
                told.refused.append(f"{path}{', ' if found.where else ''}{found.where}: {found.reason}")
            else:
                told.read += 1
                yield path, found


def _put(store: Store, finished: Iterator[tuple[Path, Finished]], told: _Told, *, judge: Judge, json: bool) -> None:
    while batch := [
        (path, Judged(finished=each, verdict=judged(judge, each))) for path, each in islice(finished, BATCH)
    ]:
        told.new += store.put([each for _, each in batch]).new
        for path, each in batch:
            found = each.finished.measurement
            told.pairs.add(Pair(found.target.id, found.vantage.id))
            if json:
                typer.echo(to_line(digest(found.to_canonical()), found, each.verdict, file=str(path)))


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
