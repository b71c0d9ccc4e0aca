"""Writes the parts of the docs that are lists of our own words; `make reference` runs it, a test holds it against the docs."""

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from models import targets
from models.categories import Category
from models.failures import Failure
from models.targets_schema import schema
from models.targets_values import to_duration
from models.words import EpisodeState, Mechanism, Outcome, Stage

DOCS = Path(__file__).parents[1] / "docs"
BEGIN, END = "<!-- made by `make reference`: begin -->\n", "<!-- made by `make reference`: end -->\n"

WORDS: tuple[tuple[str, type[StrEnum], str], ...] = (
    (
        "Outcome of one measurement",
        Outcome,
        "Only `ok`, `anomaly` and `confirmed` may begin or end an episode; the others say nothing about the site.",
    ),
    ("Stage", Stage, "Where interference manifested first."),
    ("Mechanism", Mechanism, "How it looked on the wire. A measurement may list further mechanisms under `also`."),
    ("State of an episode", EpisodeState, "Where an episode stands after the last look."),
    (
        "Failure of an operation",
        Failure,
        "OONI's words (df-007), and the few of our own that it lacks. What has no word is `unknown_failure: …`.",
    ),
    (
        "Category of a target",
        Category,
        "Citizen Lab's codes. Included lists leave PORN, MILX and HATE out unless they are named.",
    ),
)
SECTIONS: tuple[tuple[str, type[BaseModel]], ...] = (
    ("At the top", targets.Configuration),
    ("`defaults`", targets.Defaults),
    ("`vantage_points`", targets.VantagePoint),
    ("`vantage_points: consent`", targets.Consent),
    ("`controls`", targets.Control),
    ("`canaries`", targets.Canary),
    ("`contrasts`", targets.Contrasts),
    ("`targets`", targets.Target),
    ("`include`", targets.Include),
    ("`campaigns`", targets.Campaign),
    ("`campaigns: petition`", targets.Petition),
    ("`campaigns: petition: signatures`", targets.Signatures),
    ("`campaigns: petition: signatures: counts`", targets.SignatureCount),
    ("`campaigns: promises`", targets.Promise),
    ("`campaigns: events`", targets.Event),
    ("`campaigns: claims`", targets.Claim),
)


def words() -> str:
    """The tables of all vocabularies."""
    parts = (
        f"## {title}\n\n{intro}\n\n"
        + table(("Word", "Means"), ((member.value, member.sentence) for member in vocabulary))  # type: ignore[attr-defined]
        for title, vocabulary, intro in WORDS
    )
    return "\n".join(parts)


def keys() -> str:
    """The tables of all keys of `targets.yaml`."""
    parts = (
        f"### {title}\n\n{model.__doc__}\n\n"
        + table(
            ("Key", "Left out", "Means"),
            ((key, _default(field), field.description or "") for key, field in model.model_fields.items()),
        )
        for title, model in SECTIONS
    )
    return "\n".join(parts)


def table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(header) + " |", "|---" * len(header) + "|"]
    lines += ["| " + " | ".join([f"`{row[0]}`", *row[1:]]) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value: Any = field.get_default()
    if isinstance(value, timedelta):
        return to_duration(value)
    if value is None or value == () or isinstance(value, BaseModel):
        return "–"
    return ", ".join(value) if isinstance(value, tuple) else str(value).lower()


def with_part(text: str, part: str) -> str:
    """A document with the part between the two marks replaced."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{part}\n{END}{after}"


def made() -> dict[Path, str]:
    """Each file with words of ours in it, and what it should say."""
    return {
        DOCS / "targets.schema.json": schema(),
        DOCS / "words.md": with_part((DOCS / "words.md").read_text(encoding="utf-8"), words()),
        DOCS / "targets.md": with_part((DOCS / "targets.md").read_text(encoding="utf-8"), keys()),
    }


if __name__ == "__main__":
    for file, text in made().items():
        file.write_text(text, encoding="utf-8")
