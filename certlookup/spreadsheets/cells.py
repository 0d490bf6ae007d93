"""What a cell can hold once read: a plain value, or one that must not be taken for a plain value.

Pure and small: the reading process imports it and nothing of Django.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

Plain = str | float | int | bool | dt.date | dt.datetime | dt.time | dt.timedelta | None


@dataclass(frozen=True, slots=True)
class FormulaCell:
    """A formula with the value that the spreadsheet program last stored for it ("" where it stored none)."""

    value: Plain


@dataclass(frozen=True, slots=True)
class ErrorCell:
    """An error value such as #N/A."""

    text: str


Cell = Plain | FormulaCell | ErrorCell

# Rows and columns count from 0 inside the program; row_number in a SheetReading is the spreadsheet's own, from 1.
CellRange = tuple[tuple[int, int], tuple[int, int]]


def column_letters(index: int) -> str:
    """The letters of a column, counted from 0: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def range_address(cells: CellRange) -> str:
    """A range as the spreadsheet shows it, such as A5:A9."""
    (top, left), (bottom, right) = cells
    return f"{column_letters(left)}{top + 1}:{column_letters(right)}{bottom + 1}"
