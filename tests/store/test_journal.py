"""What is written beside measurements: episodes, announcements, gaps, status documents."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from models.episode import Episode, Interval
from models.store import Missed, Store, StoreError, open_store
from models.words import EpisodeState, Mechanism, Outcome
from tests.store.making import HOUR, START, look, url


@pytest.fixture
def store(tmp_path: Path):
    with open_store(url(tmp_path)) as opened:
        yield opened


def episode(name: str, hours: int, state: EpisodeState = EpisodeState.RELEASED, *, target: str = "a") -> Episode:
    onset = Interval(after=START + (hours - 1) * HOUR, by=START + hours * HOUR)
    return Episode(
        id=name,
        target=target,
        vantage="here",
        mechanisms=(Mechanism.SNI_RESET, Mechanism.DNS_BOGON),
        onset=onset,
        release=None,
        state=state,
        checks=4,
        blocked_checks=3,
        last_blocked=START + (hours + 3) * HOUR,
        last_look=START + (hours + 4) * HOUR,
        witnesses=("sha256:aa",),
    )


def test_episodes_come_back_whole_newest_first(store: Store):
    old, new, other = episode("e1", 0), episode("e2", 50, EpisodeState.ONGOING), episode("e3", 9, target="b")
    store.replace_episodes("a", "here", [old, new])
    store.replace_episodes("b", "here", [other])
    assert store.episodes() == [new, other, old]
    assert store.episodes("a", limit=1) == [new]
    assert store.episodes(state=EpisodeState.RELEASED) == [other, old]
    assert store.episodes("a", "elsewhere") == []
    assert store.episode("e3") == other
    assert store.episode("e9") is None


def test_current_names_the_pairs_latest_episode(store: Store):
    store.put([look(60, Outcome.ANOMALY)])
    assert store.current()[0].episode is None
    store.replace_episodes("a", "here", [episode("e1", 0), episode("e2", 50, EpisodeState.ONGOING)])
    now = store.current()[0]
    assert (now.episode, now.episode_state) == ("e2", EpisodeState.ONGOING)
    store.put([look(61, Outcome.ANOMALY)])
    assert store.current()[0].episode == "e2"
    store.replace_episodes("a", "here", [])
    assert store.current()[0].episode is None


def test_episodes_before_an_onset_stay_when_only_later_ones_are_replaced(store: Store):
    store.replace_episodes("a", "here", [episode("e1", 0), episode("e2", 50), episode("e3", 90)])
    again = [episode("e2", 50, EpisodeState.INTERRUPTED), episode("e4", 95)]
    store.replace_episodes("a", "here", again, from_onset=START + 50 * HOUR)
    assert [one.id for one in store.episodes("a")] == ["e4", "e2", "e1"]
    assert store.episodes("a")[1].state is EpisodeState.INTERRUPTED


def test_change_is_announced_once(store: Store):
    first = store.announce(
        "e1:onset", "onset", "First observed blocked.", at=START, target="a", episode="e1", measurements=["sha256:aa"]
    )
    assert store.announce("e1:onset", "onset", "Again.", at=START + HOUR) is None
    second = store.announce("e1:correction", "correction", "It was the server.", at=START + HOUR, supersedes=first)
    newest, oldest = store.announcements()
    assert (oldest.number, oldest.text, oldest.measurements, oldest.at) == (
        first,
        "First observed blocked.",
        ("sha256:aa",),
        START,
    )
    assert (newest.number, newest.supersedes) == (second, first)
    assert store.announcements(limit=1) == [newest]
    assert store.announcements(before=newest.number) == [oldest]


@pytest.mark.parametrize("table", ["record", "blob", "within", "announcement"])
def test_database_itself_refuses_to_change_or_delete(store: Store, table: str):
    store.put([look()])
    store.announce("k", "onset", "Said.", at=START)
    with sqlite3.connect(store.place) as shell:
        for deed in (f"UPDATE {table} SET rowid = rowid", f"DELETE FROM {table}"):
            with pytest.raises(sqlite3.IntegrityError, match="never changed"):
                shell.execute(deed)
    shell.close()


def test_gaps_that_concern_everybody_concern_each_pair(store: Store):
    mine = Missed(after=START, by=START + HOUR, reason="queue full", target="a", vantage="here")
    other = Missed(after=START, by=START + HOUR, reason="queue full", target="b", vantage="here")
    everybody = Missed(after=START + HOUR, by=START + 5 * HOUR, reason="wallwatch was not running")
    for gap in (mine, other, everybody):
        store.put_gap(gap)
    assert store.gaps("a", "here") == [everybody, mine]
    assert store.gaps("a", since=START + 2 * HOUR) == [everybody]
    assert len(store.gaps()) == 3
    assert store.gaps(limit=1) == [everybody]


def test_status_document_takes_the_place_of_the_last_one(store: Store):
    store.put_status("scheduler", {"running": 1}, START)
    store.put_status("scheduler", {"running": 2, "note": "späť"}, START + HOUR)
    store.put_status("vantage:here", None, START)
    found = store.status()
    assert set(found) == {"scheduler", "vantage:here"}
    assert found["scheduler"].document == {"running": 2, "note": "späť"}
    assert found["scheduler"].at == START + HOUR
    with pytest.raises(StoreError, match="take another name"):
        store.put_status("store:index", 7, START)


def test_instant_without_time_zone_is_refused(store: Store):
    naive = START.replace(tzinfo=None)
    with pytest.raises(ValueError, match="time zone"):
        store.put_gap(Missed(after=naive, by=naive + timedelta(hours=1), reason="x"))
