"""Rows against each other, refused ones too, and against register and bodies."""

import pytest

from certificates.models import AssessmentBody, Office
from tests.make import Cast, make_attempt, make_published_release, make_row, make_rows
from uploads.models import Attempt

pytestmark = pytest.mark.django_db

BODY = "青岛市市北鉴定站"


def findings(attempt: Attempt, *rules: str) -> list[tuple[int, str]]:
    return [(problem.row_number, problem.rule) for problem in attempt.problems.filter(rule__in=rules)]


def check(*rows: dict[str, object], office: str = "3702") -> Attempt:
    return make_attempt(by=Cast(office).operator, office=office, rows=list(rows))


def test_a_double_number_is_found_though_one_of_its_rows_is_refused_for_something_else() -> None:
    number = make_row(seed=1)["证书编号"]
    attempt = check(make_row(seed=1), make_row(seed=2, 证书编号=number, 性别="无"), make_row(seed=3))
    assert findings(attempt, "R-301", "R-151") == [(2, "R-301"), (3, "R-151"), (3, "R-301")]
    assert all("2、3" in problem.message for problem in attempt.problems.filter(rule="R-301"))
    assert (attempt.read_count, attempt.accepted_count, attempt.refused_count) == (3, 1, 2)


def test_a_double_number_is_found_though_both_its_rows_are_refused() -> None:
    number = make_row(seed=1)["证书编号"]
    attempt = check(make_row(seed=1, 等级="九级"), make_row(seed=2, 证书编号=number, 性别="无"))
    assert findings(attempt, "R-301") == [(2, "R-301"), (3, "R-301")]
    assert (attempt.accepted_count, attempt.refused_count) == (0, 2)


def test_a_refused_row_counts_for_doubles_of_a_person_and_for_two_names() -> None:
    rows = [
        make_row(seed=1),
        make_row(seed=1, 证书编号=make_row(seed=2)["证书编号"], 姓名="李四", 理论知识考试成绩="120"),
    ]
    attempt = check(*rows)
    assert findings(attempt, "R-302", "R-303") == [(2, "R-302"), (2, "R-303"), (3, "R-302"), (3, "R-303")]


def test_a_refused_row_is_compared_with_other_batches_and_with_the_register() -> None:
    make_published_release(Cast(), rows=make_rows(1))
    check(make_row(seed=2), office="3701")
    attempt = check(make_row(seed=0, 性别="无"), make_row(seed=2, 性别="无"))
    assert findings(attempt, "R-401", "R-402") == [(2, "R-402"), (3, "R-401")]


def test_rows_whose_number_cannot_be_read_are_no_doubles_of_each_other() -> None:
    attempt = check(*(make_row(seed=seed, 证书编号="不详", 证件号码="不详", 姓名="") for seed in range(3)))
    assert findings(attempt, "R-301", "R-302", "R-303") == []
    assert attempt.refused_count == 3


def test_the_refused_rows_of_one_file_are_not_those_of_the_next() -> None:
    check(make_row(seed=1, 性别="无"))
    attempt = check(make_row(seed=1, 等级="九级"))
    assert findings(attempt, "R-301", "R-302") == []


def test_a_second_certificate_for_the_same_occupation_and_level_is_a_warning_that_names_the_first() -> None:
    first = make_row(seed=1)
    make_published_release(Cast(), rows=[first])
    again = make_row(seed=1, 证书编号=make_row(seed=90)["证书编号"])
    other = make_row(seed=1, 证书编号=make_row(seed=91)["证书编号"], **{"职业(工种)": "焊工"})
    attempt = check(again, other)
    assert findings(attempt, "R-404") == [(2, "R-404")]
    assert str(first["证书编号"]) in attempt.problems.get(rule="R-404").message


def test_without_recorded_codes_one_note_says_that_codes_were_not_checked() -> None:
    attempt = check(*make_rows(3))
    (note,) = attempt.problems.filter(rule__in=["R-413", "R-414"])
    assert (note.rule, note.severity, note.field, note.row_number) == ("R-414", "note", "file", 1)


def test_a_code_that_is_not_the_offices_is_a_warning_and_names_whose_it_is() -> None:
    own, others = str(make_row(seed=1)["证书编号"]), "15019999"
    AssessmentBody.objects.create(office_id="3702", name=BODY, code=own[2:10])
    AssessmentBody.objects.create(office_id="3701", name="济南第一鉴定站", code=others)
    stranger, unknown = own[:2] + others + own[10:], own[:2] + "15018888" + own[10:]
    attempt = check(make_row(seed=1), make_row(seed=2, 证书编号=stranger), make_row(seed=3, 证书编号=unknown))
    assert findings(attempt, "R-413", "R-414") == [(3, "R-413"), (4, "R-413")]
    first, second = attempt.problems.filter(rule="R-413")
    assert (first.severity, attempt.refused_count) == ("warning", 0)
    assert others in first.message
    assert "济南市名下" in first.message
    assert "登记在济南" not in second.message


def test_a_body_out_of_force_is_a_warning() -> None:
    row = make_row(seed=1, 鉴定机构=BODY)
    AssessmentBody.objects.create(office_id="3702", name=BODY, valid_to="2020-12-31")
    assert findings(check(row), "R-415") == [(2, "R-415")]


def test_an_unregistered_body_is_noted_row_by_row_and_once_when_it_fills_the_file() -> None:
    few = check(make_row(seed=1, 鉴定机构=BODY), make_row(seed=2, 鉴定机构=BODY))
    assert findings(few, "R-411") == [(2, "R-411"), (3, "R-411")]
    many = check(*(row | {"鉴定机构": BODY} for row in make_rows(30)), make_row(seed=40, 鉴定机构="另一个没有登记的站"))
    assert findings(many, "R-411") == [(2, "R-411"), (32, "R-411")]
    assert "共 30 行" in many.problems.filter(rule="R-411")[0].message


def test_an_offices_own_centre_is_a_known_body_and_so_are_those_of_the_office_it_follows() -> None:
    AssessmentBody.objects.create(office_id="3712", name="莱芜第一鉴定站")
    own, other = Office.objects.get(code="3702").full_name, Office.objects.get(code="3701").full_name
    qingdao = check(make_row(seed=1, 鉴定机构=own), make_row(seed=2, 鉴定机构=other))
    assert findings(qingdao, "R-411", "R-412") == [(3, "R-412")]
    jinan = check(make_row(seed=3, 鉴定机构="莱芜第一鉴定站"), office="3701")
    assert findings(jinan, "R-411", "R-412") == []


def test_an_id_number_in_the_bodys_column_is_not_repeated() -> None:
    row = make_row(seed=1)
    row["鉴定机构"] = row["证件号码"]
    attempt = check(row)
    assert str(row["证件号码"])[6:] not in attempt.problems.get(rule="R-411").message


def test_a_double_is_found_at_both_ends_of_a_long_file_of_refused_rows() -> None:
    number = make_row(seed=1)["证书编号"]
    rows = [make_row(seed=seed, 性别="无") for seed in range(2, 2_000)]
    attempt = check(make_row(seed=1), *rows, make_row(seed=2_001, 证书编号=number, 性别="无"))
    assert findings(attempt, "R-301") == [(2, "R-301"), (2001, "R-301")]
