"""Whether what a bundle says hangs together: each part derived again from what it claims to rest on."""

import json
import tempfile
from datetime import datetime
from pathlib import Path

import msgspec

from evidence.bundle import CITATIONS, FORMAT
from evidence.bundle_check_records import Check, Report, Verifier, check_records
from evidence.bundle_choice import follows
from evidence.bundle_lines import SERIES_HEADER, SUFFIX, outages_of, rules_of
from evidence.bundle_open import Opened
from evidence.citation import version_of
from evidence.ruleset import RULESET
from evidence.series_file import SeriesError, read_series
from models.episode import Look

__all__ = ["Report", "Verifier", "check"]

_SHOWN = 20
_BROKEN = (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError)


def check(opened: Opened, verifier: Verifier) -> Report:
    """Checks everything that follows from something else. Never raises, whatever the files hold."""
    on = Check(opened, verifier)
    steps = (
        ("data/bundle.json", _about),
        ("data/contents.jsonl", check_records),
        ("data/series.csv", _series),
        ("data/rules.json", _rules),
        ("data/", _strays),
    )
    for path, step in steps:
        try:
            step(on)
        except (*_BROKEN, msgspec.MsgspecError, SeriesError, OSError) as error:
            on.report.wrong(f"{path} is not what it should be: {error or type(error).__name__}")
            break
    on.report.notes += [f"{count} verdicts {why}" for why, count in sorted(on.seen.unlike.items())]
    return on.report


def _about(on: Check) -> None:
    on.about = dict(json.loads(on.opened.read("data/bundle.json")))
    if on.about["format"] != FORMAT:
        raise ValueError(f"it is of format {on.about['format']!r}, this wallwatch reads {FORMAT}; use a later one")


def _series(on: Check) -> None:
    looks = _looks(on)
    by_name = {look.measurement: look for look in looks}
    if len(looks) != on.about["looks"]:
        on.report.wrong(f"data/series.csv has {len(looks)} looks, bundle.json speaks of {on.about['looks']!r}")
    for name, look in on.seen.looks.items():
        if by_name.get(name) != look:
            on.report.wrong(f"data/series.csv does not have {name} as its record and its verdict say")
    left = len(looks) - len(on.seen.looks)
    if left > 0:
        on.report.notes.append(f"{left} looks of the series have no record in the bundle; they rest on the signature")
    if on.about["kind"] == "episode":
        _episode(on, looks)


def _looks(on: Check) -> list[Look]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "series.csv"
        with path.open("wb") as file:
            file.writelines(on.opened.pieces("data/series.csv"))
        with path.open("rb") as file:
            if file.readline() != ",".join(SERIES_HEADER).encode() + b"\n":
                raise ValueError("another header than the contract's")
        found = read_series(path)
    [(pair, looks)] = found.items()
    if pair != (on.about["target"], on.about["vantage"]):
        raise ValueError(f"a series of another target or vantage point: {pair}")
    return looks


def _episode(on: Check, looks: list[Look]) -> None:
    episode = json.loads(on.opened.read("data/episode.json"))
    outages = outages_of(on.about["outages"], datetime.fromisoformat)
    if outages:
        on.report.notes.append(
            f"{len(outages)} suspected outages of the vantage point were set aside; they rest on the signature"
        )
    if episode["id"] != on.about["id"] or not follows(episode, on.about["target"], on.about["vantage"], looks, outages):
        on.report.wrong("data/episode.json does not follow from data/series.csv")
    version = version_of(episode)
    for name in CITATIONS.values():
        if on.about["episode_version"] != version or version not in on.opened.read(f"data/{name}").decode():
            on.report.wrong(f"data/{name} or bundle.json names another state of the episode than {version}")


def _rules(on: Check) -> None:
    if any(ruleset != RULESET for _, ruleset in on.seen.rules):
        return
    if json.loads(on.opened.read("data/rules.json")) != rules_of(on.seen.rules):
        on.report.wrong("data/rules.json does not have the rules that fired as this wallwatch has them")


def _strays(on: Check) -> None:
    kinds = ("records", "records-redacted", "chains", *SUFFIX)
    kept = {path for path in on.opened.files if path.startswith(tuple(f"data/{kind}/" for kind in kinds))}
    for path in sorted(kept - on.seen.files)[:_SHOWN]:
        on.report.wrong(f"{path} belongs to no measurement of the bundle")
