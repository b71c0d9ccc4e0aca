"""The tables. Kept ones (records, blobs, announcements …) change by Alembic only; index ones are dropped and rebuilt.

Driver-level statements in the neighbouring files read and write them; the classes exist to make and to compare the schema.
Instants are integers, microseconds since 1970 in UTC: eight bytes, the same on every database, nothing to convert.
"""

from typing import Any

from sqlalchemy import BigInteger, Integer, LargeBinary, MetaData, SmallInteger
from sqlalchemy import Index as DbIndex
from sqlmodel import Field, SQLModel

_WIDE = BigInteger().with_variant(Integer(), "sqlite")
_BYTES = LargeBinary()
KEPT = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)
INDEX = MetaData(naming_convention=KEPT.naming_convention)

_CLUSTERED = {"sqlite_with_rowid": False}


def _wide(**options: Any) -> Any:
    return Field(sa_type=_WIDE, **options)


def _key() -> Any:
    return Field(sa_type=_WIDE, primary_key=True, sa_column_kwargs={"autoincrement": False})


def _bytes(**options: Any) -> Any:
    return Field(sa_type=_BYTES, **options)


class Kept(SQLModel):
    """What cannot be rebuilt."""

    metadata = KEPT


class TargetName(Kept, table=True):
    """A small number for each target's id."""

    __tablename__ = "target"
    number: int | None = _wide(primary_key=True, default=None)
    name: str = Field(unique=True)


class VantageName(Kept, table=True):
    """A small number for each vantage point's id."""

    __tablename__ = "vantage"
    number: int | None = _wide(primary_key=True, default=None)
    name: str = Field(unique=True)


class Record(Kept, table=True):
    """A measurement's canonical JSON with its own small blobs, in order of arrival; never changed."""

    __tablename__ = "record"
    seq: int = _key()
    id: bytes = _bytes(unique=True)
    target: int = _wide()
    vantage: int = _wide()
    at: int = _wide()
    codec: int = Field(sa_type=SmallInteger)
    body: bytes = _bytes()
    base: int | None = _wide(default=None)  # the blob that it is packed against


class Sample(Kept, table=True):
    """Which blob a target's records of one period are packed against."""

    __tablename__ = "sample"
    target: int = _key()
    period: int = _key()
    blob: int = _wide()


class Within(Kept, table=True):
    """Which of a batch's records hold which small blobs: the first bytes of their digests, run together."""

    __tablename__ = "within"
    first: int = _key()
    last: int = _wide()
    digests: bytes = _bytes()


class Blob(Kept, table=True):
    """Content that several records may name: certificates, bodies, archives' originals."""

    __tablename__ = "blob"
    seq: int = _key()
    digest: bytes = _bytes(unique=True)
    codec: int = Field(sa_type=SmallInteger)
    body: bytes = _bytes()


class AnnouncementRow(Kept, table=True):
    """What was announced; append-only."""

    __tablename__ = "announcement"
    number: int = _key()
    at: int = _wide()
    key: str = Field(unique=True)
    kind: str
    target: str | None = None
    vantage: str | None = None
    episode: str | None = None
    text: str
    measurements: str = "[]"
    supersedes: int | None = _wide(default=None)


class GapRow(Kept, table=True):
    """A stretch in which nobody looked."""

    __tablename__ = "gap"
    number: int = _key()
    after: int = _wide(index=True)
    by: int = _wide()
    reason: str
    target: str | None = None
    vantage: str | None = None


class StatusRow(Kept, table=True):
    """Small JSON documents from the prober to the pages, and the store's own notes."""

    __tablename__ = "status"
    name: str = Field(primary_key=True)
    at: int = _wide()
    document: str


class Indexed(SQLModel):
    """What can be dropped and rebuilt from the records."""

    metadata = INDEX


class Ruling(Indexed, table=True):
    """A small number for each (rule, ruleset, fingerprints)."""

    __tablename__ = "ruling"
    number: int = _key()
    rule: str
    ruleset: str
    fingerprints: str = ""


class Opinion(Indexed, table=True):
    """The sentences of verdicts; looks that say the same share one."""

    __tablename__ = "opinion"
    number: int = _key()
    hash: int = Field(sa_type=BigInteger, index=True)
    codec: int = Field(sa_type=SmallInteger)
    body: bytes = _bytes()


class LookRow(Indexed, table=True):
    """One look. Led by the day, so that writes stay where the day is, whoever brings them; then by the pair."""

    __tablename__ = "look"
    __table_args__ = _CLUSTERED
    day: int = _key()
    vantage: int = _key()
    target: int = _key()
    at: int = _key()
    seq: int = _key()
    id: bytes = _bytes()
    outcome: str
    stage: str | None = None
    mechanism: str | None = None
    also: str | None = None
    ruling: int = _wide()
    opinion: int = _wide()
    runtime: int = _wide()
    dns: int | None = _wide(default=None)
    tcp: int | None = _wide(default=None)
    tls: int | None = _wide(default=None)
    http: int | None = _wide(default=None)
    load: int | None = _wide(default=None)


class CurrentRow(Indexed, table=True):
    """Where each pair stands now."""

    __tablename__ = "current"
    __table_args__ = _CLUSTERED
    target: int = _key()
    vantage: int = _key()
    at: int = _wide()
    seq: int = _wide()
    id: bytes = _bytes()
    outcome: str
    stage: str | None = None
    mechanism: str | None = None
    ruling: int = _wide()
    opinion: int = _wide()
    runtime: int = _wide()
    load: int | None = _wide(default=None)
    since: int = _wide()
    in_a_row: int = _wide()
    first_at: int = _wide()
    looks: int = _wide()
    last_ok: int | None = _wide(default=None)
    last_blocked: int | None = _wide(default=None)
    last_usable: int | None = _wide(default=None)
    episode: str | None = None
    episode_state: str | None = None


class DailyRow(Indexed, table=True):
    """Counts for each day and pair; led by the day, so that a page reads a stretch and a write stays at its end."""

    __tablename__ = "daily"
    __table_args__ = _CLUSTERED
    day: int = _key()
    target: int = _key()
    vantage: int = _key()
    ok: int = 0
    anomaly: int = 0
    confirmed: int = 0
    restricted: int = 0
    down: int = 0
    inconclusive: int = 0
    loads: int = 0
    load_sum: int = _wide(default=0)
    load_min: int | None = _wide(default=None)
    load_max: int | None = _wide(default=None)
    h0: int = 0
    h1: int = 0
    h2: int = 0
    h3: int = 0
    h4: int = 0
    h5: int = 0
    h6: int = 0
    h7: int = 0
    h8: int = 0
    h9: int = 0


class EpisodeRow(Indexed, table=True):
    """Block episodes, whole as JSON beside what they are looked up by."""

    __tablename__ = "episode"
    __table_args__ = (DbIndex("ix_episode_pair", "target", "vantage", "onset_by"),)
    id: str = Field(primary_key=True)
    target: int = _wide()
    vantage: int = _wide()
    onset_by: int = _wide(index=True)
    state: str
    body: bytes = _bytes()
