"""What scenarios are put together from: ordinary sites, pages of many kinds, and boxes that do one thing to one name."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from lab.censor import Action, Rule
from lab.scenario import CONTROL, HERE, Scenario
from lab.sites import Page, Site, ordinary_page
from models.words import Outcome

NAME = "www.rights.example"
ADDRESS, ADDRESS_2 = "127.30.1.1", "127.30.1.2"
NEXT = "www.reports.example"
"""Where redirects lead."""
NEXT_ADDRESS = "127.30.2.1"
FORGED = "127.30.9.9"
"""An address of the censor's, where nothing listens unless a scenario puts something there."""
NOWHERE = "0.0.0.0"
"""No public site can be there; it stands for the bogons of the real internet, and never leaves this machine."""
CANARY = "www.canary.example"
LONG_AGO, RAN_OUT = datetime(2014, 1, 1, tzinfo=UTC), datetime(2015, 4, 12, tzinfo=UTC)

OK, DOWN, VOID, RESTRICTED = Outcome.OK, Outcome.DOWN, Outcome.INCONCLUSIVE, Outcome.RESTRICTED

HTML = ("Content-Type", "text/html; charset=utf-8")
BLOCK_PAGE = (
    b"<!doctype html><html><head><title>Access to this site is restricted</title></head><body>"
    b"<h1>Access to this site is restricted</h1><p>By order of the simulated ministry, reference 2008/45.</p></body></html>"
)
LARGE_PAGE = ordinary_page("A long report", size=300_000)


def site(name: str = NAME, *addresses: str, **changes: Any) -> Site:
    """Returns an ordinary site that works."""
    given: dict[str, Any] = {"pages": {"/": ordinary_page(f"The pages of {name}")}}
    return Site(name=name, addresses=addresses or (ADDRESS,), **(given | changes))


def box(action: Action, *names: str, everybody: bool = False, **what: Any) -> Rule:
    """Returns a box in the way of this vantage point, or of everybody, that acts on these names."""
    return Rule(action=action, names=names or (NAME,), sources=(HERE, CONTROL) if everybody else (HERE,), **what)


def page(title: str, words: str, *headers: tuple[str, str], status: int = 200, language: str = "en") -> Page:
    """Returns a page of a few words, said often enough to be compared."""
    body = f"<p>{words}</p>\n" * 30
    text = f"<!doctype html><html lang={language}><head><title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>"
    return Page(body=text.encode(), status=status, headers=(HTML, *headers))


def leads_to(location: str, *, status: int = 302) -> Page:
    """Returns a redirect; the simulated internet puts its port in."""
    return Page(status=status, headers=(("Location", location),))


def after_redirect(scenario: Scenario, *, scheme: str = "https") -> Scenario:
    """Returns the same condition, met only where a redirect of a site that works leads to."""
    shortener = Site(
        name="go.short.example",
        addresses=("127.30.3.1",),
        pages={"/": leads_to(f"{scenario.scheme}://{scenario.target}{scenario.path}", status=301)},
    )
    return replace(
        scenario,
        id=f"{scenario.id}_after_redirect",
        says=f"After a redirect: {scenario.says[0].lower()}{scenario.says[1:]}",
        target=shortener.name,
        sites=(*scenario.sites, shortener),
        scheme=scheme,
        path="/",
        looks_like=None,
    )


def in_the_clear(scenario: Scenario) -> Scenario:
    """Returns the same condition for an http URL."""
    says = f"Over http: {scenario.says[0].lower()}{scenario.says[1:]}"
    return replace(scenario, id=f"{scenario.id}_over_http", says=says, scheme="http", looks_like=None)
