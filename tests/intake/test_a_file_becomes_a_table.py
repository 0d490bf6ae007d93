from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook

from certlookup.spreadsheets.filerules import SpreadsheetError
from tests.intake.make import GOOD_ROW
from uploads.intake.columns import FIELDS, HEADERS
from uploads.intake.tables import no_rows_problem, open_table

LAYOUT = [HEADERS[field] for field in FIELDS]
ROW = [GOOD_ROW[field] for field in FIELDS]


def _save(path: Path, *sheets: list[list[object]], merge: str = "") -> Path:
    workbook = Workbook()
    for place, rows in enumerate(sheets):
        sheet = workbook.worksheets[0] if place == 0 else workbook.create_sheet()
        for row in rows:
            sheet.append(row)
        if merge:
            sheet.merge_cells(merge)
    workbook.save(path)
    return path


def test_rows_below_the_header_come_with_their_own_numbers(tmp_path: Path) -> None:
    path = _save(tmp_path / "a.xlsx", [["上报表"], [], list(LAYOUT), list(ROW), [], list(ROW)])
    with open_table(path, kind="regular", name="a.xlsx") as table:
        assert table.problems == ()
        assert table.columns is not None
        assert [number for number, _ in table.rows] == [4, 6]


def test_a_refused_file_hands_out_no_row_and_says_why(tmp_path: Path) -> None:
    path = _save(tmp_path / "a.xlsx", [[*LAYOUT[1:]], [*ROW[1:]]])
    with open_table(path, kind="regular", name="a.xlsx") as table:
        assert table.columns is None
        assert list(table.rows) == []
        assert [(problem.rule, problem.column) for problem in table.problems] == [("R-052", "证书编号")]


def test_a_file_without_a_header_is_refused(tmp_path: Path) -> None:
    with open_table(_save(tmp_path / "a.xlsx", [list(ROW)]), kind="regular") as table:
        assert [problem.rule for problem in table.problems] == ["R-051"]


def test_merged_data_cells_refuse_the_file(tmp_path: Path) -> None:
    path = _save(tmp_path / "a.xlsx", [list(LAYOUT), list(ROW), list(ROW)], merge="G2:G3")
    with open_table(path, kind="regular") as table:
        assert table.columns is None
        assert [problem.rule for problem in table.problems] == ["R-016"]


def test_the_sheet_with_the_header_is_read_among_several(tmp_path: Path) -> None:
    path = _save(tmp_path / "a.xlsx", [["填表说明"]], [list(LAYOUT), list(ROW)])
    with open_table(path, kind="regular") as table:
        assert table.reading.sheet_name == "Sheet1"
        assert len(list(table.rows)) == 1


def test_two_sheets_with_the_header_refuse_the_file(tmp_path: Path) -> None:
    sheet: list[list[object]] = [list(LAYOUT), list(ROW)]
    with pytest.raises(SpreadsheetError) as refusal:
        open_table(_save(tmp_path / "a.xlsx", sheet, sheet), kind="regular")
    assert refusal.value.rule == "R-011"


def test_a_header_alone_has_no_rows_and_a_finding_for_it(tmp_path: Path) -> None:
    with open_table(_save(tmp_path / "a.xlsx", [list(LAYOUT)]), kind="regular") as table:
        assert table.columns is not None
        assert list(table.rows) == []
        assert no_rows_problem(table.columns).rule == "R-056"
