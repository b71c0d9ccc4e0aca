"""Making and changing the schema: Alembic for what cannot be rebuilt, drop and make anew for the index."""

from importlib.resources import as_file, files
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from models.store.engine import Sql
from models.store.tables import INDEX
from models.store.version import INDEX_VERSION


def upgrade(connection: Connection) -> None:
    """Brings the kept tables to this version, within the caller's transaction."""
    with as_file(files("models.store").joinpath("migrations")) as folder:
        command.upgrade(config(folder, connection), "head")


def config(folder: Path, connection: Connection | None = None) -> Config:
    """Returns Alembic's configuration, which `alembic.ini` at the top of the project names too."""
    settings = Config()
    settings.set_main_option("script_location", str(folder).replace("%", "%%"))
    settings.attributes["connection"] = connection
    return settings


def remake_index(connection: Connection) -> None:
    """Drops the index tables, whatever their version, and makes this version's."""
    INDEX.drop_all(connection)
    INDEX.create_all(connection)
    Sql(connection).run(
        "INSERT INTO status (name, at, document) VALUES (?, 0, ?) ON CONFLICT (name) DO UPDATE SET document = excluded.document",
        ("store:index", str(INDEX_VERSION)),
    )
