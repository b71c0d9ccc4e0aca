"""The one exception of the store, and the one place that reads a database's errors: by code, never by text."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, NoSuchModuleError, SQLAlchemyError

from models.errors import WallwatchError

_NOTHING = "Nothing of this batch was written"

# SQLite's primary result codes (sqlite.org/rescode.html) and PostgreSQL's SQLSTATE classes.
_SQLITE = {
    5: f"is locked by another process. {_NOTHING}; stop the other writer (another `wallwatch up`, an open shell) or try again",
    6: f"is locked by another connection of this process. {_NOTHING}; try again",
    8: f"cannot be written: the file or its folder is read-only. {_NOTHING}; change its permissions or name another with --db",
    10: f"could not be read or written: the disk reported an error. {_NOTHING}; look at the system's log, then at the disk",
    11: "is damaged. Stop wallwatch, keep the file, and restore a backup (or `sqlite3 FILE .recover` into a new one)",
    13: f"has no room left: the disk is full. {_NOTHING}; free some space, wallwatch tries again by itself",
    14: "cannot be opened. See that the folder exists and may be read and written by this user, or name another with --db",
    26: "is not a SQLite database. Name another file with --db, or move this one away",
}
_POSTGRES = {
    "53": f"has no room or no connections left. {_NOTHING}; free some, wallwatch tries again by itself",
    "55": f"is locked by another process. {_NOTHING}; try again",
    "40": f"could not serialise this write with another. {_NOTHING}; try again",
    "08": "cannot be reached. See that the server runs and that the address in --db is right",
    "28": "refused the user or password in --db",
    "3D": "has no database of that name. Create it with `createdb`",
    "25": "is read-only here. Write to the primary server",
    "57": f"is shutting down or cancelled the statement. {_NOTHING}; try again",
}


class StoreError(WallwatchError):
    """The store could not do what was asked; the message says why and what to do next."""


@contextmanager
def spoken(place: str) -> Iterator[None]:
    """Turns a database's own exceptions into StoreError."""
    try:
        yield
    except DBAPIError as error:
        raise StoreError(f"The store {place} {_advice(error)}.") from error
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise StoreError(f"The store {place} needs a driver: pip install 'wallwatch[postgres]' ({error}).") from error
    except SQLAlchemyError as error:
        raise StoreError(f"The store {place} cannot be used: {error}. See the address in --db.") from error


def _advice(error: DBAPIError) -> str:
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None and code & 0xFF in _SQLITE:
        return _SQLITE[code & 0xFF]
    state = getattr(error.orig, "sqlstate", None)
    if state and state[:2] in _POSTGRES:
        return _POSTGRES[state[:2]]
    if type(error.orig).__module__.startswith("psycopg") and state is None:
        return f"{_POSTGRES['08']} ({error.orig})"
    return f"refused: {error.orig}. {_NOTHING}"
