"""The history of one target at one vantage point as marks on a timeline: days, episodes with their uncertain ends, gaps."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta

from dashboard.drawing import when
from dashboard.drawing.bars import Run
from dashboard.drawing.lanes import Mark
from dashboard.drawing.states import Shown
from dashboard.strings import say
from models.episode import Episode
from models.store import Missed

_BLOCKED = {Shown.CONFIRMED, Shown.ANOMALY}


def day_marks(runs: Iterable[Run], episodes: Sequence[Episode], now: datetime) -> list[Mark]:
    """Returns what the days' counts add to the episodes; blocked days within an episode are the episode's to draw."""
    found = []
    for run in runs:
        start, end = _instant(run.first), min(_instant(run.last) + timedelta(days=1), now)
        covered = run.shown in _BLOCKED and any(_covers(e, start, end) for e in episodes)
        if run.shown is not Shown.UNOBSERVED and not covered and start < end:
            kind = "anomaly" if run.shown in _BLOCKED else run.shown.value
            found.append(Mark(kind=kind, start=start, end=end, name=run.name))
    return found


def _covers(episode: Episode, start: datetime, end: datetime) -> bool:
    return episode.onset.by < end and episode.last_blocked >= start


def _instant(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def episode_marks(episode: Episode, href: str | None = None) -> list[Mark]:
    """Returns one episode's marks: its uncertain onset, its body, its uncertain release, then what interrupts it."""
    name = episode_sentence(episode)
    onset, release = episode.onset, episode.release
    body_end = max(episode.last_blocked, release.after) if release and release.after else episode.last_blocked
    found = [Mark(kind=episode.state.value, start=onset.by, end=body_end, name=name, href=href)]
    if onset.after is None:
        found.append(Mark(kind="before", start=onset.by - timedelta(seconds=1), end=onset.by, name=when.onset(onset)))
    else:
        found.append(
            Mark(kind="unsure", start=onset.after, end=onset.by, name=say("mark.onset", text=when.onset(onset)))
        )
    if release is not None:
        text = when.release(release, episode.last_blocked)
        found.append(
            Mark(
                kind="unsure",
                start=release.after or episode.last_blocked,
                end=release.by,
                name=say("mark.release", text=text),
            )
        )
    found.extend(Mark(kind="gap", start=g.after, end=g.by, name=gap_sentence(g.after, g.by)) for g in episode.gaps)
    for pause in episode.interruptions:
        text = say("mark.interruption", first=when.minute(pause.first_ok), last=when.minute(pause.last_ok))
        found.append(Mark(kind="interruption", start=pause.first_ok, end=pause.last_ok, name=text))
    return found


def missed_marks(missed: Iterable[Missed], target: str, vantage: str) -> list[Mark]:
    """Returns the stretches in which this pair was not looked at, with the reason that was recorded."""
    mine = (m for m in missed if m.target in {None, target} and m.vantage in {None, vantage})
    return [Mark(kind="gap", start=m.after, end=m.by, name=f"{gap_sentence(m.after, m.by)} ({m.reason})") for m in mine]


def gap_sentence(after: datetime, by: datetime) -> str:
    return say("mark.gap", after=when.minute(after), by=when.minute(by), length=when.length(by - after))


def episode_sentence(episode: Episode) -> str:
    """Says an episode in one careful sentence, without naming anybody as its cause."""
    checks = say("episode.checks", blocked=episode.blocked_checks, checks=episode.checks)
    end = when.release(episode.release, episode.last_blocked)
    if episode.release is None and episode.state.value == "interrupted":
        end = say("episode.interrupted", last=when.minute(episode.last_blocked))
    text = say("episode.sentence", onset=when.onset(episode.onset), checks=checks, end=end)
    return text[0].upper() + text[1:]
