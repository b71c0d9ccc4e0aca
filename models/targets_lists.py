"""Citizen Lab test lists into targets: bad rows are named, duplicates counted, risky categories left out unless asked for."""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from io import StringIO
from typing import Any

from models import targets_values as values
from models.categories import RISKY, Category
from models.targets import Include, Target

MAX_LIST_BYTES = 16 * 1024 * 1024
MAX_ROWS = 50_000
_COLUMN = "url"


@dataclass(slots=True)
class ListReport:
    """What became of the rows of one included list."""

    file: str
    rows: int = 0
    targets: int = 0
    duplicates: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    """Rows left out on purpose: by category code, or because of `do_not_probe`."""
    bad: list[tuple[int, str]] = field(default_factory=list)
    """Line and reason of each row that could not be used."""

    def __str__(self) -> str:
        left_out = ", ".join(f"{count} {why}" for why, count in sorted(self.left_out.items()))
        return (
            f"{self.file}: {self.rows} rows, {self.targets} targets, {self.duplicates} duplicates, "
            f"{len(self.bad)} bad rows, {self.left_out.total()} left out{f' ({left_out})' if left_out else ''}"
        )

    def to_json(self) -> dict[str, Any]:
        """The report as a plain object, for `check --json`."""
        return {**asdict(self), "bad": [{"line": line, "message": why} for line, why in self.bad]}


class ListError(ValueError):
    """The list as a whole cannot be read."""

    def __init__(self, message: str, line: int = 1) -> None:
        super().__init__(message)
        self.line = line


def read_list(
    text: str, include: Include, seen: set[str], forbidden: tuple[str, ...]
) -> tuple[list[Target], ListReport]:
    """Reads one list; `seen` holds the URLs known so far and is added to; raises ListError."""
    report = ListReport(include.file)
    targets: list[Target] = []
    for line, row in _rows(text):
        report.rows += 1
        if report.rows > MAX_ROWS:
            raise ListError(f"more than {MAX_ROWS} rows", line)
        try:
            target = _target(line, row, include, report)
        except ValueError as error:
            report.bad.append((line, str(error)))
            continue
        if target is None:
            continue
        if forbids(forbidden, target.url):
            report.left_out["do_not_probe"] += 1
        elif values.same_url(target.url) in seen:
            report.duplicates += 1
        else:
            seen.add(values.same_url(target.url))
            targets.append(target)
    report.targets = len(targets)
    return targets, report


def forbids(hosts: tuple[str, ...], url: str) -> bool:
    """Whether a URL's host, or a domain above it, is among the hosts that are never looked at."""
    name = f".{values.url_host(url)}"
    return any(name.endswith(f".{forbidden.strip('.').lower()}") for forbidden in hosts)


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.reader(StringIO(text, newline=""))
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        if _COLUMN not in header:
            raise ListError("the first row has no column `url`; expected a Citizen Lab list: url,category_code,…")
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, dict(zip(header, cells, strict=False))
    except csv.Error as error:
        raise ListError(f"this is not CSV: {error}", reader.line_num) from None


def _target(line: int, row: dict[str, str], include: Include, report: ListReport) -> Target | None:
    url = values.web_url(row.get(_COLUMN, "").strip())
    if values.is_private(url):
        raise ValueError(f"{url!r} is a private or reserved address")
    code = row.get("category_code", "").strip().upper()
    category = Category.__members__.get(code)
    if code and category is None:
        report.bad.append((line, f"{code!r} is not a category code; the row is kept without one"))
    if not _wanted(category, include):
        report.left_out[str(category or "no category")] += 1
        return None
    return Target(
        id=values.listed_id(url),
        url=url,
        category=category,
        campaigns=include.campaigns,
        every=include.every,
        vantage_points=include.vantage_points,
        tags=include.tags,
        note=row.get("notes", "").strip()[:500] or None,
        source=include.file,
    )


def _wanted(category: Category | None, include: Include) -> bool:
    return category in include.categories if include.categories else category not in RISKY
