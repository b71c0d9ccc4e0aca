"""`wallwatch judge`: verdicts and episodes anew, from stored measurements, under the rules of today."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Annotated

import typer

from evidence.episode_outages import suspected_outages
from evidence.judge import Judge
from evidence.ruleset import RULESET
from models.errors import WallwatchError
from models.measurement import Finished
from models.store import Change, Store, StoreError, open_store
from models.verdict import Verdict
from scheduler import logs
from scheduler.cli.measurement_line import to_line
from scheduler.cli.options import DEFAULT_DB, Db, Json
from scheduler.folding import fold_all
from scheduler.sink import judged
from scheduler.timetable import Pair

BATCH = 1000
SHOWN = 20


class JudgeError(WallwatchError):
    """The store cannot be judged."""


@dataclass(slots=True)
class _Told:
    """What changed, counted; only a few changes are kept as examples."""

    seen: int = 0
    changed: int = 0
    kinds: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: list[Change] = field(default_factory=list)
    pairs: set[Pair] = field(default_factory=set)
    archived: set[str] = field(default_factory=set)  # vantage points whose looks came from an archive

    def add(self, changes: tuple[Change, ...]) -> None:
        self.changed += len(changes)
        self.examples += changes[: SHOWN - len(self.examples)]
        for change in changes:
            self.kinds[_in_words(change.before), _in_words(change.after)] += 1


def command(
    db: Db = DEFAULT_DB,
    json: Json = False,
    cluster: Annotated[
        str | None, typer.Option("--cluster", metavar="ADDR", help="A Dask scheduler to share the work with.")
    ] = None,
) -> None:
    """Derive all verdicts and episodes anew from the stored measurements, under the rules of today."""
    logs.configure()
    if cluster is not None:
        raise JudgeError(
            "--cluster is not built yet: leave it out; one process judges some hundred measurements a second"
        )
    try:
        with open_store(db) as store:
            _judge(store, json=json)
    except StoreError as error:
        raise JudgeError(str(error)) from error


def _judge(store: Store, *, json: bool) -> None:
    told = _Told()
    verdicts = _verdicts(store, told, json=json)
    while batch := list(islice(verdicts, BATCH)):
        told.add(store.rejudge(batch).changes)
    episodes, changed = _fold(store, told)
    _say(told, f"{episodes} episodes; {changed} of them came, went or changed.", err=json)


def _verdicts(store: Store, told: _Told, *, json: bool) -> Iterator[tuple[str, Verdict]]:
    """Yields each measurement's name and its verdict of today, one measurement in memory at a time."""
    judge = Judge()
    for name, measurement, blobs in store.each_measurement():
        verdict = judged(judge, Finished(measurement=measurement, blobs=blobs))
        told.seen += 1
        told.pairs.add(Pair(measurement.target.id, measurement.vantage.id))
        if measurement.origin != "wallwatch":
            told.archived.add(measurement.vantage.id)
        if json:
            typer.echo(to_line(name, measurement, verdict))
        yield name, verdict


def _fold(store: Store, told: _Told) -> tuple[int, int]:
    """Folds all series; an archive has no canaries, so common changes of all its targets are set aside as outages."""
    total = changed = 0
    for vantage in sorted({pair.vantage for pair in told.pairs}):
        pairs = sorted(pair for pair in told.pairs if pair.vantage == vantage)
        series = [store.looks(*pair) for pair in pairs] if vantage in told.archived else []
        found, differ = fold_all(store, pairs, suspected_outages(series))
        total, changed = total + found, changed + differ
    return total, changed


def _say(told: _Told, episodes: str, *, err: bool) -> None:
    typer.echo(f"{told.seen} measurements judged under ruleset {RULESET}; {told.changed} verdicts changed.", err=err)
    for (before, after), count in told.kinds.most_common():
        typer.echo(f"  {count} × {before} → {after}", err=err)
    for change in told.examples:
        where = f"{change.target} at {change.vantage}, {change.at:%Y-%m-%d %H:%M}Z"
        why = change.after.reasons[0] if change.after.reasons else change.after.rule
        typer.echo(f"    {where}: {_in_words(change.before)} → {_in_words(change.after)}: {why}", err=err)
    if told.changed > len(told.examples):
        typer.echo(f"    … and {told.changed - len(told.examples)} more", err=err)
    typer.echo(episodes, err=err)


def _in_words(verdict: Verdict | None) -> str:
    if verdict is None:
        return "not judged"
    how = f" {verdict.mechanism.value}" if verdict.mechanism else ""
    return f"{verdict.outcome.value}{how} ({verdict.rule})"
