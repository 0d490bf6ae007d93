from __future__ import annotations

import pytest

from certlookup.spreadsheets.cells import Cell
from certlookup.spreadsheets.filerules import SpreadsheetError
from certlookup.spreadsheets.reading import SheetHead
from tests.intake.make import GOOD_ROW, make_columns, make_context
from uploads.intake.columns import FIELDS, HEADERS, choose_sheet, find_header, match_columns, merged_data_problem
from uploads.intake.rows import parse_row

LAYOUT = [HEADERS[field] for field in FIELDS]


def test_the_required_layout_matches_without_a_word() -> None:
    match = match_columns(LAYOUT)
    assert match.problems == ()
    assert match.columns is not None
    assert match.columns.indexes == tuple(range(17))


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("职业（工种）", "occupation"),
        ("职业/工种", "occupation"),
        ("身份证号", "id_number"),
        ("证书编码", "certificate_number"),
        ("证书号", "certificate_number"),
        ("颁证日期", "issue_date"),
        ("实操成绩", "skill_score"),
        ("理论知识成绩", "theory_score"),
        ("操作技能成绩", "skill_score"),
        ("综合成绩", "overall_score"),
        (" 证 书\n编号 ", "certificate_number"),
        ("*姓名", "holder_name"),
        ("性别（必填）", "sex"),
        ("等级：", "level"),
    ],
)
def test_usual_spellings_are_aliases(header: str, field: str) -> None:
    headers = [header if HEADERS[name] == HEADERS[field] else HEADERS[name] for name in FIELDS]
    match = match_columns(headers)
    assert match.problems == ()
    assert match.columns is not None
    assert match.columns.header_of(field) == header.strip()


def test_columns_in_any_order_give_the_same_row() -> None:
    fields = list(reversed(FIELDS))
    columns = match_columns([HEADERS[field] for field in fields]).columns
    assert columns is not None
    cells = tuple(GOOD_ROW[field] for field in fields)
    straight = tuple(GOOD_ROW[field] for field in FIELDS)
    assert parse_row(2, cells, columns, make_context()) == parse_row(2, straight, make_columns(), make_context())


def test_a_missing_column_is_refused_by_name() -> None:
    match = match_columns([header for header in LAYOUT if header != "证件号码"])
    assert match.columns is None
    assert [(problem.rule, problem.column) for problem in match.problems] == [("R-052", "证件号码")]
    assert "“证件号码”" in match.problems[0].message


def test_only_a_backfill_may_come_without_issue_dates() -> None:
    headers = [header for header in LAYOUT if header != "发证日期"]
    assert match_columns(headers).columns is None
    assert match_columns(headers, kind="backfill").columns is not None


def test_a_double_column_is_refused_and_both_places_named() -> None:
    match = match_columns([*LAYOUT, "身份证号"])
    assert match.columns is None
    assert [(problem.rule, problem.column) for problem in match.problems] == [("R-053", "证件号码")]
    assert "E列“证件号码”" in match.problems[0].message
    assert "R列“身份证号”" in match.problems[0].message


def test_extra_columns_are_a_note_and_their_content_no_finding() -> None:
    match = match_columns([*LAYOUT, "考号", "备注"])
    assert [problem.rule for problem in match.problems] == ["R-054"]
    assert match.columns is not None
    cells = (*(GOOD_ROW[field] for field in FIELDS), "001", "无")
    assert parse_row(2, cells, match.columns, make_context()).problems == ()


def test_content_beyond_the_headers_is_a_warning() -> None:
    cells = (*(GOOD_ROW[field] for field in FIELDS), None, "补")
    row = parse_row(2, cells, make_columns(), make_context())
    assert [(problem.rule, problem.severity.value) for problem in row.problems] == [("R-055", "warning")]
    assert "S列" in row.problems[0].message


def test_the_header_is_found_below_title_rows() -> None:
    rows: list[tuple[int, list[Cell]]] = [
        (1, ["国家职业资格证书数据上报表"]),
        (2, ["上报单位：", "济南市", "姓名：", "王"]),
        (4, [None, *LAYOUT]),
        (5, [None, *GOOD_ROW.values()]),
    ]
    found = find_header(rows)
    assert found is not None
    assert found[0] == 4
    columns = match_columns(found[1], found[0]).columns
    assert columns is not None
    assert columns.indexes == tuple(range(1, 18))


def test_a_sheet_without_a_header_has_none() -> None:
    assert find_header([(1, list(GOOD_ROW.values())), (2, ["姓名", "性别"])]) is None


def _head(index: int, name: str, *rows: list[Cell], hidden: bool = False) -> SheetHead:
    return SheetHead(index, name, hidden, tuple((number, tuple(cells)) for number, cells in enumerate(rows, 1)))


def test_the_sheet_with_the_header_is_taken() -> None:
    heads = [_head(0, "说明", ["填表说明"]), _head(1, "数据", list(LAYOUT)), _head(2, "旧", list(LAYOUT), hidden=True)]
    assert choose_sheet(heads) == 1


def test_two_sheets_with_the_header_are_refused() -> None:
    with pytest.raises(SpreadsheetError) as refusal:
        choose_sheet([_head(0, "一", list(LAYOUT)), _head(1, "二", list(LAYOUT))])
    assert refusal.value.rule == "R-011"
    assert "“一”、“二”" in refusal.value.message_zh


def test_merged_cells_among_the_data_are_refused_and_in_the_title_not() -> None:
    columns = match_columns(LAYOUT, 3).columns
    assert columns is not None
    assert merged_data_problem(columns, [((0, 0), (0, 16)), ((5, 20), (6, 20))]) is None
    problem = merged_data_problem(columns, [((0, 0), (0, 16)), ((4, 6), (8, 6))])
    assert problem is not None
    assert problem.rule == "R-016"
    assert problem.row_number == 5
    assert "G5:G9" in problem.message
