"""Rows of CSV files in which no spreadsheet finds a formula (P-7)."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import Any

BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
BYTE_ORDER_MARK = "\ufeff"  # without it Excel takes UTF-8 for the encoding of the machine


def safe_cell(value: Any) -> str:
    """Return a value as a cell: text that a spreadsheet would calculate gets a leading apostrophe, numbers stay."""
    if value is None:
        return ""
    if isinstance(value, int | float):
        return str(value)
    text = str(value)
    return f"'{text}" if text.startswith(BEGINS_FORMULA) else text


def csv_lines(rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """Return the lines of a CSV file for `rows`, each as soon as its row is there, the first with a byte order mark."""
    mark = BYTE_ORDER_MARK
    for line in csv_rows(rows):
        yield mark + line
        mark = ""


def csv_rows(rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """The same without a mark: lines that other lines stand before (RFC 4180)."""
    writer = csv.writer(_Line())
    for row in rows:
        yield writer.writerow([safe_cell(value) for value in row])


class _Line:
    """What the writer writes to: it hands each line back."""

    def write(self, line: str) -> str:
        """Return the line."""
        return line
