"""`wallwatch show`: a stored measurement and why it amounts to what it does."""

import json
from pathlib import Path

import pytest

from evidence.judge import Judge
from models.measurement import digest
from models.store import Judged, open_store
from scheduler.cli import main
from tests.scheduler.made import reset_here


@pytest.fixture
def stored(tmp_path: Path) -> tuple[str, str]:
    url, one = f"sqlite:///{tmp_path}/w.sqlite", reset_here()
    with open_store(url) as store:
        store.put([Judged(one, Judge().verdict(one.measurement, one.blobs))])
    return url, digest(one.measurement.to_canonical())


def show(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["show", *arguments])
    return int(ended.value.code or 0)


def test_show_tells_each_step_and_what_the_verdict_stands_on(
    stored: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    db, name = stored
    assert show(name, "--db", db) == 0
    told = capsys.readouterr().out
    for part in (
        "http://a.test/   from here",
        "ANOMALY   http_reset at http",
        "stands on: tcp 1 of 1 connected",
        "the control: ",
        "another verdict with: ",
        name,
    ):
        assert part in told


def test_show_prints_the_line_of_the_contract_with_what_explains_the_verdict(
    stored: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    db, name = stored
    assert show(name.removeprefix("sha256:"), "--db", db, "--json") == 0
    line = json.loads(capsys.readouterr().out)
    assert (line["target"], line["measurement"]) == ("a", name)
    assert line["verdict"]["facts"]
    assert line["verdict"]["control_saw"]
    assert line["verdict"]["would_change"]
    assert line["verdict"]["contrasts_showed"] == []


def test_show_prints_the_record_whose_hash_is_its_name(
    stored: tuple[str, str], capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    db, name = stored
    assert show(name, "--db", db, "--record") == 0
    assert digest(capsysbinary.readouterr().out) == name


def test_show_says_where_to_look_when_there_is_no_such_measurement(
    stored: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert show("sha256:" + "0" * 64, "--db", stored[0]) == 2
    assert "holds no measurement sha256:000" in capsys.readouterr().err
    assert show("nonsense", "--db", stored[0]) == 2
