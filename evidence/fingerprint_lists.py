"""Fingerprint lists into fingerprints: OONI's and Citizen Lab's tables (CSV) and Citizen Lab's JSON; bad rows are named."""

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

from evidence.fingerprint import Fingerprint
from evidence.fingerprint_rows import BadRowError, LeftOutError, fingerprint

MOST_ROWS = 20_000
_SHOWN = 20
OWN = Path(__file__).with_name("fingerprints.csv")
Row = tuple[int, Mapping[str, Any]]


class FingerprintsError(ValueError):
    """A list of fingerprints as a whole cannot be used."""

    def __init__(self, message: str, line: int = 1) -> None:
        super().__init__(message)
        self.line = line


@dataclass(slots=True)
class ListReport:
    """What became of the rows of one list."""

    file: str
    rows: int = 0
    used: int = 0
    duplicates: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    """Rows left out on purpose, by reason."""
    refused: list[tuple[int, str]] = field(default_factory=list)
    """Line (or place in a JSON list, from 1) and reason of each row that cannot be used."""

    def __str__(self) -> str:
        left_out = "".join(f"; {count} left out: {why}" for why, count in sorted(self.left_out.items()))
        doubles = f", {self.duplicates} of them twice" if self.duplicates else ""
        return (
            f"{self.file}: {self.used} of {self.rows} fingerprints used{doubles}, {len(self.refused)} refused{left_out}"
        )

    def complaints(self, most: int = _SHOWN) -> list[str]:
        """Returns `file:line: reason` for the refused rows."""
        told = [f"{self.file}:{line}: {why}" for line, why in self.refused[:most]]
        more = len(self.refused) - len(told)
        return [*told, f"{self.file}: {more} more rows are refused"] if more > 0 else told

    def to_json(self) -> dict[str, Any]:
        """The report as a plain object, for `check --json`."""
        refused = [{"line": line, "message": why} for line, why in self.refused]
        counts = {"rows": self.rows, "used": self.used, "duplicates": self.duplicates}
        return {"file": self.file, **counts, "left_out": dict(self.left_out), "refused": refused}


def read_list(file: str, text: str) -> tuple[list[Fingerprint], ListReport]:
    """Reads one list, CSV or JSON by its first character; raises FingerprintsError where it is none."""
    text = text.removeprefix("\ufeff")
    report = ListReport(file)
    rows = _of_json if text.lstrip()[:1] in ("[", "{") else _of_csv
    return list(_used(rows, text, report)), report


def read_own() -> list[Fingerprint]:
    """Returns the small list that comes with wallwatch."""
    found, report = read_list("own list", OWN.read_text(encoding="utf-8"))
    if report.refused or report.left_out:
        raise FingerprintsError("; ".join([str(report), *report.complaints()]))
    return found


def _used(rows: Callable[[str, ListReport], Iterator[Row]], text: str, report: ListReport) -> Iterator[Fingerprint]:
    seen: set[Fingerprint] = set()
    for line, row in rows(text, report):
        report.rows += 1
        if report.rows > MOST_ROWS:
            raise FingerprintsError(f"more than {MOST_ROWS} rows", line)
        try:
            found = fingerprint(row, report.file)
        except BadRowError as why:
            report.refused.append((line, str(why)))
            continue
        except LeftOutError as why:
            report.left_out[str(why)] += 1
            continue
        report.used += 1
        if found in seen:
            report.duplicates += 1
            continue
        seen.add(found)
        yield found


def _of_csv(text: str, report: ListReport) -> Iterator[Row]:
    reader = csv.reader(StringIO(text, newline=""))
    header = [name.strip().lower() for name in _first(reader, report)]
    _check_names(set(header))
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            report.rows += 1
            report.refused.append((line, f"this is not CSV: {error}"))
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            report.rows += 1
            report.refused.append((line, f"{len(cells)} cells, expected {len(header)} as in the first row"))
            continue
        yield line, dict(zip(header, cells, strict=True))


def _first(reader: Iterator[list[str]], report: ListReport) -> list[str]:
    try:
        return next(reader, [])
    except csv.Error as error:
        raise FingerprintsError(f"this is not CSV: {error}") from None


def _of_json(text: str, report: ListReport) -> Iterator[Row]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 1
        raise FingerprintsError(f"this is not JSON: {str(error)[:100]}", line) from None
    if not isinstance(found, list):
        raise FingerprintsError("expected a list of objects, as in Citizen Lab's http.json and dns.json")
    for place, row in enumerate(found, start=1):
        if isinstance(row, dict):
            yield place, {str(key).lower(): value for key, value in row.items()}
        else:
            report.rows += 1
            report.refused.append((place, "expected an object"))


def _check_names(names: set[str]) -> None:
    if "name" not in names or not names & {"pattern", "response"}:
        message = "the first row lacks the columns `name` and `pattern`; expected name,scope,other_names,location_found,pattern_type,pattern,confidence_no_fp,expected_countries,…"
        raise FingerprintsError(message)
