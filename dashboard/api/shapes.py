"""The API's answers as pydantic models; the OpenAPI description is made from them."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Shape(BaseModel):
    """A frozen answer."""

    model_config = ConfigDict(frozen=True)


class Problem(Shape):
    """What every error looks like."""

    error: str = Field(description="What is wrong.")
    what_to_do: str = Field(description="What to do next.")


class State(Shape):
    """Where one target stands at one vantage point: its last look."""

    vantage: str
    outcome: str = Field(description="ok, anomaly, confirmed, restricted, down or inconclusive")
    stage: str | None
    mechanism: str | None
    rule: str
    reason: str | None
    at: datetime = Field(description="When the last look was taken.")
    since: datetime = Field(description="First look of the unbroken run of this outcome.")
    in_a_row: int
    looks: int
    measurement: str
    episode: str | None
    episode_state: str | None
    stale: bool = Field(description="The last look is older than twice the usual time between looks.")


class TargetShape(Shape):
    """A URL that is watched."""

    id: str
    url: str | None
    name: str | None
    category: str | None
    campaigns: list[str]
    tags: list[str]
    configured: bool = Field(description="False: no longer in the configuration, its history is kept.")
    states: list[State] = Field(description="One for each vantage point from which it was looked at.")


class DayShape(Shape):
    """The counts of one day (UTC) at one vantage point."""

    day: date
    vantage: str
    ok: int
    anomaly: int
    confirmed: int
    restricted: int
    down: int
    inconclusive: int
    loads: int
    load_median_us: int | None
    load_min_us: int | None
    load_max_us: int | None


class VantageShape(Shape):
    """Where we look from."""

    id: str
    name: str | None
    via: str = Field(description="The kind of way out; never its address.")
    country: str | None
    asn: int | None
    network: str | None
    risk: str | None
    consent: str | None
    in_use: bool
    last_look: datetime | None
    canaries: Any = Field(default=None, description="What the canaries showed last, as the prober left it.")


class CampaignShape(Shape):
    """A petition and what belongs to it. Claims are statements by others; they are never merged with measurements."""

    id: str
    title: str
    organisation: str
    summary: str | None
    petition: dict[str, Any]
    promises: list[dict[str, Any]]
    events: list[dict[str, Any]]
    claims: list[dict[str, Any]]
    targets: list[str]
    sentence: str = Field(description="Today's state in one sentence.")


class MeasurementShape(Shape):
    """One look; the facts are at /api/v1/measurements/{id}."""

    id: str
    target: str
    vantage: str
    at: datetime
    outcome: str
    stage: str | None
    mechanism: str | None
    also: list[str]
    rule: str
    ruleset: str
    fingerprints: str | None
    runtime_us: int
    dns_us: int | None
    tcp_us: int | None
    tls_us: int | None
    http_us: int | None
    load_us: int | None


class ContrastShape(Shape):
    """A second operation that differs from the failed one in one thing only."""

    kind: str
    changed: str = Field(description="What was different, in words.")
    detail: str | None
    results: list[str] = Field(description="What came of it, a line for each operation.")
    counts: bool = Field(description="False: residual blocking could explain it, or it was not done.")
    why_not: str | None


class VerdictShape(Shape):
    """A verdict that explains itself."""

    outcome: str
    stage: str | None
    mechanism: str | None
    also: list[str]
    rule: str
    rule_says: str | None = Field(
        description="The rule's sentence before words are filled in; null: of another ruleset."
    )
    rule_link: str | None
    ruleset: str
    fingerprints: str | None
    reasons: list[str]
    facts: list[str]
    control_saw: str | None
    contrasts_showed: list[str]
    contrasts: list[ContrastShape] = Field(description="The same at length, whether they count or not.")
    would_change: list[str]


class Targets(Shape):
    targets: list[TargetShape]
    next: str | None = Field(description="The address of the next page, or null.")


class VantagePoints(Shape):
    vantage_points: list[VantageShape]


class Campaigns(Shape):
    campaigns: list[CampaignShape]


class Measurements(Shape):
    measurements: list[MeasurementShape]
    next: str | None = Field(
        description="The address of the next page, or null. A page may be short and still have one."
    )


class Episodes(Shape):
    episodes: list[dict[str, Any]] = Field(description="In the form of `wallwatch episodes --json`.")


class StatusShape(Shape):
    """How wallwatch itself is."""

    simulated: bool
    measurements: int
    episodes: int
    first_look: datetime | None
    last_look: datetime | None
    store: Literal["open", "missing"]
    configuration_error: str | None
    configuration_since: datetime | None
    documents: dict[str, Any] = Field(
        description="What the prober left: schedule, configuration, vantage points' health."
    )


class Shield(Shape):
    """What shields.io reads."""

    schemaVersion: Literal[1] = 1  # noqa: N815 - shields.io's name
    label: str
    message: str
    color: str
    isError: bool = False  # noqa: N815
