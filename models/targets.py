"""The configuration as data: targets, vantage points, controls, canaries, campaigns. `targets_file.py` reads it."""

from datetime import date, timedelta
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
    model_validator,
)

from models import targets_values as values
from models.categories import Category

Duration = Annotated[
    timedelta,
    BeforeValidator(values.duration),
    PlainSerializer(values.to_duration, return_type=str),
    WithJsonSchema(
        {"type": "string", "pattern": r"^(\d{1,9}[smhd]|.*\$\{.*)$", "examples": ["30s", "10m", "6h", "1d"]}
    ),
]
Id = Annotated[str, AfterValidator(values.identifier), Field(json_schema_extra={"examples": ["amnesty-org"]})]
Url = Annotated[str, AfterValidator(values.web_url), Field(json_schema_extra={"format": "uri"})]
Source = Annotated[str, AfterValidator(values.source)]
Day = Annotated[date, BeforeValidator(values.day)]
PartialDate = Annotated[
    str,
    BeforeValidator(values.partial_date),
    WithJsonSchema({"type": "string", "pattern": r"^\d{4}(-\d{2}(-\d{2})?)?$"}),
]
ResolverAddress = Annotated[str, AfterValidator(values.resolver)]
HostName = Annotated[str, AfterValidator(values.name)]
Address = Annotated[str, AfterValidator(values.address)]
SilentAddress = Annotated[str, AfterValidator(values.silent_address)]


class _Strict(BaseModel):
    """Unknown keys are refused, and every field's sentence ends up in the JSON Schema and in the docs."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True, validate_default=False)


class Consent(_Strict):
    """Who agreed that this vantage point is used, and when."""

    by: str
    """Who agreed: a role or a name that may be published."""
    on: Day
    """The day on which they agreed."""
    note: str | None = None
    """What they were told."""


class VantagePoint(_Strict):
    """Where we look from."""

    id: Id
    """Short and stable: histories hang on it."""
    name: str | None = None
    """What pages call it."""
    via: Annotated[str, AfterValidator(values.via)] = "direct"
    """The way out: `direct`, `direct://?source=127.0.0.2&interface=eth1&netns=cn`, `socks5://[user:pass@]host:port`, `http://…`, `resolver://address[:port]`."""
    password_file: str | None = None
    """A file, relative to this one, with the password of the proxy in `via`; so that no secret stands here."""
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    """ISO 3166-1 alpha-2, such as CN."""
    asn: Annotated[int, Field(ge=1, le=4294967295)] | None = None
    """The number of the network (autonomous system), such as 4837."""
    network: str | None = None
    """The network's name."""
    consent: Consent | None = None
    """Without it the vantage point is not used."""
    risk: str | None = None
    """What could happen to whoever lends the line, and what was done about it."""
    resolvers: tuple[ResolverAddress, ...] = ("system",)
    """Whom to ask for names: `system`, `udp://address[:port]`, `tcp://…`, `https://…/dns-query`."""
    ipv6: bool | None = None
    """Whether it has IPv6; left out: find out."""
    ttl_limited: bool | None = None
    """Whether a ClientHello that was reset is sent again with small IP TTLs, to learn from how far away the reset comes; left out: as in `contrasts`."""
    enabled: bool = True
    """False: not used, its history is kept."""

    @property
    def usable(self) -> bool:
        """Whether it may be used at all: enabled, and somebody agreed."""
        return self.enabled and self.consent is not None

    @property
    def shown_via(self) -> str:
        """The way out without user name and password."""
        return values.shown(self.via)


class Control(_Strict):
    """A `wallwatch control`, or an OONI test helper, where the censor is not."""

    id: Id
    """Short and stable."""
    url: Url
    """Where it listens."""


class Canary(_Strict):
    """A harmless target that tells whether the vantage point itself works."""

    id: Id
    """Short and stable."""
    url: Url
    """What is fetched."""
    expect: Literal["loads", "blocked"] = "loads"
    """`loads`, or `blocked` for a site that this network is known to block."""
    status: Annotated[int, Field(ge=100, le=599)] | None = None
    """The HTTP status that proves it, such as 204: a captive portal would answer 200."""
    vantage_points: tuple[Id, ...] = ()
    """For which vantage points; left out: all."""
    allow_private: bool = False
    """Its addresses may be private or loopback; for a lab."""


