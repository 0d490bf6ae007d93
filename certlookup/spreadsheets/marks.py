"""What a worksheet says beyond its values, whatever the format: formulas, error values, what is hidden or merged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from certlookup.spreadsheets.cells import Cell, CellRange, ErrorCell, FormulaCell, Plain

# More columns than any spreadsheet program has.
MOST_COLUMNS = 16_384
MOST_ROWS = 1_048_576


@dataclass(slots=True)
class SheetMarks:
    """By row and column, counted from 0. values are cells whose type the parser doesn't tell (truth values, times)."""

    formulas: dict[int, set[int]] = field(default_factory=dict)
    errors: dict[int, dict[int, str]] = field(default_factory=dict)
    values: dict[int, dict[int, Plain]] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    merged: list[CellRange] = field(default_factory=list)

    def marked_rows(self) -> set[int]:
        """The rows in which with_marks changes anything."""
        return {*self.formulas, *self.errors, *self.values}


def with_marks(cells: Sequence[Cell], row: int, marks: SheetMarks) -> tuple[Cell, ...]:
    """A row's cells with formulas, error values and typed values said to be such."""
    marked = list(cells)
    values = marks.values.get(row, {})
    formulas = marks.formulas.get(row, set())
    errors = marks.errors.get(row, {})
    last = max((*formulas, *errors, *values), default=-1)
    marked.extend([None] * (last + 1 - len(marked)))
    for column, value in values.items():
        marked[column] = value
    for column in formulas:
        cached = marked[column]
        if not isinstance(cached, FormulaCell | ErrorCell):
            marked[column] = FormulaCell(cached)
    for column, text in errors.items():
        marked[column] = ErrorCell(text)
    return tuple(marked)


def is_blank(cells: Sequence[Cell]) -> bool:
    """Whether a row shows nothing."""
    for cell in cells:
        if isinstance(cell, str):
            if cell and not cell.isspace():
                return False
        elif isinstance(cell, FormulaCell):
            if cell.value not in ("", None):
                return False
        elif cell is not None:
            return False
    return True
