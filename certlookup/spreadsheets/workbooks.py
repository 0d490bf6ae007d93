"""Workbooks: .xlsx, .xls and .ods through python-calamine, with what it doesn't tell read from the XML of an .xlsx."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from certlookup.spreadsheets.archives import SheetMarks, inspect_archive, sheet_marks, worksheet_parts
from certlookup.spreadsheets.cells import Cell, ErrorCell, FormulaCell
from certlookup.spreadsheets.filerules import SpreadsheetError
from certlookup.spreadsheets.frames import (
    HEAD_ROWS,
    EndFrame,
    FileKind,
    HeadsFrame,
    Row,
    RowsFrame,
    SheetFrame,
    SheetHead,
)
from certlookup.spreadsheets.source import ROWS_PER_FRAME, FileLimits


class WorkbookSource:
    """An opened workbook. A sheet is loaded whole by the parser; memory is bounded by the process's limit."""

    def __init__(self, path: Path, kind: FileKind, limits: FileLimits) -> None:
        """Checks the container and opens the workbook. Raises SpreadsheetError."""
        self._path = path
        self._kind = kind
        self._limits = limits
        self._marked_parts = frozenset[str]() if kind is FileKind.XLS else inspect_archive(path, limits)
        self._loaded: tuple[int, CalamineSheet] | None = None
        try:
            # Given as a file, not as a path: from a path it would go by the name's extension.
            self._workbook = CalamineWorkbook.from_filelike(path.open("rb"))
        except PasswordError as error:
            raise SpreadsheetError("R-003") from error
        except CalamineError as error:
            raise SpreadsheetError("R-004") from error

    def heads(self) -> HeadsFrame:
        """Every worksheet with its first rows."""
        sheets = [
            (index, sheet)
            for index, sheet in enumerate(self._workbook.sheets_metadata)
            if sheet.typ is SheetTypeEnum.WorkSheet
        ]
        if len(sheets) > self._limits.sheets:
            raise SpreadsheetError("R-022", limit=self._limits.sheets)
        heads = []
        for index, sheet in sheets:
            first = tuple(islice(self._rows(index, SheetMarks()), HEAD_ROWS))
            heads.append(SheetHead(index, sheet.name, sheet.visible is not SheetVisibleEnum.Visible, first))
        self._hidden = [head for head in heads if head.hidden and head.rows]
        return HeadsFrame(self._kind, tuple(heads))

    def frames(self, index: int) -> Iterator[SheetFrame | RowsFrame | EndFrame]:
        """The chosen sheet: its notes and merged ranges, its rows, the end."""
        sheet = self._sheet(index)
        marks = self._marks(sheet.name)
        yield SheetFrame(tuple(self._notes(index, sheet.name, marks)), tuple(sheet.merged_cell_ranges or ()))
        rows = self._rows(index, marks)
        count = 0
        while block := tuple(islice(rows, ROWS_PER_FRAME)):
            count += len(block)
            if count > self._limits.rows:
                raise SpreadsheetError("R-007", limit=self._limits.rows)
            yield RowsFrame(block)
        yield EndFrame(count)

    def _sheet(self, index: int) -> CalamineSheet:
        if self._loaded is None or self._loaded[0] != index:
            self._loaded = None
            try:
                self._loaded = index, self._workbook.get_sheet_by_index(index)
            except CalamineError as error:
                raise SpreadsheetError("R-004") from error
        return self._loaded[1]

    def _marks(self, name: str) -> SheetMarks:
        if self._kind is not FileKind.XLSX or not self._marked_parts:
            return SheetMarks()
        part = worksheet_parts(self._path).get(name, "")
        return sheet_marks(self._path, part) if part in self._marked_parts else SheetMarks()

    def _notes(self, index: int, name: str, marks: SheetMarks) -> Iterator[tuple[str, dict[str, object]]]:
        others = [head.name for head in self._hidden if head.index != index]
        if others:
            yield "R-018", {"sheets": "、".join(f"“{other}”" for other in others)}
        if marks.hidden_rows or marks.hidden_columns:
            rows, columns = self._hidden_with_content(index, marks)
            if rows or columns:
                yield "R-017", {"sheet": name, "rows": rows, "columns": columns}

    def _hidden_with_content(self, index: int, marks: SheetMarks) -> tuple[int, int]:
        """How many hidden rows, and how many hidden columns, hold anything."""
        rows = 0
        columns: set[int] = set()
        for number, cells in self._rows(index, SheetMarks()):
            rows += number - 1 in marks.hidden_rows
            columns.update(
                column
                for column in marks.hidden_columns - columns
                if column < len(cells) and cells[column] not in ("", None)
            )
        return rows, len(columns)

    def _rows(self, index: int, marks: SheetMarks) -> Iterator[Row]:
        """The rows with content; raises SpreadsheetError R-008 for a sheet that is too wide."""
        sheet = self._sheet(index)
        if sheet.end is not None and sheet.end[1] >= self._limits.columns:
            raise SpreadsheetError("R-008", limit=self._limits.columns)
        left: tuple[Cell, ...] = (None,) * (sheet.start[1] if sheet.start else 0)
        number = 0
        for number, values in enumerate(sheet.iter_rows(), 1):
            if number - 1 in marks.formulas or number - 1 in marks.errors:
                cells = _with_marks((*left, *values), number - 1, marks)
            elif values.count("") == len(values):
                continue
            else:
                cells = (*left, *values)
            if not _is_blank(cells):
                yield number, cells
        # The parser's range ends with the last value; error values count for nothing there.
        for row in sorted(row for row in marks.errors if row >= number):
            yield row + 1, _with_marks((), row, marks)


def _with_marks(cells: Sequence[Cell], row: int, marks: SheetMarks) -> tuple[Cell, ...]:
    """A row's cells with formulas and error values said to be such."""
    marked = list(cells)
    formulas = marks.formulas.get(row, set())
    errors = marks.errors.get(row, {})
    last = max((*formulas, *errors), default=-1)
    marked.extend([None] * (last + 1 - len(marked)))
    for column in formulas:
        value = marked[column]
        if not isinstance(value, FormulaCell | ErrorCell):
            marked[column] = FormulaCell(value)
    for column, text in errors.items():
        marked[column] = ErrorCell(text)
    return tuple(marked)


def _is_blank(cells: Sequence[Cell]) -> bool:
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
