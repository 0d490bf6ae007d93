"""Small spreadsheet files, good and broken."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from openpyxl import Workbook

from certlookup.spreadsheets.cells import Cell
from certlookup.spreadsheets.filerules import SpreadsheetError
from certlookup.spreadsheets.reading import ReadLimits, Row, read_sheet

SHEET = "xl/worksheets/sheet1.xml"


def make_workbook(
    path: Path, rows: Sequence[Sequence[object]] = (("编号", "姓名"), ("1", "林")), **more: object
) -> Path:
    """An .xlsx with these rows on its first sheet; more are further sheets by title, a list of rows each."""
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    for title, more_rows in more.items():
        further = workbook.create_sheet(title)
        assert isinstance(more_rows, list)
        for row in more_rows:
            further.append(list(row))
    workbook.save(path)
    return path


def edit_workbook(path: Path, edit: Callable[[Workbook], None]) -> Path:
    """A workbook with two good rows, changed by openpyxl."""
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.append(["编号", "姓名"])
    sheet.append(["1", "林"])
    edit(workbook)
    workbook.save(path)
    return path


def rewrite_parts(path: Path, changes: Mapping[str, Callable[[bytes], bytes]], **new_parts: bytes) -> Path:
    """An .xlsx with some of its parts changed and others added (names with __ for /)."""
    content = io.BytesIO()
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, changes.get(name, lambda part: part)(source.read(name)))
        for name, part in new_parts.items():
            target.writestr(name.replace("__", "/"), part)
    path.write_bytes(content.getvalue())
    return path


def rows_of(path: Path, limits: ReadLimits | None = None) -> list[Row]:
    """All rows of a file."""
    with read_sheet(path, limits) as reading:
        return list(reading.rows)


def cells_of(path: Path) -> list[tuple[Cell, ...]]:
    """All rows of a file without their numbers."""
    return [cells for _, cells in rows_of(path)]


def refusal_of(path: Path, limits: ReadLimits | None = None) -> SpreadsheetError:
    """Why a file isn't read."""
    try:
        rows_of(path, limits)
    except SpreadsheetError as error:
        return error
    raise AssertionError("the file was read")
