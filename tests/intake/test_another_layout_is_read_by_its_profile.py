"""An import profile says how another layout is read; what it doesn't say is refused, by its own rule."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.idnumber import check_character
from certlookup.spreadsheets.cells import Cell, ErrorCell, FormulaCell
from tests.intake.make import GOOD_ROW, make_context
from uploads.intake.columns import FIELDS, HEADERS
from uploads.intake.conversion import Converter, OfficeNames, fixed_problems
from uploads.intake.profiles import Definition, Headers, Profile, define, value_key
from uploads.intake.rows import ParsedRow
from uploads.intake.shippedprofiles import EXAM_SYSTEM
from uploads.intake.tables import match_layout

JINAN = OfficeNames("济南市职业技能鉴定中心", "济南市人力资源和社会保障局")
EXAM_HEADER = (
    "考号", "身份证号", "姓名", "职业", "等级", "性别", "出生日期", "报名单位", "工龄", "文化程度", "考生来源", "理论成绩",
    "实操成绩", "综合成绩", "证书号", "颁证日期", "备注",
)  # fmt: skip
EXAM_FIELDS = {
    "身份证号": "id_number", "姓名": "holder_name", "职业": "occupation", "等级": "level", "性别": "sex",
    "出生日期": "birth_date", "理论成绩": "theory_score", "实操成绩": "skill_score", "综合成绩": "overall_score",
    "证书号": "certificate_number", "颁证日期": "issue_date",
}  # fmt: skip


def make_profile(**parts: object) -> Profile:
    return Profile("odd", "某市导出", 2, define(parts))


def make_converter(profile: Profile, header: tuple[str, ...], office: OfficeNames = JINAN) -> Converter:
    match = match_layout([(1, header)], profile, kind="regular")
    assert match.columns is not None, match.problems
    return Converter(profile, match.columns, office)


def read_exam_row(*extra: Cell, **changes: Cell) -> ParsedRow:
    row = GOOD_ROW | changes
    cells = tuple(row[EXAM_FIELDS[name]] if name in EXAM_FIELDS else "x" for name in EXAM_HEADER) + extra
    return make_converter(EXAM_SYSTEM, EXAM_HEADER).parse(7, cells, make_context())


def read_row(profile: Profile, **changes: Cell) -> ParsedRow:
    """A row with the required layout's headers, read by a profile."""
    cells = tuple((GOOD_ROW | changes)[field] for field in FIELDS)
    return make_converter(profile, tuple(HEADERS.values())).parse(5, cells, make_context())


def found(row: ParsedRow) -> list[tuple[str, str, str]]:
    return [(problem.column, problem.field, problem.rule) for problem in row.problems]


def test_an_export_of_the_exam_system_becomes_whole_rows() -> None:
    row = read_exam_row(sex=1.0, level="国家职业资格四级（中级技能）")
    assert row.problems == ()
    assert row.fields is not None
    assert (row.fields.sex, row.fields.level, row.fields.id_type) == ("男", 4, "resident_id")
    assert row.fields.issuing_authority == "济南市人力资源和社会保障局"
    assert row.fields.assessment_office == "济南市职业技能鉴定中心"


@pytest.mark.parametrize("written", ["男", "1", 1.0, 1, "１", " 男 ", FormulaCell("1")])
def test_sex_is_read_in_words_and_as_a_code_from_text_and_number_cells(written: Cell) -> None:
    row = read_exam_row(sex=written)
    assert row.fields is not None
    assert row.fields.sex == "男"


@pytest.mark.parametrize(
    ("written", "level"),
    [("一级", 1), ("5", 5), (4.0, 4), ("高级技师", 1), ("技师", 2), ("高级", 3), ("初级工", 5), ("中级技能", 4)],
)
def test_a_level_is_read_in_every_spelling_of_the_exam_system(written: Cell, level: int) -> None:
    row = read_exam_row(level=written, certificate_number=f"2615010013{level}00001")
    assert row.fields is not None
    assert row.fields.level == level


