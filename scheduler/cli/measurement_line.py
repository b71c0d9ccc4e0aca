"""The contract's JSON line for one judged measurement; `probe` and `judge` print the same."""

import json

from models.measurement import Measurement
from models.verdict import Verdict


def to_line(name: str, measurement: Measurement, verdict: Verdict, **more: object) -> str:
    """Renders a measurement, by its name `sha256:…`, its verdict, and what else is known of it, on one line."""
    told = {
        "target": measurement.target.id,
        "url": measurement.target.url,
        "vantage": measurement.vantage.id,
        "measurement": name,
        "started_at": measurement.started_at,
        "runtime": round(measurement.runtime_us / 1e6, 6),
        "verdict": to_verdict(verdict),
    }
    if measurement.origin != "wallwatch":  # whose it is, and the SHA-256 of the document it was read from
        told |= {"origin": measurement.origin, "source": measurement.source}
    return json.dumps(told | more, ensure_ascii=False)


def to_verdict(verdict: Verdict) -> dict[str, object]:
    """Renders a verdict as the contract has it, with what it stands on."""
    return {
        "outcome": verdict.outcome,
        "stage": verdict.stage,
        "mechanism": verdict.mechanism,
        "also": list(verdict.also),
        "rule": verdict.rule,
        "ruleset": verdict.ruleset,
        "fingerprints": verdict.fingerprints,
        "reasons": list(verdict.reasons),
        "facts": list(verdict.facts),
        "control_saw": verdict.control_saw,
        "contrasts_showed": list(verdict.contrasts_showed),
        "would_change": list(verdict.would_change),
    }
