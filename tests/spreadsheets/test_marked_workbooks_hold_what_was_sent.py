"""A workbook with marked cells: whatever a stranger's cell holds stays harmless, and limits are counted, not passed over."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from certlookup.spreadsheets import marking
from certlookup.spreadsheets.cells import Cell, ErrorCell, FormulaCell
from certlookup.spreadsheets.filerules import Severity
from certlookup.spreadsheets.marking import Mark, MarkedSheet, MarkedWorkbook
from tests.spreadsheets.make import cells_of

PATH = "a.xlsx"
# A cell's date knows no time zone.
MIDNIGHT = dt.datetime.combine(dt.date(2026, 11, 3), dt.time())
MORNING = MIDNIGHT + dt.timedelta(hours=9, minutes=30)


def write(folder: Path, *rows: tuple[Cell, ...], marked: bool = False) -> tuple[MarkedSheet, Workbook]:
    book = MarkedWorkbook(folder / PATH, folder)
    sheet = book.add_sheet("表")
    for number, cells in enumerate(rows):
        sheet.write_row(number, cells, {0: [Mark(Severity.ERROR, "R-100 错误：必填")]} if marked else None)
    book.close()
    return sheet, load_workbook(io.BytesIO((folder / PATH).read_bytes()))


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "＝1",
        "<r><t>a</t></r>",
        "<r><t>]]></t></r></x></r>",
        "http://example.org",
        "a\nb",
        "  空格  ",
        "123456789012345678",
        "𠮷",
    ],
)
def test_a_text_stays_the_text_it_is(tmp_path: Path, text: str) -> None:
    _, book = write(tmp_path, (text,), marked=True)
    cell = book["表"]["A1"]
    assert (cell.data_type, cell.value, cell.number_format) == ("s", text, "@")
    assert cell.hyperlink is None
    assert cell.comment is not None
    assert cell.comment.text == "R-100 错误：必填"
    assert cells_of(tmp_path / PATH) == [(text,)]


def test_a_formula_comes_back_as_the_text_of_its_value_and_an_error_as_its_name(tmp_path: Path) -> None:
    row = (FormulaCell("370202"), FormulaCell(82.5), FormulaCell(MIDNIGHT), ErrorCell("#N/A"))
    _, book = write(tmp_path, row)
    assert [(cell.data_type, cell.value) for cell in book["表"][1]] == [
        ("s", "370202"),
        ("s", "82.5"),
        ("s", "2026-11-03"),
        ("s", "#N/A"),
    ]


def test_numbers_dates_and_truth_values_stay_what_they_are(tmp_path: Path) -> None:
    row = (82.5, dt.date(2026, 11, 3), MORNING, True, dt.date(1899, 12, 31), float("nan"))
    _, book = write(tmp_path, row)
    assert [cell.value for cell in book["表"][1]] == [
        82.5,
        MIDNIGHT,
        MORNING,
        True,
        "1899-12-31",
        "nan",
    ]


def test_an_empty_cell_and_one_beyond_the_row_can_be_marked(tmp_path: Path) -> None:
    book = MarkedWorkbook(tmp_path / PATH, tmp_path)
    sheet = book.add_sheet("表")
    sheet.write_row(0, ("", "x"), {0: [Mark(Severity.WARNING, "空")], 4: [Mark(Severity.NOTE, "列")]})
    book.close()
    read = load_workbook(io.BytesIO((tmp_path / PATH).read_bytes()))["表"]
    assert (read["A1"].value, read["A1"].fill.fgColor.rgb, read["A1"].comment.text) == (None, "FFFFEB9C", "空")
    assert (read["E1"].fill.fgColor.rgb, read["E1"].comment.text) == ("FFDDEBF7", "列")


def test_the_worst_of_several_findings_gives_the_colour_and_all_stand_in_one_comment(tmp_path: Path) -> None:
    book = MarkedWorkbook(tmp_path / PATH, tmp_path)
    marks = [Mark(Severity.NOTE, "一"), Mark(Severity.ERROR, "二"), Mark(Severity.WARNING, "三")]
    book.add_sheet("表").write_row(0, ("x",), {0: marks})
    book.close()
    cell = load_workbook(io.BytesIO((tmp_path / PATH).read_bytes()))["表"]["A1"]
    assert (cell.fill.fgColor.rgb, cell.comment.text) == ("FFFFC7CE", "一\n二\n三")


def test_comments_beyond_the_limit_are_counted_and_their_cells_still_coloured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marking, "MOST_COMMENTS", 2)
    sheet, book = write(tmp_path, *[("x",)] * 5, marked=True)
    assert (sheet.comments, sheet.uncommented) == (2, 3)
    assert [book["表"].cell(row, 1).fill.fgColor.rgb for row in range(1, 6)] == ["FFFFC7CE"] * 5


def test_a_text_longer_than_a_cell_is_cut_and_counted(tmp_path: Path) -> None:
    sheet, book = write(tmp_path, ("𠮷" * 20_000, "长" * 32_767))
    assert sheet.cut_cells == 1
    assert book["表"]["A1"].value.endswith("…")
    assert len(book["表"]["B1"].value) == 32_767


@pytest.mark.parametrize("name", ["核对报告", "表[1]:*?/", "'x'", "History", "长" * 40, "", "a\x00b"])
def test_any_name_of_a_sheet_can_be_used_twice(tmp_path: Path, name: str) -> None:
    book = MarkedWorkbook(tmp_path / PATH, tmp_path)
    names = [book.add_sheet(name).name for _ in range(3)]
    book.close()
    assert len(set(names)) == 3
    assert load_workbook(io.BytesIO((tmp_path / PATH).read_bytes())).sheetnames == names


def test_no_macro_and_no_outside_link_is_in_the_file(tmp_path: Path) -> None:
    write(tmp_path, ("http://example.org", "=1"), marked=True)
    with zipfile.ZipFile(tmp_path / PATH) as archive:
        names = archive.namelist()
        relations = b"".join(archive.read(name) for name in names if name.endswith(".rels"))
    assert not any("vba" in name.lower() or "externalLink" in name for name in names)
    assert b'TargetMode="External"' not in relations
