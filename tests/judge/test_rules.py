"""The tables of rules: their order holds, each rule has a case that fires it, and the look-alikes are told apart."""

import string

import pytest

from evidence.facts import Facts
from evidence.judge import Judge
from evidence.rule import first_that_holds
from evidence.rules import ALL, TABLES
from evidence.ruleset import RULESET
from evidence.wording import PLACEHOLDERS, Words
from models.words import BLOCKED, Mechanism, Outcome
from tests.judge.case import Case
from tests.judge.cases_dns import DNS_CASES
from tests.judge.cases_http import HTTP_CASES
from tests.judge.cases_measurement import MEASUREMENT_CASES
from tests.judge.cases_tcp import TCP_CASES
from tests.judge.cases_tls import TLS_CASES
from tests.judge.records import Marks, lab_roots

CASES = [*MEASUREMENT_CASES, *DNS_CASES, *TCP_CASES, *TLS_CASES, *HTTP_CASES]
NOT_MEASURED_YET = {Mechanism.QUIC_TIMEOUT}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_rule_fires_when_its_case_is_judged(case: Case) -> None:
    marks = Marks(*case.marks) if case.marks else None
    facts = Facts(case.look.measurement, case.look.blobs, lab_roots(), marks)
    hop = next(hop for hop in facts.hops if hop.number == case.hop)
    assert first_that_holds(TABLES[case.rule.partition(".")[0]], hop).id == case.rule


@pytest.mark.parametrize("case", [case for case in CASES if case.outcome], ids=lambda case: case.name)
def test_verdict_is_the_expected_one_when_the_case_is_judged(case: Case) -> None:
    judge = Judge(lab_roots(), Marks(*case.marks) if case.marks else None)
    verdict = judge.verdict(case.look.measurement, case.look.blobs)
    assert (verdict.outcome, verdict.stage, verdict.mechanism) == (case.outcome, case.stage, case.mechanism), verdict
    assert verdict.also == case.also
    assert verdict.ruleset == RULESET


def test_every_rule_has_a_case_that_fires_it() -> None:
    assert {rule.id for rule in ALL} - {case.rule for case in CASES} == set()


def test_every_case_has_a_name_of_its_own() -> None:
    assert len({case.name for case in CASES}) == len(CASES)


def test_every_mechanism_has_a_case_when_it_needs_no_baseline() -> None:
    shown = {m for case in CASES for m in (case.mechanism, *case.also)}
    assert set(Mechanism) - shown - NOT_MEASURED_YET == set()


def test_rule_ids_are_unique() -> None:
    assert len({rule.id for rule in ALL}) == len(ALL)


@pytest.mark.parametrize("table", TABLES)
def test_rule_ids_name_their_table(table: str) -> None:
    assert all(rule.id.startswith(f"{table}.") for rule in TABLES[table])


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.id)
def test_sentence_has_only_placeholders_that_can_be_filled(rule: object) -> None:
    named = {name for _, name, _, _ in string.Formatter().parse(rule.sentence) if name is not None}  # type: ignore[attr-defined]
    assert named <= set(PLACEHOLDERS)
    assert rule.sentence.endswith(".")  # type: ignore[attr-defined]


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.id)
def test_rule_names_stage_and_mechanism_when_it_says_blocked(rule: object) -> None:
    blocked = rule.outcome in BLOCKED  # type: ignore[attr-defined]
    assert (rule.mechanism is not None) == blocked  # type: ignore[attr-defined]
    assert (rule.stage is not None) == (blocked or rule.outcome is Outcome.RESTRICTED)  # type: ignore[attr-defined]


@pytest.mark.parametrize("table", TABLES)
def test_last_rule_of_a_table_holds_whatever_was_seen(table: str) -> None:
    for case in CASES:
        facts = Facts(case.look.measurement, case.look.blobs, lab_roots())
        assert all(TABLES[table][-1].holds(hop) for hop in facts.hops)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_reasons_are_whole_sentences_without_motive(case: Case) -> None:
    marks = Marks(*case.marks) if case.marks else None
    for reason in Judge(lab_roots(), marks).verdict(case.look.measurement, case.look.blobs).reasons:
        assert reason.endswith(".")
        assert "{" not in reason
        assert "government" not in reason.lower()
        assert reason[0] == reason[0].upper()


@pytest.mark.parametrize("case", CASES[:1], ids=lambda case: case.name)
def test_every_placeholder_is_text_when_asked_for(case: Case) -> None:
    words = Words(Facts(case.look.measurement, case.look.blobs, lab_roots()).hops[0])
    assert all(isinstance(words[name], str) for name in PLACEHOLDERS)
