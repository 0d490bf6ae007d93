"""What the content.xml of an .ods says beyond what the parser tells, and whether its repetitions are bearable.

An .ods writes 'the same again a million times' in one element, and the parser unfolds it; so the extent of every sheet
is counted before the parser sees the file.
"""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from certlookup.spreadsheets.archives import DAMAGED
from certlookup.spreadsheets.filerules import SpreadsheetError
from certlookup.spreadsheets.marks import MOST_COLUMNS, MOST_ROWS, SheetMarks
from certlookup.spreadsheets.xmlparsing import make_parser

# Cells from A1 to the last one with content, over all sheets: what the parser keeps in memory at about 30 bytes each.
_MOST_CELLS = 48_000_000
_MOST_MARKS = 2_000_000
_DURATION = re.compile(r"(-?)P(?:(\d{1,5})D)?T(?:(\d{1,7})H)?(?:(\d{1,4})M)?(?:(\d{1,5})(?:[.,]\d*)?S)?")
_HIDDEN = ("collapse", "filter")
_ERROR_SHOWN = 30


def ods_marks(path: Path) -> list[SheetMarks]:
    """The marks of every sheet, in order. Raises SpreadsheetError R-004 or R-010."""
    collector = _Collector()
    parser = make_parser()
    parser.StartElementHandler = collector.start
    parser.EndElementHandler = collector.end
    parser.CharacterDataHandler = collector.text
    try:
        with zipfile.ZipFile(path) as archive, archive.open("content.xml") as file:
            parser.ParseFile(file)
    except (KeyError, expat.ExpatError, *DAMAGED) as error:
        raise SpreadsheetError("R-004") from error
    return collector.sheets


@dataclass(slots=True)
class _Cell:
    """A cell element with its repetition, as the row it stands in needs it once the row's own is known."""

    column: int
    repeated: int
    attributes: dict[str, str]
    shown: str = ""


@dataclass(slots=True)
class _Sheet:
    marks: SheetMarks = field(default_factory=SheetMarks)
    row: int = 0
    column_definitions: int = 0
    widest: int = 0
    last_row: int = 0


