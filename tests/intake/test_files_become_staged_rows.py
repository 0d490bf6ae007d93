"""A file on its way into staged rows: every row accounted for, checked against the others and the register."""

from datetime import date

import pytest
from django.db import connection

from certificates.models import AssessmentBody, Certificate
from certlookup.sealing import SealedId, unseal_id
from tests.make import Cast, make_attempt, make_id_number, make_published_release, make_row, make_rows, make_workbook
from uploads.intake import staging
from uploads.models import Attempt, AuditEntry, StagedRow
from uploads.refusals import Refusal
from uploads.signoff.sign import digest_of_batch, sign_batch

pytestmark = pytest.mark.django_db


def rules_of(attempt: Attempt) -> list[tuple[int, str]]:
    return [(problem.row_number, problem.rule) for problem in attempt.problems.exclude(severity="note")]


def test_every_field_arrives_as_the_spreadsheet_has_it() -> None:
    attempt = make_attempt(by=Cast().operator, office="3702", rows=[make_row(seed=3, 姓名="㛃䶮𬭎", 评定成绩="优秀")])
    row = StagedRow.objects.get(attempt=attempt)
    assert row.row_number == 2
    assert (row.holder_name, row.level, row.level_text, row.result) == ("㛃䶮𬭎", 3, "三级 / 高级工", "优秀")
    assert (row.theory_score, row.skill_score, row.overall_score) == ("82.5", "79.0", None)
    stored = SealedId(bytes(row.id_commitment), bytes(row.id_sealed), bytes(row.id_index), row.key_version)
    assert unseal_id(stored) == make_id_number(seed=3)


def test_a_15_digit_and_an_18_digit_id_are_one_person() -> None:
    new = make_id_number(seed=4)
    old = new[:6] + new[8:17]
    rows = [make_row(seed=4), make_row(seed=4, 证书编号=make_row(seed=5)["证书编号"], 证件号码=old)]
    attempt = make_attempt(by=Cast().operator, office="3702", rows=rows)
    assert rules_of(attempt) == [(2, "R-302"), (3, "R-302")]


def test_the_rows_read_are_the_rows_accepted_and_refused() -> None:
    rows = [*make_rows(4), make_row(seed=10, 证件号码="37990119600101001X"), make_row(seed=11, 等级="七级")]
    attempt = make_attempt(by=Cast().operator, office="3702", rows=rows)
    assert (attempt.read_count, attempt.accepted_count, attempt.refused_count) == (6, 4, 2)
    assert attempt.batch.state == "draft"
    assert {row for row, _ in rules_of(attempt)} == {6, 7}


def test_the_same_number_twice_in_a_file_refuses_both_rows() -> None:
    number = make_row(seed=1)["证书编号"]
    attempt = make_attempt(
        by=Cast().operator, office="3702", rows=[make_row(seed=1), make_row(seed=2, 证书编号=number)]
    )
    assert rules_of(attempt) == [(2, "R-301"), (3, "R-301")]
    assert (attempt.accepted_count, attempt.refused_count) == (0, 2)
    assert "2、3" in attempt.problems.filter(rule="R-301")[0].message


def test_a_number_in_very_many_rows_is_told_in_a_message_of_bearable_length() -> None:
    rows = [make_row(seed=seed, 证书编号=make_row(seed=1)["证书编号"]) for seed in range(300)]
    attempt = make_attempt(by=Cast().operator, office="3702", rows=rows)
    messages = list(attempt.problems.filter(rule="R-301").values_list("message", flat=True))
    assert len(messages) == attempt.refused_count == 300
    assert "…、301（共 300）" in messages[0]
    assert len(messages[0]) < 200


def test_another_issuers_number_is_a_warning_by_the_setting(settings: object) -> None:
    settings.OWN_ISSUER_CODE = "10"  # type: ignore[attr-defined]
    attempt = make_attempt(by=Cast().operator, office="3702", rows=[make_row(seed=1)])
    assert rules_of(attempt) == [(2, "R-129")]


def test_two_names_for_one_id_number_are_a_warning() -> None:
    rows = [
        make_row(seed=1),
        make_row(seed=1, 证书编号=make_row(seed=2)["证书编号"], 姓名="李四", **{"职业(工种)": "焊工"}),
    ]
    attempt = make_attempt(by=Cast().operator, office="3702", rows=rows)
    assert rules_of(attempt) == [(2, "R-303"), (3, "R-303")]
    assert (attempt.refused_count, attempt.warning_count, attempt.batch.state) == (0, 2, "checked")


def test_a_number_in_another_open_batch_is_refused_with_that_batch_named() -> None:
    make_attempt(by=Cast("3701").operator, office="3701", rows=[make_row(seed=1)])
    attempt = make_attempt(by=Cast().operator, office="3702", rows=[make_row(seed=1)])
    assert rules_of(attempt) == [(2, "R-401")]
    assert "济南市" in attempt.problems.get(rule="R-401").message


