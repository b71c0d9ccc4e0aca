"""What is wrong with a configuration file: each problem says where, what, what was expected, and the nearest right spelling."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from typing import Any

from models.errors import WallwatchError

_SHOWN = 200


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class Problem:
    """One thing that is wrong, at one place."""

    file: str
    line: int
    column: int
    key: str
    """The path of the key, such as `targets[3].url`; empty for the file as a whole."""
    message: str
    suggestion: str | None = None
    """The nearest right spelling."""

    def __str__(self) -> str:
        key = f"{self.key}: " if self.key else ""
        meant = f"; did you mean {self.suggestion}?" if self.suggestion else ""
        return f"{self.file}:{self.line}:{self.column}: {key}{self.message}{meant}"

    def to_json(self) -> dict[str, Any]:
        """The problem as a plain object, for `check --json`."""
        return asdict(self)


class TargetsError(WallwatchError):
    """The configuration cannot be used; holds everything that is wrong with it, in the order of the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__(self._text())

    def _text(self) -> str:
        count = len(self.problems)
        first = f"{self.problems[0].file} cannot be used: {'one error' if count == 1 else f'{count} errors'}"
        more = [f"… and {count - _SHOWN} more"] if count > _SHOWN else []
        return "\n".join([first, *map(str, self.problems[:_SHOWN]), *more])


def nearest(word: str, known: Sequence[str]) -> str | None:
    """The known word that `word` was most likely meant to be, or none."""
    folded = {one.lower(): one for one in known}
    close = get_close_matches(word.lower(), list(folded), n=1, cutoff=0.6)
    return folded[close[0]] if close else None
