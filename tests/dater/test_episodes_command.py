"""`wallwatch episodes` as a reader calls it, on files of ours and on real series."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from scheduler.cli import main

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "series"
HENAN, GFW = DATA / "henan_sni_daily.csv", DATA / "gfw_sni_daily.csv"
data = pytest.mark.data
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the data folder beside the project is absent")


def _lines(capsys, *arguments: str) -> list[dict]:
    with pytest.raises(SystemExit) as ended:
        main(["episodes", *arguments, "--json"])
    assert ended.value.code == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def _of(lines: list[dict], target: str) -> list[dict]:
    return [line for line in lines if line["target"] == target]


@pytest.fixture
def series(tmp_path):
    path = tmp_path / "series.csv"
    rows = [f"site,here,2024-03-{day:02}T00:00:00Z,{'anomaly' if 6 <= day <= 12 else 'ok'}," for day in range(1, 21)]
    path.write_text("\n".join(["target,vantage,started_at,outcome,mechanism", *reversed(rows)]) + "\n")
    return path


def test_one_line_of_json_is_printed_for_each_episode(series, capsys):
    [line] = _lines(capsys, "--from-series", str(series))
    assert line["onset"] == {"after": "2024-03-05T00:00:00Z", "by": "2024-03-06T00:00:00Z"}
    assert line["release"] == {"after": "2024-03-12T00:00:00Z", "by": "2024-03-13T00:00:00Z"}
    assert (line["checks"], line["blocked_checks"], line["mechanisms"]) == (7, 7, [])


def test_a_table_is_printed_for_people(series, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["episodes", "--from-series", str(series)])
    assert ended.value.code == 0
    out = capsys.readouterr().out
    assert "2024-03-05 00:00 to 2024-03-06 00:00" in out
    assert "7 of 7 checks" in out


def test_episodes_are_chosen_by_target_and_vantage_point(series, capsys):
    assert _lines(capsys, "--from-series", str(series), "--target", "another") == []
    assert _lines(capsys, "--from-series", str(series), "--vantage", "there") == []
    assert len(_lines(capsys, "--from-series", str(series), "--target", "site", "--vantage", "here")) == 1


def test_a_bad_row_ends_with_2_and_names_file_and_line(series):
    series.write_text(series.read_text() + "site,here,yesterday,ok,\n")
    command = [
        sys.executable,
        "-c",
        "from scheduler.cli import main; main()",
        "episodes",
        "--from-series",
        str(series),
        "--json",
    ]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert f"{series}:22: started_at is 'yesterday', expected ISO 8601 in UTC" in ended.stderr
    assert "Traceback" not in ended.stderr


@data
@needs_data
@pytest.mark.parametrize(
    ("target", "onset", "release", "checks"),
    [
        ("amnesty.org", ("2025-01-26", "2025-01-27"), ("2025-02-11", "2025-02-12"), 16),
        ("change.org", ("2025-02-11", "2025-02-12"), ("2025-02-27", "2025-02-28"), 16),
        ("hrw.org", ("2025-02-14", "2025-02-15"), ("2025-03-01", "2025-03-02"), 15),
    ],
)
def test_henans_blocks_have_their_known_dates(capsys, target, onset, release, checks):
    [line] = _of(_lines(capsys, "--from-series", str(HENAN)), target)
    assert line["onset"] == dict(zip(("after", "by"), (f"{day}T00:00:00Z" for day in onset), strict=True))
    assert line["release"] == dict(zip(("after", "by"), (f"{day}T00:00:00Z" for day in release), strict=True))
    assert (line["checks"], line["blocked_checks"]) == (checks, checks)
    assert (line["interruptions"], line["gaps"], line["state"]) == ([], [], "released")
    assert line["edges"] == {"onset": "clean", "release": "clean"}
    assert line["mechanisms"] == ["sni_reset"]


@data
@needs_data
def test_one_target_alone_has_the_dates_that_it_has_among_others(capsys, tmp_path):
    together = _of(_lines(capsys, "--from-series", str(HENAN)), "amnesty.org")
    with HENAN.open(newline="") as file:
        rows = [row for row in csv.reader(file) if row[0] in ("target", "amnesty.org")]
    alone = tmp_path / "alone.csv"
    alone.write_text("\n".join(",".join(row) for row in rows) + "\n")
    assert _lines(capsys, "--from-series", str(alone)) == together


@data
@needs_data
def test_the_gfws_block_of_amnesty_is_one_episode_that_nobody_saw_begin(capsys):
    [line] = _of(_lines(capsys, "--from-series", str(GFW)), "amnesty.org")
    assert line["onset"] == {"after": None, "by": "2023-11-05T00:00:00Z"}
    assert line["release"] is None
    assert (line["state"], line["checks"], line["blocked_checks"]) == ("ongoing", 258, 258)
    assert {"after": "2024-03-04T00:00:00Z", "by": "2024-10-08T00:00:00Z"} in line["gaps"]


@data
@needs_data
def test_single_missed_days_of_the_gfw_are_interruptions(capsys):
    [line] = _of(_lines(capsys, "--from-series", str(GFW)), "greatfire.org")
    days = ["2023-11-13T00:00:00Z", "2023-11-17T00:00:00Z"]
    assert line["interruptions"] == [{"first_ok": day, "last_ok": day} for day in days]


@data
@needs_data
def test_no_release_is_told_in_the_days_in_which_the_scanners_failed(capsys):
    for file in (HENAN, GFW):
        for line in _lines(capsys, "--from-series", str(file)):
            assert not line["release"] or not "2025-01-07" <= line["release"]["by"] <= "2025-01-19"


@data
@needs_data
def test_no_release_is_told_when_all_blocks_vanish_while_the_scanners_failed(capsys, tmp_path):
    """What the file would show, had the failing server answered `not seen` for every name until it was repaired."""
    with GFW.open(newline="") as file:
        rows = list(csv.reader(file))
    failed = [
        [target, vantage, f"2025-01-{day:02}T00:00:00Z", "ok", ""]
        for target, vantage in {(r[0], r[1]) for r in rows[1:]}
        for day in range(8, 18)
    ]
    broken = tmp_path / "broken.csv"
    broken.write_text("\n".join(",".join(row) for row in [*rows, *failed]) + "\n")
    lines = _lines(capsys, "--from-series", str(broken))
    assert [line["state"] for line in lines] == ["ongoing"] * 3
    for line in lines:
        assert {
            "after": "2025-01-07T00:00:00Z",
            "by": "2025-01-18T00:00:00Z",
            "looks": 10,
            "why": "suspected outage of the vantage point",
        } in line["unusable"]
