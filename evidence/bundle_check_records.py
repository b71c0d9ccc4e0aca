"""Whether each record, content, verdict, chain and exchange of a bundle follows from what it claims to rest on."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

import msgspec

from evidence.bundle import chain_path, chains_of, to_pem
from evidence.bundle_lines import SUFFIX, decided
from evidence.bundle_open import Opened
from evidence.judge import Judge
from evidence.ruleset import RULESET
from evidence.warc import Exchanges
from models.episode import Look
from models.measurement import Measurement, digest, from_canonical
from models.store.evidence_names import all_names

_SHOWN = 20


class BlobLine(msgspec.Struct, frozen=True):
    """A blob in `contents.jsonl`."""

    name: str
    kind: str
    file: str | None = None
    sha256: str | None = None
    redacted: tuple[str, ...] = ()
    withheld: str | None = None


class ContentsLine(msgspec.Struct, frozen=True):
    """A measurement in `contents.jsonl`."""

    measurement: str
    started_at: str
    record: str
    record_sha256: str
    redacted: tuple[str, ...]
    blobs: tuple[BlobLine, ...]
    verdict_follows: bool
    why_not: str | None

    @property
    def whole(self) -> bool:
        return not self.redacted and all(blob.file and not blob.redacted for blob in self.blobs)


@dataclass(frozen=True, slots=True)
class Verifier:
    """What the one who verifies has: rules, fingerprints and trusted roots."""

    judge: Judge
    roots: str
    fingerprints: str | None


@dataclass(slots=True)
class Report:
    """What was found: reasons why it does not hold, and notes on what could not be checked here."""

    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    records: int = 0
    whole: int = 0
    judged: int = 0

    def wrong(self, what: str) -> None:
        if len(self.problems) < _SHOWN and what not in self.problems:
            self.problems.append(what)


@dataclass(slots=True)
class Seen:
    """What the records said, for what follows from them."""

    looks: dict[str, Look] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)
    rules: set[tuple[str, str]] = field(default_factory=set)
    unlike: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Check:
    """One check under way: the bundle, what it says of itself, what was seen of it so far."""

    opened: Opened
    verifier: Verifier
    report: Report = field(default_factory=Report)
    seen: Seen = field(default_factory=Seen)
    about: dict[str, Any] = field(default_factory=dict)


def check_records(on: Check) -> None:
    warc = _Compared(on.opened, "data/exchanges.warc")
    exchanges: Exchanges | None = None
    both = zip_longest(on.opened.lines("data/contents.jsonl"), on.opened.lines("data/verdicts.jsonl"))
    for raw, verdict in both:
        if raw is None or verdict is None:
            raise ValueError("contents.jsonl and verdicts.jsonl do not have the same measurements")
        line = msgspec.json.decode(raw, type=ContentsLine)
        measurement = _record(on, line)
        shown = _blobs(on, line, measurement)
        _verdict(on, json.loads(verdict), line, measurement, shown)
        if exchanges is None:
            exchanges = Exchanges(on.about["made_by"].removeprefix("wallwatch "), _first(measurement))
            warc.follows_with(exchanges.head())
        for piece in exchanges.of(line.measurement, measurement, shown):
            warc.follows_with(piece)
        _chains(on, measurement, shown)
    if not warc.ends():
        on.report.wrong("data/exchanges.warc does not follow from the records")
    _counts(on)


def _first(measurement: Measurement) -> str:
    return measurement.started.isoformat().replace("+00:00", "Z")


def _counts(on: Check) -> None:
    if (
        on.about["records"] != on.report.records
        or on.about["records_left_out"] != on.about["records_there_are"] - on.report.records
    ):
        on.report.wrong(f"data/bundle.json speaks of {on.about['records']!r} records, there are {on.report.records}")
    if on.about["records_left_out"]:
        on.report.notes.append(f"{on.about['records_left_out']} looks of the episode have no record in the bundle")


def _record(on: Check, line: ContentsLine) -> Measurement:
    """Holds a record against its name."""
    content = on.opened.read(line.record)
    folder = "records-redacted" if line.redacted else "records"
    if (
        line.record != f"data/{folder}/{line.measurement.removeprefix('sha256:')}.json"
        or line.measurement in on.seen.looks
    ):
        on.report.wrong(f"data/contents.jsonl: the record of {line.measurement} is at {line.record}, or there twice")
    found = digest(content)
    if found != line.record_sha256:
        on.report.wrong(f"{line.record} is not the copy that contents.jsonl names: its digest is {found}")
    if not line.redacted and found != line.measurement:
        on.report.wrong(f"{line.record} is not the record that its name says: its digest is {found}")
    measurement = from_canonical(content)
    if measurement.to_canonical() != content:
        on.report.wrong(f"{line.record} is not in canonical form, or holds what this wallwatch does not know")
    on.report.records += 1
    on.report.whole += not line.redacted
    on.seen.files.add(line.record)
    return measurement


def _blobs(on: Check, line: ContentsLine, measurement: Measurement) -> dict[str, bytes]:
    """Returns the contents that are shown, each held against its name."""
    if sorted(blob.name for blob in line.blobs) != sorted(all_names(measurement)):
        on.report.wrong(f"data/contents.jsonl: the contents of {line.measurement} are not those that its record names")
    shown: dict[str, bytes] = {}
    for blob in line.blobs:
        if blob.file is None:
            continue
        content = on.opened.read(blob.file)
        found = digest(content)
        stem = f"{found.removeprefix('sha256:')}{'.redacted' if blob.redacted else ''}.{SUFFIX[blob.kind]}"
        if (
            found != blob.sha256
            or (not blob.redacted and found != blob.name)
            or blob.file != f"data/{blob.kind}/{stem}"
        ):
            on.report.wrong(f"{blob.file} is not what its name says: its digest is {found}")
        shown[blob.name] = content
        on.seen.files.add(blob.file)
    return shown


def _verdict(
    on: Check, said: dict[str, Any], line: ContentsLine, measurement: Measurement, shown: dict[str, bytes]
) -> None:
    verdict = said["verdict"]
    facts = (said["measurement"], said["target"], said["vantage"], said["started_at"], said["url"])
    target = measurement.target
    if facts != (line.measurement, target.id, measurement.vantage.id, measurement.started_at, target.url):
        on.report.wrong(f"data/verdicts.jsonl: the line of {line.measurement} is not about its record")
    if (target.id, measurement.vantage.id, line.started_at) != (on.about["target"], on.about["vantage"], facts[3]):
        on.report.wrong(f"{line.record} is a look at another target or from elsewhere, or at another time than is said")
    on.seen.looks[line.measurement] = Look(
        measurement.started, verdict["outcome"], verdict["mechanism"], line.measurement
    )
    on.seen.rules.add((verdict["rule"], verdict["ruleset"]))
    why = _why_not_judged(verdict, line, on.verifier)
    if why is not None:
        on.seen.unlike[why] += 1
        return
    again = decided(on.verifier.judge.verdict(measurement, shown))
    if again == {key: verdict[key] for key in again}:
        on.report.judged += 1
    elif on.about["roots"] == on.verifier.roots and on.about["fingerprints"] == on.verifier.fingerprints:
        on.report.wrong(
            f"data/verdicts.jsonl: the verdict of {line.measurement} ({verdict['outcome']}, {verdict['rule']}) does not"
            f" follow from its record, which gives {again['outcome']}, {again['rule']}"
        )
    else:
        on.seen.unlike["come out otherwise here, where other roots are trusted or other fingerprints known"] += 1


def _why_not_judged(verdict: dict[str, Any], line: ContentsLine, verifier: Verifier) -> str | None:
    if verdict["ruleset"] != RULESET:
        return f"cannot be checked here: they are of ruleset {verdict['ruleset']}, this is {RULESET}"
    if verdict["fingerprints"] not in (None, verifier.fingerprints):
        return "cannot be checked here: they rest on fingerprints that this wallwatch does not have"
    return None if line.verdict_follows else f"cannot be derived from the bundle: {line.why_not}"


def _chains(on: Check, measurement: Measurement, shown: dict[str, bytes]) -> None:
    for chain in chains_of(measurement):
        path = f"data/{chain_path(chain)}"
        if path in on.seen.files or not all(der in shown for der in chain):
            continue
        on.seen.files.add(path)
        if on.opened.read(path) != to_pem([shown[der] for der in chain]):
            on.report.wrong(f"{path} is not the chain that was recorded")


class _Compared:
    """Holds a file against what it should be, as it is made."""

    def __init__(self, opened: Opened, path: str) -> None:
        self._pieces: Iterator[bytes] = opened.pieces(path)
        self._have, self._same = b"", True

    def follows_with(self, expected: bytes) -> None:
        while self._same and len(self._have) < len(expected):
            piece = next(self._pieces, b"")
            if not piece:
                break
            self._have += piece
        self._same = self._same and self._have.startswith(expected)
        self._have = self._have[len(expected) :]

    def ends(self) -> bool:
        return self._same and not self._have and not next(self._pieces, b"")
