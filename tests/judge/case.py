"""One named case: a look, and the rule that it fires."""

from dataclasses import dataclass

from evidence.fingerprint_seam import Mark
from models.words import Mechanism, Outcome, Stage
from tests.judge.records import Look


@dataclass(frozen=True)
class Case:
    """A look-alike or a kind of interference, by name."""

    name: str
    rule: str
    look: Look
    outcome: Outcome | None = None  # of the whole verdict
    stage: Stage | None = None
    mechanism: Mechanism | None = None
    also: tuple[Mechanism, ...] = ()
    hop: int = 0
    marks: tuple[Mark, ...] = ()
