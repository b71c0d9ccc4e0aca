"""The configuration as data: targets, vantage points, controls, canaries, campaigns. `targets_file.py` reads it."""

from datetime import date, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Consent(_Strict):
    """Who agreed that this vantage point is used, and when."""

    by: str
    on: date
    note: str | None = None


class VantagePoint(_Strict):
    """Where we look from."""

    id: str
    name: str | None = None
    via: str = "direct"  # direct | direct://?source=127.0.0.2&interface=eth1&netns=cn | socks5://[user:pass@]host:port | http://… | resolver://address[:port]
    country: str | None = None
    asn: int | None = None
    network: str | None = None
    consent: Consent | None = None  # without it the vantage point is not used
    risk: str | None = None
    resolvers: tuple[str, ...] = ("system",)  # "system", "udp://address[:port]", "tcp://…", "https://…/dns-query"
    ipv6: bool | None = None  # null: find out
    enabled: bool = True


class Control(_Strict):
    """A `wallwatch control`, or an OONI test helper, where the censor is not."""

    id: str
    url: str


class Canary(_Strict):
    """A harmless target that tells whether the vantage point itself works."""

    id: str
    url: str
    expect: Literal["loads", "blocked"] = "loads"
    status: int | None = None  # e.g. 204 for a captive-portal check
    vantage_points: tuple[str, ...] = ()  # none: all


class Defaults(_Strict):
    """What holds for each target that does not say otherwise."""

    every: timedelta = timedelta(hours=6)
    jitter: timedelta = timedelta(minutes=20)
    timeout: timedelta = timedelta(seconds=10)  # of one step
    total_timeout: timedelta = timedelta(seconds=60)  # of one measurement
    dns_window: timedelta = timedelta(seconds=2)  # how long to keep listening after the first answer


class SignatureCount(_Strict):
    on: date
    total: int


class Signatures(_Strict):
    """Counts only, never people."""

    source: str = "manual"
    counts: tuple[SignatureCount, ...] = ()
    file: str | None = None
    url: str | None = None


class Petition(_Strict):
    url: str
    state: Literal["open", "expired", "closed", "won"]
    state_since: date | None = None
    text: str | None = None
    demands: tuple[str, ...] = ()
    addressed_to: tuple[str, ...] = ()
    signatures: Signatures = Signatures()


class Promise(_Strict):
    """What somebody promised, which measurements may contradict."""

    by: str
    on: date
    quote: str
    source: str
    note: str | None = None


class Event(_Strict):
    on: date
    title: str
    source: str | None = None
    at: str | None = None  # the exact instant, where it is known


class Claim(_Strict):
    """A dated statement by somebody else; never mixed with measurements."""

    target: str | None = None
    where: str | None = None
    state: Literal["blocked", "reachable", "mixed"]
    on: str  # 2008-07-28, 2007-11 or 2008: as exact as the source is
    by: str
    source: str | None = None
    quote: str | None = None
    note: str | None = None
    weight: Literal["first-hand", "second-hand", "weak"] | None = None


class Campaign(_Strict):
    """A petition and what belongs to it."""

    id: str
    title: str
    organisation: str
    summary: str | None = None
    petition: Petition
    promises: tuple[Promise, ...] = ()
    events: tuple[Event, ...] = ()
    claims: tuple[Claim, ...] = ()


class Target(_Strict):
    """A URL that is watched; its id is stable."""

    id: str
    url: str
    name: str | None = None
    category: str | None = None
    campaigns: tuple[str, ...] = ()
    every: timedelta | None = None
    jitter: timedelta | None = None
    timeout: timedelta | None = None
    vantage_points: tuple[str, ...] = ()  # none: all that are enabled and have consent
    tags: tuple[str, ...] = ()
    allow_private: bool = False  # its addresses may be private or loopback
    enabled: bool = True
    note: str | None = None
    source: str | None = None  # the list that it was included from


class Configuration(_Strict):
    """All of `targets.yaml`, with its includes."""

    version: Literal[1] = 1
    defaults: Defaults = Defaults()
    vantage_points: tuple[VantagePoint, ...] = ()
    controls: tuple[Control, ...] = ()
    canaries: tuple[Canary, ...] = ()
    check_resolvers: tuple[str, ...] = ()  # public resolvers that check DNS where no control is configured
    campaigns: tuple[Campaign, ...] = ()
    targets: tuple[Target, ...] = ()
    include: tuple[str, ...] = ()
    simulated: bool = False  # set by `wallwatch demo` alone; shown everywhere
