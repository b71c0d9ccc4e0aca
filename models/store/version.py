"""Which schema a store has, asked in plain SQL so that opening one needs neither Alembic nor SQLModel."""

from sqlalchemy import inspect

from models.store.engine import Sql

REVISIONS = ("0001", "0002")
"""Alembic's revisions, oldest first; a test compares them with the migrations."""

INDEX_VERSION = 1
"""Raise it when an index table changes: they are then made anew, and `wallwatch judge` fills them."""


def revision(sql: Sql) -> str | None:
    """Returns the Alembic revision of the kept tables, or null for an empty database."""
    if not inspect(sql.connection).has_table("alembic_version"):
        return None
    row = sql.one("SELECT version_num FROM alembic_version")
    return str(row[0]) if row else None


def index_version(sql: Sql) -> int | None:
    if not inspect(sql.connection).has_table("status"):
        return None
    row = sql.one("SELECT document FROM status WHERE name = ?", ("store:index",))
    return int(row[0]) if row else None
