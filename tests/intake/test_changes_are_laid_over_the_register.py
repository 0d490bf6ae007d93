"""A correction, revocation or reinstatement is judged by the certificate as the register has it now."""

import json
from pathlib import Path

import pytest
from django.core.management import call_command

from certificates.models import Certificate
from certlookup.sealing import SealedId, unseal_id
from tests.make import (
    Cast,
    make_change_attempt,
    make_correction,
    make_id_number,
    make_paper,
    make_period,
    make_published_change,
    make_published_release,
    make_reinstatement,
    make_revocation,
    make_row,
    make_rows,
    make_tampering,
    make_workbook,
)
from uploads.models import Attempt, BatchKind, Capacity, RowProblem, StagedRow

pytestmark = pytest.mark.django_db

CORRECTION, REVOCATION, REINSTATEMENT = BatchKind.CORRECTION, BatchKind.REVOCATION, BatchKind.REINSTATEMENT


@pytest.fixture
def cast() -> Cast:
    """The people of a city that has published four certificates."""
    cast = Cast()
    make_published_release(cast, rows=make_rows(4))
    return cast


def number(seed: int) -> str:
    """The certificate number of one of the four."""
    return str(make_row(seed=seed)["证书编号"])


def check(cast: Cast, kind: BatchKind, *rows: dict[str, object]) -> Attempt:
    return make_change_attempt(by=cast.operator, kind=kind, rows=rows)


def rules(attempt: Attempt, *, severity: str = "error") -> list[tuple[int, str, str]]:
    found = RowProblem.objects.filter(attempt=attempt, severity=severity).order_by("row_number", "rule")
    return [(problem.row_number, problem.rule, problem.column) for problem in found]


def test_a_correction_holds_the_whole_record_with_what_changed(cast: Cast) -> None:
    attempt = check(cast, CORRECTION, make_correction(number(1), 姓名="李更正", 评定成绩="优秀"))
    assert rules(attempt) == []
    row, present = StagedRow.objects.get(attempt=attempt), Certificate.objects.get(pk=number(1))
    assert (row.kind, row.base_revision, row.changed_fields) == ("corrected", 1, ["holder_name", "result"])
    assert (row.holder_name, row.result, row.occupation) == ("李更正", "优秀", present.occupation)
    assert (row.change_reason, row.document_number) == ("录入有误", None)
    assert (row.id_commitment, row.id_sealed, row.id_index) == (
        present.id_commitment,
        present.id_sealed,
        present.id_index,
    )
    assert attempt.batch.state == "checked"


def test_a_corrected_id_number_is_sealed_anew(cast: Cast) -> None:
    other = make_id_number(seed=77)
    born = f"{other[6:10]}-{other[10:12]}-{other[12:14]}"
    attempt = check(cast, CORRECTION, make_correction(number(1), 证件号码=other, 出生日期=born))
    assert rules(attempt) == []
    row, present = StagedRow.objects.get(attempt=attempt), Certificate.objects.get(pk=number(1))
    assert "id_number" in row.changed_fields
    assert row.id_commitment != present.id_commitment
    sealed = SealedId(bytes(row.id_commitment), bytes(row.id_sealed), bytes(row.id_index), row.key_version)
    assert unseal_id(sealed) == other


def test_an_id_number_that_contradicts_the_rest_is_refused(cast: Cast) -> None:
    woman = make_id_number(seed=77, female=True)
    attempt = check(cast, CORRECTION, make_correction(number(1), 证件号码=woman, 出生日期="1999-01-01"))
    assert [rule for _, rule, _ in rules(attempt)] == ["R-152", "R-162"]


def test_an_id_type_alone_that_does_not_fit_the_registers_number_is_refused(cast: Cast) -> None:
    attempt = check(cast, CORRECTION, make_correction(number(1), 证件类型="护照"))
    assert (2, "R-116", "证件号码") in rules(attempt)
    assert "像是居民身份证的号码" in attempt.problems.get(rule="R-116").message


