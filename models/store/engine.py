"""Opening a database, and talking to it at the driver's level: `?` for parameters and plain tuples, on each database."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from models.store.errors import StoreError, spoken

Row = tuple[Any, ...]
_BUSY_MS = 15_000
_CACHE_KIB = 65_536
_PAGE = 8192  # holds several packed records, where 4096 would leave a fifth of each page empty
_WRITERS_LOCK = 0x77616C6C  # PostgreSQL: one writer at a time, as SQLite has it


class Sql:
    """One connection that takes `?` and gives plain tuples."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.unpackers: dict[
            int, Any
        ] = {}  # of samples, by their blob's number, for as long as this connection is held
        self.sqlite = connection.dialect.name == "sqlite"

    def run(self, statement: str, values: Sequence[Any] | Sequence[Row] = ()) -> Any:
        text = statement if self.sqlite else statement.replace("?", "%s")
        return self.connection.exec_driver_sql(text, values or None)

    def many(self, statement: str, rows: Sequence[Row]) -> int:
        """Runs a statement for each row and returns how many rows of the table it touched."""
        return int(self.run(statement, rows).rowcount) if rows else 0

    def all(self, statement: str, values: Sequence[Any] = ()) -> list[Row]:
        return self.run(statement, tuple(values)).cursor.fetchall()  # type: ignore[no-any-return]

    def one(self, statement: str, values: Sequence[Any] = ()) -> Row | None:
        result = self.run(statement, tuple(values))
        row: Row | None = result.cursor.fetchone()
        result.close()
        return row

    def within(self, statement: str, keys: Sequence[Any], size: int = 500) -> Iterator[Row]:
        """Yields the rows of a statement whose `{keys}` stands for a list of values, as often as the list needs."""
        for start in range(0, len(keys), size):
            part = keys[start : start + size]
            yield from self.all(statement.format(keys=",".join("?" * len(part))), part)


class Database:
    """A SQLite file or a PostgreSQL database, opened for reading, or for reading and writing."""

    def __init__(self, url: str, *, read_only: bool) -> None:
        self.url = _parsed(url)
        self.read_only = read_only
        self.path = _path(self.url)
        self.place = str(self.path) if self.path else self.url.render_as_string(hide_password=True)
        self.on_failure: list[Callable[[], None]] = []  # called before the next writer may begin
        self._writer = Lock()
        self.engine = self._postgres() if self.path is None else self._sqlite(self.path)

    @contextmanager
    def reading(self) -> Iterator[Sql]:
        """Gives a connection in which each statement sees what is committed."""
        with spoken(self.place), self.engine.connect() as connection:
            yield Sql(connection)

    @contextmanager
    def writing(self) -> Iterator[Sql]:
        """Gives a connection within one transaction: all of it is kept, or nothing."""
        if self.read_only:
            raise StoreError(
                f"The store {self.place} was opened for reading only; open it again without read_only to write."
            )
        with self._writer, spoken(self.place), self.engine.connect() as connection:
            sql = Sql(connection)
            self._begin(sql)
            try:
                yield sql
                sql.run("COMMIT")
            except BaseException:
                _roll_back(connection)
                for forget in self.on_failure:
                    forget()
                raise

    def close(self) -> None:
        self.engine.dispose()

    def _begin(self, sql: Sql) -> None:
        sql.run("BEGIN IMMEDIATE" if sql.sqlite else "BEGIN")
        if not sql.sqlite:
            sql.run(f"SELECT pg_advisory_xact_lock({_WRITERS_LOCK})")

    def _postgres(self) -> Engine:
        if self.url.get_backend_name() != "postgresql":
            raise StoreError(
                f"The store {self.place} is neither SQLite nor PostgreSQL; give sqlite:///FILE or postgresql://…."
            )
        url = self.url.set(drivername="postgresql+psycopg")
        options = "-c timezone=UTC -c lock_timeout=15s" + (
            " -c default_transaction_read_only=on" if self.read_only else ""
        )
        with spoken(self.place):
            return create_engine(
                url, isolation_level="AUTOCOMMIT", pool_pre_ping=True, connect_args={"options": options}
            )

    def _sqlite(self, path: Path) -> Engine:
        if self.read_only and not path.is_file():
            raise StoreError(
                f"There is no store at {path}. `wallwatch up` makes it; or name another with --db or WALLWATCH_DB."
            )
        if not self.read_only:
            _make_folder(path)
        mode = "ro" if self.read_only else "rwc"
        url = URL.create("sqlite", database=f"file:{quote(str(path))}", query={"mode": mode, "uri": "true"})
        options: dict[str, Any] = {"isolation_level": "AUTOCOMMIT", "connect_args": {"timeout": _BUSY_MS / 1000}}
        engine = create_engine(url, **options)
        event.listen(engine, "connect", _set_reader if self.read_only else _set_writer)
        return engine


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except ArgumentError as error:
        raise StoreError(
            f"{url!r} is not the address of a store; give sqlite:///FILE or postgresql://USER@HOST/NAME."
        ) from error


def _path(url: URL) -> Path | None:
    if url.get_backend_name() != "sqlite":
        return None
    if not url.database or url.database == ":memory:":
        raise StoreError("A store in memory would lose what was measured; give sqlite:///FILE.")
    return Path(url.database).absolute()


def _make_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"The folder {path.parent} cannot be made ({error.strerror}); name another store with --db."
        ) from error


def _set_reader(connection: Any, _record: Any) -> None:
    connection.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
    connection.execute("PRAGMA query_only=ON")
    connection.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")


def _set_writer(connection: Any, _record: Any) -> None:
    connection.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
    connection.execute(f"PRAGMA page_size={_PAGE}")  # takes effect in a new file only
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
    connection.execute("PRAGMA temp_store=MEMORY")


def _roll_back(connection: Connection) -> None:
    """Ends a failed transaction; a connection that cannot even do that is thrown away, which ends it too."""
    try:
        connection.exec_driver_sql("ROLLBACK")
    except Exception:
        connection.invalidate()
