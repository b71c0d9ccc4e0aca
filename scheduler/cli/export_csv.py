"""CSV that a spreadsheet may open: no cell that came from a server, a censor or a file can be taken for a formula."""

import csv
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, BinaryIO

from models.measurement import to_instant
from scheduler.cli.export_columns import Cell, Column

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def write(file: BinaryIO, columns: Sequence[Column], rows: Iterable[Any]) -> int:
    """Writes a header and the rows, and returns how many there were."""
    count = 0
    writer = csv.writer(_Utf8(file), lineterminator="\r\n")  # RFC 4180
    writer.writerow([column.name for column in columns])
    for row in rows:
        writer.writerow([to_cell(column.read(row)) for column in columns])
        count += 1
    return count


def to_cell(value: Cell) -> str:
    """Renders one cell; text that a spreadsheet would calculate gets an apostrophe before it, as OWASP advises."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return to_instant(value)
    if isinstance(value, int):
        return str(value)
    text = value.replace("\x00", "\ufffd")
    return f"'{text}" if text.lstrip().startswith(_FORMULA) or text.startswith(("\t", "\r", "\n")) else text


class _Utf8:
    """The text side of a binary file; a lone surrogate becomes a question mark rather than an error."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, text: str) -> int:
        return self._file.write(text.encode(errors="replace"))