@pytest.mark.parametrize(
    ("written", "rule"), [("0", "R-082"), (9.0, "R-082"), (3.0, "R-081"), ("M", "R-081"), (True, "R-081")]
)
def test_a_value_outside_the_table_is_the_one_finding_of_its_field(written: Cell, rule: str) -> None:
    row = read_exam_row(sex=written)
    assert row.fields is None
    assert found(row) == [("性别", "sex", rule)]
    assert "考务系统导出" in row.problems[0].message


def test_the_value_is_named_and_so_is_the_reason() -> None:
    assert "“M”" in read_exam_row(sex="M").problems[0].message
    assert "未知的性别" in read_exam_row(sex="0").problems[0].message


@pytest.mark.parametrize(("written", "rule"), [("", "R-100"), (None, "R-100"), (ErrorCell("#N/A"), "R-102")])
def test_an_empty_cell_and_an_error_value_keep_their_own_rules(written: Cell, rule: str) -> None:
    assert ("性别", "sex", rule) in found(read_exam_row(sex=written))


def make_eighteen(first17: str) -> str:
    return first17 + check_character(first17)


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("810000199408230021", "residence_permit"),
        ("830000199201300022", "residence_permit"),
        (make_eighteen("91110119900307151"), "foreigner_card"),
        ("110105491231002", "resident_id"),
    ],
)
def test_the_id_type_that_no_column_names_follows_the_numbers_form(number: str, kind: str) -> None:
    row = read_exam_row(id_number=number, birth_date=None, sex="女")
    assert row.fields is not None, row.problems
    assert row.fields.id_type == kind


def test_an_id_number_of_another_form_is_judged_as_a_resident_id() -> None:
    assert found(read_exam_row(id_number="H12345678")) == [("身份证号", "id_number", "R-116")]


@pytest.mark.parametrize("field", ["id_number", "certificate_number"])
def test_numbers_still_count_only_from_text_cells(field: str) -> None:
    row = read_exam_row(**{field: 2615010013400001.0})
    assert [problem.rule for problem in row.problems] == [{"id_number": "R-101", "certificate_number": "R-121"}[field]]


def test_content_beyond_the_headers_is_named_by_its_own_column() -> None:
    row = read_exam_row(None, "补")
    assert found(row) == [("", "row", "R-055")]
    assert "S列" in row.problems[0].message
    assert row.fields is not None


@pytest.mark.parametrize(
    ("forms", "written", "day"),
    [
        (["DD/MM/YYYY"], "05/11/2026", dt.date(2026, 11, 5)),
        (["DD/MM/YYYY"], "5/11/2026 00:00:00", dt.date(2026, 11, 5)),
        (["MM/DD/YYYY"], "11/05/2026", dt.date(2026, 11, 5)),
        (["DD-MON-YYYY"], "05-Nov-2026", dt.date(2026, 11, 5)),
        (["DDMMYYYY"], 5112026.0, dt.date(2026, 11, 5)),
        (["YYYYMMDD", "DD.MM.YYYY"], 20261105.0, dt.date(2026, 11, 5)),
        (["YYYYMMDD", "DD.MM.YYYY"], "05.11.2026", dt.date(2026, 11, 5)),
        (["DD/MM/YYYY"], dt.datetime.fromisoformat("2026-11-05"), dt.date(2026, 11, 5)),
    ],
)
def test_a_date_is_read_in_the_forms_that_the_profile_names(forms: list[str], written: Cell, day: dt.date) -> None:
    row = read_row(make_profile(dates=forms), issue_date=written, birth_date="", processed_date="")
    assert row.fields is not None, row.problems
    assert row.fields.issue_date == day


@pytest.mark.parametrize("written", ["2026-11-05", "31/02/2026", "05/11/26", "昨天", 20261105.0])
def test_a_date_in_no_named_form_is_refused_though_others_would_read_it(written: Cell) -> None:
    row = read_row(make_profile(dates=["DD/MM/YYYY"]), issue_date=written, birth_date="", processed_date="")
    assert found(row) == [("发证日期", "issue_date", "R-083")]
    assert "DD/MM/YYYY" in row.problems[0].message


def test_without_named_forms_an_ambiguous_date_stays_refused() -> None:
    row = read_row(make_profile(values={"sex": {"男": "男"}}), issue_date="05/11/2026")
    assert found(row) == [("发证日期", "issue_date", "R-206")]


