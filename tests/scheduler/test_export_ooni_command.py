"""`wallwatch export ooni`, and back in by `wallwatch import ooni`."""

import json
from pathlib import Path

import pytest

from models.store import Judged, open_store
from models.words import Mechanism, Outcome, Stage
from scheduler.cli import main
from tests.judge.ooni_documents import as_bytes, document
from tests.scheduler.made import finished, reset_here, verdict


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return int(ended.value.code or 0)


@pytest.fixture
def db(tmp_path: Path) -> str:
    url, blocked = f"sqlite:///{tmp_path}/w.sqlite", verdict(Outcome.ANOMALY, Mechanism.HTTP_RESET)
    with open_store(url) as store:
        store.put([Judged(finished(), verdict(Outcome.OK)), Judged(reset_here(1, target="b"), blocked)])
    archive = tmp_path / "archive.json"
    archive.write_bytes(as_bytes(document()))
    run("import", "ooni", str(archive), "--db", url, "--config", str(tmp_path / "none.yaml"))
    return url


def test_own_and_imported_measurements_go_out_as_lines_and_come_back(
    db: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = tmp_path / "out.jsonl"
    assert run("export", "ooni", "-o", str(lines), "--db", db) == 0
    assert f"3 measurements in {lines}" in capsys.readouterr().err
    assert as_bytes(document()) in lines.read_bytes().splitlines()
    told = [json.loads(line) for line in lines.read_bytes().splitlines()]
    assert [one["annotations"].get("wallwatch_outcome") for one in told].count("anomaly") == 1
    back = f"sqlite:///{tmp_path}/back.sqlite"
    assert run("import", "ooni", str(lines), "--db", back, "--config", str(tmp_path / "none.yaml"), "--json") == 0
    again = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(again) == 3
    assert {one["file"] for one in again} == {str(lines)}
    assert [one["verdict"]["stage"] for one in again if one["verdict"]["outcome"] == "anomaly"] == [Stage.HTTP]


def test_export_writes_only_what_was_asked_for(db: str, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    capsysbinary.readouterr()
    assert run("export", "ooni", "measurements", "--target", "b", "--db", db) == 0
    (line,) = capsysbinary.readouterr().out.splitlines()
    assert json.loads(line)["test_keys"]["blocking"] in ("http-failure", "http-diff")


@pytest.mark.parametrize("arguments", [("ooni", "episodes"), ("csv",), ("ooni", "-o", "/nowhere/at/all")])
def test_export_ends_with_bad_input_when_asked_for_the_impossible(db: str, arguments: tuple[str, ...]) -> None:
    assert run("export", *arguments, "--db", db) == 2
