from __future__ import annotations

import datetime as dt

import pytest

from certlookup.spreadsheets.cells import Cell, ErrorCell, FormulaCell
from tests.intake.make import found, make_id, parse


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("certificate_number", None, "R-100"),
        ("certificate_number", "  ", "R-100"),
        ("certificate_number", 2615010013400001.0, "R-121"),
        ("certificate_number", "2.61501001340000E+15", "R-121"),
        ("certificate_number", FormulaCell("2615010013400001"), "R-103"),
        ("certificate_number", ErrorCell("#N/A"), "R-102"),
        ("certificate_number", dt.date(2026, 1, 1), "R-108"),
        ("certificate_number", "26150100134000", "R-122"),
        ("certificate_number", "26150100134OOOO1", "R-123"),
        ("certificate_number", make_id(), "R-124"),
        ("certificate_number", "S000037000001253000001", "R-125"),
        ("certificate_number", "2615010013600001", "R-126"),
        ("certificate_number", "2615010013400000", "R-131"),
        ("certificate_number", "0000000000000000", "R-131"),
        ("certificate_number", "5010013400001", "R-122"),
        ("certificate_number", "815012003400001", "R-122"),
        ("certificate_number", "2615010013400001.0", "R-121"),
        ("certificate_number", "########", "R-102"),
        ("holder_name", None, "R-100"),
        ("holder_name", "阿" * 61, "R-141"),
        ("holder_name", "林\u200b秋实", "R-142"),
        ("holder_name", "林\ue000", "R-142"),
        ("holder_name", "林<秋", "R-143"),
        ("holder_name", "林＜秋", "R-143"),
        ("holder_name", "=林秋", "R-144"),
        ("holder_name", "＝林秋", "R-144"),
        ("holder_name", "﹣林秋", "R-144"),
        ("holder_name", "林\u202e秋", "R-142"),
        ("holder_name", "林\ufeff秋", "R-142"),
        ("holder_name", "林\n秋", "R-142"),
        ("holder_name", "12345", "R-148"),
        ("holder_name", "—", "R-148"),
        ("holder_name", "#N/A", "R-102"),
        ("holder_name", "林?实", "R-146"),
        ("holder_name", 12.0, "R-108"),
        ("sex", None, "R-100"),
        ("sex", "1", "R-151"),
        ("sex", "男\u200b", "R-104"),
        ("sex", "女", "R-152"),
        ("id_type", None, "R-100"),
        ("id_type", "学生证", "R-155"),
        ("id_number", None, "R-100"),
        ("id_number", 3.7990119900307e17, "R-101"),
        ("id_number", "3.79901E+17", "R-101"),
        ("id_number", FormulaCell(make_id()), "R-103"),
        ("id_number", "37990119900307", "R-111"),
        ("id_number", make_id()[:17] + "0", "R-112"),
        ("id_number", "3799011990O307151X", "R-113"),
        ("id_number", make_id("19900231"), "R-114"),
        ("id_number", make_id("20261113"), "R-114"),
        ("id_number", make_id() + ".0", "R-101"),
        ("id_number", "'" + make_id(), "R-113"),
        ("id_number", "3799019003070512", "R-111"),
        ("id_number", "E12345678", "R-116"),
        ("id_number", "2615010013400001", "R-115"),
        ("id_number", make_id(address="830000"), "R-116"),
        ("birth_date", "不详", "R-161"),
        ("birth_date", dt.date(1990, 3, 8), "R-162"),
        ("birth_date", "7/3/1990", "R-206"),
        ("birth_date", 32939.0, "R-207"),
        ("birth_date", "32939", "R-207"),
        ("birth_date", "1990-03", "R-161"),
        ("birth_date", dt.date(2027, 1, 1), "R-163"),
        ("birth_date", dt.date(1800, 1, 1), "R-209"),
        ("processed_date", dt.datetime(1900, 1, 1), "R-209"),  # noqa: DTZ001
        ("processed_date", "03/11/2026", "R-206"),
        ("processed_date", "11/3/26", "R-206"),
        ("processed_date", "26-11-3", "R-206"),
        ("processed_date", "261103", "R-206"),
        ("processed_date", "二〇二六年十一月三日", "R-191"),
        ("processed_date", "2026-02-30", "R-191"),
        ("processed_date", "2026-11-03\u200b", "R-104"),
        ("processed_date", dt.time(8, 30), "R-191"),
        ("processed_date", True, "R-191"),
        ("occupation", None, "R-100"),
        ("occupation", 4.0, "R-108"),
        ("occupation", True, "R-108"),
        ("occupation", "电\u200b工", "R-104"),
        ("occupation", "电" * 101, "R-105"),
        ("occupation", "电\u3164工", "R-104"),
        ("occupation", "电?工", "R-109"),
        ("occupation", "电\ufffd工", "R-109"),
        ("occupation", "＝电工", "R-107"),
        ("occupation", "#REF!", "R-102"),
        ("occupation", "电工<b>", "R-106"),
        ("occupation", "+电工", "R-107"),
        ("occupation_code", "6" * 31, "R-105"),
        ("level", None, "R-100"),
        ("level", "六级", "R-171"),
        ("level", 6.0, "R-171"),
        ("level", dt.date(2026, 4, 1), "R-171"),
        ("theory_score", 101.0, "R-181"),
        ("skill_score", "良", "R-181"),
        ("overall_score", 82.55, "R-181"),
        ("overall_score", "82.55", "R-181"),
        ("overall_score", "82.5分", "R-181"),
        ("overall_score", 100.1, "R-181"),
        ("overall_score", -1.0, "R-181"),
        ("overall_score", "合格\u200b", "R-104"),
        ("level", "四级\u200b", "R-104"),
        ("result", "不合格", "R-182"),
        ("processed_date", "11-3", "R-191"),
        ("processed_date", dt.date(2026, 11, 11), "R-192"),
        ("processed_date", dt.date(2026, 10, 24), "R-192"),
        ("processed_date", dt.date(2026, 11, 13), "R-193"),
        ("issue_date", None, "R-100"),
        ("issue_date", "2026-11", "R-201"),
        ("issue_date", dt.date(2026, 11, 13), "R-202"),
        ("issue_date", dt.date(2027, 1, 13), "R-202"),
        ("issuing_authority", None, "R-100"),
        ("assessment_office", "@鉴定中心", "R-107"),
    ],
)
def test_a_bad_field_refuses_the_row_by_its_rule(field: str, value: Cell, rule: str) -> None:
    row = parse(**{field: value})
    assert [(problem.field, problem.rule, problem.severity.value) for problem in row.problems] == [
        (field, rule, "error")
    ]
    assert row.fields is None
    assert row.problems[0].row_number == 5


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"certificate_number": "2515010013400001"}, "R-127"),
        ({"certificate_number": "2615010013300001"}, "R-128"),
    ],
)
def test_a_number_that_contradicts_its_fields_is_refused_and_only_warned_of_in_backfill(
    changes: dict[str, Cell], rule: str
) -> None:
    assert found(**changes) == [("certificate_number", rule, "error")]
    assert found(kind="backfill", **changes) == [("certificate_number", rule, "warning")]
    assert parse(kind="backfill", **changes).fields is not None


