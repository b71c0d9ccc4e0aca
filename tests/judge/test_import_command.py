"""`wallwatch import ooni`: files in, records in the store, a reason for each that cannot be used."""

import json
from pathlib import Path

import pytest

from models.store import open_store
from scheduler.cli import main
from tests.judge.ooni_documents import as_bytes, document
from tests.judge.records import NAME


def _run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["import", *arguments])
    return int(ended.value.code or 0)


def test_import_stores_what_it_reads_and_names_what_it_cannot(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad, db = tmp_path / "good.json", tmp_path / "bad.json", tmp_path / "store.sqlite"
    good.write_bytes(as_bytes(document()))
    bad.write_bytes(as_bytes(document(test_name="tor")))
    assert _run("ooni", str(good), str(bad), "--db", str(db), "--config", str(tmp_path / "none.yaml"), "--json") == 0
    printed = capsys.readouterr()
    (line,) = [json.loads(text) for text in printed.out.splitlines()]
    assert line["verdict"]["outcome"] == "ok"
    assert f"{bad}: test_name is tor; only web_connectivity is read" in printed.err
    with open_store(f"sqlite:///{db}", read_only=True) as store:
        measurement = store.measurement(line["measurement"])
        assert measurement is not None
        assert store.blob(measurement.source or "") == good.read_bytes()


def test_import_adds_nothing_when_a_file_is_given_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, db = tmp_path / "one.json", str(tmp_path / "store.sqlite")
    file.write_bytes(as_bytes(document()))
    _run("ooni", str(file), "--db", db, "--config", str(tmp_path / "none.yaml"))
    _run("ooni", str(file), "--db", db, "--config", str(tmp_path / "none.yaml"))
    assert "1 measurements read, 0 of them new" in capsys.readouterr().err


def test_import_files_a_measurement_under_the_target_that_is_watched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, config = tmp_path / "one.json", tmp_path / "targets.yaml"
    file.write_bytes(as_bytes(document()))
    config.write_text(f"version: 1\ntargets:\n  - id: watched\n    url: https://{NAME}/\n", encoding="utf-8")
    _run("ooni", str(file), "--db", str(tmp_path / "store.sqlite"), "--config", str(config), "--json")
    assert json.loads(capsys.readouterr().out)["target"] == "watched"


@pytest.mark.parametrize("arguments", [["tarot", "x.json"], ["ooni", "absent.json"]])
def test_import_ends_with_bad_input_when_asked_for_the_impossible(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert _run(*arguments) == 2


def test_import_ends_with_bad_input_when_nothing_can_be_used(tmp_path: Path) -> None:
    file = tmp_path / "one.json"
    file.write_bytes(b"nothing")
    assert _run("ooni", str(file), "--db", str(tmp_path / "s.sqlite"), "--config", str(tmp_path / "none.yaml")) == 2