class Contrasts(_Strict):
    """What isolates the cause where a look fails or differs: second operations that differ in one thing only."""

    enabled: bool = True
    """False: nothing is tried again, and a verdict rests on the control alone."""
    neutral_names: tuple[HostName, ...] = ("example.com", "example.org")
    """Harmless names. The default is kept by IANA for examples: nobody gains by blocking it, and it belongs to no competitor and no person."""
    neutral_addresses: tuple[Address, ...] = ()
    """Where the target's name is sent to see whether it is cut there too; left out: the addresses of the neutral names. Each gets it at most once in three minutes."""
    unregistered_zone: HostName = "example"
    """Under which a name is made up that nobody registered: `example` is reserved for ever (RFC 2606), and resolvers treat it like any other."""
    no_resolver_address: SilentAddress | None = None
    """An address that runs no resolver, best one of your own behind the censor's border: whoever answers from there is an injector. Left out: not tried."""
    neighbour_addresses: tuple[Address, ...] = ()
    """Addresses whose owners agreed, tried where a target's address in the same /24 or /48 does not connect. Left out: not tried, for nobody is scanned."""
    ttl_limited: bool = False
    """Whether a ClientHello that was reset is sent again with small IP TTLs, to learn from how far away the reset comes."""


class Defaults(_Strict):
    """What holds for each target that does not say otherwise."""

    every: Duration = timedelta(hours=6)
    """How often to look."""
    jitter: Duration = timedelta(minutes=20)
    """By how much a look may come late, at random, so that looks neither bunch nor form a pattern."""
    timeout: Duration = timedelta(seconds=10)
    """How long one step may take."""
    total_timeout: Duration = timedelta(seconds=60)
    """How long one measurement may take."""
    dns_window: Duration = timedelta(seconds=2)
    """How long to keep listening for a second answer to one DNS query."""


class SignatureCount(_Strict):
    """How many had signed on a day."""

    on: Day
    """The day."""
    total: Annotated[int, Field(ge=0)]
    """All signatures until then."""


class Signatures(_Strict):
    """Counts only, never people."""

    source: str = "manual"
    """Where the counts come from."""
    counts: tuple[SignatureCount, ...] = ()
    """Counts, written here by hand."""
    file: str | None = None
    """A CSV file with the columns `date,count`, relative to this file, read when it is loaded."""
    url: Source | None = None
    """Where they are published."""


class Petition(_Strict):
    """What people are asked to sign."""

    url: Url
    """Where it can be read and signed."""
    state: Literal["open", "expired", "closed", "won"]
    """Where it stands today."""
    state_since: Day | None = None
    """Since when, where that is known."""
    text: str | None = None
    """What it says: in words of our own, or quoted."""
    demands: tuple[str, ...] = ()
    """What it calls for, one sentence each."""
    addressed_to: tuple[str, ...] = ()
    """Whom it calls on."""
    signatures: Signatures = Signatures()
    """How many signed, and when."""
    note: str | None = None
    """What a reader needs to know about it."""


class Promise(_Strict):
    """What somebody promised, which measurements may contradict."""

    by: str
    """Who promised."""
    on: Day
    """The day, in UTC."""
    quote: str
    """Their words."""
    source: Source
    """Where they stand."""
    note: str | None = None
    """What a reader needs to know about it."""


class Event(_Strict):
    """Something that happened, for the timeline."""

    on: Day
    """The day, in UTC."""
    title: str
    """What happened."""
    source: Source | None = None
    """Who says so."""
    at: Annotated[str, AfterValidator(values.instant)] | None = None
    """The exact instant in UTC, where it is known, such as 2008-07-28T21:00:00Z."""
    note: str | None = None
    """What a reader needs to know about it."""


class Claim(_Strict):
    """A dated statement by somebody else; never mixed with measurements."""

    target: Id | None = None
    """Which target it is about."""
    where: str | None = None
    """Where it is said to hold."""
    state: Literal["blocked", "reachable", "mixed"]
    """What is claimed."""
    on: PartialDate
    """2008-07-28, 2007-11 or 2008: as exact as the source is."""
    by: str
    """Who says so."""
    source: Source | None = None
    """Where they say so."""
    quote: str | None = None
    """Their words."""
    note: str | None = None
    """What the date or the words do not say."""
    weight: Literal["first-hand", "second-hand", "weak"] | None = None
    """How near the source was to what it tells."""


