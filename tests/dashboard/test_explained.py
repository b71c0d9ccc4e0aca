"""A verdict that explains itself: contrasts in plain words, what counts, the rule that can be looked up."""

import re

import pytest

from dashboard.api.rules_page import rules_page
from dashboard.drawing.contrasts import raw_contrasts
from dashboard.drawing.raw import facts
from dashboard.drawing.verdict import verdict_sheet
from dashboard.shown.contrasts import contrast_lines
from evidence.rules import ALL
from models.measurement import Baseline, Measurement, Software, TargetFacts, VantageFacts
from models.observations import Contrast, ContrastKind, DnsLookup, HttpFetch, Purpose, TcpConnect, TlsHandshake
from models.verdict import Verdict
from models.words import Mechanism, Outcome, Stage

HOSTILE = "<script>alert(1)</script>\u202e"
TIMES = {"started_us": 5, "duration_us": 7, "purpose": Purpose.CONTRAST}


def tcp(failure: str | None = None) -> TcpConnect:
    return TcpConnect(connection=1, address="192.0.2.1", port=443, failure=failure, **TIMES)  # type: ignore[arg-type]


def tls(name: str, failure: str | None = None) -> TlsHandshake:
    return TlsHandshake(connection=1, address="192.0.2.1", port=443, server_name=name, failure=failure, **TIMES)  # type: ignore[arg-type]


def http(status: int | None, failure: str | None = None) -> HttpFetch:
    return HttpFetch(connection=1, url="https://a.example/", host="a.example", address="192.0.2.1", port=443, status=status, failure=failure, body_bytes=1500, **TIMES)  # type: ignore[arg-type]  # fmt: skip


def dns(name: str, *addresses: str, failure: str | None = None) -> DnsLookup:
    return DnsLookup(name=name, type="A", resolver="udp://192.0.2.53:53", addresses=addresses, failure=failure, **TIMES)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ContrastKind)
def test_each_kind_of_contrast_says_in_plain_words_what_was_changed(kind: ContrastKind) -> None:
    (line,) = contrast_lines([Contrast(kind=kind, tcp=(tcp(),))])
    assert "_" not in line.changed
    assert len(line.changed.split()) >= 4


def test_a_contrast_tells_the_operation_that_was_contrasted_and_not_what_led_up_to_it() -> None:
    lines = contrast_lines(
        [
            Contrast(kind=ContrastKind.NEUTRAL_SNI, detail="ok.example", tcp=(tcp(),), tls=(tls("ok.example"),)),
            Contrast(kind=ContrastKind.REPEAT, tcp=(tcp(),), tls=(tls("a.example", "connection_reset"),)),
            Contrast(kind=ContrastKind.NEUTRAL_HOST, tcp=(tcp(),), http=(http(200),)),
            Contrast(kind=ContrastKind.UNREGISTERED_NAME, dns=(dns("x.example", failure="dns_nxdomain_error"),)),
            Contrast(kind=ContrastKind.TARGET_NAME_DOH, dns=(dns("a.example", "192.0.2.9"),)),
            Contrast(kind=ContrastKind.NEIGHBOUR_ADDRESS, tcp=(tcp("connection_refused"),)),
        ]
    )
    assert [line.results for line in lines] == [
        ("ok.example: handshake completed",),
        ("a.example: reset",),
        ("a.example: status 200, 1,500 bytes",),
        ("x.example: no such name",),
        ("a.example: 192.0.2.9",),
        ("192.0.2.1:443: refused",),
    ]
    assert all(line.counts for line in lines)


def test_a_stranger_elsewhere_is_told_apart_from_a_harmless_name_at_the_same_address() -> None:
    here = Contrast(kind=ContrastKind.NEUTRAL_SNI, detail="ok.example", tcp=(tcp(),))
    there = Contrast(kind=ContrastKind.NEUTRAL_SNI, detail="x7.example at 192.0.2.80", tcp=(tcp(),))
    first, second = contrast_lines([here, there])
    assert "Same address" in first.changed
    assert "not the site's" in second.changed


@pytest.mark.parametrize(
    ("contrast", "why"),
    [
        (Contrast(kind=ContrastKind.REPEAT, poisoned=True, after_interference_us=4_000_000, tcp=(tcp(),)), "4.00 s before"),
        (Contrast(kind=ContrastKind.REPEAT, poisoned=True, tcp=(tcp(),)), "shortly before"),
        (Contrast(kind=ContrastKind.REPEAT), "not done"),
    ],
)  # fmt: skip
def test_a_contrast_that_does_not_count_says_why(contrast: Contrast, why: str) -> None:
    (line,) = contrast_lines([contrast])
    assert not line.counts
    assert why in (line.why_not or "")
    assert why in raw_contrasts([contrast])


def verdict(rule: str = "tls.sni_contrast", outcome: Outcome = Outcome.CONFIRMED) -> Verdict:
    return Verdict(
        outcome=outcome, stage=Stage.TLS, mechanism=Mechanism.SNI_RESET, rule=rule, ruleset="2026.11",
        reasons=("Reset.",), facts=("tcp 1 of 1 connected",), control_saw="c1: page status 200",
        contrasts_showed=("neutral sni: done",), would_change=("A handshake that completes.",),
    )  # fmt: skip


def test_the_sheet_tells_rule_facts_control_contrasts_and_what_would_have_changed_it() -> None:
    contrasts = [Contrast(kind=ContrastKind.NEUTRAL_SNI, detail=HOSTILE, tcp=(tcp(),), tls=(tls(HOSTILE),))]
    drawn = str(verdict_sheet(verdict(), contrasts=contrasts))
    rule = next(r for r in ALL if r.id == "tls.sni_contrast")
    for text in ('href="/rules#tls.sni_contrast"', rule.sentence.split("{")[0].strip(), "tcp 1 of 1 connected", "c1: page status 200", "Same address, a harmless name", "A handshake that completes."):  # fmt: skip
        assert text in drawn
    assert "<script>" not in drawn
    assert "\u202e" not in drawn


def test_the_sheet_falls_back_on_the_verdicts_own_lines_when_the_record_is_not_at_hand() -> None:
    assert "neutral sni: done" in verdict_sheet(verdict())


def test_a_rule_of_another_ruleset_is_named_without_a_link() -> None:
    drawn = verdict_sheet(verdict(rule="tls.long_gone"))
    assert "tls.long_gone" in drawn
    assert "/rules#" not in drawn


def test_every_rule_has_an_anchor_on_the_page_of_rules() -> None:
    ids = re.findall(r'<article id="([^"]+)"', rules_page())
    assert ids == [rule.id for rule in ALL]


def test_the_raw_facts_tell_the_pairs_usual_speed_or_that_it_is_not_known() -> None:
    def told(baseline: Baseline | None) -> str:
        return str(
            facts(
                Measurement(
                    target=TargetFacts(id="t", url="https://a.example/"),
                    vantage=VantageFacts(id="v", via="direct"),
                    started_at="2026-11-22T00:00:00.000000Z",
                    runtime_us=1,
                    software=Software(name="wallwatch", version="0"),
                    baseline=baseline,
                )
            )
        )

    assert "12.5 kB a second" in told(Baseline(looks=9, body_rate=12_500, load_us=400_000))
    assert "not enough good looks" in told(None)
