"""Citizen Lab lists, included at load time."""

import csv
import io
import time
from pathlib import Path

import pytest

from models.targets_errors import TargetsError
from models.targets_file import Loaded, read
from models.targets_values import listed_id, same_url

HEADER = ["url", "category_code", "category_description", "date_added", "source", "notes"]
REAL_LIST = Path(__file__).parents[3] / "shared" / "data" / "testlists" / "cn.csv"


def listed(folder: Path, rows: list[list[str]], yaml: str = "include: [list.csv]\n") -> Loaded:
    out = io.StringIO()
    csv.writer(out).writerows([HEADER, *rows])
    (folder / "list.csv").write_text(out.getvalue(), encoding="utf-8")
    (folder / "targets.yaml").write_text(yaml, encoding="utf-8")
    return read(folder / "targets.yaml", {})


def row(url: str, code: str = "NEWS") -> list[str]:
    return [url, code, "", "2020-01-01", "somebody", ""]


def test_rows_become_targets_with_their_category_and_list(tmp_path: Path) -> None:
    target = listed(tmp_path, [row("https://news.example/a?b=1", "HUMR")]).configuration.targets[0]
    assert (target.url, target.category, target.source) == ("https://news.example/a?b=1", "HUMR", "list.csv")
    assert target.id == listed_id("https://news.example/a?b=1")


def test_ids_do_not_depend_on_the_order_of_the_list(tmp_path: Path) -> None:
    rows = [row("https://a.example/"), row("http://a.example/"), row("https://a.example/x")]
    forth = {target.url: target.id for target in listed(tmp_path, rows).configuration.targets}
    back = {target.url: target.id for target in listed(tmp_path, rows[::-1]).configuration.targets}
    assert forth == back
    assert len(set(forth.values())) == 3


def test_duplicates_are_counted_and_the_target_written_by_hand_wins(tmp_path: Path) -> None:
    rows = [
        row("HTTPS://WWW.Example.org:443"),
        row("https://b.example/"),
        row("https://b.example"),
        row("http://b.example/"),
    ]
    loaded = listed(tmp_path, rows, "include: [list.csv]\ntargets: [{id: mine, url: 'https://www.example.org/'}]\n")
    assert loaded.configuration.targets[0].id == "mine"
    assert len(loaded.configuration.targets) == 3
    assert loaded.lists[0].duplicates == 2


def test_risky_categories_are_left_out_and_said_to_be(tmp_path: Path) -> None:
    rows = [row("https://a.example/", "PORN"), row("https://b.example/", "MILX"), row("https://c.example/", "HATE")]
    loaded = listed(tmp_path, [*rows, row("https://d.example/")])
    assert [target.url for target in loaded.configuration.targets] == ["https://d.example/"]
    assert loaded.lists[0].left_out == {"PORN": 1, "MILX": 1, "HATE": 1}


def test_risky_categories_are_watched_when_they_are_named(tmp_path: Path) -> None:
    rows = [row("https://a.example/", "PORN"), row("https://b.example/", "NEWS")]
    loaded = listed(tmp_path, rows, "include: [{file: list.csv, categories: [PORN]}]\n")
    assert [target.url for target in loaded.configuration.targets] == ["https://a.example/"]


def test_bad_rows_are_named_with_their_line_and_the_rest_is_used(tmp_path: Path) -> None:
    rows = [
        row("ftp://a.example/"),
        row("https://b.example/"),
        row("http://10.0.0.1/"),
        row("https://c.example/", "XXXX"),
    ]
    loaded = listed(tmp_path, [*rows, []])
    assert [target.url for target in loaded.configuration.targets] == ["https://b.example/", "https://c.example/"]
    assert [line for line, _ in loaded.lists[0].bad] == [2, 4, 5]
    assert f"{tmp_path / 'list.csv'}:2:1: url: 'ftp://a.example/' is not a web address" in str(loaded.warnings[0])


def test_hosts_under_do_not_probe_are_left_out_of_every_list(tmp_path: Path) -> None:
    rows = [row("https://a.gov.example/"), row("https://agov.example/"), row("http://GOV.example/x")]
    loaded = listed(tmp_path, rows, "include: [list.csv]\ndo_not_probe: [gov.example]\n")
    assert [target.url for target in loaded.configuration.targets] == ["https://agov.example/"]
    assert loaded.lists[0].left_out == {"do_not_probe": 2}


def test_a_list_gives_its_campaigns_schedule_and_tags_to_its_targets(tmp_path: Path) -> None:
    yaml = "include: [{file: list.csv, every: 1d, tags: [cn], vantage_points: [v]}]\nvantage_points: [{id: v}]\n"
    target = listed(tmp_path, [row("https://a.example/")], yaml).configuration.targets[0]
    assert (str(target.every), target.tags, target.vantage_points) == ("1 day, 0:00:00", ("cn",), ("v",))


def test_a_list_with_an_endless_cell_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TargetsError, match="not CSV"):
        listed(tmp_path, [row("https://a.example/" + "a" * 200_000)])


def test_two_thousand_rows_are_read_well_under_two_seconds(tmp_path: Path) -> None:
    rows = [row(f"https://site-{n}.example/{n}") for n in range(2000)]
    begun = time.process_time()
    assert len(listed(tmp_path, rows).configuration.targets) == 2000
    assert time.process_time() - begun < 1.5


def test_two_spellings_of_one_url_are_the_same_and_schemes_and_paths_are_not() -> None:
    assert same_url("HTTPS://BÜCHER.example:443") == same_url("https://xn--bcher-kva.example/")
    assert len({same_url(url) for url in ("http://a.example/", "https://a.example/", "https://a.example/A")}) == 3


@pytest.mark.data
@pytest.mark.skipif(not REAL_LIST.exists(), reason="the data folder is not beside the project")
def test_the_real_list_for_china_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_bytes(REAL_LIST.read_bytes())
    (tmp_path / "targets.yaml").write_text("include: [list.csv]\n")
    loaded = read(tmp_path / "targets.yaml", {})
    report = loaded.lists[0]
    assert report.rows == 594
    assert report.targets + report.duplicates + report.left_out.total() + len(report.bad) == 594
    assert report.left_out == {"PORN": 7, "MILX": 1}
    assert len({target.id for target in loaded.configuration.targets}) == report.targets
