"""`wallwatch judge`: verdicts and episodes anew, from stored measurements, under the rules of today."""

import tempfile
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from typing import IO, Annotated, Self

import typer

from evidence.fingerprint_match import FingerprintSet
from evidence.judge import Judge
from evidence.ruleset import RULESET
from models.episode import Episode
from models.errors import WallwatchError
from models.measurement import Measurement
from models.store import Change, Store, StoreError, open_store
from models.verdict import Verdict
from scheduler import logs
from scheduler.cli.episodes_shown import onset_in_words, release_in_words
from scheduler.cli.measurement_line import to_line
from scheduler.cli.options import DEFAULT_CONFIG, DEFAULT_DB, Config, Db, Json
from scheduler.fingerprints import known_to
from scheduler.judging import Differences, compare, fill, groups, write
from scheduler.refolding import EpisodeChange, Refolded, refolded

GROUPS, EPISODES = 20, 20


class JudgeError(WallwatchError):
    """The store cannot be judged."""


def command(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would change; write nothing.")] = False,
    config: Config = DEFAULT_CONFIG,
    db: Db = DEFAULT_DB,
    json: Json = False,
    cluster: Annotated[
        str | None, typer.Option("--cluster", metavar="ADDR", help="A Dask scheduler to share the work with.")
    ] = None,
) -> None:
    """Derive all verdicts and episodes anew from the stored measurements, under the rules of today.

    First tells which verdicts and episodes change, and why; then writes, and corrects what was announced.
    """
    logs.configure()
    if cluster is not None:
        raise JudgeError(
            "--cluster is not built yet: leave it out; one process judges some hundred measurements a second"
        )
    fingerprints = known_to(config, required=config != DEFAULT_CONFIG).set
    told = _Told(json, fingerprints)
    try:
        with open_store(db, read_only=dry_run) as store, Lines() as lines:
            _judge(store, Judge(fingerprints=fingerprints), told, lines if json else None, dry_run=dry_run)
    except StoreError as error:
        raise JudgeError(str(error)) from error


def _judge(store: Store, judge: Judge, told: "_Told", lines: "Lines | None", *, dry_run: bool) -> None:
    if store.needs_judging():
        told.say("The store holds records and no verdicts: there is nothing to compare with.")
        if dry_run:
            told.say("Nothing was written: this was a dry run.")
        else:
            found = fill(store, judge, seen=lines)
            told.say(f"{found.seen} measurements judged under {told.by}.")
        return
    with tempfile.TemporaryFile() as spool:
        found = compare(store, judge, spool, seen=lines)
        told.differences(found)
        told.episodes(refolded(store, found.pairs, new=found.looks, why=found.why))
        if dry_run:
            told.say("Nothing was written: this was a dry run.")
            return
        episodes, changed, said = write(store, spool, found)
        told.say(
            f"Written: {found.changed} verdicts; {changed} episodes came, went or changed, {episodes} there are; {said} announcements."
        )


class Lines:
    """Prints the JSON lines in order of arrival; once a verdict is to come later, all that follow wait in a file."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self._waiting: IO[str] | None = None
        self._later: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with self._open:
            if self._waiting is not None and kind is None:
                self._print(self._waiting)

    def __call__(self, name: str, measurement: Measurement, verdict: Verdict | None) -> None:
        if verdict is None and self._waiting is None:
            self._waiting = self._open.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8"))  # noqa: SIM115
        if verdict is None:
            self._later[name] = ""
        line = to_line(name, measurement, verdict) if verdict else name
        if self._waiting is None:
            typer.echo(line)
        elif verdict is not None and name in self._later:
            self._later[name] = line
        else:
            self._waiting.write(line + "\n")

    def _print(self, waiting: IO[str]) -> None:
        waiting.seek(0)
        for line in waiting:
            typer.echo(self._later.get(line[:-1], line[:-1]))


class _Told:
    """Says what changes: on standard output, or on standard error where that is for JSON lines."""

    def __init__(self, json: bool, fingerprints: FingerprintSet) -> None:
        self._json = json
        self.by = f"ruleset {RULESET} and {fingerprints.count} fingerprints ({fingerprints.digest[:19]}…)"

    def say(self, text: str) -> None:
        typer.echo(text, err=self._json)

    def differences(self, found: Differences) -> None:
        self.say(f"{found.seen} measurements judged under {self.by}; {found.changed} verdicts change.")
        told = list(groups(found))
        for kind, count, examples in told[:GROUPS]:
            what = f"{kind.after}, said in other words" if kind.same else f"{kind.before} → {kind.after}"
            self.say(f"  {count} × {what}")
            for change in () if kind.same else examples:
                self.say(f"      {_example(change)}")
        if len(told) > GROUPS:
            self.say(f"  … and {len(told) - GROUPS} more kinds of change")

    def episodes(self, refolds: Iterable[Refolded]) -> None:
        kinds: Counter[str] = Counter()
        corrections: list[str] = []
        shown: list[str] = []
        for one in refolds:
            kinds.update(change.kind for change in one.changes)
            corrections += [statement.text for statement in one.wanted]
            shown += [_episode(change) for change in one.changes if change.kind != "details"]
            del shown[EPISODES:]
        self.say(
            f"Episodes: {kinds['appears']} appear, {kinds['vanishes']} vanish, {kinds['dates']} change their dates or state,"
            f" {kinds['details']} change otherwise."
        )
        for text in shown:
            self.say(f"  {text}")
        if (more := kinds.total() - kinds["details"] - len(shown)) > 0:
            self.say(f"  … and {more} more")
        self.say(f"Announcements needed so that what stands is true: {len(corrections)}.")
        for text in corrections[:EPISODES]:
            self.say(f"  {text}")


def _example(change: Change) -> str:
    why = change.after.reasons[0] if change.after.reasons else change.after.rule
    return f"{change.target} at {change.vantage}, {change.at:%Y-%m-%d %H:%M}Z, {change.measurement}: {why}"


def _episode(change: EpisodeChange) -> str:
    now = change.after or change.before
    assert now is not None
    text = f"{change.kind:<8} {now.id}  {now.target} at {now.vantage}: "
    if change.kind == "dates" and change.before and change.after:
        return text + f"{_dates(change.before)} → {_dates(change.after)}"
    return text + _dates(now)


def _dates(one: Episode) -> str:
    return f"{onset_in_words(one.onset)}, released: {release_in_words(one)}, {one.state.value}"
