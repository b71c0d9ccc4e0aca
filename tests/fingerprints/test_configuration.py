"""Operators' lists from targets.yaml to the verdict: checked, loaded, taken up live, named by the digest in each verdict."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from models.targets_errors import TargetsError
from models.targets_file import read
from scheduler.fingerprints import known, known_to, own
from scheduler.reload import Watched
from tests.fingerprints.sets import HEADER

NOTICE = "<html><title>Notice</title><p>Доступ закрыт приказом 17 министерства.</p></html>".encode("cp1251")
ROW = "xa_order,nat,,body,contains,приказом 17 министерства,10,XA,made here,,"
LIST = f"{HEADER}\n{ROW}\n"
PLAIN = "vantage_points: [{id: here, via: direct, country: XA, consent: {by: me, on: 2026-11-22}}]\n"


class _Notice(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=windows-1251")
        self.send_header("Content-Length", str(len(NOTICE)))
        self.end_headers()
        self.wfile.write(NOTICE)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def notice() -> Iterator[str]:
    """A server on loopback that shows a block page."""
    server = HTTPServer(("127.0.0.1", 0), _Notice)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def configured(folder: Path, text: str = LIST, more: str = "") -> Path:
    (folder / "marks.csv").write_text(text, encoding="utf-8")
    file = folder / "targets.yaml"
    file.write_text(PLAIN + "fingerprints: [marks.csv]\n" + more)
    return file


def wallwatch(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    called = [sys.executable, "-c", "from scheduler.cli import main; main()", *arguments]
    return subprocess.run(called, cwd=folder, check=False, timeout=60, capture_output=True, text=True)


def test_check_tells_what_became_of_each_list_and_which_rows_are_refused(tmp_path: Path) -> None:
    configured(tmp_path, LIST + ROW.replace("nat", "world") + "\nx,fp,,body,contains,redirect,5,,,,\n")
    told = wallwatch(tmp_path, "check")
    assert told.returncode == 0, told.stderr
    assert "marks.csv:3: scope 'world'; expected one of nat" in told.stdout
    assert (
        "marks.csv: 1 of 3 fingerprints used, 1 refused; 1 left out: the pattern is a phrase of ordinary pages"
        in told.stdout
    )
    *_, summary = (json.loads(line) for line in wallwatch(tmp_path, "check", "--json").stdout.splitlines())
    assert summary["fingerprints"]["digest"] == known_to(tmp_path / "targets.yaml", required=True).set.digest
    assert summary["fingerprints"]["lists"][0]["refused"][0]["line"] == 3


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("url,notes\nhttp://a.example/,\n", "marks.csv:1:1: the first row lacks the columns `name` and `pattern`"),
        ('[{"name":\n', "marks.csv:2:1: this is not JSON"),
    ],
)
def test_a_list_that_is_none_is_refused_with_file_and_line(tmp_path: Path, text: str, why: str) -> None:
    configured(tmp_path, text)
    told = wallwatch(tmp_path, "check")
    assert told.returncode == 2 and why in told.stderr, told.stderr
    assert wallwatch(tmp_path, "probe", "--no-store").returncode == 2


def test_a_list_that_is_not_there_is_named_at_its_line(tmp_path: Path) -> None:
    configured(tmp_path).write_text(PLAIN + "fingerprints:\n  - marks.csv\n  - others.csv\n")
    told = wallwatch(tmp_path, "check")
    assert told.returncode == 2
    assert "targets.yaml:4:5: fingerprints[1]: there is no file 'others.csv'" in told.stderr


def test_a_verdict_names_the_set_the_words_that_matched_and_where(tmp_path: Path, notice: str) -> None:
    file = configured(tmp_path, more=f"targets: [{{id: a, url: '{notice}', allow_private: true}}]\n")
    told = wallwatch(tmp_path, "probe", "a", "--json", "--db", str(tmp_path / "w.sqlite"))
    said = json.loads(told.stdout)["verdict"]
    assert (said["outcome"], said["mechanism"], said["rule"]) == ("confirmed", "blockpage", "http.block_page")
    assert said["fingerprints"] == known_to(file, required=True).set.digest != own().set.digest
    where = NOTICE.decode("cp1251").index("приказом 17")
    assert (
        f"“приказом 17 министерства” at character {where} of the body, xa_order (marks.csv: made here"
        in said["reasons"][0]
    )
    assert any(fact.startswith("mark page, settles: ") for fact in said["facts"])
    judged = wallwatch(tmp_path, "judge", "--json", "--db", str(tmp_path / "w.sqlite"))
    assert json.loads(judged.stdout)["verdict"] == said


def test_without_the_list_the_same_page_settles_nothing_and_judging_anew_says_so(tmp_path: Path, notice: str) -> None:
    file = configured(tmp_path, more=f"targets: [{{id: a, url: '{notice}', allow_private: true}}]\n")
    wallwatch(tmp_path, "probe", "a", "--db", str(tmp_path / "w.sqlite"))
    file.write_text(file.read_text().replace("fingerprints: [marks.csv]\n", ""))
    told = wallwatch(tmp_path, "judge", "--dry-run", "--db", str(tmp_path / "w.sqlite"))
    assert "confirmed blockpage (http.block_page) → inconclusive (http.unvouched)" in told.stdout, (
        told.stdout + told.stderr
    )


def test_a_changed_list_is_taken_up_and_a_broken_one_leaves_the_last_good_one(tmp_path: Path) -> None:
    file = configured(tmp_path)
    watched = Watched.from_file(file)
    assert tmp_path / "marks.csv" in watched.loaded.files
    before = watched.fingerprints.set.digest
    assert watched.read_again() is None
    (tmp_path / "marks.csv").write_text(LIST + ROW.replace("xa_order", "xa_second"), encoding="utf-8")
    assert watched.read_again() is True
    after = watched.fingerprints.set.digest
    assert after != before
    (tmp_path / "marks.csv").write_text("nonsense\n")
    assert watched.read_again() is False
    assert watched.fingerprints.set.digest == after and "marks.csv:1:1" in watched.document["error"]
    (tmp_path / "marks.csv").write_text(LIST, encoding="utf-8")
    assert watched.read_again() is True
    assert watched.fingerprints.set.digest == before and watched.document["error"] is None


def test_the_digest_does_not_hang_on_how_the_rows_are_spread_over_files(tmp_path: Path) -> None:
    two = ROW.replace("xa_order", "xa_second")
    one_file = known(read(configured(tmp_path, LIST + two + "\n"))).set
    assert one_file.count == own().set.count + 2
    reversed_rows = known(read(configured(tmp_path, f"{HEADER}\n{two}\n{ROW}\n"))).set
    assert reversed_rows.digest == one_file.digest


def test_all_lists_that_cannot_be_used_are_named_at_once(tmp_path: Path) -> None:
    (tmp_path / "others.json").write_text("[1")
    file = configured(tmp_path, "nonsense\n")
    file.write_text(PLAIN + "fingerprints: [marks.csv, others.json]\n")
    with pytest.raises(TargetsError) as refused:
        known(read(file))
    assert [Path(each.file).name for each in refused.value.problems] == ["marks.csv", "others.json"]
