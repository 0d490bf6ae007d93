from __future__ import annotations

import datetime as dt

import pytest

from certlookup.spreadsheets.cells import FormulaCell
from tests.intake.make import make_id, parse


def test_a_good_row_has_no_finding() -> None:
    row = parse()
    assert row.problems == ()
    assert row.row_number == 5
    assert row.fields is not None
    assert row.fields.certificate_number == "2615010013400001"
    assert row.fields.id_type == "resident_id"
    assert row.fields.id_number == make_id()
    assert (row.fields.level, row.fields.level_text) == (4, "四级/中级工")
    assert (row.fields.theory_score, row.fields.skill_score, row.fields.overall_score) == ("82.5", "79.0", None)
    assert row.fields.issue_date == dt.date(2026, 11, 5)


def test_what_is_optional_may_be_empty() -> None:
    row = parse(birth_date=None, occupation_code="", theory_score=None, skill_score=" ", result="", processed_date=None)
    assert row.problems == ()
    assert row.fields is not None
    assert row.fields.birth_date is None
    assert row.fields.occupation_code is None
    assert row.fields.skill_score is None
    assert row.fields.result is None


@pytest.mark.parametrize("name", ["𠮷䶮𬭎", "㛃䮌", "﨑山", "古丽米热·艾比布力", "John Smith", "阿" * 60])
def test_names_of_every_plane_are_kept_as_given(name: str) -> None:
    row = parse(holder_name=name)
    assert row.problems == ()
    assert row.fields is not None
    assert row.fields.holder_name == name


def test_a_separator_typed_otherwise_is_stored_as_the_middle_dot_and_said_so() -> None:
    row = parse(holder_name="古丽米热•艾比布力")
    assert [problem.rule for problem in row.problems] == ["R-145"]
    assert row.fields is not None
    assert row.fields.holder_name == "古丽米热·艾比布力"


def test_an_old_id_number_is_registered_with_18_digits_and_said_so() -> None:
    row = parse(id_number="379901900307151")
    assert [problem.rule for problem in row.problems] == ["R-117"]
    assert row.fields is not None
    assert row.fields.id_number == make_id()


@pytest.mark.parametrize(
    ("written", "date"),
    [
        ("2026-11-03", dt.date(2026, 11, 3)),
        ("2026/11/3", dt.date(2026, 11, 3)),
        ("2026年11月3日", dt.date(2026, 11, 3)),
        ("2026.11.3", dt.date(2026, 11, 3)),
        ("20261103", dt.date(2026, 11, 3)),
        ("2026年11月03号", dt.date(2026, 11, 3)),
        ("２０２６－１１－０３", dt.date(2026, 11, 3)),
        ("2026/11/3 0:00:00", dt.date(2026, 11, 3)),
        (20261103.0, dt.date(2026, 11, 3)),
        (20261103, dt.date(2026, 11, 3)),
        (dt.datetime(2026, 11, 3), dt.date(2026, 11, 3)),  # noqa: DTZ001
    ],
)
def test_dates_are_read_from_the_usual_forms(written: str | float | dt.datetime, date: dt.date) -> None:
    row = parse(processed_date=written)
    assert row.problems == ()
    assert row.fields is not None
    assert row.fields.processed_date == date


def test_a_level_from_a_number_cell_and_a_score_from_a_formula_count() -> None:
    row = parse(level=4.0, theory_score=FormulaCell(91.0))
    assert row.problems == ()
    assert row.fields is not None
    assert (row.fields.level, row.fields.level_text) == (4, "4")
    assert row.fields.theory_score == "91.0"


@pytest.mark.parametrize(
    "written",
    [
        "四级",
        "4",
        "Ⅳ",
        "中级",
        "中级技能",
        "国家职业资格四级（中级技能）",
        "中级工(国家职业资格四级)",
        "中级工／四级",
        " 四级 ",
    ],
)
def test_a_level_is_read_in_every_usual_spelling_and_stored_as_written(written: str) -> None:
    row = parse(level=written)
    assert row.problems == ()
    assert row.fields is not None
    assert (row.fields.level, row.fields.level_text) == (4, written.strip())


@pytest.mark.parametrize(
    ("written", "score"),
    [(82.30000000000001, "82.3"), (99.99999999999999, "100.0"), ("８２．５", "82.5"), ("合 格", "合格")],
)
def test_a_score_counts_as_the_spreadsheet_shows_it(written: float | str, score: str) -> None:
    row = parse(theory_score=written)
    assert row.problems == ()
    assert row.fields is not None
    assert row.fields.theory_score == score


@pytest.mark.parametrize(
    ("id_type", "number"),
    [
        ("护照", "E12345678"),
        ("港澳居民来往内地通行证", "H12345678"),
        ("台湾居民来往大陆通行证", "12345678"),
        ("台湾居民来往大陆通行证（台胞证）", "12345678"),
        ("香港居民来往内地通行证", "H1234567801"),
        ("外国人永久居留证", "KAZ110090123105"),
        ("军官证", "军字第2001988号"),
    ],
)
def test_other_ids_say_nothing_of_sex_and_birth(id_type: str, number: str) -> None:
    row = parse(id_type=id_type, id_number=number, sex="女", birth_date=dt.date(1985, 1, 2))
    assert row.problems == ()
    assert row.fields is not None
