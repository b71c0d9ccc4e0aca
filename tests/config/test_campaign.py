"""The first campaign says what its sources say, no more and no less."""

from pathlib import Path

import pytest

from models.targets import Campaign, Configuration
from models.targets_file import load

PETITION = "http://www.change.org/p/defend-online-freedom-in-china"


@pytest.fixture(scope="module")
def configuration() -> Configuration:
    return load(Path(__file__).parents[2] / "targets.yaml", {})


@pytest.fixture(scope="module")
def campaign(configuration: Configuration) -> Campaign:
    return configuration.campaigns[0]


def test_all_eleven_sites_belong_to_the_campaign_and_have_a_category(configuration: Configuration) -> None:
    hosts = [target.url.removeprefix("https://").rstrip("/") for target in configuration.targets]
    assert hosts == [
        "www.amnesty.org",
        "www.amnestyusa.org",
        "www.amnesty.org.uk",
        "zh.amnesty.org",
        "www.hrw.org",
        "hrichina.org",
        "rsf.org",
        "www.rfa.org",
        "www.bbc.com/zhongwen",
        "chinadigitaltimes.net",
        "www.change.org",
    ]
    assert all(target.category for target in configuration.targets)
    assert all(target.campaigns == ("defend-online-freedom-in-china",) for target in configuration.targets)


def test_the_petition_is_expired_and_links_to_its_page(campaign: Campaign) -> None:
    assert (campaign.title, campaign.organisation) == ("Defend Online Freedom in China!", "Amnesty International USA")
    assert (campaign.petition.url, campaign.petition.state) == (PETITION, "expired")


def test_the_promise_is_quoted_from_the_petition(campaign: Campaign) -> None:
    promise = campaign.promises[0]
    assert promise.quote == "give the media complete freedom to report when they come to China"
    assert (str(promise.on), promise.source) == ("2001-07-13", PETITION)


def test_claims_are_dated_as_exactly_as_their_sources(campaign: Campaign) -> None:
    claims = [(claim.on, claim.state, claim.weight) for claim in campaign.claims]
    assert ("2007-11", "blocked", "weak") in claims
    assert ("2008-07-28", "blocked", "first-hand") in claims
    assert ("2008-08-01", "reachable", "first-hand") in claims
    assert ("2008-08-12", "reachable", "second-hand") in claims
    assert ("2009-01-13", "blocked", "first-hand") in claims


def test_the_report_was_out_before_midnight_utc(campaign: Campaign) -> None:
    report = next(event for event in campaign.events if "Broken Promises" in event.title)
    assert (str(report.on), report.at) == ("2008-07-28", "2008-07-28T21:00:00Z")


def test_the_line_is_proved_by_more_than_one_canary_and_names_are_checked_without_names(
    configuration: Configuration,
) -> None:
    assert len({canary.url.split("/")[2] for canary in configuration.canaries}) >= 3
    assert all(resolver.split("/")[2].replace(".", "").isdigit() for resolver in configuration.check_resolvers)
    assert configuration.vantage_points[0].usable
