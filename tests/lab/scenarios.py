"""The whole matrix: OONI's fifty kinds, interference by stage, and what looks like censorship and is none."""

from lab.scenario import Scenario
from lab.scenarios_interference import INTERFERENCE
from lab.scenarios_look_alikes import LOOK_ALIKES
from lab.scenarios_ooni import OONI
from lab.scenarios_vantage import OF_THE_VANTAGE_POINT

GROUPS: dict[str, tuple[Scenario, ...]] = {
    "OONI's kinds": OONI,
    "Interference": INTERFERENCE,
    "Look-alikes": LOOK_ALIKES,
    "The vantage point itself": OF_THE_VANTAGE_POINT,
}

SCENARIOS: tuple[Scenario, ...] = tuple(scenario for group in GROUPS.values() for scenario in group)
