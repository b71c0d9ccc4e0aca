"""`wallwatch export`, as a user types it."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from models.episode import Episode, Interval
from models.store import open_store
from models.words import EpisodeState, Mechanism, Outcome
from scheduler.cli import main
from scheduler.cli.export_csv import to_cell
from tests.store.making import HOUR, START, look, looks, name, url

OK, ANOMALY = Outcome.OK, Outcome.ANOMALY


@pytest.fixture
def db(tmp_path: Path) -> str:
    with open_store(url(tmp_path)) as store:
        store.put([*looks([OK, ANOMALY, ANOMALY]), look(1, target="=HYPERLINK(1)", vantage="there")])
        store.replace_episodes("a", "here", [episode()])
    return url(tmp_path)


def episode() -> Episode:
    return Episode(
        id="e1",
        target="a",
        vantage="here",
        mechanisms=(Mechanism.SNI_RESET,),
        onset=Interval(after=START, by=START + HOUR),
        release=None,
        state=EpisodeState.ONGOING,
        checks=2,
        blocked_checks=2,
        last_blocked=START + 2 * HOUR,
        last_look=START + 2 * HOUR,
    )


@dataclass(frozen=True)
class Done:
    returncode: object
    stdout: str
    stderr: str


Export = Callable[..., Done]


@pytest.fixture
def export(db: str, capsysbinary: pytest.CaptureFixture[bytes]) -> Export:
    """Runs the command as the shell would, without the second that a new interpreter takes."""

    def run(*words: str, db: str = db) -> Done:
        with pytest.raises(SystemExit) as ended:
            main(["export", *words, "--db", db])
        said = capsysbinary.readouterr()
        return Done(ended.value.code or 0, said.out.decode(), said.err.decode())

    return run


def rows(done: Done) -> list[dict[str, str]]:
    assert done.returncode == 0, done.stderr
    return list(csv.DictReader(io.StringIO(done.stdout)))


def test_verdicts_as_csv_hold_rule_and_reasons(export: Export):
    first, second, *_ = rows(export("csv", "verdicts", "--target", "a"))
    assert first["measurement"] == name(look(0))
    assert (first["started_at"], first["outcome"], first["mechanism"]) == ("2026-03-01T22:00:00.000000Z", "ok", "")
    assert (second["mechanism"], second["also"], second["rule"]) == ("sni_reset", "dns_bogon", "tls.reset_only_here")
    assert second["reasons"] == "Reset after the ClientHello. The control shakes hands."


def test_measurements_as_csv_hold_steps_and_where_it_was_looked_from(export: Export):
    found = rows(export("csv", "measurements", "--vantage", "here"))
    assert [row["http_failure"] for row in found] == ["", "connection_reset", "connection_reset"]
    assert (found[0]["country"], found[0]["asn"], found[0]["dns_us"], found[0]["status"]) == (
        "CN",
        "4837",
        "30000",
        "200",
    )
    assert (found[0]["simulated"], found[0]["tcp_failure"]) == ("false", "")


def test_since_leaves_out_what_was_before(export: Export):
    assert len(rows(export("csv", "verdicts", "--since", "2026-03-01T23:00Z"))) == 3
    assert len(rows(export("csv", "verdicts", "--since", "2026-03-02"))) == 1
    assert rows(export("csv", "episodes", "--since", "2027-01-01")) == []
    wrong = export("csv", "verdicts", "--since", "yesterday")
    assert wrong.returncode == 2
    assert "'yesterday' is no day" in wrong.stderr


def test_target_that_looks_like_a_formula_is_text_to_a_spreadsheet(export: Export):
    assert [row["target"] for row in rows(export("csv", "verdicts", "--vantage", "there"))] == ["'=HYPERLINK(1)"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1", "\u00a0=1"])
def test_text_that_a_spreadsheet_would_calculate_gets_an_apostrophe(text: str):
    assert to_cell(text) == "'" + text


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("a-b", "a-b"),
        (-5, "-5"),
        (None, ""),
        (True, "true"),
        (datetime(2026, 1, 1, tzinfo=UTC), "2026-01-01T00:00:00.000000Z"),
        ("a\0b", "a\ufffdb"),
    ],
)
def test_other_cells_stay_what_they_are(value: object, cell: str):
    assert to_cell(value) == cell  # type: ignore[arg-type]


def test_episodes_as_csv_leave_open_ends_empty(export: Export):
    (row,) = rows(export("csv", "episodes"))
    assert (row["onset_after"], row["onset_by"]) == ("2026-03-01T22:00:00.000000Z", "2026-03-01T23:00:00.000000Z")
    assert (row["release_by"], row["state"], row["mechanisms"]) == ("", "ongoing", "sni_reset")


@pytest.mark.parametrize("what", ["measurements", "verdicts", "episodes"])
def test_parquet_holds_the_same_cells_as_csv_with_types(export: Export, tmp_path: Path, what: str):
    path = tmp_path / "out.parquet"
    assert export("parquet", what, "-o", str(path)).returncode == 0
    table = pq.read_table(path).to_pylist()
    plain = [{key: to_cell(value) for key, value in row.items()} for row in table]
    assert plain == rows(export("csv", what))
    assert not list(tmp_path.glob("*.part"))
    instants = [value for row in table for value in row.values() if isinstance(value, datetime)]
    assert instants
    assert all(at.utcoffset() is not None for at in instants)


def test_parquet_without_a_file_is_refused(export: Export):
    wrong = export("parquet", "verdicts")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "name a file with -o" in wrong.stderr


def test_file_that_cannot_be_written_and_store_that_is_not_there_are_named(export: Export, tmp_path: Path):
    wrong = export("csv", "verdicts", "-o", str(tmp_path / "no" / "such" / "file.csv"))
    assert (wrong.returncode, "cannot be written" in wrong.stderr) == (2, True)
    missing = export("csv", "verdicts", db=url(tmp_path / "nowhere"))
    assert (missing.returncode, "There is no store at" in missing.stderr) == (2, True)


def test_word_that_is_no_format_or_no_table_is_refused_with_those_that_are(export: Export):
    for words, said in (
        (("xml", "verdicts"), "one of csv, parquet"),
        (("csv", "blobs"), "one of measurements, verdicts, episodes"),
    ):
        wrong = export(*words)
        assert wrong.returncode == 2
        assert said in " ".join(wrong.stderr.replace("│", " ").split())
