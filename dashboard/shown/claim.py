"""A campaign's claim in one sentence with today's state: counts of sites and vantage points, never a motive."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboard.drawing import when
from dashboard.drawing.states import Shown, shown_of
from dashboard.strings import say, say_count
from models.store import Current
from models.targets import Campaign, Configuration, Target

_BLOCKED = {Shown.CONFIRMED, Shown.ANOMALY}
_USABLE = _BLOCKED | {Shown.OK}


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """How the sites of a campaign, or one site, stand today."""

    sites: int
    blocked: int  # sites with an episode that is not over, at one vantage point at least
    confirmed: int  # of those, settled by an artefact or a contrast at the last look
    anomalous: int  # sites whose last usable look failed, without an announced episode
    reachable: int  # sites that loaded everywhere at the last usable look
    vantages: int  # that looked
    blocked_vantages: int
    last: datetime | None
    stale: bool

    @property
    def state(self) -> str:
        """The word that a badge shows."""
        if self.last is None:
            return "unobserved"
        if self.stale:
            return "stale"
        return (
            "blocked"
            if self.blocked
            else "signs"
            if self.anomalous
            else "reachable"
            if self.reachable
            else "inconclusive"
        )


def sites_of(campaign: Campaign, configuration: Configuration) -> list[Target]:
    """Returns the targets of a campaign."""
    return [t for t in configuration.targets if campaign.id in t.campaigns]


def today(targets: Sequence[Target], current: Sequence[Current], every: timedelta, now: datetime) -> Today:
    """Counts how these targets stand."""
    ids = {t.id for t in targets}
    mine = [c for c in current if c.target in ids]
    blocked = {c.target for c in mine if _announced(c)}
    signs = {c.target for c in mine if _failing(c)} - blocked
    fine = {c.target for c in mine if shown_of(c.outcome) is Shown.OK} - blocked - signs
    last = max((c.at for c in mine), default=None)
    pace = max([t.every or every for t in targets], default=every)
    return Today(
        sites=len(ids),
        blocked=len(blocked),
        confirmed=len({c.target for c in mine if shown_of(c.outcome) is Shown.CONFIRMED} & blocked),
        anomalous=len(signs),
        reachable=len(fine),
        vantages=len({c.vantage for c in mine}),
        blocked_vantages=len({c.vantage for c in mine if _announced(c)}),
        last=last,
        stale=last is not None and now - last > max(2 * pace, timedelta(hours=1)),
    )


def _announced(current: Current) -> bool:
    """An episode beyond suspicion that is not over: the words of a badge rest on nothing less."""
    return current.episode_state in {"ongoing", "interrupted"}


def _failing(current: Current) -> bool:
    return shown_of(current.outcome) in _BLOCKED


def sentence(found: Today) -> str:
    """Says today's state of several sites in one sentence."""
    if found.last is None:
        return say("claim.unobserved", sites=say_count("claim.sites", found.sites))
    key = {"stale": "claim.stale"}.get(found.state, "claim.now")
    return say(
        key,
        blocked=found.blocked,
        settled=say("claim.settled", confirmed=found.confirmed, open=found.blocked - found.confirmed)
        if found.blocked
        else "",
        sites=say_count("claim.sites", found.sites),
        vantages=say_count("overview.vantages", found.vantages),
        signs=say_count("claim.signs", found.anomalous) if found.anomalous else "",
        last=when.minute(found.last),
    )
