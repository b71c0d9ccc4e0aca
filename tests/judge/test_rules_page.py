"""`docs/rules.md` says what the tables say, and `wallwatch rules` prints them."""

import json
from pathlib import Path

import pytest

from evidence.rules import ALL
from evidence.rules_page import page
from evidence.ruleset import RULESET
from lab.scenarios_rules import SHOWN_BY
from scheduler.cli import main

DOCS = Path(__file__).parents[2] / "docs" / "rules.md"


def test_page_of_the_rules_is_the_tables_as_they_are() -> None:
    assert DOCS.read_text(encoding="utf-8") == page(SHOWN_BY), "stale: run `wallwatch rules --write docs/rules.md`"


def test_page_of_the_rules_names_every_rule_once() -> None:
    text = DOCS.read_text(encoding="utf-8")
    assert [text.count(f"| `{rule.id}` |") for rule in ALL] == [1] * len(ALL)


def test_rules_prints_a_line_for_each_rule_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["rules"])
    printed = capsys.readouterr().out.splitlines()
    assert ended.value.code == 0
    assert printed[0] == f"ruleset {RULESET}"
    assert [line.partition("\t")[0] for line in printed[1:]] == [rule.id for rule in ALL]


def test_rules_prints_json_lines_when_asked(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["rules", "--json"])
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["rule"] for line in printed] == [rule.id for rule in ALL]


def test_rules_writes_the_page_when_given_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["rules", "--write", str(tmp_path / "rules.md")])
    assert (tmp_path / "rules.md").read_text(encoding="utf-8") == page(SHOWN_BY)
    assert capsys.readouterr().out == ""
