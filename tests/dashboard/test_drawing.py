"""Data to HTML and SVG: names, shapes, intervals, and text by others made harmless."""

import xml.etree.ElementTree as ET
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.drawing import when
from dashboard.drawing.axis import axis, broken_axis
from dashboard.drawing.badge import Badge, snippet, svg
from dashboard.drawing.bars import bars, runs
from dashboard.drawing.lanes import Lane, Mark, timeline
from dashboard.drawing.markup import el, foreign, outward, plain, prose, verbatim
from dashboard.drawing.states import Shown, Tally, shown_of, word
from dashboard.drawing.steps import failure_sentence
from dashboard.shown.story import coincidences, entries
from dashboard.views.times import points
from models.episode import Episode, Interval
from models.failures import Failure
from models.store import Day
from models.targets import Campaign, Claim
from models.words import EpisodeState, Outcome

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>\u202e\x00'


class _Seen(HTMLParser):
    """Collects what a browser would make of some HTML."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: dict[str, str | None] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= dict(attrs)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@given(st.text())
def test_text_by_others_never_becomes_an_element_whatever_it_holds(text: str) -> None:
    seen = _Seen(el("p", foreign(text), title=text))
    assert seen.tags == ["p", "bdi"]


@given(st.text(alphabet=st.characters(categories=["Cc", "Cf", "Co", "Zl", "Zp", "L"])))
def test_plain_text_holds_no_invisible_character_whatever_it_is_made_from(text: str) -> None:
    assert plain(text, 10_000).isprintable()


def test_plain_text_is_cut_when_it_is_too_long() -> None:
    assert plain("a" * 500, 10) == "a" * 10 + "…"


def test_verbatim_text_keeps_its_lines_and_shows_what_would_turn_it_around() -> None:
    assert verbatim("one\r\ntwo\u202e") == "one\ntwo‹U+202E›"


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "http://", "http://[", "", None]
)
def test_a_link_outward_is_none_when_the_address_is_not_of_the_web(url: str | None) -> None:
    assert "a" not in _Seen(outward(url)).tags


def test_a_link_outward_tells_the_other_site_nothing() -> None:
    assert _Seen(outward("https://example.org/")).attributes["rel"] == "noopener noreferrer"


def test_prose_sets_words_in_backticks_as_code_and_leaves_a_lone_one_alone() -> None:
    assert prose("run `x` <now>") == "run <code>x</code> &lt;now&gt;"
    assert prose("a lone ` stays") == "a lone ` stays"


def test_every_outcome_has_its_word_which_is_the_contracts() -> None:
    assert [word(shown_of(outcome)) for outcome in Outcome] == [outcome.value for outcome in Outcome]


def test_every_failure_word_is_explained() -> None:
    assert all(failure_sentence(failure.value) for failure in Failure)
    assert failure_sentence("unknown_failure: something new")
    assert failure_sentence("made_up") == ""


@pytest.mark.parametrize(
    ("counts", "main"),
    [
        ((), Shown.UNOBSERVED),
        (((Shown.OK, 23), (Shown.ANOMALY, 1)), Shown.OK),
        (((Shown.OK, 2), (Shown.ANOMALY, 2)), Shown.ANOMALY),
        (((Shown.CONFIRMED, 1), (Shown.ANOMALY, 3)), Shown.CONFIRMED),
        (((Shown.INCONCLUSIVE, 9), (Shown.OK, 1)), Shown.OK),
        (((Shown.INCONCLUSIVE, 9),), Shown.INCONCLUSIVE),
        (((Shown.DOWN, 3), (Shown.OK, 1)), Shown.DOWN),
    ],
)
def test_a_day_is_shown_blocked_only_when_half_of_its_usable_looks_were(
    counts: tuple[tuple[Shown, int], ...], main: Shown
) -> None:
    assert Tally(counts).main is main


def test_days_alike_are_one_bar_that_names_its_days_and_a_gap_is_named_as_one() -> None:
    ok, blocked, nothing = Tally(((Shown.OK, 4),)), Tally(((Shown.CONFIRMED, 3), (Shown.OK, 1))), Tally()
    found = runs(date(2026, 11, 1), [ok, ok, nothing, blocked])
    assert [run.name for run in found] == [
        "1 Nov 2026 to 2 Nov 2026: ok, 8 looks",
        "3 Nov 2026: nobody looked",
        "4 Nov 2026: confirmed, 3 blocked of 4 looks",
    ]
    assert bars(found, "x").count("aria-label=") == 4


def test_a_day_with_few_blocked_looks_is_told_apart_from_a_clean_one() -> None:
    clean, mixed = Tally(((Shown.OK, 4),)), Tally(((Shown.OK, 3), (Shown.ANOMALY, 1)))
    assert [run.some for run in runs(date(2026, 11, 1), [clean, mixed])] == [False, True]


def test_an_onset_is_said_as_the_interval_it_is() -> None:
    known = Interval(after=at("2025-01-26T00:00"), by=at("2025-01-27T00:00"))
    assert when.onset(known) == "first observed blocked between 26 Jan 2025, 00:00 UTC and 27 Jan 2025, 00:00 UTC"


def test_an_onset_before_monitoring_is_never_given_a_date_of_beginning() -> None:
    assert when.onset(Interval(after=None, by=at("2025-01-27T00:00"))).startswith(
        "already blocked when monitoring began"
    )


def test_an_axis_places_its_ends_at_the_edges() -> None:
    found = axis(at("2026-01-01T00:00"), at("2026-03-01T00:00"))
    assert (found.place(found.start), found.place(found.end), found.breaks()) == (0.0, 100.0, [])


def test_a_broken_axis_leaves_out_long_stretches_and_says_how_long() -> None:
    early, late = at("2008-07-28T00:00"), at("2026-01-01T00:00")
    found = broken_axis([(early, early + timedelta(days=5)), (late, late + timedelta(days=90))])
    ((left, right, span),) = found.breaks()
    assert left < right
    assert span > timedelta(days=6000)
    assert found.place(early) < left < right < found.place(late)


@given(st.lists(st.tuples(st.integers(0, 9000), st.integers(0, 400)), min_size=1, max_size=12))
def test_a_broken_axis_keeps_the_order_of_time_whatever_is_known(days: list[tuple[int, int]]) -> None:
    start = at("2001-07-13T00:00")
    spans = [(start + timedelta(days=a), start + timedelta(days=a + n)) for a, n in days]
    found = broken_axis(spans)
    instants = sorted(instant for span in spans for instant in span)
    places = [found.place(instant) for instant in instants]
    assert places == sorted(places)
    assert all(0 <= place <= 100 for place in places)
    assert all(0 <= tick.left <= 100 for tick in found.ticks())


def test_a_mark_says_what_it_is_and_is_a_link_with_that_name() -> None:
    now = at("2026-01-02T00:00")
    mark = Mark(kind="unsure", start=now, end=now + timedelta(hours=6), name=HOSTILE, href="/target?id=x")
    drawn = timeline(axis(now, now + timedelta(days=1)), [Lane(label="here", marks=(mark,))], "label")
    assert "script" not in _Seen(drawn).tags
    assert drawn.count('role="listitem"') == 1


@pytest.mark.parametrize("state", ["blocked", "signs", "reachable", "inconclusive", "unobserved", "stale"])
def test_a_badge_is_well_formed_and_says_its_state_in_words_when_names_are_hostile(state: str) -> None:
    root = ET.fromstring(svg(Badge(label=HOSTILE, message="blocked from 2 of 3", state=state, more=HOSTILE)))
    texts = [e.text for e in root.iter() if e.tag.endswith("text")]
    assert texts[1] == "blocked from 2 of 3"
    assert not [e for e in root.iter() if e.tag.endswith("script")]


def test_the_snippet_to_embed_is_a_picture_in_a_link_without_any_script() -> None:
    seen = _Seen(snippet("https://x.example/badge/a.svg", "https://x.example/", HOSTILE))
    assert seen.tags == ["a", "img"]


def test_a_duration_is_told_in_its_largest_unit() -> None:
    told = [when.length(timedelta(seconds=s)) for s in (1, 90, 3600, 86_400, 3 * 86_400)]
    assert told == ["1 second", "1 minute", "1 hour", "24 hours", "3 days"]


def test_a_claim_coincides_with_episodes_of_its_own_site_only_and_dates_are_as_exact_as_their_source() -> None:
    said = Claim(target="a", state="blocked", on="2008-07", by="somebody")
    (entry,) = entries(_campaign(claims=(said,)), {"a": "Site A"})
    now = at("2009-01-01T00:00")
    found = coincidences(
        entry,
        [_episode("a", "2008-07-31T12:00"), _episode("b", "2008-07-31T12:00"), _episode("a", "2008-08-02T00:00")],
        now,
    )
    assert [(e.target, e.onset.by.day) for e in found] == [("a", 31)]
    assert (entry.dated, entry.start, entry.end) == ("Jul 2008", at("2008-07-01T00:00"), at("2008-08-01T00:00"))
    assert "Site A said to be blocked" in entry.text


def _campaign(**more: object) -> Campaign:
    petition = {"url": "https://example.org/", "state": "open"}
    return Campaign.model_validate({"id": "c", "title": "C", "organisation": "O", "petition": petition, **more})


def _episode(target: str, onset: str) -> Episode:
    began = Interval(after=at(onset), by=at(onset))
    return Episode(
        id="e", target=target, vantage="v", mechanisms=(), onset=began, release=None, state=EpisodeState.ONGOING,
        checks=3, blocked_checks=3, last_blocked=at(onset), last_look=at(onset),
    )  # fmt: skip


def test_the_line_of_response_times_breaks_on_days_on_which_nothing_loaded() -> None:
    found = points([_loaded(date(2026, 11, 1)), _loaded(date(2026, 11, 3))])
    assert [(p["day"], p["median"]) for p in found] == [
        ("2026-11-01", 64.0),
        ("2026-11-02", None),
        ("2026-11-03", 64.0),
    ]


def _loaded(day: date) -> Day:
    return Day(
        day=day, target="t", vantage="v", ok=1, anomaly=0, confirmed=0, restricted=0, down=0, inconclusive=0,
        loads=1, load_sum_us=64_000, load_min_us=64_000, load_max_us=64_000, histogram=(1, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    )  # fmt: skip