class _Collector:
    """Follows sheets, rows and cells; a table inside a cell or a drawing is passed over."""

    def __init__(self) -> None:
        self.sheets: list[SheetMarks] = []
        self._sheet = _Sheet()
        self._depth = 0
        self._column = 0
        self._repeated = 1
        self._row_hidden = False
        self._content_to = 0
        self._cells: list[_Cell] = []
        self._cell: _Cell | None = None
        self._shown: list[str] | None = None
        self._cells_before = 0
        self._mark_count = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if tag in ("table:table-cell", "table:covered-table-cell"):
            if self._depth == 1:
                self._start_cell(attributes)
        elif tag == "text:p":
            if self._cell is not None and self._cell.attributes:
                self._shown = []
            self._content_to = max(self._content_to, self._column)
        elif tag == "table:table-row":
            if self._depth == 1:
                self._column = self._content_to = 0
                self._repeated = _count(attributes.get("table:number-rows-repeated"), MOST_ROWS)
                self._row_hidden = attributes.get("table:visibility") in _HIDDEN
                self._cells = []
        elif tag == "table:table-column" and self._depth == 1:
            first = self._sheet.column_definitions
            last = first + _count(attributes.get("table:number-columns-repeated"), MOST_COLUMNS)
            self._sheet.column_definitions = min(last, MOST_COLUMNS)
            if attributes.get("table:visibility") in _HIDDEN:
                self._sheet.marks.hidden_columns.update(range(first, self._sheet.column_definitions))
        elif tag == "table:table":
            self._depth += 1
            if self._depth == 1:
                self._sheet = _Sheet()

    def _start_cell(self, attributes: dict[str, str]) -> None:
        column = self._column
        repeated = _count(attributes.get("table:number-columns-repeated"), MOST_COLUMNS)
        self._column += repeated
        self._cell = None
        if "office:value-type" in attributes:
            self._content_to = self._column
        if (
            "table:formula" in attributes
            or attributes.get("office:value-type") in ("boolean", "time")
            or attributes.get("calcext:value-type") == "error"
            or "table:number-columns-spanned" in attributes
            or "table:number-rows-spanned" in attributes
        ):
            self._cell = _Cell(column, repeated, attributes)
            self._cells.append(self._cell)

    def text(self, data: str) -> None:
        """Characters of an element."""
        if self._shown is not None:
            self._shown.append(data)

    def end(self, tag: str) -> None:
        """An element ends."""
        if tag == "text:p":
            if self._shown is not None and self._cell is not None:
                self._cell.shown = self._cell.shown or "".join(self._shown)
            self._shown = None
        elif tag == "table:table-row":
            if self._depth == 1:
                self._end_row()
        elif tag == "table:table":
            self._depth -= 1
            if self._depth == 0:
                self.sheets.append(self._sheet.marks)
                self._cells_before += self._sheet.last_row * self._sheet.widest

    def _end_row(self) -> None:
        """Count the row in, as often as it is repeated."""
        sheet, first = self._sheet, self._sheet.row
        sheet.row += self._repeated
        if not self._content_to and not self._cells:
            return
        sheet.last_row = min(sheet.row, MOST_ROWS)
        sheet.widest = max(sheet.widest, self._content_to)
        self._mark_count += self._repeated * sum(cell.repeated for cell in self._cells)
        if self._cells_before + sheet.last_row * sheet.widest > _MOST_CELLS or self._mark_count > _MOST_MARKS:
            raise SpreadsheetError("R-010")
        rows = range(first, sheet.last_row)
        if self._row_hidden:
            sheet.marks.hidden_rows.update(rows)
        for cell in self._cells:
            for row in rows:
                _mark(sheet.marks, row, cell)


def _mark(marks: SheetMarks, row: int, cell: _Cell) -> None:
    """Note a cell's formula, error value, truth value, duration and merged range."""
    attributes, columns = cell.attributes, range(cell.column, cell.column + cell.repeated)
    if "table:formula" in attributes:
        marks.formulas.setdefault(row, set()).update(columns)
    if attributes.get("calcext:value-type") == "error" or (
        "table:formula" in attributes and cell.shown.startswith(("#", "Err:"))
    ):
        errors = marks.errors.setdefault(row, {})
        errors.update(dict.fromkeys(columns, cell.shown[:_ERROR_SHOWN] or "#N/A"))
    elif attributes.get("office:value-type") == "boolean":
        value = attributes.get("office:boolean-value") == "true"
        marks.values.setdefault(row, {}).update(dict.fromkeys(columns, value))
    elif (duration := _duration(attributes.get("office:time-value", ""))) is not None:
        marks.values.setdefault(row, {}).update(dict.fromkeys(columns, duration))
    width = _count(attributes.get("table:number-columns-spanned"), MOST_COLUMNS)
    height = _count(attributes.get("table:number-rows-spanned"), MOST_ROWS)
    if width > 1 or height > 1:
        marks.merged.append(((row, cell.column), (row + height - 1, cell.column + width - 1)))


def _count(text: str | None, most: int) -> int:
    """A repetition, 1 where none is given; raises ValueError for what is no number or beyond any sheet."""
    if text is None:
        return 1
    count = int(text)
    if not 1 <= count <= most:
        raise ValueError(text)
    return count


def _duration(text: str) -> dt.time | dt.timedelta | None:
    """A time of day, or a duration where it is none, as the other formats give it; None for what is neither."""
    match = _DURATION.fullmatch(text)
    if match is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:])
    length = dt.timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if match[1] or length.days:
        return -length if match[1] else length
    return dt.time(hours + minutes // 60, minutes % 60, seconds) if seconds < 60 else length
