"""`wallwatch import series`: other people's looks in the store, each with its row, and the dates that are known of them."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from evidence.judge import Judge
from evidence.series_import import RULE, Filing, as_stated, measurements
from models.measurement import Finished, Measurement
from models.store import open_store
from models.words import Mechanism, Outcome, Stage
from scheduler.cli import main

DATA = Path(__file__).parents[3] / "shared" / "data" / "series"
ROWS = """target,vantage,started_at,outcome,mechanism
site.test,there,2025-01-01T00:00:00Z,ok,
site.test,there,2025-01-02T00:00:00Z,anomaly,sni_reset
site.test,there,2025-01-03T00:00:00Z,confirmed,dns_injection
site.test,there,2025-01-04T00:00:00Z,down,
"""
KNOWN = {
    "amnesty.org": ("2025-01-26", "2025-01-27", "2025-02-11", "2025-02-12"),
    "change.org": ("2025-02-11", "2025-02-12", "2025-02-27", "2025-02-28"),
    "hrw.org": ("2025-02-14", "2025-02-15", "2025-03-01", "2025-03-02"),
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "rows.csv"
    path.write_text(ROWS, encoding="utf-8")
    return path


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return int(ended.value.code or 0)


def test_each_row_becomes_a_record_that_is_judged_as_the_row_states(file: Path) -> None:
    found = [Judge().verdict(one.measurement, one.blobs) for one in measurements(file, Filing())]
    assert [(one.outcome, one.stage, one.mechanism) for one in found] == [
        (Outcome.OK, None, None),
        (Outcome.ANOMALY, Stage.TLS, Mechanism.SNI_RESET),
        (Outcome.CONFIRMED, Stage.DNS, Mechanism.DNS_INJECTION),
        (Outcome.DOWN, None, None),
    ]
    assert {one.rule for one in found} == {RULE}
    assert "The series states anomaly (sni_reset)" in found[1].reasons[0]


def test_record_keeps_the_row_and_claims_nothing_that_was_seen(file: Path) -> None:
    first = next(measurements(file, Filing()))
    seen = first.measurement
    assert (seen.origin, seen.target.id, seen.target.url) == ("series", "site.test", "https://site.test/")
    assert (seen.dns, seen.tcp, seen.tls, seen.http, seen.controls) == ((), (), (), (), ())
    row = json.loads(first.blobs[seen.source or ""])
    assert row == dict(zip(ROWS.splitlines()[0].split(","), ROWS.splitlines()[1].split(","), strict=True))


@pytest.mark.parametrize("source", [b"", b"[]", b'{"outcome": 1}', b'{"outcome": "fine"}', b"\xff"])
def test_record_whose_row_cannot_be_read_says_nothing(file: Path, source: bytes) -> None:
    seen: Measurement = next(measurements(file, Filing())).measurement
    for blobs in ({seen.source or "": source}, {}):
        assert as_stated(seen, blobs).outcome is Outcome.INCONCLUSIVE


def test_row_is_filed_under_the_target_that_is_watched_or_that_was_asked_for(file: Path) -> None:
    def target(filing: Filing) -> tuple[str, str]:
        one: Finished = next(measurements(file, filing))
        return one.measurement.target.id, one.measurement.target.url

    watched = Filing(urls={"w": "https://site.test/"}, known={"https://site.test/": "w"})
    assert target(watched) == ("w", "https://site.test/")
    assert target(Filing(urls={"site.test": "http://site.test/x"})) == ("site.test", "http://site.test/x")
    www = {"www": "https://www.site.test/"}
    assert target(Filing(urls=www, known={"https://www.site.test/": "www"}))[0] == "site.test", "another name"
    assert target(Filing(urls=www, under={"site.test": "www"})) == ("www", "https://www.site.test/")


def test_file_is_refused_whole_and_with_its_line_when_a_row_is_bad(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    db = str(tmp_path / "w.sqlite")
    for bad, why in (
        ("site.test,there,yesterday,ok,\n", "6: started_at is 'yesterday'"),
        ("the site,there,2025-01-05T00:00:00Z,ok,\n", "6: target is 'the site': no URL, no host name"),
    ):
        file.write_text(ROWS + bad, encoding="utf-8")
        assert run("import", "series", str(file), "--db", db, "--config", str(tmp_path / "none.yaml")) == 2
        assert why in capsys.readouterr().err
    with open_store(f"sqlite:///{db}", read_only=True) as store:
        assert store.counts().measurements == 0


def test_series_is_not_counted_twice_and_judging_anew_changes_nothing(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    db = str(tmp_path / "w.sqlite")
    for new in (4, 0):
        assert run("import", "series", str(file), "--db", db, "--config", str(tmp_path / "none.yaml")) == 0
        assert f"4 measurements read, {new} of them new" in capsys.readouterr().err
    assert run("judge", "--dry-run", "--db", db) == 0
    told = capsys.readouterr().out
    assert "0 verdicts change" in told
    assert "Episodes: 0 appear, 0 vanish, 0 change their dates or state, 0 change otherwise." in told


@pytest.mark.parametrize("asked", ["site.test", "=w", "site.test=", "site.test=nobody"])
def test_what_cannot_be_filed_under_is_bad_input(file: Path, tmp_path: Path, asked: str) -> None:
    db, config = str(tmp_path / "w.sqlite"), str(tmp_path / "none.yaml")
    assert run("import", "series", str(file), "--file-under", asked, "--db", db, "--config", config) == 2


@pytest.mark.skipif(not DATA.is_dir(), reason="the real data beside the project are not here")
def test_real_series_give_the_dates_that_are_known(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    db = str(tmp_path / "w.sqlite")
    files = sorted(map(str, DATA.glob("*.csv")))
    assert run("import", "series", *files, "--db", db, "--config", str(tmp_path / "none.yaml")) == 0
    capsys.readouterr()
    assert run("episodes", "--db", db, "--json") == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    henan = {one["target"]: one for one in found if one["vantage"] == "henan-as4837"}
    for target, dates in KNOWN.items():
        one = henan[target]
        ends = (one["onset"]["after"], one["onset"]["by"], one["release"]["after"], one["release"]["by"])
        assert tuple(datetime.fromisoformat(end).date().isoformat() for end in ends) == dates
    (gfw,) = [one for one in found if one["target"] == "amnesty.org" and one["vantage"] == "gfw-via-guangzhou"]
    assert (gfw["onset"]["after"], gfw["state"], gfw["blocked_checks"]) == (None, "ongoing", 258)
    assert all("wave" in one for one in found)
