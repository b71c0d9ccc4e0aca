"""Opening a store, and everything that can be asked of it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from importlib import import_module

from models.episode import Episode, Look
from models.measurement import Measurement, from_canonical
from models.store import evidence, journal, read, rejudge, walk
from models.store.engine import Database
from models.store.errors import StoreError
from models.store.names import Names
from models.store.rows import (
    Announcement,
    Change,
    Counts,
    Current,
    Day,
    Judged,
    Missed,
    Rejudged,
    Status,
    Stored,
    VerdictRow,
)
from models.store.samples import Samples
from models.store.version import INDEX_VERSION, REVISIONS, index_version, revision
from models.store.write import Writer
from models.verdict import Verdict
from models.words import EpisodeState


def open_store(url: str, *, read_only: bool = False) -> "Store":
    """Opens a store; for writing, makes it or brings its schema up to date first.

    Raises StoreError where it cannot be opened, or was written by a newer wallwatch.
    """
    database = Database(url, read_only=read_only)
    try:
        _ready(database)
    except BaseException:
        database.close()
        raise
    return Store(database)


def _ready(database: Database) -> None:
    with database.reading() as sql:
        found, index = revision(sql), index_version(sql)
    if found is not None and found not in REVISIONS:
        raise StoreError(
            f"The store {database.place} was written by a newer wallwatch (schema {found}, this one knows {REVISIONS[-1]});"
            " install that version or a later one. Nothing was changed."
        )
    if (found, index) == (REVISIONS[-1], INDEX_VERSION):
        return
    if database.read_only:
        what = "is empty" if found is None else "was written by an older wallwatch"
        raise StoreError(f"The store {database.place} {what}; start `wallwatch up`, which brings it up to date.")
    _bring_up_to_date(database)


def _bring_up_to_date(database: Database) -> None:
    schema = import_module("models.store.schema")  # Alembic and SQLModel take a second to load, and are rarely needed
    with database.writing() as sql:
        if revision(sql) != REVISIONS[-1]:
            schema.upgrade(sql.connection)
        if index_version(sql) != INDEX_VERSION:
            schema.remake_index(sql.connection)


class Store:
    """Measurements, verdicts, current state, daily counts, episodes, announcements. Safe to use from several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._names = Names()
        self._writer = Writer(database, self._names, Samples())
        database.on_failure.append(self._names.forget)
        self.place = database.place
        self.read_only = database.read_only

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Measurements

    def put(self, batch: Sequence[Judged]) -> Stored:
        """Writes a batch in one transaction; a measurement that is already here is not counted again.

        Raises StoreError when any of it cannot be written: then none of it was.
        """
        return self._writer.put(batch)

    def record(self, name: str) -> bytes | None:
        """Returns a measurement's canonical JSON, whose SHA-256 was just compared with its name."""
        with self._database.reading() as sql:
            return evidence.record(sql, name)

    def measurement(self, name: str) -> Measurement | None:
        found = self.record(name)
        return from_canonical(found) if found is not None else None

    def blob(self, name: str) -> bytes | None:
        """Returns one blob by its name; `blobs_of` is the quick way to all that a measurement names."""
        with self._database.reading() as sql:
            return evidence.blob(sql, name)

    def blobs_of(self, name: str) -> dict[str, bytes]:
        """Returns every blob that the measurement of that name names: what a judge and a page need."""
        with self._database.reading() as sql:
            return evidence.blobs_of(sql, name)

    def each_measurement(
        self, target: str | None = None, vantage: str | None = None
    ) -> Iterator[tuple[str, Measurement, dict[str, bytes]]]:
        """Yields (id, measurement, blobs) of all measurements, in order of arrival."""
        with self._database.reading() as sql:
            numbers = [
                name and read.number(sql, table, name) for table, name in (("target", target), ("vantage", vantage))
            ]
            if (target and numbers[0] is None) or (vantage and numbers[1] is None):
                return
            yield from evidence.each(sql, *numbers)  # type: ignore[arg-type]

    # Verdicts

    def verdict(self, name: str) -> Verdict | None:
        """Returns the whole verdict, with its sentences, of the measurement of that name."""
        with self._database.reading() as sql:
            return rejudge.verdict(sql, name)

    def rejudge(self, verdicts: Iterable[tuple[str, Verdict]]) -> Rejudged:
        """Replaces verdicts by (id, new verdict), with current state and daily counts; tells what changed."""
        return rejudge.rejudge(self._database, self._names, verdicts)

    def differences(self, verdicts: Iterable[tuple[str, Verdict]]) -> Iterator[Change]:
        """Yields what `rejudge` would change, and changes nothing."""
        with self._database.reading() as sql:
            yield from rejudge.differences(sql, verdicts)

    def needs_judging(self) -> bool:
        """Tells whether there are records without a verdict: the index was remade; `wallwatch judge` fills it."""
        with self._database.reading() as sql:
            row = sql.one("SELECT EXISTS (SELECT 1 FROM record), EXISTS (SELECT 1 FROM look)")
            return bool(row and row[0] and not row[1])

    # What pages and the scheduler read

    def current(self, target: str | None = None, vantage: str | None = None) -> list[Current]:
        """Returns where each pair stands: one row for each target and vantage point that was ever looked at."""
        with self._database.reading() as sql:
            return read.current(sql, target, vantage)

    def daily(self, target: str | None = None, days: int = 90, until: datetime | None = None) -> list[Day]:
        """Returns the counts of the last `days` days (UTC, today included), oldest first; days without a look have none."""
        with self._database.reading() as sql:
            return read.daily(sql, target, days, until or datetime.now(UTC))

    def recent(
        self, target: str | None = None, vantage: str | None = None, limit: int = 100, before: datetime | None = None
    ) -> list[VerdictRow]:
        """Returns the latest looks, newest first; `before` pages on. Without any filter: in order of arrival."""
        with self._database.reading() as sql:
            return read.recent(sql, target, vantage, limit, before)

    def looks(self, target: str, vantage: str, since: datetime | None = None) -> list[Look]:
        """Returns a pair's series in time order, for the fold into episodes."""
        with self._database.reading() as sql:
            return read.looks(sql, target, vantage, since)

    def each_verdict(
        self, target: str | None = None, vantage: str | None = None, since: datetime | None = None
    ) -> Iterator[tuple[VerdictRow, Verdict]]:
        """Yields all looks with their whole verdicts, in order of day, vantage point, target and time."""
        with self._database.reading() as sql:
            yield from walk.each_verdict(sql, target, vantage, since)

    def each_record(
        self, target: str | None = None, vantage: str | None = None, since: datetime | None = None
    ) -> Iterator[tuple[VerdictRow, Measurement]]:
        """Yields all looks with their measurements, in the same order."""
        with self._database.reading() as sql:
            yield from walk.each_record(sql, target, vantage, since)

    def counts(self) -> Counts:
        with self._database.reading() as sql:
            return read.counts(sql, self._database.path)

    # Episodes

    def replace_episodes(
        self, target: str, vantage: str, episodes: Sequence[Episode], from_onset: datetime | None = None
    ) -> None:
        """Replaces a pair's episodes; with `from_onset` only those whose onset is not before it."""
        with self._database.writing() as sql:
            journal.replace_episodes(sql, self._names, (target, vantage), episodes, from_onset)

    def episodes(
        self,
        target: str | None = None,
        vantage: str | None = None,
        state: EpisodeState | None = None,
        limit: int = read.LIMIT,
    ) -> list[Episode]:
        """Returns the latest episodes, by onset, newest first."""
        with self._database.reading() as sql:
            return journal.episodes(sql, target, vantage, state, limit)

    def episode(self, name: str) -> Episode | None:
        with self._database.reading() as sql:
            return journal.episode(sql, name)

    # Announcements, gaps, status documents

    def announce(
        self,
        key: str,
        kind: str,
        text: str,
        *,
        at: datetime,
        target: str | None = None,
        vantage: str | None = None,
        episode: str | None = None,
        measurements: Sequence[str] = (),
        supersedes: int | None = None,
    ) -> int | None:
        """Writes an announcement, for good, and returns its number; null where `key` was announced before."""
        said = Announcement(
            number=0,
            at=at,
            key=key,
            kind=kind,
            target=target,
            vantage=vantage,
            episode=episode,
            text=text,
            measurements=tuple(measurements),
            supersedes=supersedes,
        )
        with self._database.writing() as sql:
            return journal.announce(sql, said)

    def announcements(
        self,
        limit: int = 100,
        before: int | None = None,
        *,
        target: str | None = None,
        vantage: str | None = None,
        episode: str | None = None,
    ) -> list[Announcement]:
        """Returns the latest announcements, newest first; `before` (a number) pages on."""
        with self._database.reading() as sql:
            return journal.announcements(sql, limit, before, target=target, vantage=vantage, episode=episode)

    def put_gap(self, gap: Missed) -> None:
        with self._database.writing() as sql:
            journal.put_gap(sql, gap)

    def gaps(
        self,
        target: str | None = None,
        vantage: str | None = None,
        since: datetime | None = None,
        limit: int = read.LIMIT,
    ) -> list[Missed]:
        """Returns the latest gaps that concern a target and a vantage point, newest first."""
        with self._database.reading() as sql:
            return journal.gaps(sql, target, vantage, since, limit)

    def put_status(self, name: str, document: object, at: datetime | None = None) -> None:
        """Leaves a small JSON document for the pages in the place of the last one of that name."""
        if name.startswith("store:"):
            raise StoreError("Status documents named store:… are the store's own; take another name.")
        with self._database.writing() as sql:
            journal.put_status(sql, name, at or datetime.now(UTC), document)

    def status(self) -> dict[str, Status]:
        """Returns all status documents by name."""
        with self._database.reading() as sql:
            return journal.statuses(sql)
