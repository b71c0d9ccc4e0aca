"""The page `docs/selftest.md`, made from the scenarios, so that it cannot say otherwise."""

from lab.scenario import Scenario
from lab.scenarios import GROUPS, SCENARIOS

_INTRODUCTION = f"""# The selftest

Made by `wallwatch selftest --write docs/selftest.md`; a test fails when this page and the scenarios differ.

`wallwatch selftest` plays {len(SCENARIOS)} scenarios with real sockets on loopback: sites, resolvers, a control, and boxes in
the way that forge, reset, close, drop, stall and throttle. The prober looks at them as it looks at the internet, and the
rules judge what it saw. Each expectation was written from the condition, as an honest expert would put it, and not from what
the program says; where one look cannot settle more, several outcomes are right. No fingerprint list is loaded, so that a
block page is one that nobody knows yet.

The fifty kinds of OONI's own QA matrix are here in our own words and on our own network; the last column names them. On the
simulated internet loopback is public, so `0.0.0.0` stands for the bogons.
"""


def page() -> str:
    """Returns `docs/selftest.md`."""
    return _INTRODUCTION + "".join(_table(title, group) for title, group in GROUPS.items())


def _table(title: str, scenarios: tuple[Scenario, ...]) -> str:
    head = f"\n## {title}\n\n| Scenario | Condition | Right is | Stands for |\n|---|---|---|---|\n"
    return head + "".join(_row(scenario) for scenario in scenarios)


def _row(scenario: Scenario) -> str:
    cells = (f"`{scenario.id}`", scenario.says, str(scenario.expected), scenario.looks_like or "")
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"
