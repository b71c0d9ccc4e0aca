"""The judge over measurements of all kinds: it never raises, never guesses, and gives the same verdict again."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.measurement import Measurement, from_canonical
from models.observations import Purpose
from models.words import BLOCKED, Outcome
from tests.judge.generated import measurements
from tests.judge.records import (
    BOGON,
    PUBLIC,
    SITE,
    canary,
    checking,
    dns,
    https,
    judge,
    look,
    reply,
    tcp,
    tls,
)
from tests.judge.spliced import BLOBS, splices
from tests.judge.test_rules import CASES

STANDS_ALONE = {
    "dns.answer_from_nowhere",
    "dns.two_authors_here",
    "dns.two_authors",
    "dns.tcp_contrast",
    "dns.check_loads",
    "dns.check_contradicts",
    "dns.bogon",
    "tls.sni_follows_name",
    "http.host_follows_name",
}
"""Rules that settle it by what the vantage point alone can prove: an encrypted resolver and a certificate, or a pair of contrasts."""


@settings(max_examples=150, deadline=None)
@given(found=st.one_of(splices(), splices(), measurements))
def test_judge_gives_a_whole_verdict_whatever_the_record_holds(found: Measurement) -> None:
    verdict = judge().verdict(found, BLOBS)
    assert verdict.reasons
    assert all(reason and "{" not in reason for reason in verdict.reasons)
    assert (verdict.mechanism is not None) == (verdict.outcome in BLOCKED)
    assert verdict.mechanism not in verdict.also


@settings(max_examples=60, deadline=None)
@given(
    found=st.one_of(splices(), measurements),
    blobs=st.dictionaries(st.sampled_from(sorted(BLOBS)), st.binary(max_size=400)),
)
def test_judge_does_not_raise_when_blobs_are_garbage_or_absent(found: Measurement, blobs: dict[str, bytes]) -> None:
    assert judge().verdict(found, blobs).rule


@settings(max_examples=60, deadline=None)
@given(found=st.one_of(splices(), splices(), measurements))
def test_verdict_is_the_same_when_the_record_is_read_back(found: Measurement) -> None:
    again = from_canonical(found.to_canonical())
    assert judge().verdict(again, BLOBS) == judge().verdict(found, BLOBS)


@settings(max_examples=150, deadline=None)
@given(found=st.one_of(splices(), splices(), measurements))
def test_verdict_says_blocked_without_control_only_by_rules_that_stand_alone(found: Measurement) -> None:
    verdict = judge().verdict(replace(found, controls=()), BLOBS)
    if verdict.outcome in BLOCKED:
        assert verdict.rule in STANDS_ALONE


@settings(max_examples=150, deadline=None)
@given(found=st.one_of(splices(), splices(), measurements))
def test_verdict_does_not_become_blocked_when_the_control_is_dropped(found: Measurement) -> None:
    simple = replace(found, contrasts=(), dns=tuple(x for x in found.dns if x.purpose is not Purpose.CHECK))
    simple = replace(simple, dns=tuple(replace(x, replies=x.replies[:1]) for x in simple.dns))
    if judge().verdict(simple, BLOBS).outcome not in BLOCKED:
        assert judge().verdict(replace(simple, controls=()), BLOBS).outcome not in BLOCKED


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_verdict_of_a_case_does_not_become_blocked_when_the_control_is_dropped(case: object) -> None:
    found = case.look  # type: ignore[attr-defined]
    if judge().verdict(found.measurement, found.blobs).outcome not in BLOCKED:
        alone = found.but(controls=())
        assert judge().verdict(alone.measurement, alone.blobs).outcome not in BLOCKED


@settings(max_examples=60, deadline=None)
@given(found=st.one_of(splices(), splices(), measurements))
def test_verdict_is_inconclusive_when_the_canaries_fail(found: Measurement) -> None:
    failing = replace(found, canaries=(canary(held=False, failure="generic_timeout_error"),))
    assert judge().verdict(failing, BLOBS).outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_verdict_does_not_change_when_an_identical_reply_comes_late(case: object) -> None:
    found = case.look  # type: ignore[attr-defined]
    first = judge().verdict(found.measurement, found.blobs)
    late = found.but(dns=tuple(replace(x, replies=x.replies + x.replies[-1:]) for x in found.measurement.dns))
    assert judge().verdict(late.measurement, found.blobs) == first


@pytest.mark.parametrize(
    "failure", ["dns_nxdomain_error", "dns_temporary_failure", "dns_servfail_error", "generic_timeout_error"]
)
def test_verdict_says_offline_when_a_machine_without_internet_looks(failure: str) -> None:
    every = [
        dns(failure=failure),
        *checking(dns(failure="generic_timeout_error", resolver="https://dns.example/dns-query")),
    ]
    verdict = judge().verdict(look(dns=every).measurement, {})
    assert (verdict.outcome, verdict.rule) == (Outcome.INCONCLUSIVE, "measurement.offline")
    assert "vantage point offline" in verdict.reasons[0].lower()


def test_verdict_is_ok_when_one_of_three_addresses_is_broken() -> None:
    found = https(dns=dns(SITE, "93.184.216.40"), tcp=[tcp("93.184.216.40", "generic_timeout_error"), tcp(SITE)])
    assert judge().verdict(found.measurement, found.blobs).outcome is Outcome.OK


def test_verdict_keeps_the_bogon_a_lie_when_the_same_resolver_also_tells_the_truth() -> None:
    found = https(dns=dns(BOGON, resolver=PUBLIC, replies=[reply(BOGON), reply(SITE)]), tcp=(), tls=(), http=())
    assert judge().verdict(found.measurement, found.blobs).rule == "dns.two_authors"


def test_verdict_accounts_for_itself_when_asked_why() -> None:
    found = https(tls=tls(SITE, "connection_reset"), http=(), canaries=canary())
    verdict = judge().verdict(found.measurement, found.blobs)
    assert verdict.facts == (
        "dns system: 93.184.216.34",
        "tcp 1 of 1 connected",
        "tls 0 of 1 handshakes done, 0 with a valid certificate",
        "canaries 1 of 1 held",
    )
    assert verdict.control_saw == "control-1: addresses 93.184.216.34, 1 of 1 connected, page status 200"
    assert verdict.would_change
