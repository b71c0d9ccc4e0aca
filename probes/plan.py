"""What one measurement is asked to do."""

from dataclasses import dataclass, field

from models.measurement import Baseline
from models.observations import CanaryLook
from models.targets import Contrasts, Control, Target, VantagePoint
from probes.contrast_residue import Residue


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One target, one vantage point, and the bounds of the look; times in seconds."""

    target: Target
    vantage: VantagePoint
    timeout: float = 10  # of one step
    total_timeout: float = 60  # of the measurement, whatever the server does
    dns_window: float = 2  # listening on after the first answer to a query
    controls: tuple[Control, ...] = ()  # the first that can be asked is believed
    check_resolvers: tuple[str, ...] = ()  # asked where no control is configured
    canaries: tuple[CanaryLook, ...] = ()
    simulated: bool = False
    allow_lan: bool = False  # somebody typed this URL in: private addresses may be connected to, this machine's own not
    contrasts: Contrasts | None = None  # none: nothing is tried again
    residue: Residue = field(default_factory=Residue)  # shared by all looks of a prober: one poisons another's contrast
    baseline: Baseline | None = None  # how fast this pair's recent looks were
