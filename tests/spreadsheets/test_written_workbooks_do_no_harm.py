from __future__ import annotations

import datetime as dt
import io
from pathlib import Path

import pytest
from openpyxl import load_workbook

from certlookup.spreadsheets.writing import SheetColumn, SheetContent, write_workbook
from tests.spreadsheets.make import cells_of

COLUMNS = [SheetColumn("编号", 20, is_text=True), SheetColumn("内容")]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://example.org")'])
@pytest.mark.parametrize("place", [0, 1])
def test_a_formula_stays_text(text: str, place: int) -> None:
    row = ["x", "x"]
    row[place] = text
    target = io.BytesIO()
    write_workbook(target, [SheetContent("表", COLUMNS, [row])])
    sheet = load_workbook(target)["表"]
    cell = sheet.cell(2, place + 1)
    assert (cell.data_type, cell.value, cell.quotePrefix) == ("s", text, True)


def test_a_text_column_is_formatted_as_text(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_workbook(path, [SheetContent("表", COLUMNS, [["0815", 1.5], ["0816", dt.date(2026, 11, 3)], [None, None]])])
    sheet = load_workbook(path)["表"]
    assert [sheet.cell(row, 1).number_format for row in (2, 3)] == ["@", "@"]
    assert cells_of(path) == [("编号", "内容"), ("0815", 1.5), ("0816", dt.date(2026, 11, 3))]


def test_characters_that_xml_cannot_hold_are_shown_as_lost(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_workbook(path, [SheetContent("表", COLUMNS, [["a\x00b\x0bc", "𠮷\ud800"]])])
    assert cells_of(path)[1] == ("a\ufffdb\ufffdc", "𠮷\ufffd")


def test_title_lines_stand_above_the_header_and_names_are_tamed(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_workbook(path, [SheetContent("济南/2026:[1]" + "长" * 40, COLUMNS, [["1", "x" * 40_000]], title=["汇总表"])])
    rows = cells_of(path)
    assert rows[0][0] == "汇总表"
    assert rows[1] == ("编号", "内容")
    assert len(str(rows[2][1])) == 32_767