def test_a_number_of_a_coming_year_is_refused_where_no_issue_date_says_so() -> None:
    assert found(kind="backfill", certificate_number="2715010013400001", issue_date=None) == [
        ("certificate_number", "R-130", "error")
    ]


def test_another_issuers_number_is_a_warning() -> None:
    assert found(certificate_number="2610010013400001") == [("certificate_number", "R-129", "warning")]


def test_an_issue_date_outside_the_period_counts_only_without_a_processing_date() -> None:
    before, after = dt.date(2026, 10, 24), dt.date(2026, 11, 11)
    assert found(issue_date=before) == []
    assert found(issue_date=before, processed_date=None) == [("issue_date", "R-205", "warning")]
    assert found(issue_date=after, processed_date=None) == [("issue_date", "R-204", "error")]
    assert found(kind="backfill", issue_date=before, processed_date=None) == []


def test_nobody_is_certified_before_the_fourteenth_birthday() -> None:
    young = {"id_number": make_id("20121106"), "birth_date": None}
    assert found(**young) == [("issue_date", "R-203", "error")]
    assert found(id_number=make_id("20121105"), birth_date=None) == []


def test_a_leap_day_birthday_counts_from_the_first_of_march() -> None:
    leap = {"id_number": make_id("20120229"), "birth_date": None, "processed_date": None}
    number = {"certificate_number": "2615010013400001"}
    assert found(kind="backfill", issue_date=dt.date(2026, 2, 28), **leap, **number) == [
        ("issue_date", "R-203", "error")
    ]
    assert found(kind="backfill", issue_date=dt.date(2026, 3, 1), **leap, **number) == []


