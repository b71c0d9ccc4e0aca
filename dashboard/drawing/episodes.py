"""Episodes as a table: their ends as intervals in words, checks n of n, mechanisms, state."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from dashboard.drawing import links, when
from dashboard.drawing.episodes_said import alternation, remarks
from dashboard.drawing.markup import el, foreign, joined
from dashboard.drawing.states import Shown, glyph
from dashboard.drawing.verdict import explained
from dashboard.strings import say
from models.episode import Episode
from models.words import EpisodeState

_LOOKS = {
    EpisodeState.SUSPECTED: Shown.ANOMALY,
    EpisodeState.ONGOING: Shown.CONFIRMED,
    EpisodeState.INTERRUPTED: Shown.ANOMALY,
    EpisodeState.RELEASED: Shown.OK,
}


def episode_table(episodes: Sequence[Episode], names: Mapping[str, str], *, with_target: bool = False) -> Markup:
    """Draws the table, or says that there was none."""
    if not episodes:
        return el("p", say("episodes.none"), class_="soft")
    columns = ["state", *(["target"] if with_target else []), "vantage", "onset", "release", "checks", "mechanisms"]
    head = joined(el("th", say(f"episodes.{name}"), scope="col") for name in columns)
    rows = joined(_row(episode, columns, names) for episode in episodes)
    return el(
        "div", el("table", el("thead", el("tr", head)), el("tbody", rows), class_="ww-table ww-stack"), class_="ww-wide"
    )


def _row(episode: Episode, columns: Sequence[str], names: Mapping[str, str]) -> Markup:
    cells = {
        "state": joined([episode_state(episode.state), el("div", el("code", episode.id), class_="small")]),
        "target": el(
            "a",
            foreign(names.get(episode.target, episode.target), 60),
            href=links.target(episode.target),
            target="_self",
        ),
        "vantage": foreign(names.get(episode.vantage, episode.vantage), 60),
        "onset": el(
            "span",
            when.onset(episode.onset),
            _witness(episode.onset.by_measurement),
            _small(alternation(episode.onset)),
        ),
        "release": el(
            "span", when.release(episode.release, episode.last_blocked), _small(alternation(episode.release))
        ),
        "checks": el(
            "span",
            say("episode.checks", blocked=episode.blocked_checks, checks=episode.checks),
            joined(_small(remark) for remark in remarks(episode)),
        ),
        "mechanisms": joined(el("div", explained(m)) for m in episode.mechanisms),
    }
    return el("tr", joined(el("td", cells[name], data_label=say(f"episodes.{name}")) for name in columns))


def episode_state(state: EpisodeState) -> Markup:
    """Returns an episode's state with its shape, its word and, on hover, its sentence."""
    shown = _LOOKS[state]
    return el(
        "span", glyph(shown), el("span", state.value), class_=f"ww-state ww-c-{shown.value}", title=state.sentence
    )


def _witness(measurement: str | None) -> Markup | None:
    if measurement is None:
        return None
    return el("span", " (", el("a", say("episodes.witness"), href=links.measurement(measurement), target="_self"), ")")


def _small(text: str | None) -> Markup | None:
    return foreign(text, 400, "div", class_="soft small") if text else None
