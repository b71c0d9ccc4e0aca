"""The matrix of scenarios: each is judged as an honest expert would, and the matrix is as large and as honest as it says."""

import asyncio
import json
from pathlib import Path

import pytest

from evidence.rules import ALL
from lab import scenarios_rules
from lab.certificates import Authority
from lab.scenario import Scenario, play
from lab.scenarios import GROUPS, SCENARIOS
from lab.scenarios_rules import SHOWN_BY
from lab.selftest_page import page
from models.words import BLOCKED, Mechanism, Outcome
from scheduler.cli import main

ROOT = Path(__file__).parents[2]
NEEDS_QUIC_OR_FINGERPRINTS = {Mechanism.QUIC_TIMEOUT, Mechanism.BLOCKPAGE_REDIRECT}


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority("The tests' authority")


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.id)
async def test_verdict_is_the_honest_one_when_scenario_is_played(scenario: Scenario, authority: Authority) -> None:
    played = await play(scenario, authority)
    assert played.miss is None, (played.verdict, played.measurement)
    shown = {rule for rule, shows in SHOWN_BY.items() if shows == scenario.id}
    assert not shown or played.verdict.rule in shown, (
        f"it shows another rule; put that right in {scenarios_rules.__name__}"
    )


def test_scenarios_show_rules_that_there_are() -> None:
    assert set(SHOWN_BY) <= {rule.id for rule in ALL}
    assert set(SHOWN_BY.values()) <= {scenario.id for scenario in SCENARIOS}


def test_scenarios_have_ids_of_their_own() -> None:
    assert len({scenario.id for scenario in SCENARIOS}) == len(SCENARIOS)


def test_matrix_has_all_fifty_kinds_of_oonis_and_at_least_thirty_of_our_own() -> None:
    assert len({scenario.looks_like for scenario in GROUPS["OONI's kinds"]}) == 50
    assert len(SCENARIOS) - 50 >= 30


def test_no_expectation_allows_everything() -> None:
    for scenario in SCENARIOS:
        blocked = scenario.expected.outcomes & BLOCKED
        assert not blocked or scenario.expected.outcomes <= BLOCKED, scenario.id
        assert len(scenario.expected.outcomes) <= 3, scenario.id


def test_every_mechanism_is_played() -> None:
    shown = {mechanism for scenario in SCENARIOS for mechanism in scenario.expected.mechanisms}
    assert set(Mechanism) - shown - NEEDS_QUIC_OR_FINGERPRINTS <= {Mechanism.IP_UNREACHABLE}


def test_every_outcome_is_the_only_right_one_somewhere() -> None:
    assert {next(iter(s.expected.outcomes)) for s in SCENARIOS if len(s.expected.outcomes) == 1} == set(Outcome) - {
        Outcome.ANOMALY
    }


def test_conditions_are_whole_sentences_without_motive() -> None:
    for scenario in SCENARIOS:
        assert scenario.says[0].isupper()
        assert scenario.says.endswith(".")
        assert "government" not in scenario.says


def test_page_of_the_scenarios_is_the_matrix_as_it_is() -> None:
    assert (ROOT / "docs" / "selftest.md").read_text(encoding="utf-8") == page(), (
        "run `wallwatch selftest --write docs/selftest.md`"
    )


def test_selftest_prints_a_line_for_each_and_ends_with_0_when_all_hold(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["selftest", "--json", "--only", "nobody_interferes_over_http", "--only", "name_is_gone"])
    printed = capsys.readouterr()
    lines = [json.loads(line) for line in printed.out.splitlines()]
    assert ended.value.code == 0
    assert [(line["scenario"], line["outcome"], line["holds"]) for line in lines] == [
        ("nobody_interferes_over_http", "ok", True),
        ("name_is_gone", "down", True),
    ]
    assert printed.err.endswith("2/2\n")


def test_selftest_ends_with_2_when_there_is_no_such_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["selftest", "--only", "no_such_thing"])
    assert ended.value.code == 2
    assert "no_such_thing" in capsys.readouterr().err


def test_scenario_misses_when_the_verdict_is_another(authority: Authority) -> None:
    scenario = next(s for s in SCENARIOS if s.id == "nobody_interferes_over_http")
    wrong = next(s for s in SCENARIOS if s.id == "name_is_gone").expected
    played = asyncio.run(play(scenario, authority))
    assert wrong.misses(played.verdict) == "ok instead of down"
