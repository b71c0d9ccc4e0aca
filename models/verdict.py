"""The verdict: what the rules say of one measurement, and which rule said it."""

from dataclasses import dataclass

from models.words import Mechanism, Outcome, Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Outcome, stage, mechanism, and the rule and the facts they stand on; re-derived at will."""

    outcome: Outcome
    stage: Stage | None = None
    mechanism: Mechanism | None = None
    also: tuple[Mechanism, ...] = ()
    rule: str
    ruleset: str
    fingerprints: str | None = None  # digest of the fingerprint set that was loaded
    reasons: tuple[str, ...] = ()  # whole sentences, most important first
    facts: tuple[str, ...] = ()  # what it stood on, e.g. "tcp 2 of 2 connected"
    control_saw: str | None = None
    contrasts_showed: tuple[str, ...] = ()
    would_change: tuple[str, ...] = ()  # what would have made it another verdict
