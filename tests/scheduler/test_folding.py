"""Episodes after each batch, and what is announced of them."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from evidence.episodes import episodes
from models.store import Judged, Store, open_store
from models.words import EpisodeState, Mechanism, Outcome
from scheduler.folding import Folding, fold_all
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
    assert fold_all(store, [PAIR]) == (len(whole), 0)


def test_judging_anew_folds_without_announcing(store: Store) -> None:
    store.put([Judged(finished(at=START + timedelta(hours=6 * n)), BLOCKED if n > 3 else OK) for n in range(20)])
    total, changed = fold_all(store, [PAIR])
    assert (total, changed) == (1, 1)
    assert store.announcements() == []
