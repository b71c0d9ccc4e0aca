"""How Alembic runs: on the connection that the store gives it, or offline on the address in alembic.ini."""

from alembic import context
from sqlalchemy import create_engine

from models.store.tables import KEPT


def _migrate(connection: object) -> None:
    context.configure(connection=connection, target_metadata=KEPT, render_as_batch=True, include_name=_kept)  # type: ignore[arg-type]
    context.run_migrations()


def _kept(name: str | None, kind: str, _parents: object) -> bool:
    """Leaves the index tables alone: they are remade, not migrated."""
    return kind != "table" or name in KEPT.tables


_given = context.config.attributes.get("connection")
if _given is not None:
    _migrate(_given)
else:
    with create_engine(context.config.get_main_option("sqlalchemy.url") or "sqlite://").begin() as _own:
        _migrate(_own)
