"""`wallwatch judge`: what changes is told before it is written, and what was announced is corrected."""

import csv
import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from evidence.judge import Judge
from evidence.ruleset import RULESET
from models.store import Judged, open_store
from models.words import Mechanism, Outcome
from scheduler.cli.judge import Lines
from scheduler.fingerprints import own
from scheduler.folding import Folding
from scheduler.judging import catch_up
from scheduler.refolding import refolded
from scheduler.timetable import Pair
from tests.scheduler.made import START, finished, verdict

DATA = Path(__file__).parents[3] / "shared" / "data"
OK, BLOCKED = verdict(Outcome.OK), verdict(Outcome.ANOMALY, Mechanism.SNI_RESET)
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the real data beside the project are not here")


@pytest.fixture
def db(tmp_path: Path) -> str:
    """A store in which an earlier ruleset saw a block that today's rules do not see."""
    url = f"sqlite:///{tmp_path}/w.sqlite"
    with open_store(url) as store:
        folding = Folding(store)
        for n in range(16):
            one = Judged(finished(at=START + timedelta(hours=6 * n), body=b"%d" % n), BLOCKED if n > 3 else OK)
            store.put([one])
            folding.written([one])
        assert [said.kind for said in store.announcements()] == ["onset"]
    return url


def wallwatch(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs a command in a process of its own, as its user does."""
    called = [sys.executable, "-c", "from scheduler.cli import main; main()", *arguments]
    return subprocess.run(called, cwd=folder, check=True, timeout=120, capture_output=True, text=True)


def test_a_dry_run_tells_what_would_change_and_writes_nothing(db: str, tmp_path: Path) -> None:
    told = wallwatch(tmp_path, "judge", "--dry-run", "--db", db).stdout
    assert "16 measurements judged under ruleset" in told
    assert "12 × anomaly sni_reset (test.given) → " in told
    assert "Episodes: 0 appear, 1 vanish, 0 change their dates or state, 0 change otherwise." in told
    assert "Announcements needed so that what stands is true: 1.\n  Withdrawn: what announcement 1 of" in told
    assert told.endswith("Nothing was written: this was a dry run.\n")
    with open_store(db, read_only=True) as store:
        assert [row.outcome for row in store.recent(limit=1)] == [Outcome.ANOMALY]
        assert len(store.episodes()) == len(store.announcements()) == 1


def test_judging_withdraws_what_was_announced_and_keeps_it(db: str, tmp_path: Path) -> None:
    told = wallwatch(tmp_path, "judge", "--db", db).stdout
    assert "Written: 16 verdicts; 1 episodes came, went or changed, 0 there are; 1 announcements." in told
    with open_store(db, read_only=True) as store:
        assert store.episodes() == []
        withdrawal, onset = store.announcements()
        assert (withdrawal.kind, withdrawal.supersedes, withdrawal.episode) == ("withdrawal", 1, onset.episode)
        assert "16 looks are judged otherwise under ruleset" in withdrawal.text
        assert "anomaly sni_reset (test.given) → " in withdrawal.text
    told = wallwatch(tmp_path, "judge", "--db", db).stdout
    assert "0 verdicts change" in told
    assert "Announcements needed so that what stands is true: 0." in told


def test_judging_prints_one_line_for_each_measurement_and_tells_the_rest_on_standard_error(
    db: str, tmp_path: Path
) -> None:
    printed = wallwatch(tmp_path, "judge", "--json", "--db", db)
    lines = [json.loads(text) for text in printed.stdout.splitlines()]
    assert len(lines) == len({line["measurement"] for line in lines}) == 16
    assert {line["target"] for line in lines} == {"a"}
    assert {"outcome", "stage", "mechanism", "also", "rule", "ruleset", "reasons", "facts"} <= lines[0][
        "verdict"
    ].keys()
    assert "12 × anomaly" in printed.stderr


def test_judging_fills_an_index_that_was_made_anew(db: str, tmp_path: Path) -> None:
    with open_store(db) as store:
        before = store.counts().measurements
        with store._database.writing() as sql:
            for table in ("look", "current", "daily", "episode"):
                sql.run(f"DELETE FROM {table}")
        assert store.needs_judging()
    assert "there is nothing to compare with" in wallwatch(tmp_path, "judge", "--db", db).stdout
    with open_store(db, read_only=True) as store:
        assert len(store.looks("a", "here")) == before == 16
        assert [said.kind for said in store.announcements()] == ["withdrawal", "onset"]


def test_lines_keep_the_order_of_arrival_where_a_verdict_is_told_later(capsys: pytest.CaptureFixture[str]) -> None:
    names = [f"sha256:{n:064}" for n in range(6)]
    with Lines() as lines:
        for n, name in enumerate(names):
            lines(name, finished(n).measurement, None if n in (2, 4) else OK)
        for n in (4, 2):
            lines(names[n], finished(n).measurement, BLOCKED)
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["measurement"] for one in told] == names
    assert [one["verdict"]["outcome"] for one in told] == ["ok", "ok", "anomaly", "ok", "anomaly", "ok"]


def test_up_judges_first_what_has_no_verdict_and_replaces_none_that_is_there(db: str) -> None:
    said: list[str] = []
    with open_store(db) as store:
        catch_up(store, Judge(), said.append)
        assert said == [], "what the rules of today gave is nothing to speak of"
        catch_up(store, Judge(fingerprints=own().set), said.append)
        assert "other fingerprints than those known now; `wallwatch judge --dry-run` tells" in said.pop()
        store.put_status("judged", {"ruleset": "2025.01", "fingerprints": None, "done": True})
        catch_up(store, Judge(), said.append)
        assert f"earlier verdicts were given by ruleset 2025.01, and this is {RULESET}" in said.pop()
        assert {row.rule for row in store.recent("a", "here")} == {"test.given"}
        store.put_status("judged", {"ruleset": RULESET, "fingerprints": None, "done": False})
        catch_up(store, Judge(), said.append)
        assert "judging the 16 stored measurements first" in said.pop()
        assert "test.given" not in {row.rule for row in store.recent("a", "here")}
        catch_up(store, Judge(), said.append)
        assert said == []


def test_common_failures_of_live_targets_are_no_outage_and_those_of_an_archive_are(tmp_path: Path) -> None:
    failed = verdict(Outcome.ANOMALY, Mechanism.IP_TIMEOUT)
    for origin, kept in (("wallwatch", 12), ("ooni", 0)):
        url = f"sqlite:///{tmp_path}/{origin}.sqlite"
        with open_store(url) as store:
            for n in range(30):
                batch = []
                for target in "abcdefghijkl":
                    one = finished(at=START + timedelta(hours=6 * n), target=target, body=b"%d" % n)
                    one = replace(one, measurement=replace(one.measurement, origin=origin))  # type: ignore[arg-type]
                    batch.append(Judged(one, failed if 10 <= n < 20 else OK))
                store.put(batch)
        with open_store(url) as store:
            found = [each for one in refolded(store, [Pair("a", "here")]) for each in one.after]
            assert len(found) == kept
            assert {one.wave for one in found} == ({11} if kept else set())


@needs_data
def test_the_simulated_matrix_of_ooni_is_judged_23_of_23_through_import_and_judge(tmp_path: Path) -> None:
    files = sorted((DATA / "ooni" / "qa").glob("*.json"))
    db = f"sqlite:///{tmp_path}/qa.sqlite"
    wallwatch(tmp_path, "import", "ooni", *map(str, files), "--db", db)
    lines = [json.loads(line) for line in wallwatch(tmp_path, "judge", "--json", "--db", db).stdout.splitlines()]
    assert len(lines) == len(files) == 23
    by_source = {line["source"]: line for line in lines}
    with (DATA / "ooni" / "qa" / "expected.csv").open(encoding="utf-8") as file:
        expected = {row["scenario"]: row for row in csv.DictReader(file)}
    wrong = []
    for path, in_order in zip(files, lines, strict=True):
        line = by_source["sha256:" + hashlib.sha256(path.read_bytes().strip()).hexdigest()]
        assert line == in_order, "lines come in the order of the files"
        wanted, said = expected[path.stem], line["verdict"]
        if said["outcome"] not in wanted["outcomes"].split("|") or (
            wanted["stage"] and said["stage"] not in wanted["stage"].split("|")
        ):
            wrong.append((path.stem, said))
    assert wrong == []
