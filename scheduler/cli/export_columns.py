"""The columns of an export: a name, a kind, and how to read it; one table for each thing that can be exported."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from models.episode import Episode
from models.measurement import Measurement
from models.observations import HttpFetch, Purpose
from models.store import Store, VerdictRow
from models.verdict import Verdict

Kind = Literal["text", "number", "instant", "flag"]
Cell = str | int | datetime | bool | None


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    kind: Kind
    read: Callable[[Any], Cell]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of the store is exported."""

    target: str | None = None
    vantage: str | None = None
    since: datetime | None = None


def _walk(measurement: Measurement) -> list[HttpFetch]:
    return [fetch for fetch in measurement.http if fetch.purpose is Purpose.WALK]


def _failure(steps: Iterable[Any]) -> str | None:
    """Returns the first failure of the walk's steps of one kind; null where one of them succeeded or none was tried."""
    failures = [step.failure for step in steps if step.purpose is Purpose.WALK]
    return failures[0] if failures and all(failures) else None


_LOOK = (
    Column("measurement", "text", lambda row: row[0].measurement),
    Column("target", "text", lambda row: row[0].target),
    Column("vantage", "text", lambda row: row[0].vantage),
    Column("started_at", "instant", lambda row: row[0].at),
    Column("outcome", "text", lambda row: str(row[0].outcome)),
    Column("stage", "text", lambda row: row[0].stage and str(row[0].stage)),
    Column("mechanism", "text", lambda row: row[0].mechanism and str(row[0].mechanism)),
)
VERDICTS = (
    *_LOOK,
    Column("also", "text", lambda row: " ".join(row[0].also)),
    Column("rule", "text", lambda row: row[0].rule),
    Column("ruleset", "text", lambda row: row[0].ruleset),
    Column("fingerprints", "text", lambda row: row[0].fingerprints),
    Column("reasons", "text", lambda row: " ".join(row[1].reasons)),
)
MEASUREMENTS = (
    *_LOOK,
    Column("url", "text", lambda row: row[1].target.url),
    Column("category", "text", lambda row: row[1].target.category),
    Column("via", "text", lambda row: row[1].vantage.via),
    Column("country", "text", lambda row: row[1].vantage.country),
    Column("asn", "number", lambda row: row[1].vantage.asn),
    Column("network", "text", lambda row: row[1].vantage.network),
    Column("simulated", "flag", lambda row: row[1].simulated),
    Column("runtime_us", "number", lambda row: row[0].runtime_us),
    Column("dns_us", "number", lambda row: row[0].dns_us),
    Column("tcp_us", "number", lambda row: row[0].tcp_us),
    Column("tls_us", "number", lambda row: row[0].tls_us),
    Column("http_us", "number", lambda row: row[0].http_us),
    Column("load_us", "number", lambda row: row[0].load_us),
    Column("dns_failure", "text", lambda row: _failure(row[1].dns)),
    Column("tcp_failure", "text", lambda row: _failure(row[1].tcp)),
    Column("tls_failure", "text", lambda row: _failure(row[1].tls)),
    Column("http_failure", "text", lambda row: _failure(row[1].http)),
    Column("status", "number", lambda row: _walk(row[1])[-1].status if _walk(row[1]) else None),
    Column("final_url", "text", lambda row: _walk(row[1])[-1].url if _walk(row[1]) else None),
    Column("control_failure", "text", lambda row: row[1].controls[0].failure if row[1].controls else "no_control"),
)
EPISODES = (
    Column("id", "text", lambda one: one.id),
    Column("target", "text", lambda one: one.target),
    Column("vantage", "text", lambda one: one.vantage),
    Column("state", "text", lambda one: str(one.state)),
    Column("mechanisms", "text", lambda one: " ".join(one.mechanisms)),
    Column("onset_after", "instant", lambda one: one.onset.after),
    Column("onset_by", "instant", lambda one: one.onset.by),
    Column("onset_clean", "flag", lambda one: one.onset.clean),
    Column("release_after", "instant", lambda one: one.release.after if one.release else None),
    Column("release_by", "instant", lambda one: one.release.by if one.release else None),
    Column("release_clean", "flag", lambda one: one.release.clean if one.release else None),
    Column("checks", "number", lambda one: one.checks),
    Column("blocked_checks", "number", lambda one: one.blocked_checks),
    Column("interruptions", "number", lambda one: len(one.interruptions)),
    Column("gaps", "number", lambda one: len(one.gaps)),
    Column("last_blocked", "instant", lambda one: one.last_blocked),
    Column("last_look", "instant", lambda one: one.last_look),
    Column("confirmed_at", "instant", lambda one: one.confirmed_at),
    Column("wave", "number", lambda one: one.wave),
    Column("witnesses", "text", lambda one: " ".join(one.witnesses)),
)


def _measurements(store: Store, wanted: Wanted) -> Iterator[tuple[VerdictRow, Measurement]]:
    return store.each_record(wanted.target, wanted.vantage, wanted.since)


def _verdicts(store: Store, wanted: Wanted) -> Iterator[tuple[VerdictRow, Verdict]]:
    return store.each_verdict(wanted.target, wanted.vantage, wanted.since)


def _episodes(store: Store, wanted: Wanted) -> Iterator[Episode]:
    found = store.episodes(wanted.target, wanted.vantage, limit=(1 << 62))
    return (one for one in reversed(found) if wanted.since is None or one.last_look >= wanted.since)


TABLES: dict[str, tuple[Sequence[Column], Callable[[Store, Wanted], Iterator[Any]]]] = {
    "measurements": (MEASUREMENTS, _measurements),
    "verdicts": (VERDICTS, _verdicts),
    "episodes": (EPISODES, _episodes),
}
"""What can be exported -> its columns, and where its rows come from."""
