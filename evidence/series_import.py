"""Other people's series as measurements: a record that holds the row and no observation, judged as the row states."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from evidence.ruleset import RULESET
from evidence.series_file import SeriesRow, each_row
from models.errors import WallwatchError
from models.measurement import Finished, Measurement, Software, TargetFacts, VantageFacts, digest, to_instant
from models.targets_values import host, same_url
from models.verdict import Verdict
from models.words import BLOCKED, Mechanism, Outcome, Stage

RULE = "archive.as_stated"
NOTE = "A row of somebody's series: it states an outcome, and holds nothing of what was seen."
_STAGES = {"dns": Stage.DNS, "ip": Stage.TCP, "sni": Stage.TLS, "tls": Stage.TLS, "http": Stage.HTTP}
_STAGES |= {"blockpage": Stage.HTTP, "throttled": Stage.HTTP, "stalled": Stage.HTTP}
_OUTCOMES: dict[str, Outcome] = {one.value: one for one in Outcome}
_MECHANISMS: dict[str, Mechanism] = {one.value: one for one in Mechanism}


class FilingError(WallwatchError):
    """A row names a target that no measurement can be filed under."""


@dataclass(frozen=True, slots=True)
class Filing:
    """Under which target a row goes."""

    urls: Mapping[str, str] = field(default_factory=dict)  # of the targets that are watched: id to URL
    known: Mapping[str, str] = field(default_factory=dict)  # the same the other way: `same_url(url)` to id
    under: Mapping[str, str] = field(default_factory=dict)  # as asked for: a name of the file to a target's id

    def target(self, row: SeriesRow) -> TargetFacts:
        """Returns the target that was asked for, or that has this id, URL or host; else one named as in the file."""
        name = self.under.get(row.target, row.target)
        if name in self.urls:
            return TargetFacts(id=name, url=self.urls[name])
        url = _url(row.target)
        if url is None:
            raise FilingError(
                f"{row.where}: target is {row.target[:80]!r}: no URL, no host name, and no id of targets.yaml; "
                f"file it under one with --file-under {row.target[:80]!r}=ID."
            )
        return TargetFacts(id=self.known.get(same_url(url), name), url=url)


def _url(name: str) -> str | None:
    """Returns the URL that a series' name for a target stands for; a bare host is its https front page."""
    try:
        if "://" in name:
            parts = urlsplit(name)
            return name if parts.scheme in ("http", "https") and parts.hostname and same_url(name) else None
        return f"https://{host(name)}/" if "." in name and " " not in name and "/" not in name else None
    except ValueError:
        return None


def measurements(path: Path, filing: Filing) -> Iterator[Finished]:
    """Yields a measurement for each row. Raises SeriesError or FilingError before the first where any row is bad."""
    for row in each_row(path):
        filing.target(row)
    for row in each_row(path):
        yield _measurement(row, filing.target(row))


def _measurement(row: SeriesRow, target: TargetFacts) -> Finished:
    source = json.dumps(row.cells, ensure_ascii=False).encode("utf-8", "replace")
    measurement = Measurement(
        origin="series",
        target=target,
        vantage=VantageFacts(id=row.vantage, via="series"),
        started_at=to_instant(row.look.at),
        runtime_us=0,
        software=Software(name="unknown", version="unknown"),
        source=digest(source),
        notes=(NOTE,),
    )
    return Finished(measurement=measurement, blobs={digest(source): source})


def as_stated(measurement: Measurement, blobs: Mapping[str, bytes]) -> Verdict:
    """Returns what the row of a series states; never raises, whatever the record holds."""
    try:
        cells = json.loads(blobs[measurement.source or ""])
        outcome = _OUTCOMES[cells["outcome"].strip()]
        mechanism = _MECHANISMS.get((cells.get("mechanism") or "").strip())
    except (KeyError, ValueError, TypeError, AttributeError):
        outcome, mechanism, why = Outcome.INCONCLUSIVE, None, "The row that this look was made from cannot be read."
    else:
        how = f" ({mechanism.value})" if mechanism else ""
        why = f"The series states {outcome.value}{how} for {measurement.target.url}; it holds nothing of what was seen."
    blocked = outcome in BLOCKED
    return Verdict(
        outcome=outcome,
        stage=_STAGES.get(mechanism.value.partition("_")[0]) if mechanism and blocked else None,
        mechanism=mechanism if blocked else None,
        rule=RULE,
        ruleset=RULESET,
        reasons=(why,),
        would_change=("A measurement of our own at that time.",),
    )
