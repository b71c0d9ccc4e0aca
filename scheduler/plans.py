"""What the configuration asks for: which pairs, how often, and the plan of one look."""

from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

from models.measurement import Baseline
from models.observations import CanaryLook
from models.targets import Configuration, Target, VantagePoint
from probes.contrast_residue import Residue
from probes.web import Plan
from scheduler.timetable import Cadence, Pair


@dataclass(frozen=True, slots=True)
class Plans:
    """A configuration, ready to be asked for one pair after another."""

    configuration: Configuration
    targets: dict[str, Target]
    vantages: dict[str, VantagePoint]
    pairs: dict[Pair, Cadence]
    residue: Residue = field(default_factory=Residue)  # outlives a change of the configuration

    @classmethod
    def from_configuration(cls, configuration: Configuration, residue: Residue | None = None) -> "Plans":
        targets = {each.id: each for each in configuration.targets if each.enabled}
        vantages = {each.id: each for each in configuration.vantage_points if each.usable}
        pairs = {
            Pair(target.id, vantage): _cadence(configuration, target)
            for target in targets.values()
            for vantage in target.vantage_points or vantages
            if vantage in vantages
        }
        return cls(configuration, targets, vantages, pairs, residue or Residue())

    def host(self, pair: Pair) -> str:
        target = self.targets.get(pair.target)
        return (urlsplit(target.url).hostname or target.url) if target else pair.target

    def plan(self, pair: Pair, canaries: tuple[CanaryLook, ...], baseline: Baseline | None = None) -> Plan:
        """Returns the plan of one look. Raises KeyError where the pair is no longer configured."""
        target, defaults = self.targets[pair.target], self.configuration.defaults
        return Plan(
            target=target,
            vantage=self.vantages[pair.vantage],
            timeout=_seconds(target.timeout or defaults.timeout),
            total_timeout=_seconds(defaults.total_timeout),
            dns_window=_seconds(defaults.dns_window),
            controls=self.configuration.controls,
            check_resolvers=self.configuration.check_resolvers,
            canaries=canaries,
            simulated=self.configuration.simulated,
            contrasts=self.configuration.contrasts,
            residue=self.residue,
            baseline=baseline,
        )


def _cadence(configuration: Configuration, target: Target) -> Cadence:
    defaults = configuration.defaults
    every = target.every or defaults.every
    jitter = defaults.jitter if target.jitter is None else target.jitter
    return Cadence(every, min(jitter, every / 2))


def _seconds(length: timedelta) -> float:
    return length.total_seconds()
