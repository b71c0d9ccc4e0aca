"""The lines of a bundle's lists: what each measurement's files are, what its verdict says, its place in the series."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from typing import Any

from evidence.bundle_redaction import Blob, Redacted
from evidence.episode_series import Outage
from evidence.episodes import to_iso
from evidence.rule import Rule
from evidence.rules import ALL
from evidence.ruleset import RULESET
from models.episode import Look
from models.measurement import digest
from models.verdict import Verdict
from models.words import Mechanism, Outcome

SERIES_HEADER = ("target", "vantage", "started_at", "outcome", "mechanism", "measurement")
SUFFIX = {"dns": "bin", "controls": "json", "certificates": "der", "bodies": "bin", "sources": "bin"}
"""Kind of blob, which is its folder -> how its files' names end."""

_OUTCOMES = {str(each): each for each in Outcome}


def record_path(shown: Redacted) -> str:
    folder = "records-redacted" if shown.redacted else "records"
    return f"{folder}/{_hex(shown.id)}.json"


def blob_path(blob: Blob) -> str:
    """Returns a blob's file, named by its digest; a redacted copy is named by the digest that the copy has."""
    assert blob.content is not None
    name = f"{digest(blob.content)}.redacted" if blob.redacted else blob.name
    return f"{blob.kind}/{_hex(name)}.{SUFFIX[blob.kind]}"


def contents_line(shown: Redacted, follows: bool, why: str | None) -> dict[str, object]:
    """Returns where all of a measurement is, and what was taken out of it."""
    return {
        "measurement": shown.id,
        "started_at": shown.measurement.started_at,
        "record": f"data/{record_path(shown)}",
        "record_sha256": digest(shown.record),
        "redacted": list(shown.redacted),
        "blobs": [_blob_line(blob) for blob in shown.blobs],
        "verdict_follows": follows,
        "why_not": why,
    }


def _blob_line(blob: Blob) -> dict[str, object]:
    if blob.content is None:
        return {"name": blob.name, "kind": blob.kind, "withheld": blob.withheld}
    return {
        "name": blob.name,
        "kind": blob.kind,
        "file": f"data/{blob_path(blob)}",
        "sha256": digest(blob.content),
        "redacted": list(blob.redacted),
    }


def verdict_line(shown: Redacted, verdict: Verdict) -> dict[str, object]:
    """Returns a verdict in the form of `probe --json`, without what is private."""
    measurement = shown.measurement

    def clean(text: str) -> str:
        return shown.private.text(text)[0]

    return {
        "target": measurement.target.id,
        "url": measurement.target.url,
        "vantage": measurement.vantage.id,
        "measurement": shown.id,
        "started_at": measurement.started_at,
        "runtime": round(measurement.runtime_us / 1e6, 6),
        "verdict": {
            **decided(verdict),
            "ruleset": verdict.ruleset,
            "fingerprints": verdict.fingerprints,
            "reasons": [clean(each) for each in verdict.reasons],
            "facts": [clean(each) for each in verdict.facts],
            "control_saw": verdict.control_saw and clean(verdict.control_saw),
            "contrasts_showed": [clean(each) for each in verdict.contrasts_showed],
            "would_change": [clean(each) for each in verdict.would_change],
        },
    }


def decided(verdict: Verdict) -> dict[str, object]:
    """Returns what must come out again when the same record is judged by the same rules."""
    return {
        "outcome": str(verdict.outcome),
        "stage": verdict.stage and str(verdict.stage),
        "mechanism": verdict.mechanism and str(verdict.mechanism),
        "also": [str(each) for each in verdict.also],
        "rule": verdict.rule,
    }


def rules_of(verdicts: Iterable[tuple[str, str]]) -> list[dict[str, object]]:
    """Returns the text of the rules that fired, by (rule, ruleset)."""
    known = {rule.id: rule for rule in ALL}
    return [_rule_text(name, ruleset, known) for name, ruleset in sorted(set(verdicts))]


def _rule_text(name: str, ruleset: str, known: Mapping[str, Rule]) -> dict[str, object]:
    rule = known.get(name) if ruleset == RULESET else None
    told: dict[str, object] = {"rule": name, "ruleset": ruleset}
    if rule is None:
        return told | {"sentence": None, "note": f"its text is in the wallwatch that has ruleset {ruleset}"}
    mechanism = rule.mechanism if isinstance(rule.mechanism, Mechanism) else None
    return told | {
        "outcome": rule.outcome and str(rule.outcome),
        "stage": rule.stage and str(rule.stage),
        "mechanism": mechanism and str(mechanism),
        "sentence": rule.sentence,
        "would_change": rule.would_change,
    }


def series_row(target: str, vantage: str, look: Look) -> bytes:
    """Returns one line of the contract's CSV."""
    text = io.StringIO()
    row = (target, vantage, to_iso(look.at), str(look.outcome), str(look.mechanism or ""), look.measurement or "")
    csv.writer(text, lineterminator="\n").writerow(row)
    return text.getvalue().encode()


def outage_line(outage: Outage) -> dict[str, object]:
    return {
        "first": to_iso(outage.first),
        "last": to_iso(outage.last),
        "voids": sorted(str(each) for each in outage.voids),
    }


def outages_of(lines: Iterable[Mapping[str, Any]], instant: Any) -> list[Outage]:
    """Undoes `outage_line`. Raises ValueError, KeyError or TypeError for what is none."""
    return [
        Outage(instant(line["first"]), instant(line["last"]), frozenset(_OUTCOMES[word] for word in line["voids"]))
        for line in lines
    ]


def to_line(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def to_page(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False, sort_keys=True, indent=2).encode() + b"\n"


def _hex(name: str) -> str:
    return name.replace("sha256:", "")
