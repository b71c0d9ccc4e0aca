"""Writing an evidence bundle: one measurement in memory at a time, nothing written that still holds something private."""

import base64
import hashlib
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import BinaryIO

from evidence.bundle_bag import Bag
from evidence.bundle_choice import Subject
from evidence.bundle_lines import (
    SERIES_HEADER,
    blob_path,
    contents_line,
    decided,
    outage_line,
    record_path,
    rules_of,
    series_row,
    to_line,
    to_page,
    verdict_line,
)
from evidence.bundle_page import page
from evidence.bundle_private import Address, Private
from evidence.bundle_redaction import Redacted, redacted
from evidence.bundle_words import how_to_verify
from evidence.bundle_zip import BundleError, pieces
from evidence.citation import Cited
from evidence.citation_forms import FORMATS
from evidence.episodes import to_iso, to_json
from evidence.judge import Judge
from evidence.ruleset import RULESET
from evidence.signing import Signer
from evidence.warc import Exchanges
from models.measurement import Measurement
from models.store import Store
from models.verdict import Verdict

FORMAT = 1
CITATIONS = {"text": "citation.txt", "bibtex": "citation.bib", "csl": "citation.csl.json", "html": "citation.html"}
_IN_MEMORY = 4 << 20
_OVERLAP = 256  # longer than any shape of an address, which may lie across two pieces
_PEM = "-----{} CERTIFICATE-----\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """What a bundle is made with, besides its subject."""

    store: Store
    judge: Judge
    roots: str  # digest of the trusted roots that the judge holds
    fingerprints: str | None
    signer: Signer
    version: str
    own: tuple[Address, ...] = ()


@dataclass(slots=True)
class Told:
    """What a bundle holds, counted while it is written."""

    records: int = 0
    redacted: int = 0
    withheld: int = 0
    follow: int = 0
    marks: Counter[str] = field(default_factory=Counter)
    why_not: Counter[str] = field(default_factory=Counter)
    rules: set[tuple[str, str]] = field(default_factory=set)
    shown: list[dict[str, object]] = field(default_factory=list)  # verdict lines for the page: the ends
    software: set[str] = field(default_factory=set)
    simulated: bool = False
    url: str = ""


def write_bundle(maker: Maker, subject: Subject, cited: Cited | None, file: BinaryIO) -> Told:
    """Writes a bundle. Raises BundleError where it cannot be written, or would give away something private."""
    guard = Private(own=maker.own)

    def check(path: str, content: BinaryIO) -> None:
        before = b""
        for piece in pieces(content):
            if (left := guard.left(before + piece)) is not None:
                raise BundleError(f"{path} would hold {left}; nothing was written")
            before = piece[-_OVERLAP:]

    bag, told = Bag(file, subject.folder, check), Told()
    with ExitStack() as opened:
        lists = _Lists(opened, maker.version, subject)
        for look in subject.chosen:
            _measurement(maker, look.measurement or "", bag, lists, told)
        for look in subject.series:
            lists.series.write(series_row(subject.target, subject.vantage, look))
        for path, content in lists.files:
            bag.add(path, content)
    _documents(maker, subject, replace(cited, url=told.url) if cited else None, bag, told)
    bag.finish(_info(maker, subject, told), maker.signer)
    return told


class _Lists:
    """The files that grow with each measurement, on disk once they are large."""

    def __init__(self, opened: ExitStack, version: str, subject: Subject) -> None:
        def new() -> BinaryIO:
            return opened.enter_context(tempfile.SpooledTemporaryFile(_IN_MEMORY))  # type: ignore[return-value]

        self.contents, self.verdicts, self.exchanges, self.series = new(), new(), new(), new()
        self.warc = Exchanges(version, to_iso(subject.chosen[0].at))
        self.exchanges.write(self.warc.head())
        self.series.write(",".join(SERIES_HEADER).encode() + b"\n")

    @property
    def files(self) -> list[tuple[str, BinaryIO]]:
        return [
            ("contents.jsonl", self.contents),
            ("verdicts.jsonl", self.verdicts),
            ("exchanges.warc", self.exchanges),
            ("series.csv", self.series),
        ]


def _measurement(maker: Maker, name: str, bag: Bag, lists: _Lists, told: Told) -> None:
    record, verdict = maker.store.record(name), maker.store.verdict(name)
    if record is None or verdict is None:
        raise BundleError(f"the record or the verdict of {name} is not in {maker.store.place}; run `wallwatch judge`")
    shown = redacted(name, record, maker.store.blobs_of(name), maker.own)
    bag.add(record_path(shown), shown.record)
    for blob in shown.blobs:
        if blob.content is not None:
            bag.add(blob_path(blob), blob.content)
    _chains(shown, bag)
    for piece in lists.warc.of(name, shown.measurement, shown.shown):
        lists.exchanges.write(piece)
    why = _why_not(maker, shown, verdict)
    lists.contents.write(to_line(contents_line(shown, why is None, why)))
    line = verdict_line(shown, verdict)
    lists.verdicts.write(to_line(line))
    _count(told, shown, verdict, why, line)


def _count(told: Told, shown: Redacted, verdict: Verdict, why: str | None, line: dict[str, object]) -> None:
    told.records += 1
    told.redacted += bool(shown.redacted)
    told.withheld += sum(blob.content is None for blob in shown.blobs)
    told.follow += why is None
    told.why_not.update([why] if why else [])
    told.marks.update(each.rpartition(": ")[2] for each in shown.redacted)
    told.marks.update(mark for blob in shown.blobs for mark in blob.redacted)
    told.rules.add((verdict.rule, verdict.ruleset))
    told.simulated = told.simulated or shown.measurement.simulated
    told.url = told.url or shown.measurement.target.url
    software = shown.measurement.software
    told.software.add(f"{software.name} {software.version}")
    told.shown.append(line)
    if len(told.shown) > 40:  # the page shows both ends
        del told.shown[20]


def _why_not(maker: Maker, shown: Redacted, verdict: Verdict) -> str | None:
    """Returns why the verdict does not come out again from what the bundle holds; null when it does."""
    if verdict.ruleset != RULESET or verdict.fingerprints not in (None, maker.fingerprints):
        return "judged by other rules or fingerprints than this wallwatch has"
    again = maker.judge.verdict(shown.measurement, shown.shown)
    if decided(again) == decided(verdict):
        return None
    return "judged with other trusted roots or fingerprints" if shown.whole else "what it stands on was redacted"


def _chains(shown: Redacted, bag: Bag) -> None:
    for chain in chains_of(shown.measurement):
        if all(der in shown.shown for der in chain):
            bag.add(chain_path(chain), to_pem([shown.shown[der] for der in chain]))


def chain_path(chain: Sequence[str]) -> str:
    """Returns the file of a chain: the same chain is written once."""
    return f"chains/{hashlib.sha256(''.join(chain).encode()).hexdigest()[:32]}.pem"


def chains_of(measurement: Measurement) -> list[tuple[str, ...]]:
    """Returns each chain that was presented, once, in the order in which they came."""
    shakes = [*measurement.tls, *(one for contrast in measurement.contrasts for one in contrast.tls)]
    return list(dict.fromkeys(one.chain for one in shakes if one.chain))


def to_pem(chain: Sequence[bytes]) -> bytes:
    return "".join(_PEM.format("BEGIN") + _lines(der) + _PEM.format("END") for der in chain).encode()


def _lines(der: bytes) -> str:
    coded = base64.b64encode(der).decode()
    return "".join(f"{coded[at : at + 64]}\n" for at in range(0, len(coded), 64))


def _documents(maker: Maker, subject: Subject, cited: Cited | None, bag: Bag, told: Told) -> None:
    about = _about(maker, subject, cited, told)
    bag.add("bundle.json", to_page(about))
    bag.add("rules.json", to_page(rules_of(told.rules)))
    if cited is not None and subject.episode is not None:
        bag.add("episode.json", to_page(to_json(subject.episode)))
        for form, name in CITATIONS.items():
            bag.add(name, FORMATS[form](cited).encode("utf-8", "replace") + b"\n")
    bag.add("index.html", page(subject, cited, told.shown, about))
    bag.add("HOW-TO-VERIFY.md", how_to_verify(subject.folder, about))


def _about(maker: Maker, subject: Subject, cited: Cited | None, told: Told) -> dict[str, object]:
    return {
        "format": FORMAT,
        "kind": "episode" if subject.episode else "measurement",
        "id": subject.name,
        "target": subject.target,
        "vantage": subject.vantage,
        "simulated": told.simulated,
        "url": told.url,
        "made_by": f"wallwatch {maker.version}",
        "measured_by": sorted(told.software),
        "ruleset": RULESET,
        "roots": maker.roots,
        "fingerprints": maker.fingerprints,
        "key": maker.signer.id,
        "looks": len(subject.series),
        "records": told.records,
        "records_there_are": subject.of,
        "records_left_out": subject.of - told.records,
        "records_redacted": told.redacted,
        "blobs_withheld": told.withheld,
        "redactions": dict(sorted(told.marks.items())),
        "verdicts_that_follow": told.follow,
        "verdicts_that_do_not_follow": dict(sorted(told.why_not.items())),
        "outages": [outage_line(each) for each in subject.outages],
        "episode_version": cited.version if cited and subject.episode else None,
    }


def _info(maker: Maker, subject: Subject, told: Told) -> dict[str, str]:
    what = f"episode {subject.name}" if subject.episode else f"measurement {subject.name}"
    mark = "SIMULATED: " if told.simulated else ""
    return {
        "Source-Organization": "a wallwatch instance, known by its key",
        "External-Identifier": subject.name,
        "External-Description": f"{mark}Evidence of wallwatch {what}",
        "Bagging-Date": f"{subject.series[-1].at:%Y-%m-%d}",  # of the last look: the same input gives the same bytes
        "Bag-Software-Agent": f"wallwatch {maker.version}",
        "Wallwatch-Key": maker.signer.id,
    }
