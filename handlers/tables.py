"""Rows as a CSV file that every spreadsheet opens: text stays text, whatever it begins with."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
"""What spreadsheets take for the beginning of a formula, or skip on their way to one."""
MARK = "\ufeff"
"""Without it some spreadsheets take UTF-8 for something else."""


class Table:
    """A CSV file in the making."""

    def __init__(self) -> None:
        self._bytes = io.BytesIO()
        self._text = io.TextIOWrapper(self._bytes, encoding="utf-8", newline="", write_through=True)
        self._text.write(MARK)
        self._writer = csv.writer(self._text)

    def add(self, row: Sequence[Any]) -> None:
        """One more row."""
        self._writer.writerow([cell(value) for value in row])

    @property
    def size(self) -> int:
        """Bytes by now."""
        return self._bytes.tell()

    def file(self) -> bytes:
        """All of it."""
        return self._bytes.getvalue()


def of(rows: Iterable[Sequence[Any]]) -> bytes:
    """A file with these rows."""
    table = Table()
    for row in rows:
        table.add(row)
    return table.file()


def cell(value: Any) -> str:
    """A value as it stands in its cell. Only text can be somebody else's: numbers and moments stay what they are."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return value.isoformat(sep=" ", timespec="seconds")
        case str():
            return f"'{value}" if value.lstrip(" ").startswith(FORMULA) else value
        case _:
            return str(value)
