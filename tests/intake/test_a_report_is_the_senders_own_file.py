"""核对报告 as a workbook: the sender's rows where they were, what is wrong with them coloured and commented, all listed."""

import csv
import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests.make import (
    HEADER,
    Cast,
    make_attempt,
    make_change_attempt,
    make_correction,
    make_published_release,
    make_row,
    make_rows,
)
from uploads.intake.findings_shown import is_of_file
from uploads.intake.reports import ask_for_report, delete_report, make_report
from uploads.intake.storage import path_of
from uploads.models import Attempt, BatchKind, ReportFile, ReportState

pytestmark = pytest.mark.django_db
COLOURS = {"error": "FFFFC7CE", "warning": "FFFFEB9C", "note": "FFDDEBF7"}
TITLE_ROWS = 3
TOP = [["青岛市职业资格证书上报表"], [], ["填表人：", "王测试"]]


@pytest.fixture
def cast() -> Cast:
    return Cast()


def make_file(rows: Sequence[dict[str, object]], *, header: Sequence[str] = HEADER) -> bytes:
    """A workbook as cities send it: title rows, then the header in row 4."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "证书数据"
    for line in TOP:
        sheet.append(line)
    sheet.append(list(header))
    for row in rows:
        sheet.append([row[name] for name in header])
        for cell in sheet[sheet.max_row]:
            cell.data_type = "s" if isinstance(cell.value, str) else cell.data_type
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def report_of(attempt: Attempt) -> openpyxl.Workbook:
    report = ask_for_report(attempt)
    assert report.state == ReportState.READY, report.problem
    return load_workbook(io.BytesIO(path_of(report.stored_name).read_bytes()))


def column(sheet: Worksheet, header: str, row: int = TITLE_ROWS + 1) -> int:
    return next(cell.column for cell in sheet[row] if cell.value == header)


def planted() -> list[dict[str, object]]:
    """Six rows, five of them wrong."""
    return [
        make_row(seed=0),
        make_row(seed=1, 等级="六级"),
        make_row(seed=2, 证件号码="379901199003071510"),
        make_row(seed=3, 姓名='=HYPERLINK("http://example.org")', 性别="未知"),
        make_row(seed=4, 证件号码=3.79901199003071e17),
        make_row(seed=5, 发证日期=date(2099, 1, 1)),
    ]


def test_every_finding_is_a_coloured_cell_with_a_comment_in_the_senders_own_row(cast: Cast) -> None:
    attempt = make_attempt(by=cast.operator, office="3702", content=make_file(planted()))
    assert attempt.problems.filter(severity="error").count() >= 5
    sheet = report_of(attempt)["证书数据"]
    for problem in attempt.problems.exclude(field="file"):
        place = column(sheet, problem.column) if problem.column in HEADER else 1
        cell = sheet.cell(problem.row_number, place)
        assert cell.comment is not None, problem.rule
        assert problem.rule in cell.comment.text
        assert problem.message in cell.comment.text
        worst = attempt.problems.filter(row_number=problem.row_number, column=problem.column)
        severities = set(worst.values_list("severity", flat=True))
        expected = next(name for name in COLOURS if name in severities)
        assert cell.fill.fgColor.rgb == COLOURS[expected]


def test_rows_columns_titles_and_values_stand_where_the_sender_put_them(cast: Cast) -> None:
    header = [*HEADER, "备注"]
    rows = [row | {"备注": f"备注{place}"} for place, row in enumerate(planted())]
    attempt = make_attempt(by=cast.operator, office="3702", content=make_file(rows, header=header))
    sheet = report_of(attempt)["证书数据"]
    assert sheet["A1"].value == TOP[0][0]
    assert sheet["B3"].value == "王测试"
    assert [cell.value for cell in sheet[TITLE_ROWS + 1]] == header
    for place, row in enumerate(rows):
        written = [cell.value for cell in sheet[TITLE_ROWS + 2 + place]]
        sent = [row[name] for name in header]
        as_read = [value.date() if hasattr(value, "date") else value for value in written]
        assert as_read == [None if value == "" else value for value in sent]


def test_numbers_stay_text_dates_stay_dates_and_formulas_do_nothing(cast: Cast) -> None:
    attempt = make_attempt(by=cast.operator, office="3702", content=make_file(planted()))
    sheet = report_of(attempt)["证书数据"]
    first = TITLE_ROWS + 2
    for name in ("证件号码", "证书编号"):
        cell = sheet.cell(first, column(sheet, name))
        assert (cell.data_type, cell.number_format) == ("s", "@")
    assert sheet.cell(first + 4, column(sheet, "证件号码")).data_type == "n"
    assert sheet.cell(first + 5, column(sheet, "发证日期")).number_format == "yyyy-mm-dd"
    harmful = sheet.cell(first + 3, column(sheet, "姓名"))
    assert (harmful.data_type, harmful.quotePrefix) == ("s", True)


def test_the_first_sheet_adds_up_and_counts_every_rule(cast: Cast) -> None:
    attempt = make_attempt(by=cast.operator, office="3702", content=make_file(planted()))
    sheet = report_of(attempt)["核对报告"]
    lines = {row[0]: row for row in sheet.iter_rows(values_only=True)}
    assert lines["读取"][1] == lines["合格"][1] + lines["不合格"][1] == len(planted())
    assert lines["不合格"][1] == attempt.refused_count
    by_severity = [lines[f"{label}（处）"][1] for label in ("错误", "提醒", "说明")]
    assert sum(by_severity) == lines["共（处）"][1] == attempt.problems.count()
    counted = sum(row[3] for row in sheet.iter_rows(values_only=True) if str(row[0]).startswith("R-") and row[3])
    assert counted == attempt.problems.count()


def test_every_finding_is_on_the_list_with_its_cell(cast: Cast) -> None:
    attempt = make_attempt(by=cast.operator, office="3702", content=make_file(planted()))
    book = report_of(attempt)
    listed = list(book["检查结果"].iter_rows(min_row=2, values_only=True))
    stored = list(attempt.problems.order_by("row_number", "id"))
    assert [(row[0], row[3], row[5]) for row in listed] == [
        ("全文件" if is_of_file(problem.rule, problem.field) else problem.row_number, problem.rule, problem.message)
        for problem in stored
    ]
    assert book["检查结果"].auto_filter.ref == f"A1:F{len(stored) + 1}"
    marked = book["证书数据"]
    assert all(marked[row[1]].comment is not None for row in listed if row[1])


def test_the_report_itself_can_be_corrected_and_uploaded_again(cast: Cast) -> None:
    rows = [make_row(seed=0), make_row(seed=1, 等级="六级")]
    attempt = make_attempt(by=cast.operator, office="3702", content=make_file(rows))
    book = report_of(attempt)
    sheet = book["证书数据"]
    sheet.cell(TITLE_ROWS + 3, column(sheet, "等级")).value = "四级/中级工"
    content = io.BytesIO()
    book.save(content)
    again = make_attempt(by=cast.operator, office="3702", content=content.getvalue())
    assert again.read_count == 2
    assert not again.problems.filter(rule="R-171").exists()


def test_a_csv_file_has_a_report_with_its_own_row_numbers(cast: Cast) -> None:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["上报表"])
    writer.writerow([])
    writer.writerow(HEADER)
    for row in (make_row(seed=0), make_row(seed=1, 等级="六级")):
        writer.writerow([row[name] for name in HEADER])
    attempt = make_attempt(by=cast.operator, office="3702", content=text.getvalue().encode("gb18030", "replace"))
    problem = attempt.problems.get(rule="R-171")
    book = report_of(attempt)
    sheet = book[book.sheetnames[1]]
    cell = sheet.cell(problem.row_number, column(sheet, "等级", 3))
    assert problem.row_number == 5
    assert (cell.value, cell.fill.fgColor.rgb) == ("六级", COLOURS["error"])


def test_a_file_refused_as_a_whole_says_so_on_the_first_sheet(cast: Cast) -> None:
    header = [name for name in HEADER if name != "等级"]
    attempt = make_attempt(by=cast.operator, office="3702", content=make_file(make_rows(3), header=header))
    book = report_of(attempt)
    said = [str(value) for row in book["核对报告"].iter_rows(values_only=True) for value in row if value]
    assert any("整个文件不合格" in text for text in said)
    assert any("缺少“等级”列" in text for text in said)
    sheet = book["证书数据"]
    assert "R-052" in sheet.cell(TITLE_ROWS + 1, 1).comment.text
    assert sheet.max_row == TITLE_ROWS + 1 + 3


def test_a_report_is_made_once_and_again_when_its_file_is_gone(cast: Cast) -> None:
    attempt = make_attempt(by=cast.operator, office="3702", rows=planted())
    first = ask_for_report(attempt).stored_name
    assert ask_for_report(attempt).stored_name == first
    path_of(first).unlink()
    second = ask_for_report(attempt)
    assert path_of(second.stored_name).is_file()


def test_a_report_goes_when_its_days_are_over(cast: Cast) -> None:
    attempt = make_attempt(by=cast.operator, office="3702", rows=planted())
    path = path_of(ask_for_report(attempt).stored_name)
    delete_report(attempt.id)
    assert path.is_file()
    ReportFile.objects.update(made_at="2020-01-01T00:00:00Z")
    delete_report(attempt.id)
    assert not path.exists()
    assert not ReportFile.objects.exists()


def test_a_report_leaves_nothing_half_made_behind(cast: Cast) -> None:
    attempt = make_attempt(by=cast.operator, office="3702", rows=planted())
    report = ask_for_report(attempt)
    assert not list(path_of(report.stored_name).parent.glob("report-*"))


def test_a_file_that_is_no_longer_there_has_no_report_and_the_reason_is_kept(cast: Cast) -> None:
    attempt = make_attempt(by=cast.operator, office="3702", rows=planted())
    path_of(attempt.stored_name).unlink()
    report = ask_for_report(attempt)
    assert report.state == ReportState.FAILED
    assert "原文件已不在服务器上" in report.problem
    make_report(attempt.id)


def test_a_report_that_failed_is_tried_again_when_it_is_asked_for_anew(cast: Cast) -> None:
    attempt = make_attempt(by=cast.operator, office="3702", rows=planted())
    source = path_of(attempt.stored_name)
    aside = source.rename(source.with_suffix(".aside"))
    assert ask_for_report(attempt).state == ReportState.FAILED
    aside.rename(source)
    assert ask_for_report(attempt, again=False).state == ReportState.FAILED
    assert ask_for_report(attempt).state == ReportState.READY


def test_a_corrections_report_shows_before_and_after_and_can_be_uploaded_again(cast: Cast) -> None:
    make_published_release(cast, rows=make_rows(2))
    number = str(make_row(seed=1)["证书编号"])
    row = make_correction(number, 姓名="李更正", 评定成绩="优秀")
    attempt = make_change_attempt(by=cast.operator, kind=BatchKind.CORRECTION, rows=[row])
    book = report_of(attempt)
    lines = [[cell.value for cell in line] for line in book["变更前后对照"].iter_rows(min_row=2)]
    before = make_row(seed=1)
    assert [line[0:2] + line[5:9] for line in lines] == [
        [2, number, "姓名", before["姓名"], "李更正", "录入有误"],
        [2, number, "评定成绩", before["评定成绩"], "优秀", "录入有误"],
    ]
    content = io.BytesIO()
    book.save(content)
    again = make_attempt(by=cast.operator, office="3702", content=content.getvalue(), kind=BatchKind.CORRECTION)
    assert (again.read_count, again.refused_count) == (1, 0)


def test_a_big_report_is_left_to_the_worker(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("uploads.intake.reports.ROWS_MADE_AT_ONCE", 2)
    attempt = make_attempt(by=cast.operator, office="3702", rows=planted())
    assert ask_for_report(attempt).state == ReportState.WAITING
    assert ask_for_report(attempt).state == ReportState.WAITING
    make_report(attempt.id)
    assert Path(path_of(ReportFile.objects.get().stored_name)).is_file()
