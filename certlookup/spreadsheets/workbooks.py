"""Workbooks: .xlsx, .xls and .ods through python-calamine, with what it doesn't tell read beside it (marks.py)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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

from certlookup.spreadsheets.archives import inspect_archive
from certlookup.spreadsheets.biff import BiffBook
from certlookup.spreadsheets.cells import Cell, column_letters
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
from certlookup.spreadsheets.marks import MOST_ROWS, SheetMarks, is_blank, with_marks
from certlookup.spreadsheets.odsmarks import ods_marks
from certlookup.spreadsheets.source import ROWS_PER_FRAME, FileLimits
from certlookup.spreadsheets.xlsxmarks import sheet_marks, worksheet_parts

_PLACES_SHOWN = 10


class WorkbookSource:
    """An opened workbook. A sheet is loaded whole by the parser; memory is bounded by the process's limit."""

    def __init__(
        self,
        path: Path,
        kind: FileKind,
        limits: FileLimits,
        *,
        inspected: Callable[[], frozenset[str]] | None = None,
    ) -> None:
        """Checks the container and opens the workbook. Raises SpreadsheetError.

        inspected waits for inspect_archive() in another process, while which the first sheet is loaded here; whatever
        came of that counts only afterwards.
        """
        self._path = path
        self._kind = kind
        self._limits = limits
        self._loaded: tuple[int, CalamineSheet] | None = None
        early = self._load_early() if inspected is not None else None
        if inspected is not None:
            self._marked_parts = inspected()
        else:
            self._marked_parts = frozenset() if kind is FileKind.XLS else inspect_archive(path, limits)
        if early is not None:
            raise early
        self._biff = BiffBook(path) if kind is FileKind.XLS else None
        self._ods = ods_marks(path) if kind is FileKind.ODS else []
        if inspected is None:
            self._open()
        if kind is FileKind.ODS and len(self._ods) != len(self._workbook.sheets_metadata):
            raise SpreadsheetError("R-004")

    def _open(self) -> None:
        try:
            # Given as a file, not as a path: from a path it would go by the name's extension.
            self._workbook = CalamineWorkbook.from_filelike(self._path.open("rb"))
        except PasswordError as error:
            raise SpreadsheetError("R-003") from error
        except CalamineError as error:
            raise SpreadsheetError("R-004") from error

    def _load_early(self) -> BaseException | None:
        """Open the workbook and load its first worksheet, which heads() will want first; what went wrong is returned."""
        try:
            self._open()
            sheets = self._workbook.sheets_metadata
            first = next((index for index, sheet in enumerate(sheets) if sheet.typ is SheetTypeEnum.WorkSheet), None)
            if first is not None:
                self._sheet(first)
        except BaseException as error:  # noqa: BLE001 - a panic of the parser isn't an Exception; raised later
            return error
        return None

    def heads(self) -> HeadsFrame:
        """Every worksheet with its first rows."""
        sheets = [
            (index, sheet)
            for index, sheet in enumerate(self._workbook.sheets_metadata)
            if sheet.typ is SheetTypeEnum.WorkSheet
        ]
        if any(sheet.typ is SheetTypeEnum.MacroSheet for sheet in self._workbook.sheets_metadata):
            raise SpreadsheetError("R-005")
        if len(sheets) > self._limits.sheets:
            raise SpreadsheetError("R-022", limit=self._limits.sheets)
        heads = []
        self._hidden_rows: dict[int, int] = {}
        for index, sheet in sheets:
            hidden = sheet.visible is not SheetVisibleEnum.Visible
            rows = self._rows(index, SheetMarks())
            first = tuple(islice(rows, HEAD_ROWS))
            if hidden and first:
                self._hidden_rows[index] = len(first) + sum(1 for _ in rows)
            heads.append(SheetHead(index, sheet.name, hidden, first))
        self._heads = heads
        return HeadsFrame(self._kind, tuple(heads))

    def frames(self, index: int) -> Iterator[SheetFrame | RowsFrame | EndFrame]:
        """The chosen sheet: its notes and merged ranges, its rows, the end."""
        notes = list(self._unread_sheets(index))
        sheet = self._sheet(index)
        if sheet.end is not None and sheet.end[1] >= self._limits.columns:
            raise SpreadsheetError("R-008", limit=self._limits.columns, last=column_letters(sheet.end[1]))
        marks = self._marks(index, sheet.name)
        notes += self._hidden_parts(index, sheet.name, marks)
        merged = marks.merged if self._kind is FileKind.ODS else sheet.merged_cell_ranges or ()
        yield SheetFrame(tuple(notes), tuple(merged))
        rows = self._rows(index, marks)
        count = 0
        while block := tuple(islice(rows, ROWS_PER_FRAME)):
            count += len(block)
            if count > self._limits.rows:
                raise SpreadsheetError("R-007", limit=self._limits.rows)
            if block[-1][0] > MOST_ROWS:
                raise SpreadsheetError("R-004")
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

    def _marks(self, index: int, name: str) -> SheetMarks:
        if self._biff is not None:
            return self._biff.marks(index)
        if self._kind is FileKind.ODS:
            return self._ods[index]
        if not self._marked_parts:
            return SheetMarks()
        part = worksheet_parts(self._path).get(name, "")
        return sheet_marks(self._path, part) if part in self._marked_parts else SheetMarks()

    def _unread_sheets(self, index: int) -> Iterator[tuple[str, dict[str, object]]]:
        """What is in the sheets that weren't chosen, by their numbers of rows."""
        others = [head for head in self._heads if head.index != index and head.rows]
        for rule, hidden in (("R-018", True), ("R-025", False)):
            counted = [
                f"“{head.name}”（{self._hidden_rows.get(head.index) or self._row_count(head.index)} 行）"
                for head in others
                if head.hidden is hidden
            ]
            if counted:
                more = f" 等 {len(counted)} 张" if len(counted) > _PLACES_SHOWN else ""
                yield rule, {"sheets": "、".join(counted[:_PLACES_SHOWN]) + more}

    def _row_count(self, index: int) -> int:
        return sum(1 for _ in self._rows(index, SheetMarks()))

    def _hidden_parts(self, index: int, name: str, marks: SheetMarks) -> Iterator[tuple[str, dict[str, object]]]:
        """The hidden rows and the hidden columns that hold anything."""
        if not marks.hidden_rows and not marks.hidden_columns:
            return
        rows: list[int] = []
        columns: set[int] = set()
        for number, cells in self._rows(index, marks):
            if number - 1 in marks.hidden_rows:
                rows.append(number)
            columns.update(
                column
                for column in marks.hidden_columns - columns
                if column < len(cells) and cells[column] not in ("", None)
            )
        if rows or columns:
            places = [f"第 {_some([str(number) for number in rows])} 行"] if rows else []
            if columns:
                places.append(f"{_some([column_letters(column) for column in sorted(columns)])} 列")
            yield "R-017", {"sheet": name, "rows": len(rows), "columns": len(columns), "places": "，".join(places)}

    def _rows(self, index: int, marks: SheetMarks) -> Iterator[Row]:
        """The rows with content."""
        sheet = self._sheet(index)
        left: tuple[Cell, ...] = (None,) * (sheet.start[1] if sheet.start else 0)
        marked = marks.marked_rows()
        whole_numbers = self._kind is FileKind.XLS
        number = 0
        for number, values in enumerate(sheet.iter_rows(), 1):
            if whole_numbers:
                # This format alone hands out whole numbers as int; the others, and what is read here, know floats only.
                values = [float(value) if type(value) is int else value for value in values]  # noqa: PLW2901
            if number - 1 in marked:
                cells = with_marks((*left, *values), number - 1, marks)
            elif values.count("") == len(values):
                continue
            else:
                cells = (*left, *values)
            if not is_blank(cells):
                yield number, cells
        # The parser's range ends with the last value; error values count for nothing there.
        for row in sorted(row for row in marks.errors if row >= number):
            yield row + 1, with_marks((), row, marks)


def _some(names: list[str]) -> str:
    more = "等" if len(names) > _PLACES_SHOWN else ""
    return "、".join(names[:_PLACES_SHOWN]) + more
