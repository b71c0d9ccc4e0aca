"""Opening: what is made, what is brought up to date, what is refused, and with which words."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from models.store import StoreError, open_store
from models.store.codec import RECORD_1, join, pack, sha256
from models.store.rows import to_us
from models.store.schema import config
from models.store.tables import KEPT
from models.store.version import REVISIONS
from tests.store.making import look, name, url

MIGRATIONS = Path("models/store/migrations").absolute()


def shell(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path / "wallwatch.sqlite")) as connection, connection:
        connection.execute(statement)


def test_store_is_made_with_its_folder_in_wal_mode(tmp_path: Path):
    folder = tmp_path / "new" / "folder"
    open_store(url(folder)).close()
    connection = sqlite3.connect(folder / "wallwatch.sqlite")
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_reader_never_makes_a_store(tmp_path: Path):
    with pytest.raises(StoreError, match=r"There is no store at .*wallwatch up"):
        open_store(url(tmp_path), read_only=True)
    assert list(tmp_path.iterdir()) == []


def test_reader_refuses_an_empty_file_and_leaves_it_empty(tmp_path: Path):
    (tmp_path / "wallwatch.sqlite").touch()
    with pytest.raises(StoreError, match=r"is empty; start `wallwatch up`"):
        open_store(url(tmp_path), read_only=True)
    assert (tmp_path / "wallwatch.sqlite").stat().st_size == 0


def test_reader_sees_what_is_written_after_it_opened_and_cannot_write(tmp_path: Path):
    with open_store(url(tmp_path)) as writer, open_store(url(tmp_path), read_only=True) as reader:
        writer.put([look()])
        assert reader.counts().measurements == 1
        with pytest.raises(StoreError, match=r"opened for reading only"):
            reader.put([look(1)])
        with pytest.raises(StoreError, match=r"opened for reading only"):
            reader.put_status("x", 1)


def test_newer_schema_is_refused_and_left_alone(tmp_path: Path):
    open_store(url(tmp_path)).close()
    shell(tmp_path, "UPDATE alembic_version SET version_num = '9999'")
    before = (tmp_path / "wallwatch.sqlite").read_bytes()
    for read_only in (True, False):
        with pytest.raises(StoreError, match=r"written by a newer wallwatch .schema 9999"):
            open_store(url(tmp_path), read_only=read_only)
    assert (tmp_path / "wallwatch.sqlite").read_bytes() == before


def test_outdated_index_is_refused_by_readers_and_remade_by_writers(tmp_path: Path):
    with open_store(url(tmp_path)) as store:
        store.put([look()])
    shell(tmp_path, "UPDATE status SET document = '0' WHERE name = 'store:index'")
    shell(tmp_path, "DROP TABLE look")
    with pytest.raises(StoreError, match=r"written by an older wallwatch"):
        open_store(url(tmp_path), read_only=True)
    with open_store(url(tmp_path)) as store:
        assert store.needs_judging()
        assert store.record(name(look())) is not None


def test_file_that_is_no_database_is_named_as_such(tmp_path: Path):
    (tmp_path / "wallwatch.sqlite").write_bytes(b"targets: []\n" * 1000)
    with pytest.raises(StoreError, match=r"is not a SQLite database. Name another file"):
        open_store(url(tmp_path))


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("wallwatch.sqlite", "is not the address of a store"),
        ("sqlite://", "in memory would lose"),
        ("sqlite:///:memory:", "in memory would lose"),
        ("mysql://root@127.0.0.1/x", "neither SQLite nor PostgreSQL"),
        ("sqlite:////proc/version/x/wallwatch.sqlite", "cannot be made"),
    ],
)
def test_address_that_names_no_store_is_refused_with_what_to_give_instead(address: str, said: str):
    with pytest.raises(StoreError, match=said):
        open_store(address)


def test_folder_in_the_place_of_the_file_is_said_to_be_unusable(tmp_path: Path):
    (tmp_path / "wallwatch.sqlite").mkdir()
    with pytest.raises(StoreError, match=r"cannot be opened. See that the folder exists"):
        open_store(url(tmp_path))


def test_path_with_odd_characters_opens_that_very_file(tmp_path: Path):
    folder = tmp_path / "50% of ?what #1 é"
    with open_store(url(folder).replace("?", "%3F")) as store:
        store.put([look()])
        assert Path(store.place).is_file()


def test_migrations_make_the_tables_that_the_code_declares(tmp_path: Path):
    open_store(url(tmp_path)).close()
    engine = create_engine(url(tmp_path))
    with engine.connect() as connection:
        options = {"include_name": lambda name, kind, _: kind != "table" or name in KEPT.tables, "compare_type": True}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), KEPT) == []
    engine.dispose()


def test_store_of_the_first_version_is_brought_up_to_date_with_its_records(tmp_path: Path):
    engine = create_engine(url(tmp_path))
    with engine.begin() as connection:
        command.upgrade(config(MIGRATIONS, connection), "0001")
        one = look()
        record = one.finished.measurement.to_canonical()
        body = pack(join([record]), RECORD_1)
        connection.exec_driver_sql("INSERT INTO target VALUES (1, 'a')")
        connection.exec_driver_sql("INSERT INTO vantage VALUES (1, 'here')")
        values = (1, sha256(record), 1, 1, to_us(one.finished.measurement.started), *body)
        connection.exec_driver_sql(
            "INSERT INTO record (seq, id, target, vantage, at, codec, body) VALUES (?, ?, ?, ?, ?, ?, ?)", values
        )
    engine.dispose()
    with pytest.raises(StoreError, match="written by an older wallwatch"):
        open_store(url(tmp_path), read_only=True)
    with open_store(url(tmp_path)) as store:
        assert store.record(name(one)) == record
        assert store.needs_judging()
        assert store.rejudge([(name(one), one.verdict)]).seen == 1
        assert store.current()[0].measurement == name(one)
        assert store.put([one, look(1)]).new == 1
    with pytest.raises(sqlite3.IntegrityError, match="never changed"):
        shell(tmp_path, "UPDATE record SET base = 7")


def test_version_list_names_all_migrations_in_order():
    script = ScriptDirectory.from_config(config(MIGRATIONS))
    assert tuple(reversed([revision.revision for revision in script.walk_revisions()])) == REVISIONS


def test_new_migration_imports_what_its_types_need(tmp_path: Path):
    """Alembic writes sqlmodel's types into migrations without importing sqlmodel; the template must."""
    settings = config(MIGRATIONS)
    settings.set_main_option("path_separator", "os")
    settings.set_main_option("version_locations", str(tmp_path))
    settings.set_main_option("sqlalchemy.url", "sqlite://")
    made = command.revision(settings, message="a trial", head="base", splice=True, rev_id="trial")
    compile(Path(made.path).read_text(), made.path, "exec")  # type: ignore[union-attr]
    assert "import sqlmodel" in Path(made.path).read_text()  # type: ignore[union-attr]
