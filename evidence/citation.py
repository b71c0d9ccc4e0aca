"""The sentence that points to an episode: what was seen, from where, between when and when; never why, never by whom."""

import hashlib
import json
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from evidence.episodes import to_json
from models.episode import Episode, Interval
from models.errors import WallwatchError
from models.words import EpisodeState

_LONGEST_NAME = 300
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


class CitationError(WallwatchError):
    """There is nothing to cite."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """An episode with what a reader needs beside its dates, taken from one of its records."""

    episode: Episode
    url: str
    country: str | None = None
    asn: int | None = None
    network: str | None = None
    simulated: bool = False
    settled: int = 0  # blocked checks that an artefact or a contrast settled
    origin: str = "wallwatch"  # who measured: wallwatch, or the archive it was imported from
    publisher: str | None = None  # who publishes it, where they say so
    permalink: str | None = None

    @property
    def version(self) -> str:
        """Returns the name of exactly this account of the episode, `sha256:<hex>`; it changes with every new check."""
        return version_of(to_json(self.episode))

    @property
    def issued(self) -> datetime:
        """Returns the instant up to which this account goes: the last check that belongs to the episode."""
        return self.episode.last_look

    @property
    def site(self) -> str:
        return printable(self.url)


def version_of(episode: Mapping[str, object]) -> str:
    """Returns the name of an episode in the contract's form."""
    said = json.dumps(episode, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(said.encode(errors="replace")).hexdigest()


def printable(text: str) -> str:
    """Returns a name on one line, with what a reader would not see, or would be misled by, made visible."""
    shown = "".join("\ufffd" if unicodedata.category(char) in _UNSEEN else char for char in text[:_LONGEST_NAME])
    return " ".join(shown.split()) + ("…" if len(text) > _LONGEST_NAME else "")


def title(cited: Cited) -> str:
    """Returns a short name for the data: site, network, span."""
    one = cited.episode
    span = f"{_day(one.onset.by)} to {_day(one.last_blocked)}"
    counted = f"{one.blocked_checks} of {one.checks} checks"
    return f"{_mark(cited)}{cited.site} not reachable from {place(cited)}: {counted}, {span}"


def place(cited: Cited) -> str:
    """Returns where it was looked from: network and country as far as they are known, else the vantage point."""
    country = f" ({printable(cited.country)})" if cited.country else ""
    if cited.asn:
        name = f" {printable(cited.network)}" if cited.network else ""
        return f"AS{cited.asn}{name}{country}"
    known = printable(cited.network or cited.episode.vantage)
    return f"{'the network' if cited.network else 'vantage point'} {known}{country}, network number not recorded"


def sentence(cited: Cited) -> str:
    """Returns the whole citation as one sentence."""
    parts = [_onset(cited), _end(cited), *_caveats(cited)]
    how = _how(cited)
    return f"{_mark(cited)}{cited.site}: {'; '.join(parts)}{how}. {_credit(cited)}"


def _mark(cited: Cited) -> str:
    return "SIMULATED, not an observation of the real internet: " if cited.simulated else ""


def _onset(cited: Cited) -> str:
    one = cited.episode
    checks = f"{one.blocked_checks} of {one.checks} checks"
    seen = "blocked" if one.state is not EpisodeState.SUSPECTED else "failing as if blocked (not yet confirmed)"
    if one.onset.after is None:
        return (
            f"already {seen} when first checked on {_instant(one.onset.by)} from {place(cited)}, "
            f"so when it began is not known; {checks}"
        )
    return f"First observed {seen} between {_span(one.onset)} from {place(cited)}, {checks}"


def _end(cited: Cited) -> str:
    one = cited.episode
    if one.release is not None and one.release.after is not None:
        return f"reachable again between {_span(one.release)}"
    if one.state is EpisodeState.INTERRUPTED:
        return (
            f"last observed blocked on {_instant(one.last_blocked)} and reachable at the last check on "
            f"{_instant(one.last_look)}, not yet for long enough to call it a release"
        )
    if one.last_look > one.last_blocked:
        return f"last observed blocked on {_instant(one.last_blocked)}, last checked on {_instant(one.last_look)}"
    return f"still {_still(one)} at the last check on {_instant(one.last_look)}"


def _still(one: Episode) -> str:
    return "failing" if one.state is EpisodeState.SUSPECTED else "blocked"


def _caveats(cited: Cited) -> Iterator[str]:
    """Yields what makes the dates less exact than they look."""
    one = cited.episode
    if not one.onset.clean:
        yield "successes and failures alternate at the onset"
    if one.release is not None and not one.release.clean:
        yield "successes and failures alternate at the release"
    if one.interruptions:
        times = "once" if len(one.interruptions) == 1 else f"{len(one.interruptions)} times"
        yield f"reachable in between {times}, never long enough to call it a release"
    if one.gaps:
        longest = max(one.gaps, key=lambda gap: gap.by - gap.after)
        count = "1 gap" if len(one.gaps) == 1 else f"{len(one.gaps)} gaps"
        yield f"{count} in which nobody looked, the longest from {_instant(longest.after)} to {_instant(longest.by)}"
    if one.unusable:
        count = "1 stretch" if len(one.unusable) == 1 else f"{len(one.unusable)} stretches"
        yield f"{count} in which no check could tell"
    if one.blocked_checks and not cited.settled:
        yield "each failing check is consistent with blocking, none is settled by an artefact or a contrast"


def _how(cited: Cited) -> str:
    return f" (seen as {', '.join(cited.episode.mechanisms)})" if cited.episode.mechanisms else ""


def _credit(cited: Cited) -> str:
    by = f"{printable(cited.publisher)}, " if cited.publisher else ""
    source = "" if cited.origin == "wallwatch" else f" from {cited.origin} data"
    link = f", {printable(cited.permalink)}" if cited.permalink else ""
    return f"{by}wallwatch episode {printable(cited.episode.id)}{source}, {cited.version}{link}."


def _span(of: Interval) -> str:
    assert of.after is not None
    return f"{_minute(of.after)} and {_minute(of.by)} UTC"


def _instant(at: datetime) -> str:
    return f"{_minute(at)} UTC"


def _minute(at: datetime) -> str:
    form = "%Y-%m-%d %H:%M:%S" if at.second else "%Y-%m-%d %H:%M"
    return at.astimezone(UTC).strftime(form)


def _day(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d")
