"""What the store gives out: frozen dataclasses made from plain tuples, never database objects."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from models.measurement import Finished
from models.verdict import Verdict
from models.words import EpisodeState, Mechanism, Outcome, Stage

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_DAY = EPOCH.date()
DAY_US = 86_400_000_000
LOAD_BOUNDS_MS = (64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384)
"""Upper bounds of the response-time histogram; a tenth bucket holds what took longer."""


def to_us(at: datetime) -> int:
    """Renders an instant as the store keeps it: microseconds since 1970, UTC."""
    if at.tzinfo is None:
        raise ValueError("an instant needs its time zone")
    return (at - EPOCH) // timedelta(microseconds=1)


def from_us(us: int) -> datetime:
    return EPOCH + timedelta(microseconds=us)


def from_day(day: int) -> date:
    return EPOCH_DAY + timedelta(days=day)


@dataclass(frozen=True, slots=True)
class Judged:
    """A measurement with its first verdict, ready for the store."""

    finished: Finished
    verdict: Verdict
    record: bytes | None = None  # the record as it came, where somebody else hashed it (an agent, an archive)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What `put` did: the measurements' ids in the order given, and how many of them were new."""

    ids: tuple[str, ...]
    new: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """Where one target stands at one vantage point: the last look and what led up to it."""

    target: str
    vantage: str
    at: datetime
    measurement: str
    outcome: Outcome
    stage: Stage | None
    mechanism: Mechanism | None
    rule: str
    reason: str | None  # the verdict's first sentence
    runtime_us: int
    load_us: int | None  # time to load, where the page loaded
    since: datetime  # first look of the unbroken run of this outcome
    in_a_row: int  # looks in that run
    first_at: datetime  # when watching began
    looks: int  # all of them
    last_ok: datetime | None
    last_blocked: datetime | None
    last_usable: datetime | None  # the last ok, anomaly or confirmed
    episode: str | None = None  # the latest episode of this pair
    episode_state: EpisodeState | None = None


class Day(NamedTuple):
    """One target at one vantage point on one day (UTC): how often it was what, and how fast it loaded.

    A tuple, because an overview reads thousands and a frozen dataclass takes ten times as long to make.
    """

    day: date
    target: str
    vantage: str
    ok: int
    anomaly: int
    confirmed: int
    restricted: int
    down: int
    inconclusive: int
    loads: int  # looks that loaded a page
    load_sum_us: int
    load_min_us: int | None
    load_max_us: int | None
    histogram: tuple[int, ...]  # of loads; see LOAD_BOUNDS_MS

    @property
    def checks(self) -> int:
        return self.ok + self.anomaly + self.confirmed + self.restricted + self.down + self.inconclusive

    @property
    def blocked(self) -> int:
        return self.anomaly + self.confirmed

    @property
    def usable(self) -> int:
        return self.ok + self.blocked

    @property
    def load_mean_us(self) -> int | None:
        return self.load_sum_us // self.loads if self.loads else None

    @property
    def load_median_us(self) -> int | None:
        """Returns the median as the histogram gives it: interpolated within its bucket, never outside min and max."""
        if not self.loads or self.load_min_us is None or self.load_max_us is None:
            return None
        half, below = self.loads / 2, 0
        for index, count in enumerate(self.histogram):
            if count and below + count >= half:
                low, high = self._edges(index)
                return max(self.load_min_us, min(self.load_max_us, int(low + (high - low) * (half - below) / count)))
            below += count
        return self.load_max_us

    def _edges(self, index: int) -> tuple[int, int]:
        low = LOAD_BOUNDS_MS[index - 1] * 1000 if index else 0
        high = LOAD_BOUNDS_MS[index] * 1000 if index < len(LOAD_BOUNDS_MS) else (self.load_max_us or low)
        return low, high


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictRow:
    """One look as lists and charts need it; the whole verdict is `Store.verdict(id)`, the facts `Store.measurement(id)`."""

    measurement: str
    target: str
    vantage: str
    at: datetime
    outcome: Outcome
    stage: Stage | None
    mechanism: Mechanism | None
    also: tuple[Mechanism, ...]
    rule: str
    ruleset: str
    fingerprints: str | None
    runtime_us: int
    dns_us: int | None  # steps of the walk that fetched a page, summed over its redirects
    tcp_us: int | None
    tls_us: int | None
    http_us: int | None
    load_us: int | None  # their sum, where the page loaded


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """A stretch in which nobody looked, and why; a null target or vantage point means all of them."""

    after: datetime
    by: datetime
    reason: str
    target: str | None = None
    vantage: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """What was said, when, on which measurements; superseded by a later one, never edited."""

    number: int
    at: datetime
    key: str  # names the change that was announced: said once, however often it is found
    kind: str  # onset, release, correction, …
    target: str | None
    vantage: str | None
    episode: str | None
    text: str
    measurements: tuple[str, ...] = ()
    supersedes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A small JSON document that the prober leaves for the pages."""

    name: str
    at: datetime  # when it was put
    document: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A measurement whose verdict another ruleset sees differently."""

    measurement: str
    target: str
    vantage: str
    at: datetime
    before: Verdict | None  # null: there was none (the index had been dropped)
    after: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejudged:
    """What `rejudge` did."""

    seen: int
    changes: tuple[Change, ...]
    unknown: tuple[str, ...]  # ids without a record here


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How much is in the store."""

    measurements: int
    blobs: int
    episodes: int
    announcements: int
    targets: int
    vantages: int
    pairs: int
    first_at: datetime | None
    last_at: datetime | None
    bytes: int | None  # on disk