def test_the_word_for_clearing_empties_an_optional_field_only(cast: Cast) -> None:
    attempt = check(cast, CORRECTION, make_correction(number(1), 评定成绩="清空", 姓名="清空"))
    assert rules(attempt) == [(2, "R-511", "姓名")]
    attempt = check(cast, CORRECTION, make_correction(number(1), 评定成绩="清空"))
    row = StagedRow.objects.get(attempt=attempt)
    assert (row.result, row.changed_fields) == (None, ["result"])


def test_a_row_without_a_difference_is_refused(cast: Cast) -> None:
    assert rules(check(cast, CORRECTION, make_correction(number(1), 姓名="张𠮷"))) == [(2, "R-502", "")]


def test_a_whole_row_of_the_layout_counts_only_where_it_differs(cast: Cast) -> None:
    row = make_row(seed=1, 评定成绩="良好") | {"更正原因": "复核"}
    attempt = check(cast, CORRECTION, row)
    assert StagedRow.objects.get(attempt=attempt).changed_fields == ["result"]


def test_what_the_register_contradicts_already_is_a_warning_and_a_new_contradiction_an_error(cast: Cast) -> None:
    with make_tampering("certificate") as cursor:
        cursor.execute("UPDATE certificate SET issue_date = '2011-03-04'")
    attempt = check(
        cast, CORRECTION, make_correction(number(1), 姓名="李更正"), make_correction(number(2), 等级="四级")
    )
    assert rules(attempt, severity="warning") == [(2, "R-127", "证书编号"), (3, "R-127", "证书编号")]
    assert rules(attempt) == [(3, "R-128", "证书编号")]


def test_numbers_that_cannot_be_changed_are_named(cast: Cast) -> None:
    make_published_change(cast, REVOCATION, [make_revocation(number(0))])
    unknown = "2615020000399999"
    attempt = check(
        cast, CORRECTION, make_correction(unknown, 姓名="李更正"), make_correction(number(0), 姓名="李更正")
    )
    assert rules(attempt) == [(2, "R-501", "证书编号"), (3, "R-503", "证书编号")]
    attempt = check(cast, REVOCATION, make_revocation(number(0)), make_revocation(number(1)))
    assert rules(attempt) == [(2, "R-504", "证书编号")]
    attempt = check(cast, REINSTATEMENT, make_reinstatement(number(0)), make_reinstatement(number(1)))
    assert rules(attempt) == [(3, "R-505", "证书编号")]


def test_a_revocation_needs_one_of_three_reasons_and_a_document(cast: Cast) -> None:
    attempt = check(
        cast,
        REVOCATION,
        make_revocation(number(0), 撤销原因="搞错了"),
        make_revocation(number(1), 撤销原因="", 文号=""),
        make_revocation(number(2), 撤销原因="以欺骗等不正当手段取得"),
    )
    assert rules(attempt) == [(2, "R-508", "撤销原因"), (3, "R-509", "撤销原因"), (3, "R-510", "文号")]
    row = StagedRow.objects.get(attempt=attempt)
    assert (row.certificate_number, row.changed_fields, row.base_revision) == (number(2), [], 1)


def test_name_and_id_number_beside_the_number_have_to_be_the_registers(cast: Cast) -> None:
    right = {"姓名": "张𠮷", "身份证号": make_id_number(seed=1)}
    attempt = check(cast, REVOCATION, make_revocation(number(1), **right))
    assert rules(attempt) == []
    wrong = {"姓名": "李四", "身份证号": make_id_number(seed=2)}
    attempt = check(cast, REVOCATION, make_revocation(number(1), **wrong))
    assert rules(attempt) == [(2, "R-512", "姓名"), (2, "R-512", "身份证号")]


def test_no_id_number_is_kept_in_a_reason(cast: Cast) -> None:
    attempt = check(cast, CORRECTION, make_correction(number(1), 姓名="李更正", 更正原因=f"原为{make_id_number()}"))
    assert rules(attempt) == [(2, "R-513", "更正原因")]


