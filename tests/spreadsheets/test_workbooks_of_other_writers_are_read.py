"""Spellings of .xlsx and .xls that Excel in Chinese, WPS, the strict standard and libraries use, put together by hand."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from certlookup.spreadsheets.archives import inspect_archive
from certlookup.spreadsheets.cells import FormulaCell
from certlookup.spreadsheets.reading import ReadLimits, read_sheet
from tests.spreadsheets.libreoffice import FIXTURES, MOMENT
from tests.spreadsheets.make import SHEET, cells_of, make_workbook, refusal_of, rewrite_parts, rows_of

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
# 3 November 2026 in the system of 1900.
DAY = 46329


def with_sheet(path: Path, rows: str, *, before: str = "", styles: str = "", **more: bytes) -> Path:
    """A workbook whose first sheet has these rows as they are written here."""
    sheet = f'<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData></worksheet>'.encode()
    changes = {SHEET: lambda _: sheet}
    if styles:
        changes["xl/styles.xml"] = lambda _: f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>'.encode()
    return rewrite_parts(make_workbook(path), changes, **more)


@pytest.mark.parametrize("number", [14, 22, 27, 31, 36, 50, 57, 58])
def test_the_date_formats_built_into_chinese_excel_are_dates(tmp_path: Path, number: int) -> None:
    styles = f'<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="{number}"/></cellXfs>'
    path = with_sheet(tmp_path / "a.xlsx", f'<row r="1"><c r="A1" s="1"><v>{DAY}</v></c></row>', styles=styles)
    assert cells_of(path) == [(dt.date(2026, 11, 3),)]


@pytest.mark.parametrize(
    "code",
    ["yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;;@", "[$-F800]dddd, mmmm dd, yyyy", "[$-804]yyyy/m/d", "yyyy\\-mm\\-dd", "[DBNum1][$-804]yyyy&quot;年&quot;m&quot;月&quot;"],
)  # fmt: skip
def test_a_date_format_of_the_senders_own_is_a_date(tmp_path: Path, code: str) -> None:
    styles = (
        f'<numFmts count="1"><numFmt numFmtId="176" formatCode="{code}"/></numFmts>'
        '<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="176"/></cellXfs>'
    )
    path = with_sheet(tmp_path / "a.xlsx", f'<row r="1"><c r="A1" s="1"><v>{DAY}</v></c></row>', styles=styles)
    assert cells_of(path) == [(dt.date(2026, 11, 3),)]


@pytest.mark.parametrize("value", ["1", "true"])
def test_dates_count_from_1904_where_an_xlsx_says_so(tmp_path: Path, value: str) -> None:
    path = make_workbook(tmp_path / "a.xlsx", [[dt.date(2026, 11, 3)]])
    setting = f'<workbookPr date1904="{value}"'.encode()
    rewrite_parts(path, {"xl/workbook.xml": lambda part: re.sub(rb"<workbookPr(?=[ />])", setting, part)})
    assert cells_of(path) == [(dt.date(2030, 11, 4),)]


def test_dates_count_from_1904_where_an_xls_says_so(tmp_path: Path) -> None:
    date_mode = bytes.fromhex("220002000000")
    content = (FIXTURES / "plain.xls").read_bytes()
    assert content.count(date_mode) == 1
    path = tmp_path / "a.xls"
    path.write_bytes(content.replace(date_mode, bytes.fromhex("220002000100")))
    dates = [cells[3] for cells in cells_of(path)[1:3]]
    assert dates == [dt.date(2030, 11, 4), MOMENT.replace(year=2030, day=4)]


def test_the_strict_standard_is_read(tmp_path: Path) -> None:
    path = with_sheet(
        tmp_path / "a.xlsx", '<row r="1"><c r="A1" t="d"><v>2026-11-03</v></c><c r="B1" t="b"><v>1</v></c></row>'
    )
    relations = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    strict = b"http://purl.oclc.org/ooxml/officeDocument/relationships"

    def changed(part: bytes) -> bytes:
        return part.replace(MAIN.encode(), STRICT.encode()).replace(relations, strict)

    parts = (SHEET, "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml", "_rels/.rels")
    assert cells_of(rewrite_parts(path, dict.fromkeys(parts, changed))) == [(dt.date(2026, 11, 3), True)]


def test_prefixes_before_every_tag_are_read_and_marks_found_under_them(tmp_path: Path) -> None:
    rows = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>甲</t></is></c><c r="B1"><f>1+1</f><v>2</v></c></row>'
        '<row r="2" hidden="1"><c r="A2"><v>1</v></c></row>'
    )
    path = with_sheet(tmp_path / "a.xlsx", rows, before='<cols><col min="1" max="1" hidden="1"/></cols>')

    def prefixed(part: bytes) -> bytes:
        tagged = re.sub(rb"<(/?)([a-zA-Z])", rb"<\1x:\2", part)
        return tagged.replace(b'xmlns="' + MAIN.encode(), b'xmlns:x="' + MAIN.encode())

    with read_sheet(rewrite_parts(path, {SHEET: prefixed})) as reading:
        assert [note.rule for note in reading.notes] == ["R-017"]
        assert list(reading.rows) == [(1, ("甲", FormulaCell(2.0))), (2, (1.0, ""))]


def test_attributes_in_single_quotes_hide_nothing_from_the_search(tmp_path: Path) -> None:
    rows = "<row r='1' hidden='1'><c r='A1'><v>1</v></c></row>"
    with read_sheet(with_sheet(tmp_path / "a.xlsx", rows)) as reading:
        assert [note.rule for note in reading.notes] == ["R-017"]


def test_a_height_and_a_width_of_nothing_hide_as_well(tmp_path: Path) -> None:
    rows = '<row r="1" ht="0" customHeight="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="A2"><v>2</v></c></row>'
    before = '<cols><col min="1" max="1" width="0" customWidth="1"/></cols>'
    with read_sheet(with_sheet(tmp_path / "a.xlsx", rows, before=before)) as reading:
        assert "隐藏的行 1 行、隐藏的列 1 列（第 1 行，A 列）" in reading.notes[0].message


def test_readings_aids_and_escapes_are_not_taken_for_text(tmp_path: Path) -> None:
    rows = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>林</t><rPh sb="0" eb="1"><t>lin</t></rPh></is></c>'
        '<c r="B1" t="inlineStr"><is><r><t>富</t></r><r><rPr><b/></rPr><t>文本</t></r></is></c>'
        '<c r="C1" t="str"><v>a_x000A_b</v></c></row>'
    )
    assert cells_of(with_sheet(tmp_path / "a.xlsx", rows)) == [("林", "富文本", "a\nb")]


def test_a_drawing_with_a_document_type_is_no_obstacle(tmp_path: Path) -> None:
    svg = b'<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "svg11.dtd"><svg/>'
    path = make_workbook(tmp_path / "a.xlsx")
    assert len(rows_of(rewrite_parts(path, {}, **{"xl__media__logo.svg": svg}))) == 2


def test_a_wide_sheet_beside_the_data_is_no_obstacle(tmp_path: Path) -> None:
    path = make_workbook(tmp_path / "a.xlsx", 代码=[["x"] * 300])
    with read_sheet(path, choose_sheet=lambda heads: heads[0].index) as reading:
        assert [note.rule for note in reading.notes] == ["R-025"]
        assert len(list(reading.rows)) == 2
    assert refusal_of(make_workbook(tmp_path / "b.xlsx", [["x"] * 300])).detail["last"] == "KN"


def test_a_sheet_of_plain_values_is_not_walked_through_twice(tmp_path: Path) -> None:
    for path in (make_workbook(tmp_path / "a.xlsx"), FIXTURES / "plain.xlsx"):
        assert SHEET not in inspect_archive(path, ReadLimits())  # type: ignore[arg-type]
