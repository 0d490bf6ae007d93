from __future__ import annotations

import datetime as dt
from pathlib import Path

from openpyxl import Workbook
from openpyxl.workbook.protection import WorkbookProtection

from certlookup.spreadsheets.cells import ErrorCell, FormulaCell
from certlookup.spreadsheets.reading import FileKind, read_sheet
from tests.spreadsheets.make import cells_of, edit_workbook, make_workbook, rewrite_parts, rows_of


def test_rows_carry_the_number_that_the_spreadsheet_shows(tmp_path: Path) -> None:
    def edit(workbook: Workbook) -> None:
        sheet = workbook["Sheet"]
        sheet.delete_rows(1, 2)
        sheet["B3"] = "姓名"
        sheet["B7"] = "林"
        sheet["C9"] = "  "

    assert rows_of(edit_workbook(tmp_path / "a.xlsx", edit)) == [(3, (None, "姓名", "")), (7, (None, "林", ""))]


def test_a_cells_type_is_kept(tmp_path: Path) -> None:
    row = ["0815012003400001", 815012003400001, 82.5, dt.date(2026, 11, 3), True, "𠮷䶮𬭎㛃䮌·"]
    path = make_workbook(tmp_path / "a.xlsx", [row])
    assert cells_of(path) == [("0815012003400001", 815012003400001.0, 82.5, dt.date(2026, 11, 3), True, "𠮷䶮𬭎㛃䮌·")]


def test_formulas_and_error_values_are_told_from_values(tmp_path: Path) -> None:
    def edit(workbook: Workbook) -> None:
        sheet = workbook["Sheet"]
        sheet["C2"] = '="08"&"15"'
        sheet["D2"] = "#N/A"
        sheet["D2"].data_type = "e"
        sheet["D3"] = "#REF!"
        sheet["D3"].data_type = "e"

    assert rows_of(edit_workbook(tmp_path / "a.xlsx", edit))[1:] == [
        (2, ("1", "林", FormulaCell(""), ErrorCell("#N/A"))),
        (3, ("", "", "", ErrorCell("#REF!"))),
    ]


def test_merged_ranges_are_reported(tmp_path: Path) -> None:
    path = edit_workbook(tmp_path / "a.xlsx", lambda workbook: workbook["Sheet"].merge_cells("A5:B6"))
    with read_sheet(path) as reading:
        assert reading.merged == (((4, 0), (5, 1)),)


def test_hidden_sheets_rows_and_columns_with_content_are_named(tmp_path: Path) -> None:
    def edit(workbook: Workbook) -> None:
        workbook["Sheet"].row_dimensions[2].hidden = True
        workbook["Sheet"].column_dimensions["B"].hidden = True
        workbook["Sheet"].column_dimensions["K"].hidden = True
        further = workbook.create_sheet("旧数据")
        further["A1"] = "1"
        further.sheet_state = "hidden"

    with read_sheet(edit_workbook(tmp_path / "a.xlsx", edit)) as reading:
        assert [note.rule for note in reading.notes] == ["R-018", "R-017"]
        assert "旧数据" in reading.notes[0].message
        assert "隐藏的行 1 行、隐藏的列 1 列" in reading.notes[1].message
        assert len(list(reading.rows)) == 2


def test_a_wrong_extension_is_a_note_and_no_obstacle(tmp_path: Path) -> None:
    path = make_workbook(tmp_path / "stored")
    with read_sheet(path, name="数据.xls") as reading:
        assert reading.kind is FileKind.XLSX
        assert [note.rule for note in reading.notes] == ["R-019"]
    with read_sheet(path, name="数据.XLSX") as reading:
        assert reading.notes == ()


def test_protection_against_editing_is_no_obstacle(tmp_path: Path) -> None:
    def edit(workbook: Workbook) -> None:
        workbook.security = WorkbookProtection(lockStructure=True)
        workbook["Sheet"].protection.sheet = True

    assert len(rows_of(edit_workbook(tmp_path / "a.xlsx", edit))) == 2


def test_a_chosen_sheet_is_the_one_that_is_read(tmp_path: Path) -> None:
    path = make_workbook(tmp_path / "a.xlsx", [["说明"]], 数据=[["甲"], ["乙"]])
    with read_sheet(path, choose_sheet=lambda heads: heads[-1].index) as reading:
        assert reading.sheet_name == "数据"
        assert list(reading.rows) == [(1, ("甲",)), (2, ("乙",))]


def test_stopping_early_ends_the_reading_process(tmp_path: Path) -> None:
    path = make_workbook(tmp_path / "a.xlsx", [[str(number)] * 12 for number in range(30_000)])
    with read_sheet(path) as reading:
        next(reading.rows)
        process = reading._channel._process
        assert process.poll() is None
    assert process.poll() is not None


def test_cells_without_positions_are_counted(tmp_path: Path) -> None:
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row><c t="inlineStr"><is><t>a</t></is></c><c><f>1+1</f><v>2</v></c></row>'
        b'<row><c t="e"><v>#DIV/0!</v></c><c><v>5</v></c></row></sheetData></worksheet>'
    )
    path = rewrite_parts(make_workbook(tmp_path / "a.xlsx"), {"xl/worksheets/sheet1.xml": lambda _: sheet})
    assert rows_of(path) == [(1, ("a", FormulaCell(2.0))), (2, (ErrorCell("#DIV/0!"), 5.0))]
