"""Short reasons in cells, and the banners above the table: who is offline since when, and what wants for a control."""

from datetime import UTC, datetime, timedelta

import pytest

from dashboard.drawing.matrix import matrix
from dashboard.drawing.notices import notices
from dashboard.shown.offline import Offline, offline_now
from dashboard.shown.overview import Filter, overview
from dashboard.shown.reasons import LONGEST, beginning, needs_control, short_reason
from dashboard.strings import TEXT
from evidence.rules import ALL
from models.store import Current, Status
from models.targets import Configuration, VantagePoint
from models.words import Outcome

NOW = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
OFFLINE = "Vantage point offline: the canaries failed too (generate-204: no reply)."
HERE = VantagePoint.model_validate({"id": "here", "name": "Here", "via": "direct", "consent": {"by": "operator", "on": "2026-01-01"}})  # fmt: skip


def stands(rule: str, outcome: Outcome, *, minutes: int = 5, reason: str = OFFLINE, since: int = 60) -> Current:
    """Where a pair stands: looked at `minutes` ago, with the same outcome for `since` minutes."""
    at = NOW - timedelta(minutes=minutes)
    return Current(
        target=f"t{rule}", vantage="here", at=at, measurement="sha256:0", outcome=outcome, stage=None, mechanism=None,
        rule=rule, reason=reason, runtime_us=1, load_us=None, since=NOW - timedelta(minutes=since), in_a_row=3,
        first_at=NOW - timedelta(days=9), looks=50, last_ok=None, last_blocked=None,
        last_usable=NOW - timedelta(minutes=since + 60) if outcome is Outcome.INCONCLUSIVE else at,
    )  # fmt: skip


BLIND = stands("measurement.canary_failed", Outcome.INCONCLUSIVE)
FINE = stands("http.as_control", Outcome.OK, reason="The page is the one that the control gets.")


def left(document: object, *, minutes: float = 0.1) -> dict[str, Status]:
    return {"vantage:here": Status(name="vantage:here", at=NOW - timedelta(minutes=minutes), document=document)}


def seen(current: list[Current], status: dict[str, Status] | None = None) -> list[Offline]:
    return offline_now([HERE], current, status or {}, every=timedelta(hours=1), now=NOW)


@pytest.mark.parametrize("rule", [r for r in ALL if r.outcome in {Outcome.INCONCLUSIVE, Outcome.DOWN, Outcome.RESTRICTED}], ids=lambda r: r.id)  # fmt: skip
def test_a_cell_says_in_a_few_words_why_a_look_counts_neither_as_open_nor_as_blocked(rule: object) -> None:
    found = short_reason(stands(rule.id, rule.outcome, reason=rule.sentence))  # type: ignore[attr-defined]
    assert found
    assert len(found) <= LONGEST


def test_no_short_reason_is_kept_for_a_rule_that_is_gone() -> None:
    known = {rule.id for rule in ALL}
    assert [key for key in TEXT if key.startswith("short.") and key.removeprefix("short.") not in known] == []


def test_a_state_that_says_it_all_has_no_reason_beneath_it() -> None:
    assert short_reason(FINE) is None


def test_a_reason_of_a_rule_that_nobody_knows_is_the_beginning_of_its_sentence_cut_at_a_word() -> None:
    assert beginning("The moon stood in the way; nothing was seen.") == "The moon stood in the way"
    cut = beginning("A sentence that goes on and on without any mark at which one could end it.")
    assert cut.endswith("…")
    assert len(cut) <= LONGEST


def test_the_whole_sentence_stays_with_the_cell_when_a_short_one_stands_in_it() -> None:
    configuration = Configuration.model_validate({"vantage_points": [HERE.model_dump()]})
    drawn = str(matrix(overview(configuration, [BLIND], Filter(), NOW), {}, NOW, 90))
    assert '<span class="why">vantage point offline</span>' in drawn
    assert f'title="{OFFLINE}"' in drawn


def test_a_vantage_point_is_offline_when_its_canaries_fail_and_the_prober_says_since_when() -> None:
    document = {"working": False, "failing_since": "2026-11-22T17:40:00+00:00", "canaries": [{"id": "generate-204", "held": False, "detail": "no reply"}]}  # fmt: skip
    (found,) = seen([FINE], left(document))
    assert (found.since, found.shown_by) == (NOW - timedelta(minutes=20), "generate-204: no reply")
    drawn = notices([found], 0)
    assert "is offline since" in drawn
    assert "22 Nov 2026, 17:40 UTC" in drawn
    assert "counts" in drawn


def test_a_vantage_point_is_offline_when_its_last_looks_all_say_so_and_no_canary_is_known() -> None:
    (found,) = seen([BLIND])
    assert (found.since, found.shown_by) == (BLIND.since, "vantage point offline")


@pytest.mark.parametrize(
    ("current", "status"),
    [
        ([FINE], None),
        ([BLIND, FINE], None),
        ([], None),
        ([stands("measurement.canary_failed", Outcome.INCONCLUSIVE, minutes=300, since=900)], None),
        ([BLIND], left({"working": True, "canaries": [{"id": "c", "held": True}]})),
        ([FINE], left({"working": False}, minutes=60)),
        ([FINE], left({"working": "no"})),
    ],
    ids=["fine", "one look of two", "never looked", "long ago", "canaries hold", "prober silent", "unreadable"],
)
def test_a_vantage_point_is_not_said_to_be_offline_when_nothing_tells(
    current: list[Current], status: dict[str, Status] | None
) -> None:
    assert seen(current, status) == []


def test_an_unreadable_instant_leaves_the_banner_to_the_looks() -> None:
    (found,) = seen([BLIND], left({"working": False, "failing_since": "yesterday"}))
    assert found.since == BLIND.since


def test_the_banner_for_a_control_counts_only_looks_that_wanted_one_and_names_the_command() -> None:
    wanting = stands("tcp.uncontrolled", Outcome.INCONCLUSIVE)
    assert [needs_control(c) for c in (wanting, BLIND, FINE)] == [True, False, False]
    drawn = notices([], 2)
    assert "2 states are inconclusive for want of a control." in drawn
    assert "<code>wallwatch control --listen 0.0.0.0:8080</code>" in drawn
    assert notices([], 0) == ""


def test_a_hostile_name_and_detail_stay_text_in_a_banner() -> None:
    drawn = notices([Offline(vantage=HERE, since=None, shown_by="<script>x</script>")], 0)
    assert "<script>" not in drawn
