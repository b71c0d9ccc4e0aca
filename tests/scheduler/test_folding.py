"""Episodes after each batch, and what is announced of them."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from evidence.episodes import episodes
from models.store import Judged, Store, open_store
from models.words import EpisodeState, Mechanism, Outcome
from scheduler.folding import Folding
from scheduler.refolding import refold
from scheduler.timetable import Pair
from tests.scheduler.made import START, finished, verdict

PAIR = Pair("a", "here")
OK, BLOCKED, NOTHING = verdict(Outcome.OK), verdict(Outcome.ANOMALY, Mechanism.SNI_RESET), verdict(Outcome.INCONCLUSIVE)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path}/w.sqlite") as store:
        yield store


class Player:
    """Puts looks in, six hours apart, in batches of its choosing."""

    def __init__(self, store: Store) -> None:
        self.store, self.folding, self.count = store, Folding(store), 0

    def play(self, letters: str, *, batch: int = 1) -> None:
        verdicts = {"o": OK, "x": BLOCKED, "?": NOTHING}
        made = []
        for letter in letters:
            at = START + timedelta(hours=6 * self.count)
            made.append(Judged(finished(at=at, body=b"%d" % self.count), verdicts[letter]))
            self.count += 1
        for start in range(0, len(made), batch):
            part = made[start : start + batch]
            self.store.put(part)
            self.folding.written(part)

    def kinds(self) -> list[str]:
        return [each.kind for each in reversed(self.store.announcements())]


def test_a_block_is_announced_once_when_its_onset_is_confirmed_and_once_when_it_ends(store: Store) -> None:
    player = Player(store)
    player.play("oooo" + "x" * 12)
    assert player.kinds() == ["onset"]
    player.play("o" * 12)
    assert player.kinds() == ["onset", "release"]
    (onset, release) = reversed(store.announcements())
    assert "is blocked at here (sni_reset): the block began after 2026-11-23T01:20:00Z" in onset.text
    assert "reachable again" in release.text
    assert len(onset.measurements) == 2
    (episode,) = store.episodes("a", "here")
    assert episode.state is EpisodeState.RELEASED
    assert episode.id == onset.episode


def test_one_failed_look_announces_nothing(store: Store) -> None:
    player = Player(store)
    player.play("o" * 20 + "x" + "o" * 20 + "?" * 5)
    assert player.kinds() == []


def test_nothing_is_announced_again_after_a_restart(store: Store) -> None:
    player = Player(store)
    player.play("oooo" + "x" * 12)
    player.folding = Folding(store)
    player.play("x" * 5)
    assert player.kinds() == ["onset"]


@pytest.mark.parametrize("batch", [1, 7, 100])
def test_folding_in_steps_gives_what_folding_the_whole_series_gives(store: Store, batch: int) -> None:
    player = Player(store)
    player.play("oooo" + "x" * 12 + "o" * 700 + "?" + "x" * 14 + "o" * 9 + "x" * 3, batch=batch)
    whole = episodes("a", "here", store.looks("a", "here"))
    assert sorted(store.episodes("a", "here"), key=lambda each: each.onset.by) == whole
    assert refold(store, [PAIR]) == (len(whole), 0, 0)


def test_judging_anew_announces_what_it_finds_where_we_look_ourselves(store: Store) -> None:
    store.put([Judged(finished(at=START + timedelta(hours=6 * n)), BLOCKED if n > 3 else OK) for n in range(20)])
    assert refold(store, [PAIR], why=lambda _: "rules of 2027.01") == (1, 1, 1)
    (said,) = store.announcements()
    assert said.kind == "onset"
    assert said.text.endswith("Found only now: rules of 2027.01.")
    assert refold(store, [PAIR]) == (1, 0, 0)


def test_a_late_look_that_moves_a_date_is_followed_by_one_correction_that_names_what_it_supersedes(
    store: Store,
) -> None:
    player = Player(store)
    player.play("oooo" + "x" * 12 + "o" * 12)
    onset, release = reversed(store.announcements())
    late = Judged(finished(at=START + timedelta(hours=6 * 3 + 3), body=b"late"), OK)
    for _ in range(2):
        store.put([late])
        player.folding.written([late])
    assert player.kinds() == ["onset", "release", "correction"]
    correction = store.announcements()[0]
    assert correction.supersedes == onset.number
    assert correction.text.startswith(f"Correction of announcement {onset.number} of ")
    assert "the block began after 2026-11-23T04:20:00Z and no later than 2026-11-23T07:20:00Z" in correction.text
    assert "looks that came in since then" in correction.text
    assert store.episodes("a", "here")[0].id == onset.episode == release.episode


def test_dates_that_were_announced_are_corrected_only_where_they_hold_those_of_now_no_longer(store: Store) -> None:
    player = Player(store)
    player.play("o" * 40 + "x" * 6 + "o" + "x" * 12)
    player.play("o" * 30)
    announced = list(reversed(store.announcements()))
    (episode,) = store.episodes("a", "here")
    standing = {one.key.split(":")[1]: one for one in announced}
    for side, edge in (("onset", episode.onset), ("release", episode.release)):
        assert edge is not None
        times = [store.measurement(name).started for name in standing[side].measurements]  # type: ignore[union-attr]
        assert times[0] <= (edge.after or edge.by) <= edge.by <= times[-1]
    assert len({one.supersedes for one in announced if one.supersedes}) == sum(
        one.supersedes is not None for one in announced
    )
    before = store.announcements()
    assert refold(store, [PAIR])[2] == 0, "folding what nothing changed announces nothing"
    assert store.announcements() == before


def test_an_announced_block_is_withdrawn_once_when_late_looks_show_none(store: Store) -> None:
    player = Player(store)
    player.play("oooo" + "x" * 4)
    assert player.kinds() == ["onset"]
    for minutes in (90, 180, 270):
        late = [
            Judged(finished(at=START + timedelta(hours=6 * n, minutes=minutes), body=b"%d %d" % (n, minutes)), OK)
            for n in range(8)
        ]
        store.put(late)
        player.folding.written(late)
    assert player.kinds() == ["onset", "withdrawal"]
    withdrawal, onset = store.announcements()
    assert withdrawal.supersedes == onset.number
    assert "Withdrawn: what announcement 1 of" in withdrawal.text
    player.play("o" * 20)
    assert player.kinds() == ["onset", "withdrawal"]


def test_a_wave_counts_the_other_targets_that_changed_within_the_hour(store: Store) -> None:
    folding = Folding(store)
    for n in range(16):
        batch = [
            Judged(
                finished(at=START + timedelta(hours=6 * n, minutes=minutes), target=target, body=b"%d" % n),
                BLOCKED if n >= first else OK,
            )
            for minutes, (target, first) in enumerate({"a": 5, "b": 5, "c": 9}.items())
        ]
        store.put(batch)
        folding.written(batch)
    assert {one.target: one.wave for one in store.episodes()} == {"a": 1, "b": 1, "c": 0}
    refold(store, [PAIR])
    assert {one.target: one.wave for one in store.episodes()} == {"a": 1, "b": 1, "c": 0}


def test_a_running_prober_takes_up_what_another_process_folded(store: Store) -> None:
    player = Player(store)
    player.play("oooo" + "x" * 12)
    store.rejudge([(look.measurement or "", OK) for look in store.looks("a", "here")])
    refold(store, [PAIR], why=lambda _: "rules of 2027.01")
    assert player.kinds() == ["onset", "withdrawal"]
    assert "rules of 2027.01" in store.announcements()[0].text
    player.play("x" * 12)
    assert player.kinds() == ["onset", "withdrawal", "onset"]
