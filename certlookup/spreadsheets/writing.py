"""Write .xlsx files whose cells can do no harm: formula characters stay text, ID numbers stay text."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

Value = str | int | float | dt.date | None

# Text that a spreadsheet program, or one that reads its csv export, takes for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
# What XML can't hold; shown as U+FFFD rather than lost.
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LONGEST_CELL = 32_767
SHEET_NAME_LENGTH = 31
_NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\]")


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column: its header, its width in characters, and whether it holds numbers that must stay text."""

    header: str
    width: float = 14
    is_text: bool = False


@dataclass(frozen=True, slots=True)
class SheetContent:
    """A sheet: its name, title lines above the header, columns, and rows (taken one by one, never all at once)."""

    name: str
    columns: Sequence[SheetColumn]
    rows: Iterable[Sequence[Value]]
    title: Sequence[str] = ()


def write_workbook(target: Path | BinaryIO, sheets: Iterable[SheetContent]) -> None:
    """Write the sheets to a path or a binary stream, row by row in constant memory."""
    workbook = Workbook(write_only=True)
    for sheet in sheets:
        _write_sheet(workbook.create_sheet(sheet_name(sheet.name)), sheet)
    workbook.save(target)


def sheet_name(name: str) -> str:
    """A name that a sheet may have, made from any text."""
    return _NOT_IN_SHEET_NAMES.sub("_", name)[:SHEET_NAME_LENGTH] or "Sheet1"


def _write_sheet(worksheet: WriteOnlyWorksheet, sheet: SheetContent) -> None:
    for place, column in enumerate(sheet.columns, 1):
        worksheet.column_dimensions[get_column_letter(place)].width = column.width
    worksheet.freeze_panes = f"A{len(sheet.title) + 2}"
    for line in sheet.title:
        worksheet.append([_harmless(worksheet, line)])
    bold = Font(bold=True)
    headers = []
    for column in sheet.columns:
        cell = WriteOnlyCell(worksheet, column.header)
        cell.font = bold
        headers.append(cell)
    worksheet.append(headers)
    text_cells: list[WriteOnlyCell | None] = [
        _text_cell(worksheet) if column.is_text else None for column in sheet.columns
    ]
    for row in sheet.rows:
        worksheet.append(_cells(worksheet, row, text_cells))


def _cells(
    worksheet: WriteOnlyWorksheet, row: Sequence[Value], text_cells: Sequence[WriteOnlyCell | None]
) -> Iterator[object]:
    """A row's cells. A text column's cell object is used again and again: the row is written before the next one."""
    for value, text_cell in zip(row, text_cells, strict=True):
        if not isinstance(value, str):
            yield value
        elif text_cell is not None and not value.startswith(FORMULA_STARTS):
            text_cell.value = in_xml(value)
            text_cell.data_type = "s"
            yield text_cell
        else:
            yield _harmless(worksheet, value)


def _text_cell(worksheet: WriteOnlyWorksheet) -> WriteOnlyCell:
    cell = WriteOnlyCell(worksheet, "")
    cell.number_format = "@"
    return cell


def _harmless(worksheet: WriteOnlyWorksheet, text: str) -> object:
    """A text as a cell's value; where it begins like a formula, a cell that is text and marked as quoted."""
    text = in_xml(text)
    if not text.startswith(FORMULA_STARTS):
        return text
    cell = _text_cell(worksheet)
    cell.value = text
    cell.data_type = "s"
    cell.quotePrefix = True
    return cell


def in_xml(text: str) -> str:
    """A text that a cell can hold: what XML can't is shown as U+FFFD, what is too long ends with an ellipsis."""
    if len(text) > LONGEST_CELL:
        text = text[: LONGEST_CELL - 1] + "…"
    return _NOT_IN_XML.sub("\ufffd", text)
