"""Reads a series file: CSV with a header and target, vantage, started_at, outcome and, optionally, mechanism."""

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol, TypeVar

from models.episode import Look
from models.errors import WallwatchError
from models.words import Mechanism, Outcome

NEEDED = ("target", "vantage", "started_at", "outcome")
KNOWN = (*NEEDED, "mechanism", "measurement")
LONGEST_FIELD = 4096
_UTC_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|\+00:00)", re.ASCII)

Word = TypeVar("Word", bound=StrEnum)
Row = dict[str, str]


class _Reader(Protocol):
    @property
    def line_num(self) -> int: ...
    def __next__(self) -> list[str]: ...


class SeriesError(WallwatchError):
    """A series file cannot be read: the message names file, line and what was expected."""


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """One row: whose look it is, what it says, and the row itself."""

    where: str
    target: str
    vantage: str
    look: Look
    cells: dict[str, str]


def read_series(path: Path) -> dict[tuple[str, str], list[Look]]:
    """All looks of a file by (target, vantage point), in the order of the file. Raises SeriesError."""
    found: dict[tuple[str, str], list[Look]] = defaultdict(list)
    for row in each_row(path):
        found[row.target, row.vantage].append(row.look)
    return dict(found)


def each_row(path: Path) -> Iterator[SeriesRow]:
    """Yields the rows in the order of the file. Raises SeriesError at the first that cannot be read."""
    try:
        # utf-8-sig: spreadsheets put a mark before the first column's name.
        with path.open(encoding="utf-8-sig", newline="") as file:
            for where, row in _rows(path, csv.reader(file, strict=True)):
                names = _name(where, row, "target"), _name(where, row, "vantage")
                yield SeriesRow(where, *names, _look(where, row), row)
    except OSError as error:
        raise SeriesError(f"{path}: cannot be read: {error.strerror}. Give the path of a CSV file.") from None
    except UnicodeDecodeError as error:
        raise SeriesError(f"{path}: is not UTF-8 text (byte {error.start}); save the file as UTF-8 CSV.") from None


def _rows(path: Path, reader: _Reader) -> Iterator[tuple[str, Row]]:
    header: list[str] | None = None
    while (fields := _next(path, reader)) is not None:
        where = f"{path}:{reader.line_num}"
        if not fields:
            continue
        if header is None:
            header = _header(where, fields)
        elif len(fields) != len(header):
            raise SeriesError(f"{where}: {len(fields)} fields, expected {len(header)}: {','.join(header)}.")
        else:
            yield where, dict(zip(header, fields, strict=True))
    if header is None:
        raise SeriesError(f"{path}:1: the file is empty, expected a header row: {','.join(NEEDED)}[,mechanism].")


def _next(path: Path, reader: _Reader) -> list[str] | None:
    try:
        return next(reader)
    except StopIteration:
        return None
    except csv.Error as error:
        raise SeriesError(f"{path}:{reader.line_num}: is not CSV: {error}.") from None


def _header(where: str, fields: list[str]) -> list[str]:
    names = [field.strip() for field in fields]
    missing = [name for name in NEEDED if name not in names]
    unknown = [name for name in names if name not in KNOWN]
    if missing or unknown or len(set(names)) < len(names):
        wrong = (
            f"no column {missing[0]!r}"
            if missing
            else f"column {(unknown or names)[0][:80]!r} is unknown or there twice"
        )
        raise SeriesError(f"{where}: {wrong} in the header row, expected {','.join(NEEDED)}[,mechanism][,measurement].")
    return names


def _look(where: str, row: Row) -> Look:
    mechanism = row.get("mechanism", "").strip()
    return Look(
        at=_time(where, row["started_at"].strip()),
        outcome=_word(where, Outcome, "outcome", row["outcome"].strip()),
        mechanism=_word(where, Mechanism, "mechanism", mechanism) if mechanism else None,
        measurement=row.get("measurement", "").strip() or None,
    )


def _name(where: str, row: Row, column: str) -> str:
    name = row[column].strip()
    if not name or len(name) > LONGEST_FIELD or not name.isprintable():
        raise SeriesError(
            f"{where}: {column} is {name[:80]!r}, expected a printable name of 1 to {LONGEST_FIELD} characters."
        )
    return name


def _time(where: str, text: str) -> datetime:
    try:
        if _UTC_TIME.fullmatch(text):
            return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        pass
    raise SeriesError(
        f"{where}: started_at is {text[:80]!r}, expected ISO 8601 in UTC, for example 2025-01-26T00:00:00Z."
    )


def _word(where: str, words: type[Word], column: str, text: str) -> Word:
    try:
        return words(text)
    except ValueError:
        expected = ", ".join(words)
        raise SeriesError(f"{where}: {column} is {text[:80]!r}, expected one of {expected}.") from None
