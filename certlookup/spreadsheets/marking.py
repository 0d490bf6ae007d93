"""Write a workbook in which single cells are coloured and commented, row by row in bounded memory.

XlsxWriter, not openpyxl: with 50,000 commented cells among 200,000 rows it takes a quarter of the memory. Everything that
isn't a number, a date or a truth value is written as text, whatever it begins with.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from certlookup.spreadsheets.cells import Cell, ErrorCell, FormulaCell, Plain
from certlookup.spreadsheets.filerules import Severity
from certlookup.spreadsheets.writing import FORMULA_STARTS, LONGEST_CELL, in_xml, sheet_name

LAST_ROW = 1_048_576
# A spreadsheet program draws every comment as a shape when it opens the file; with more it takes minutes.
MOST_COMMENTS = 50_000
# In code points: at most two of Excel's units each.
LONGEST_COMMENT = LONGEST_CELL // 2
COLOURS: Mapping[Severity, str] = {
    Severity.ERROR: "#FFC7CE",
    Severity.WARNING: "#FFEB9C",
    Severity.NOTE: "#DDEBF7",
}
_WORST_FIRST = tuple(COLOURS)
_DATE, _TIME, _MOMENT, _DURATION = "yyyy-mm-dd", "hh:mm:ss", "yyyy-mm-dd hh:mm:ss", "[h]:mm:ss"
_TEXT, _GENERAL = "@", "General"
# Excel's days before March 1900 are off by one.
_FIRST_YEAR = 1901
_COMMENT_WIDTH, _LINE_CHARACTERS, _LINE_HEIGHT, _TALLEST = 320, 24, 18, 600


@dataclass(frozen=True, slots=True)
class Mark:
    """What is wrong with a cell: how much it weighs, and the sentence for the comment."""

    severity: Severity
    text: str


Marks = Mapping[int, Sequence[Mark]]


class _PlainSheet(Worksheet):  # type: ignore[misc]
    """XlsxWriter takes a text from <r> to </r> for ready-made markup; here it is a text like any other."""

    def _xml_rich_inline_string(self, string: str, attributes: object) -> None:
        self._xml_inline_string(string, True, attributes)  # noqa: FBT003 - XlsxWriter's own signature


class MarkedSheet:
    """A sheet being written from top to bottom; places count from 0. A row may be written once."""

    def __init__(self, book: MarkedWorkbook, sheet: Worksheet) -> None:
        """Made by MarkedWorkbook.add_sheet."""
        self.name = str(sheet.get_name())
        self._book = book
        self._sheet = sheet
        self.comments = 0
        self.cut_cells = 0
        self.uncommented = 0

    def set_width(self, column: int, width: float, *, is_text: bool = False) -> None:
        """A column's width in characters; is_text: what is typed into its empty cells stays text."""
        self._sheet.set_column(column, column, width, self._book.format_of(_TEXT) if is_text else None)

    def freeze(self, rows: int) -> None:
        """Keep the first rows in view."""
        self._sheet.freeze_panes(rows, 0)

    def filter_rows(self, first: int, last: int, columns: int) -> None:
        """Offer a filter on the row `first`."""
        self._sheet.autofilter(first, 0, last, columns - 1)

    def write_row(
        self, row: int, cells: Sequence[Cell], marks: Marks | None = None, *, bold: bool = False, wrap: bool = False
    ) -> None:
        """Write a row's cells; marks colour and comment the cells of their columns, empty ones too."""
        for column, cell in enumerate(cells):
            marked = marks.get(column, ()) if marks else ()
            self._write(row, column, cell, marked, bold=bold, wrap=wrap)
        for column, marked in (marks or {}).items():
            if column >= len(cells):
                self._write(row, column, None, marked, bold=False, wrap=False)
            self._comment(row, column, marked)

    def colour(self, row: int, column: int, text: str, severity: Severity) -> None:
        """A cell with a severity's colour and no comment."""
        self._sheet.write_string(row, column, text, self._book.format_of(_TEXT, severity))

    def _write(self, row: int, column: int, cell: Cell, marked: Sequence[Mark], *, bold: bool, wrap: bool) -> None:
        severity = min((mark.severity for mark in marked), key=_WORST_FIRST.index) if marked else None
        value: Plain = _as_text(cell) if isinstance(cell, FormulaCell | ErrorCell) else cell
        if value is None or value == "":
            if severity is not None:
                self._sheet.write_blank(row, column, None, self._book.format_of(_TEXT, severity))
            return
        number_format = _number_format(value)
        if number_format == _TEXT:
            text = in_xml(value if isinstance(value, str) else str(value))
            if _utf16_length(text) > LONGEST_CELL:
                text = text[: LONGEST_CELL // 2] + "…"
                self.cut_cells += 1
            quoted = text.startswith(FORMULA_STARTS)
            style = self._book.format_of(_TEXT, severity, quoted=quoted, bold=bold, wrap=wrap)
            self._sheet.write_string(row, column, text, style)
            return
        style = self._book.format_of(number_format, severity, bold=bold, wrap=wrap)
        if isinstance(value, bool):
            self._sheet.write_boolean(row, column, value, style)
        elif isinstance(value, int | float):
            self._sheet.write_number(row, column, value, style)
        else:
            self._sheet.write_datetime(row, column, value, style)

    def _comment(self, row: int, column: int, marked: Sequence[Mark]) -> None:
        if self.comments >= MOST_COMMENTS:
            self.uncommented += 1
            return
        self.comments += 1
        text = in_xml("\n".join(mark.text for mark in marked))[:LONGEST_COMMENT]
        lines = sum(1 + len(line) // _LINE_CHARACTERS for line in text.split("\n"))
        size = {"width": _COMMENT_WIDTH, "height": min(_LINE_HEIGHT * (lines + 1), _TALLEST)}
        self._sheet.write_comment(row, column, text, size)


class MarkedWorkbook:
    """A workbook being written to a path; scratch is a folder for what doesn't fit into memory. Close it at the end."""

    def __init__(self, target: Path, scratch: Path) -> None:
        self._workbook = Workbook(
            str(target),
            {
                "constant_memory": True,
                "tmpdir": str(scratch),
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        self._formats: dict[tuple[object, ...], Format] = {}
        self._names: set[str] = set()

    def add_sheet(self, name: str) -> MarkedSheet:
        """A further sheet; a name that is taken or not allowed is made into one that is free."""
        bare = sheet_name(in_xml(name)).strip("'") or "Sheet"
        if bare.lower() == "history":
            bare += "_"
        free, number = bare, 1
        while free.lower() in self._names:
            number += 1
            free = f"{bare[:27]} {number}"
        self._names.add(free.lower())
        return MarkedSheet(self, self._workbook.add_worksheet(free, worksheet_class=_PlainSheet))

    def close(self) -> None:
        """Write the file."""
        self._workbook.close()

    def format_of(
        self,
        number_format: str,
        severity: Severity | None = None,
        *,
        quoted: bool = False,
        bold: bool = False,
        wrap: bool = False,
    ) -> Format:
        """One cell format per kind of cell, made once."""
        key = (number_format, severity, quoted, bold, wrap)
        if key not in self._formats:
            made = self._workbook.add_format({"num_format": number_format})
            if severity is not None:
                made.set_bg_color(COLOURS[severity])
            if quoted:
                made.set_quote_prefix()
            if bold:
                made.set_bold()
            if wrap:
                made.set_text_wrap()
                made.set_align("top")
            self._formats[key] = made
        return self._formats[key]


def _utf16_length(text: str) -> int:
    """A text's length as Excel counts it: rare characters are two."""
    return len(text) + sum(character > "\uffff" for character in text) if len(text) > LONGEST_COMMENT else len(text)


def _as_text(cell: FormulaCell | ErrorCell) -> str:
    """A formula's stored value, or the error value, as a text: neither may come to life again."""
    if isinstance(cell, ErrorCell):
        return cell.text
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _number_format(value: Plain) -> str:
    """How a cell of that value is shown; what Excel can't hold as itself is a text."""
    if isinstance(value, str):
        return _TEXT
    if isinstance(value, bool):
        return _GENERAL
    if isinstance(value, int | float):
        return _GENERAL if math.isfinite(value) else _TEXT
    if isinstance(value, dt.timedelta):
        return _DURATION
    if isinstance(value, dt.time):
        return _TIME
    if isinstance(value, dt.date) and value.year < _FIRST_YEAR:
        return _TEXT
    return _MOMENT if isinstance(value, dt.datetime) and value.time() != dt.time() else _DATE