def test_a_number_in_the_register_is_refused() -> None:
    make_published_release(Cast(), rows=make_rows(2))
    attempt = make_attempt(by=Cast("3701").operator, office="3701", rows=make_rows(1))
    assert (2, "R-402") in rules_of(attempt)
    assert Certificate.objects.count() == 2


def test_another_name_in_the_register_is_a_warning() -> None:
    make_published_release(Cast(), rows=[make_row(seed=1)])
    changed = make_row(seed=1, 证书编号=make_row(seed=90)["证书编号"], 姓名="李四")
    attempt = make_attempt(by=Cast("3701").operator, office="3701", rows=[changed])
    assert rules_of(attempt) == [(2, "R-403"), (2, "R-404"), (2, "R-412")]


def test_an_unknown_body_is_a_note_and_another_offices_a_warning() -> None:
    cast = Cast()
    AssessmentBody.objects.create(office_id="3701", name="济南第一鉴定站")
    AssessmentBody.objects.create(office_id="3702", name="青岛市职业技能鉴定中心")
    rows = [make_row(seed=1), make_row(seed=2, 鉴定机构="济南第一鉴定站"), make_row(seed=3, 鉴定机构="没有登记的站")]
    attempt = make_attempt(by=cast.operator, office="3702", rows=rows)
    assert [
        (problem.row_number, problem.rule, problem.severity) for problem in attempt.problems.exclude(field="file")
    ] == [
        (3, "R-412", "warning"),
        (4, "R-411", "note"),
    ]


def test_a_file_that_cannot_be_read_says_so_and_leaves_nothing() -> None:
    attempt = make_attempt(by=Cast().operator, office="3702", content=b"<html>not a sheet</html>")
    assert (attempt.state, attempt.unreadable_rule) == ("unreadable", "R-002")
    assert not StagedRow.objects.filter(attempt=attempt).exists()


def test_a_header_without_rows_cannot_be_signed() -> None:
    cast = Cast()
    attempt = make_attempt(by=cast.operator, office="3702", rows=[])
    assert [problem.rule for problem in attempt.problems.all()] == ["R-056"]
    with pytest.raises(Refusal):
        sign_batch(by=cast.operator, batch=attempt.batch, digest=digest_of_batch(attempt.batch))


def test_a_checked_file_is_not_checked_again() -> None:
    attempt = make_attempt(by=Cast().operator, office="3702")
    entries = AuditEntry.objects.count()
    staging.check_attempt(attempt.id)
    assert (StagedRow.objects.filter(attempt=attempt).count(), AuditEntry.objects.count()) == (3, entries)


def test_a_check_that_was_broken_off_begins_anew() -> None:
    attempt = make_attempt(by=Cast().operator, office="3702", rows=make_rows(2))
    again = Attempt.objects.create(
        batch=attempt.batch, number=2, state="checking", original_name="x", stored_name=attempt.stored_name,
        byte_count=1, file_digest=b"", origin="exam_system", uploaded_by=attempt.uploaded_by,
        received_at=attempt.received_at,
    )  # fmt: skip
    staging.check_attempt(again.id)
    again.refresh_from_db()
    assert (again.state, again.read_count) == ("checked", 2)


def test_a_signed_batch_takes_no_other_file() -> None:
    cast = Cast()
    attempt = make_attempt(by=cast.operator, office="3702")
    batch = attempt.batch
    sign_batch(by=cast.operator, batch=batch, digest=digest_of_batch(batch))
    with pytest.raises(Refusal) as refusal:
        make_attempt(by=cast.operator, office="3702")
    assert refusal.value.key == "batch_is_already_signed"


def test_the_digest_depends_on_the_order_and_content_of_the_rows_alone() -> None:
    attempt = make_attempt(by=Cast().operator, office="3702", rows=make_rows(3))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sha256(string_agg(leaf_hash(s), ''::bytea ORDER BY row_number)) FROM staged_row s "
            "WHERE attempt_id = %s",
            [attempt.id],
        )
        assert bytes(cursor.fetchone()[0]) == bytes(attempt.digest or b"")


def test_a_numeric_id_cell_is_refused_with_what_to_do() -> None:
    attempt = make_attempt(
        by=Cast().operator, office="3702", content=make_workbook([make_row(seed=1, 证件号码=379901196001010019)])
    )
    problem = attempt.problems.get(severity="error")
    assert (problem.row_number, problem.field) == (2, "id_number")
    assert "文本" in problem.message
    assert attempt.refused_count == 1


def test_a_date_outside_the_period_is_refused() -> None:
    attempt = make_attempt(
        by=Cast().operator,
        office="3702",
        rows=[make_row(seed=1, 办理日期=date(2020, 1, 1).isoformat(), 发证日期=date(2020, 1, 1).isoformat())],
    )
    assert attempt.refused_count == 1
