"""What changed between two configurations, for live reload: as data for the scheduler, in words for people."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import BaseModel

from models.targets import Configuration
from models.targets_values import shown, to_duration

SECTIONS = ("targets", "vantage_points", "controls", "canaries", "campaigns")
_ONE = dict(zip(SECTIONS, ("target", "vantage point", "control", "canary", "campaign"), strict=True))
_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Change:
    """One section: ids that came, went, or stand for something else now."""

    added: tuple[str, ...] = ()
    changed: Mapping[str, tuple[str, ...]] | None = None
    """Id -> what is different, a sentence each."""
    removed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)

    def in_words(self) -> str:
        """Counts, such as `added 2, changed 1, removed 1`."""
        counts = {"added": len(self.added), "changed": len(self.changed or {}), "removed": len(self.removed)}
        return ", ".join(f"{word} {count}" for word, count in counts.items() if count)


@dataclass(frozen=True, slots=True)
class Difference:
    """All that changed; false when nothing did."""

    sections: Mapping[str, Change]
    settings: tuple[str, ...] = ()
    """What changed outside the sections, a sentence each."""

    def __bool__(self) -> bool:
        return bool(self.settings) or any(self.sections.values())

    def __getitem__(self, section: str) -> Change:
        return self.sections[section]

    def summary(self) -> str:
        """One line for the log and the dashboard."""
        parts = [
            f"{section.replace('_', ' ')}: {change.in_words()}" for section, change in self.sections.items() if change
        ]
        return "; ".join([*parts, *self.settings]) or "nothing changed"

    def sentences(self) -> tuple[str, ...]:
        """Every change, a sentence each."""
        return (*self._section_sentences(), *self.settings)

    def _section_sentences(self) -> Iterator[str]:
        for section, change in self.sections.items():
            one = _ONE[section]
            for verb, ids in (("added", change.added), ("removed; its history is kept", change.removed)):
                yield from (f"{one} {name} {verb}" for name in ids)
            for name, sentences in (change.changed or {}).items():
                yield from (f"{one} {name}: {sentence}" for sentence in sentences)

    def to_json(self) -> dict[str, Any]:
        """For the store's status document, which pages read."""
        return {"summary": self.summary(), "sentences": list(self.sentences())}


def difference(old: Configuration, new: Configuration) -> Difference:
    """Returns what is different in `new`."""
    sections = {section: _change(getattr(old, section), getattr(new, section)) for section in SECTIONS}
    skipped = {*SECTIONS, "include", "defaults"}  # what includes bring shows under targets
    settings = (*_sentences(old.defaults, new.defaults, "defaults."), *_sentences(old, new, skip=skipped))
    return Difference(sections, settings)


def _change(old: tuple[Any, ...], new: tuple[Any, ...]) -> Change:
    before, after = {one.id: one for one in old}, {one.id: one for one in new}
    return Change(
        added=tuple(name for name in after if name not in before),
        changed={
            name: tuple(_sentences(before[name], one))
            for name, one in after.items()
            if name in before and one != before[name]
        },
        removed=tuple(name for name in before if name not in after),
    )


def _sentences(old: BaseModel, new: BaseModel, prefix: str = "", skip: set[str] | None = None) -> Iterator[str]:
    for key in type(new).model_fields:
        before, after = getattr(old, key), getattr(new, key)
        if before == after or key in (skip or ()):
            continue
        was, now = _short(before), _short(after)
        told = was != now and len(was) + len(now) <= _LONGEST
        yield f"{prefix}{key}: {was} → {now}" if told else f"{prefix}{key} changed"


def _short(value: Any) -> str:
    """A value in few words and without secrets; what is longer is only said to have changed."""
    if isinstance(value, timedelta):
        return to_duration(value)
    if isinstance(value, tuple):
        return ", ".join(map(_short, value)) or "none"
    if value is None:
        return "none"
    return shown(str(value))