def test_tables_may_name_levels_and_id_types_in_any_words() -> None:
    profile = make_profile(values={"level": {"J4": "四级"}, "id_type": {"01": "居民身份证"}})
    row = read_row(profile, level="j4", id_type="０１")
    assert row.fields is not None
    assert (row.fields.level, row.fields.level_text, row.fields.id_type) == (4, "四级/中级工", "resident_id")


def test_the_senders_own_words_for_a_level_are_kept() -> None:
    row = read_row(make_profile(values={"level": {"中级技能": "四级"}}), level="中级技能")
    assert row.fields is not None
    assert row.fields.level_text == "中级技能"


def test_a_fixed_value_yields_to_a_column_of_the_file() -> None:
    row = read_row(make_profile(fixed={"issuing_authority": "{发证机关}"}), issuing_authority="省厅")
    assert row.fields is not None
    assert row.fields.issuing_authority == "省厅"


def test_what_is_filled_in_is_said_and_an_office_without_the_name_is_refused() -> None:
    match = match_layout([(4, EXAM_HEADER)], EXAM_SYSTEM, kind="regular")
    assert match.columns is not None
    said = fixed_problems(EXAM_SYSTEM, match.columns, JINAN)
    assert [(problem.rule, problem.severity, problem.row_number) for problem in said] == [("R-088", "note", 4)]
    assert "济南市人力资源和社会保障局" in said[0].message
    lacking = fixed_problems(EXAM_SYSTEM, match.columns, OfficeNames("某中心", ""))
    assert [(problem.rule, problem.severity) for problem in lacking] == [("R-086", "error")]


def test_a_field_may_have_its_names_instead_of_the_layouts_own() -> None:
    header = ("编号", *(text for text in HEADERS.values() if text != "证书编号"), "证书号码")
    assert [p.rule for p in match_layout([(1, header)], make_profile(), kind="regular").problems] == ["R-053"]
    told = make_profile(headers={"certificate_number": {"names": ["证书号码"], "only": True}})
    match = match_layout([(1, header)], told, kind="regular")
    assert [problem.rule for problem in match.problems] == ["R-054"]
    assert match.columns is not None
    assert match.columns.header_of("certificate_number") == "证书号码"


def test_a_header_that_the_layout_knows_may_mean_another_field() -> None:
    header = tuple("编号" if text == "职业编码" else text for text in HEADERS.values())
    told = make_profile(headers={"occupation_code": {"names": ["编号"]}})
    match = match_layout([(1, header)], told, kind="regular")
    assert match.problems == ()
    assert match.columns is not None
    assert match.columns.header_of("occupation_code") == "编号"


def test_the_header_stands_where_the_profile_says() -> None:
    rows = [(1, tuple(HEADERS.values())), (3, tuple(HEADERS.values())), (4, tuple(GOOD_ROW.values()))]
    match = match_layout(rows, make_profile(header_row=3), kind="regular")
    assert match.columns is not None
    assert match.columns.header_row_number == 3
    assert [p.rule for p in match_layout(rows, make_profile(header_row=2), kind="regular").problems] == ["R-084"]


words = st.text(max_size=8) | st.sampled_from(["男", "女", "1", "2", "0", "male", "Ｍ", "ｍ"])


@given(table=st.dictionaries(words, st.sampled_from(["男", "女"]), max_size=6), written=words | st.floats())
def test_a_table_never_guesses(table: Mapping[str, str], written: Cell) -> None:
    """What comes out is what an entry says that is the same text but for width, capitals and spaces; else nothing."""
    profile = Profile("odd", "某", 1, Definition(headers={"sex": Headers(("性别",))}, tables={"sex": table}))
    said = {target for text, target in table.items() if value_key(text) == value_key(_text(written))}
    row = read_row(profile, sex=written)
    if isinstance(written, str) and not written.strip():
        assert row.fields is None
    elif not said:
        assert ("性别", "sex", "R-081") in found(row)
        assert row.fields is None
    elif row.fields is not None:
        assert row.fields.sex in said


def _text(cell: Cell) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
