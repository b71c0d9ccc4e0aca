"""The series and the episode: one period of blocking of one target at one vantage point, with honest dates."""

from dataclasses import dataclass
from datetime import datetime

from models.words import EpisodeState, Mechanism, Outcome


@dataclass(frozen=True, slots=True)
class Look:
    """One verdict in a series, as small as it can be."""

    at: datetime
    outcome: Outcome
    mechanism: Mechanism | None = None
    measurement: str | None = None  # its id, where there is one


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """The change lies after `after` and no later than `by`; a null `after` is censored (nobody looked before)."""

    after: datetime | None
    by: datetime
    clean: bool = True  # false: successes and failures alternate at this edge, so the interval is wider
    after_measurement: str | None = None
    by_measurement: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Nobody looked for more than twice the usual time between looks."""

    after: datetime
    by: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Unusable:
    """Somebody looked, but between these two usable looks no look could tell blocked from open."""

    after: datetime
    by: datetime
    looks: int
    why: str  # the outcomes seen, or "suspected outage of the vantage point"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interruption:
    """The target was reachable for a while, not long enough to call it a release."""

    first_ok: datetime
    last_ok: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """One period of blocking in a series."""

    id: str
    target: str
    vantage: str
    mechanisms: tuple[Mechanism, ...]  # in the order in which they were first seen
    onset: Interval
    release: Interval | None
    state: EpisodeState
    checks: int  # usable looks from onset.by to the last blocked one (or to now while ongoing)
    blocked_checks: int
    interruptions: tuple[Interruption, ...] = ()
    gaps: tuple[Gap, ...] = ()
    unusable: tuple[Unusable, ...] = ()
    last_blocked: datetime
    last_look: datetime  # the last usable look of the series that belongs to this episode
    confirmed_at: datetime | None = None  # the look that made it `ongoing`
    witnesses: tuple[str, ...] = ()  # measurement ids: the ends first, then some between
    wave: int = 0  # other targets of this vantage point that changed within the same hour
