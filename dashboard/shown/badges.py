"""What badges say of a target and of a campaign."""

from datetime import datetime

from dashboard.drawing import when
from dashboard.drawing.badge import Badge
from dashboard.drawing.matrix import label
from dashboard.house import House
from dashboard.shown.claim import Today, sentence, sites_of, today
from dashboard.strings import say, say_count
from models.targets import Campaign, Target


def target_badge(house: House, target: Target, now: datetime) -> Badge:
    """Says from how many vantage points a target is blocked."""
    configuration = house.keeper.loaded().configuration
    found = today([target], house.reader.current(target.id), configuration.defaults.every, now)
    many = {"n": found.blocked_vantages, "all": say_count("overview.vantages", found.vantages)}
    return _badge(
        label(target),
        found,
        say(f"badge.target.{found.state}", ago=_age(found, now), **many),
        simulated=configuration.simulated,
    )


def campaign_badge(house: House, campaign: Campaign, now: datetime) -> Badge:
    """Says how many of a campaign's sites are blocked."""
    configuration = house.keeper.loaded().configuration
    found = today(sites_of(campaign, configuration), house.reader.current(), configuration.defaults.every, now)
    many = {"n": found.blocked, "all": say_count("claim.sites", found.sites)}
    return _badge(
        campaign.title,
        found,
        say(f"badge.campaign.{found.state}", ago=_age(found, now), **many),
        simulated=configuration.simulated,
    )


def _badge(name: str, found: Today, message: str, *, simulated: bool) -> Badge:
    shown = say("badge.simulated", message=message) if simulated else message
    return Badge(label=name, message=shown, state=found.state, more=sentence(found), simulated=simulated)


def _age(found: Today, now: datetime) -> str:
    return when.ago(found.last, now) if found.last else ""