class Campaign(_Strict):
    """A petition and what belongs to it."""

    id: Id
    """Short and stable."""
    title: str
    """The petition's title."""
    organisation: str
    """Whose petition it is."""
    summary: str | None = None
    """What it is about, in a sentence or two."""
    petition: Petition
    """The petition itself."""
    promises: tuple[Promise, ...] = ()
    """What was promised."""
    events: tuple[Event, ...] = ()
    """What happened, and when."""
    claims: tuple[Claim, ...] = ()
    """What others say about the targets."""


class Target(_Strict):
    """A URL that is watched; its id is stable. A bare URL stands for one, its id is then made from the URL."""

    id: Id
    """Short and stable: histories hang on it, whatever the URL becomes."""
    url: Url
    """What is fetched."""
    name: str | None = None
    """What pages call it."""
    category: Category | None = None
    """What it is about: a Citizen Lab code."""
    campaigns: tuple[Id, ...] = ()
    """Which campaigns it belongs to."""
    every: Duration | None = None
    """How often to look; left out: as in `defaults`."""
    jitter: Duration | None = None
    """By how much a look may come late; left out: as in `defaults`."""
    timeout: Duration | None = None
    """How long one step may take; left out: as in `defaults`."""
    vantage_points: tuple[Id, ...] = ()
    """From where; left out: from all that are enabled and have consent."""
    tags: tuple[str, ...] = ()
    """Words to find it by."""
    allow_private: bool = False
    """Its addresses may be private or loopback."""
    enabled: bool = True
    """False: not looked at, its history is kept."""
    note: str | None = None
    """What a reader needs to know about it."""
    source: str | None = None
    """The list that it was included from."""

    @model_validator(mode="before")
    @classmethod
    def _accept_a_bare_url(cls, given: Any) -> Any:
        return {"id": values.id_from_url(values.web_url(given)), "url": given} if isinstance(given, str) else given


class Include(_Strict):
    """A Citizen Lab list to watch as well. A bare file name stands for one."""

    file: str
    """The CSV file, relative to this one."""
    categories: tuple[Category, ...] = ()
    """Only these; left out: all but PORN, MILX and HATE, which can harm whoever lends the line."""
    campaigns: tuple[Id, ...] = ()
    """Which campaigns its targets belong to."""
    every: Duration | None = None
    """How often to look at each; left out: as in `defaults`."""
    vantage_points: tuple[Id, ...] = ()
    """From where; left out: from all."""
    tags: tuple[str, ...] = ()
    """Words to find its targets by."""

    @model_validator(mode="before")
    @classmethod
    def _accept_a_bare_name(cls, given: Any) -> Any:
        return {"file": given} if isinstance(given, str) else given


class Configuration(_Strict):
    """All of `targets.yaml`, with its includes."""

    version: Literal[1] = 1
    """The version of this format."""
    defaults: Defaults = Defaults()
    """What holds for each target that does not say otherwise."""
    vantage_points: tuple[VantagePoint, ...] = ()
    """Where we look from."""
    controls: tuple[Control, ...] = ()
    """Where the same is looked at, at the same moment, outside the censor's reach."""
    canaries: tuple[Canary, ...] = ()
    """What tells whether a vantage point itself works."""
    check_resolvers: tuple[ResolverAddress, ...] = ()
    """Public resolvers that check DNS where no control is configured."""
    campaigns: tuple[Campaign, ...] = ()
    """Petitions, and what belongs to them."""
    targets: tuple[Target, ...] = ()
    """What is watched."""
    include: tuple[Include, ...] = ()
    """Citizen Lab lists to watch as well."""
    fingerprints: tuple[str, ...] = ()
    """Files with published fingerprints of block pages and forged answers, relative to this one: OONI's or Citizen Lab's lists, CSV or JSON."""
    contrasts: Contrasts = Contrasts()
    """What isolates the cause where a look fails or differs."""
    do_not_probe: tuple[str, ...] = ()
    """Hosts that are never looked at, subdomains included, whatever a list says."""
    simulated: bool = False
    """Set by `wallwatch demo` alone; shown everywhere."""
