"""What the table of episodes and the list of changes say in words: waves, gaps, blind stretches, alternation, corrections."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from dashboard.drawing.changes import changes
from dashboard.drawing.episodes import episode_table
from dashboard.reading import Reader
from dashboard.shown.announced import Told, lately
from dashboard.shown.changes import Change
from models.episode import Episode, Gap, Interruption, Interval, Unusable
from models.store import Announcement, open_store
from models.targets import Configuration
from models.words import EpisodeState, Mechanism

NOW = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)


def hours(n: float) -> datetime:
    return NOW - timedelta(hours=n)


def episode(**more: object) -> Episode:
    given: dict[str, object] = {
        "id": "e1", "target": "amnesty", "vantage": "henan", "mechanisms": (Mechanism.SNI_RESET,),
        "onset": Interval(after=hours(50), by=hours(49)), "release": None, "state": EpisodeState.ONGOING,
        "checks": 48, "blocked_checks": 47, "last_blocked": hours(1), "last_look": hours(1),
    }  # fmt: skip
    return Episode(**{**given, **more})  # type: ignore[arg-type]


def table(found: Episode) -> str:
    return str(episode_table([found], {}))


def test_a_wave_is_said_to_be_no_evidence_that_this_site_was_meant() -> None:
    assert "7 other targets of this vantage point changed within the same hour: this is no evidence that this site was meant." in table(episode(wave=7))  # fmt: skip
    assert "1 other target of" in table(episode(wave=1))
    assert "within the same hour" not in table(episode())


def test_gaps_interruptions_and_blind_stretches_are_said_with_their_dates_and_reasons() -> None:
    found = episode(
        gaps=(Gap(after=hours(40), by=hours(30)),),
        interruptions=(Interruption(first_ok=hours(20), last_ok=hours(19)),),
        unusable=(Unusable(after=hours(10), by=hours(7), looks=2, why="suspected outage of the <b>vantage point</b>"),),
    )
    drawn = table(found)
    assert "Nobody looked for 10 hours, between 21 Nov 2026, 02:00 UTC and 21 Nov 2026, 12:00 UTC." in drawn
    assert "Reachable in between, from 21 Nov 2026, 22:00 UTC to 21 Nov 2026, 23:00 UTC" in drawn
    assert "2 looks could not tell blocked from open: suspected outage of the &lt;b&gt;" in drawn


def test_only_the_latest_gaps_are_listed_when_there_are_many_and_the_rest_is_counted() -> None:
    found = episode(gaps=tuple(Gap(after=hours(48 - n), by=hours(47.5 - n)) for n in range(9)))
    assert table(found).count("Nobody looked for") == 4
    assert "5 earlier gaps." in table(found)


def test_an_edge_at_which_successes_and_failures_alternate_is_said_to_be_wide_at_that_edge() -> None:
    words = "Successes and failures alternate here"
    assert table(episode(onset=Interval(after=hours(60), by=hours(49), clean=False))).count(words) == 1
    unclean = Interval(after=hours(3), by=hours(1), clean=False)
    assert table(episode(release=unclean, state=EpisodeState.RELEASED)).count(words) == 1
    assert words not in table(episode())


def said(number: int, kind: str = "onset", *, text: str = "", supersedes: int | None = None) -> Announcement:
    return Announcement(
        number=number, at=hours(10 - number), key=f"e1:onset:{number}", kind=kind, target="amnesty", vantage="henan",
        episode="e1", text=text or f"text {number}", supersedes=supersedes,
    )  # fmt: skip


def test_an_announcement_that_stands_is_told_as_its_episode_is() -> None:
    (told,) = lately([said(1)], [episode()], 5)
    assert isinstance(told, Told)
    drawn = changes([told], Configuration(), NOW)
    assert "first observed blocked between" in drawn
    assert "<del>" not in drawn


def test_a_corrected_announcement_is_struck_through_with_the_reason_and_a_link_to_the_new_one() -> None:
    first = said(1, text="amnesty is blocked at henan: it began then.")
    second = said(
        2, "correction", text="Correction of announcement 1: it began later. Why: ruleset 2026.12.", supersedes=1
    )
    told = lately([second, first], [episode()], 5)
    drawn = str(changes(told, Configuration(), NOW))
    assert "<del><bdi>amnesty is blocked at henan: it began then.</bdi></del>" in drawn
    assert 'href="#announcement-2"' in drawn
    assert 'id="announcement-2"' in drawn
    assert "Corrected on" in drawn
    assert "ruleset 2026.12." in drawn.split("</del>")[1]
    assert drawn.index('id="announcement-2"') < drawn.index('id="announcement-1"')


def test_a_withdrawn_announcement_is_struck_through_although_its_episode_is_gone() -> None:
    withdrawn = said(2, "withdrawal", text="Withdrawn: what announcement 1 said no longer holds: no episode is found there any more.", supersedes=1)  # fmt: skip
    drawn = str(changes(lately([withdrawn, said(1)], [], 5), Configuration(), NOW))
    assert "<del><bdi>text 1</bdi></del>" in drawn
    assert "Withdrawn on" in drawn
    assert "no episode is found there any more." in drawn.split("</del>")[1]


def test_a_suspicion_stands_beside_announcements_and_episodes_alone_where_nothing_was_announced() -> None:
    suspected = episode(id="e2", state=EpisodeState.SUSPECTED, onset=Interval(after=hours(2), by=hours(1)))
    kinds = [type(one) for one in lately([said(1)], [episode(), suspected], 5)]
    assert kinds == [Change, Told]
    assert [type(one) for one in lately([], [episode()], 5)] == [Change]


def test_corrections_come_out_of_the_store_as_they_were_put_in(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'w.sqlite'}"
    with open_store(url) as store:
        number = store.announce("e1:onset", "onset", "first", at=hours(3), episode="e1")
        store.announce(
            "e1:onset:1", "withdrawal", "x no longer holds: y.", at=hours(2), episode="e1", supersedes=number
        )
    told = lately(Reader(url).announcements(limit=10), [], 5)
    assert [(one.said.number, one.superseded_by is not None) for one in told if isinstance(one, Told)] == [
        (2, False),
        (1, True),
    ]