def test_the_same_number_twice_is_named_with_refused_rows_too(cast: Cast) -> None:
    attempt = check(cast, CORRECTION, make_correction(number(1), 姓名="李更正"), make_correction(number(1), 性别="X"))
    assert [rule for _, rule, _ in rules(attempt)] == ["R-301", "R-151", "R-301"]
    assert (attempt.read_count, attempt.accepted_count, attempt.refused_count) == (2, 0, 2)


def test_a_certificate_in_another_open_batch_is_named(cast: Cast) -> None:
    check(cast, REVOCATION, make_revocation(number(1)))
    attempt = check(cast, CORRECTION, make_correction(number(1), 姓名="李更正"))
    assert rules(attempt) == [(2, "R-401", "证书编号")]


def test_a_city_changes_its_own_certificates_only_and_the_province_every_one(cast: Cast) -> None:
    other = Cast("3701")
    attempt = make_change_attempt(
        by=other.operator, office="3701", kind=CORRECTION, rows=[make_correction(number(1), 姓名="李更正")]
    )
    assert rules(attempt) == [(2, "R-506", "证书编号")]
    assert "青岛" in RowProblem.objects.get(attempt=attempt, rule="R-506").message
    attempt = make_change_attempt(
        by=cast.provincial_operator, office="3700", kind=REVOCATION, rows=[make_revocation(number(2))]
    )
    assert (rules(attempt), rules(attempt, severity="warning")) == ([], [(2, "R-507", "证书编号")])


def test_a_signed_batch_stays_and_a_new_file_begins_another(cast: Cast) -> None:
    from_account = check(cast, CORRECTION, make_correction(number(0), 姓名="李更正"))
    again = check(cast, CORRECTION, make_correction(number(1), 姓名="李更正"))
    assert again.batch_id == from_account.batch_id
    paper = make_paper(cast.operator.person, cast.director.person, stated_count=1)
    on_paper = make_change_attempt(
        by=cast.provincial_operator, kind=CORRECTION, rows=[make_correction(number(2), 姓名="李更正")], paper=paper
    )
    assert on_paper.batch_id != again.batch_id
    assert on_paper.batch.way_in == "paper"
    assert cast.provincial_operator.capacity == Capacity.PROVINCIAL_OPERATOR


@pytest.mark.parametrize(
    ("kind", "header", "expected"),
    [
        (CORRECTION, ("证书编号", "更正原因"), ["R-514"]),
        (CORRECTION, ("证书编号", "姓名"), ["R-052"]),
        (REVOCATION, ("证书号", "理由"), ["R-052"]),
        (REVOCATION, ("姓名", "性别"), ["R-515"]),
        (REINSTATEMENT, ("证书编号", "恢复原因", "决定文号", "文号"), ["R-053"]),
    ],
)
def test_columns_that_are_missing_or_double_are_named(
    cast: Cast, kind: BatchKind, header: tuple[str, ...], expected: list[str]
) -> None:
    attempt = check(cast, kind, dict.fromkeys(header, "x"))
    assert [rule for _, rule, _ in rules(attempt)] == expected


def test_columns_that_a_revocation_does_not_read_are_a_note(cast: Cast) -> None:
    attempt = check(cast, REVOCATION, make_revocation(number(1), 等级="四级"))
    assert (rules(attempt), rules(attempt, severity="note")) == ([], [(1, "R-054", "")])


def test_check_file_says_what_a_correction_would_change(
    cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = make_correction(number(1), 姓名="李更正")
    path = tmp_path / "更正.xlsx"
    path.write_bytes(make_workbook([row], list(row)))
    options = {"office": cast.office, "period": make_period().code, "kind": "correction"}
    with pytest.raises(SystemExit) as ended:
        call_command("check_file", str(path), json=True, **options)
    assert ended.value.code == 0
    report = json.loads(capsys.readouterr().out)
    assert report["changes"] == [
        {
            "row": 2,
            "certificate_number": number(1),
            "state": "已更正",
            "fields": [{"field": "holder_name", "before": "张𠮷", "after": "李更正"}],
        }
    ]
    assert not StagedRow.objects.filter(kind="corrected").exists()