def test_several_findings_of_one_row_are_all_reported() -> None:
    assert found(sex="", level="高", theory_score="120", issue_date="昨天") == [
        ("sex", "R-100", "error"),
        ("level", "R-171", "error"),
        ("theory_score", "R-181", "error"),
        ("issue_date", "R-201", "error"),
    ]


def test_a_rare_sign_in_a_name_is_a_warning_that_names_it() -> None:
    for name, named in {"林*实": "*", "林秋实1": "数字", "林秋实（女）": "（）", "林秋实·": "·", "○林": "○"}.items():
        (problem,) = parse(holder_name=name).problems
        assert (problem.rule, problem.severity.value) == ("R-147", "warning")
        assert f"（{named}）" in problem.message
    for name in ("O'Neil", "J.R. Smith-Jones", "林〇", "古丽·A.艾"):
        assert found(holder_name=name) == []


def test_the_time_of_day_behind_a_date_is_not_registered_and_that_is_said() -> None:
    for written in ("2026-11-03 08:30", dt.datetime(2026, 11, 3, 8, 30)):  # noqa: DTZ001
        row = parse(processed_date=written)
        assert row.fields is not None
        assert row.fields.processed_date == dt.date(2026, 11, 3)
        assert [(problem.rule, problem.severity.value) for problem in row.problems] == [("R-208", "note")]
        assert "08:30" in row.problems[0].message


def test_what_is_missing_at_the_front_of_a_number_is_guessed_in_words_only() -> None:
    (problem,) = parse(certificate_number="815012003400001").problems
    assert "开头的 0" in problem.message
    assert "开头的 0" not in parse(certificate_number="15012003400001").problems[0].message


def test_a_number_of_another_kind_of_id_is_said_to_be_one() -> None:
    assert "港澳台居民居住证的号码" in parse(id_number=make_id(address="830000")).problems[0].message
    assert "护照的号码" in parse(id_number="E12345678").problems[0].message
    assert "5 至 20 位" in parse(id_type="护照", id_number="E12").problems[0].message


def test_a_long_number_in_the_wrong_column_is_not_repeated() -> None:
    for number in (make_id(), make_id().lower(), make_id()[:6] + " " + make_id()[6:], "E12345678", "H1234567801"):
        for field in ("sex", "id_type", "birth_date", "level", "theory_score", "result", "issue_date", "holder_name"):
            for problem in parse(**{field: number}).problems:
                assert number[-8:] not in problem.message, problem
    for problem in parse(birth_date=float(make_id()[:17]), level=float(make_id()[:17])).problems:
        assert "3799" not in problem.message


def test_a_finding_never_repeats_an_id_number() -> None:
    number = make_id()[:17] + "0"
    for changes in ({"id_number": number}, {"certificate_number": make_id()}, {"id_number": "X" + number}):
        for problem in parse(**changes).problems:
            assert number[6:14] not in problem.message
