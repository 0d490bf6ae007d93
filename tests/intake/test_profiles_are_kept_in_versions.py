"""Import profiles in the database: shipped, saved in versions that never change, retired; and files read by them."""

import json
from pathlib import Path

import openpyxl
import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from certificates.models import Office
from tests.make import as_owner, make_actor, make_period, make_row, make_workbook
from uploads.intake import staging
from uploads.intake.profiles import Definition, ProfileError, define
from uploads.intake.receive import receive_file
from uploads.intake.savedprofiles import (
    layout_for,
    profile_called,
    profile_of,
    profiles_in_use,
    retire_profile,
    save_profile,
    write_profiles,
)
from uploads.intake.shippedprofiles import SHIPPED
from uploads.models import Attempt, AuditEntry, ImportProfile, Origin, RowProblem, StagedRow
from uploads.refusals import Refusal

pytestmark = pytest.mark.django_db

SEX_AS_LETTERS = define({"values": {"sex": {"M": "男", "F": "女"}}})


def save(definition: Definition = SEX_AS_LETTERS, *, seen_version: int = 0, title: str = "字母性别") -> ImportProfile:
    by = make_actor("provincial_operator")
    return save_profile(by=by, name="letters", title=title, definition=definition, seen_version=seen_version)


def write(folder: Path, content: bytes) -> Path:
    path = folder / "上报.xlsx"
    path.write_bytes(content)
    return path


def make_exam_export(path: Path, *, sex: object = "男") -> Path:
    """One row as the exam system exports it, below three title rows."""
    row = make_row(seed=1)
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    for line in (
        ["职业技能鉴定成绩表"], ["鉴定机构：青岛"], ["导出日期：2026-11-12"],
        ["考号", "身份证号", "姓名", "职业", "等级", "性别", "理论成绩", "实操成绩", "证书号", "颁证日期", "备注"],
        ["001", row["证件号码"], row["姓名"], "电工", "国家职业资格三级（高级技能）", sex, 80, 90.5, row["证书编号"], row["发证日期"], "无"],
    ):  # fmt: skip
        sheet.append(line)
    workbook.save(path)
    return path


def check(path: Path, capsys: pytest.CaptureFixture[str], **options: str) -> tuple[int, dict[str, object]]:
    wanted = {"office": "3702", "period": make_period().code} | options
    with pytest.raises(SystemExit) as ended:
        call_command("check_file", str(path), json=True, **wanted)
    return int(ended.value.code or 0), json.loads(capsys.readouterr().out)


def rules(report: dict[str, object]) -> list[str]:
    return [problem["rule"] for problem in report["problems"]]  # type: ignore[attr-defined]


def test_both_shipped_profiles_are_there_as_the_program_has_them() -> None:
    assert {profile.name: profile_of(profile) for profile in profiles_in_use()} == {
        profile.name: profile for profile in SHIPPED
    }


def test_setting_up_again_adds_nothing() -> None:
    save()
    with as_owner() as alias:
        write_profiles(using=alias)
    assert ImportProfile.objects.count() == len(SHIPPED) + 1


@pytest.mark.parametrize("name", ["exam-system", "考务系统导出"])
@pytest.mark.parametrize("sex", ["男", 1])
def test_check_file_reads_an_export_by_the_profiles_name_or_title(
    name: str, sex: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, report = check(make_exam_export(tmp_path / "a.xlsx", sex=sex), capsys, profile=name)
    assert (status, report["accepted"], report["refused"]) == (0, 1, 0)
    assert {"R-054", "R-088"} <= set(rules(report))


def test_a_refused_value_is_told_with_the_senders_column(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, report = check(make_exam_export(tmp_path / "a.xlsx", sex=9), capsys, profile="exam-system")
    assert status == 1
    told = [(p["row"], p["column"], p["rule"]) for p in report["problems"] if p["severity"] == "error"]  # type: ignore[attr-defined]
    assert told == [(5, "性别", "R-082")]


def test_an_unknown_profile_gives_2_and_names_those_that_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, report = check(make_exam_export(tmp_path / "a.xlsx"), capsys, profile="exam")
    assert status == 2
    assert "exam-system (考务系统导出)" in report["error"]["message"]  # type: ignore[index]


def test_without_a_profile_an_export_is_refused_and_the_fitting_profile_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, report = check(make_exam_export(tmp_path / "a.xlsx"), capsys)
    assert status == 1
    assert rules(report) == ["R-052", "R-052", "R-052", "R-054", "R-087"]
    assert "考务系统导出" in report["problems"][-1]["message"]  # type: ignore[index]


def test_a_file_of_the_required_layout_that_lacks_a_column_is_no_export(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = make_row(seed=1)
    del row["证件类型"]
    _, report = check(write(tmp_path, make_workbook([row], list(row))), capsys)
    assert rules(report) == ["R-052"]


def test_a_batch_keeps_the_version_by_which_its_file_was_read() -> None:
    profile = save()
    by = make_actor("city_operator", "3702")
    attempt = receive_file(
        by=by, office=Office.objects.get(code="3702"), period=make_period(),
        content=[make_workbook([make_row(seed=1, 性别="M"), make_row(seed=2, 性别="男")])], name="a.xlsx",
        origin=Origin.EXAM_SYSTEM, profile=profile,
    )  # fmt: skip
    save(define({"values": {"sex": {"M": "女"}}}), seen_version=1)
    staging.check_attempt(attempt.id)
    attempt.refresh_from_db()
    assert (attempt.profile, attempt.accepted_count, attempt.refused_count) == (profile, 1, 1)
    assert StagedRow.objects.get(attempt=attempt).sex == "男"
    assert RowProblem.objects.get(attempt=attempt, severity="error").rule == "R-081"


def test_a_file_without_a_choice_is_in_the_required_layout() -> None:
    by = make_actor("city_operator", "3702")
    attempt = receive_file(
        by=by, office=Office.objects.get(code="3702"), period=make_period(), content=[b"x"], name="a.xlsx",
        origin=Origin.EXAM_SYSTEM,
    )  # fmt: skip
    assert attempt.profile is not None
    assert attempt.profile.name == "required"


def test_saving_makes_a_new_version_and_is_recorded() -> None:
    first, second = save(), save(Definition(), seen_version=1)
    assert (first.version, second.version) == (1, 2)
    assert profile_called("letters") == second
    assert define(ImportProfile.objects.get(id=first.id).definition) == SEX_AS_LETTERS
    entries = AuditEntry.objects.filter(action="profile.saved", subject_id="letters").order_by("number")
    assert [entry.detail["version"] for entry in entries] == [1, 2]


def test_of_two_who_save_over_the_same_version_the_second_is_refused() -> None:
    save()
    with pytest.raises(Refusal) as refusal:
        save(Definition())
    assert refusal.value.key == "profile_was_saved_meanwhile"


def test_a_retired_profile_is_offered_no_more_and_takes_no_file() -> None:
    profile = save()
    retire_profile(by=make_actor("provincial_operator"), profile=profile)
    assert profile_called("letters") is None
    assert AuditEntry.objects.filter(action="profile.retired", subject_id="letters").exists()
    with pytest.raises(Refusal) as refusal:
        receive_file(
            by=make_actor("city_operator", "3702"), office=Office.objects.get(code="3702"), period=make_period(),
            content=[b"x"], name="a.xlsx", origin=Origin.EXAM_SYSTEM, profile=profile,
        )  # fmt: skip
    assert refusal.value.key == "profile_is_retired"
    assert not Attempt.objects.exists()


def test_a_retired_profile_comes_back_as_a_newer_version() -> None:
    profile = save()
    retire_profile(by=make_actor("provincial_operator"), profile=profile)
    assert profile_called("letters") is None
    assert save(seen_version=1) == profile_called("letters")


def test_the_required_layout_stays_what_it_is() -> None:
    by = make_actor("provincial_operator")
    required = profile_called("required")
    assert required is not None
    with pytest.raises(Refusal, match="required_layout_never_changes"):
        retire_profile(by=by, profile=required)
    with pytest.raises(Refusal, match="required_layout_never_changes"):
        save_profile(by=by, name="required", title="上报格式", definition=SEX_AS_LETTERS, seen_version=1)


@pytest.mark.parametrize("capacity", ["city_operator", "department_head", "network_administrator"])
def test_nobody_but_a_provincial_operator_makes_or_retires_one(capacity: str) -> None:
    by = make_actor(capacity, "3702" if capacity == "city_operator" else None)
    with pytest.raises(Refusal, match="person_not_entitled"):
        save_profile(by=by, name="letters", title="字母性别", definition=SEX_AS_LETTERS, seen_version=0)
    with pytest.raises(Refusal, match="person_not_entitled"):
        retire_profile(by=by, profile=save())


def test_two_profiles_never_have_one_title() -> None:
    with pytest.raises(Refusal, match="profile_title_is_taken"):
        save(title="考务系统导出")


def test_a_bad_name_is_refused_before_anything_is_written() -> None:
    with pytest.raises(ProfileError):
        save_profile(
            by=make_actor("provincial_operator"), name="字母", title="字母", definition=SEX_AS_LETTERS, seen_version=0
        )


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE import_profile SET retired_at = now(), retired_by_id = NULL WHERE name = 'letters'", "CL001"),
        ("UPDATE import_profile SET definition = '{}' WHERE name = 'letters'", "42501"),
        ("DELETE FROM import_profile", "42501"),
        (
            "INSERT INTO import_profile (name, title, version, definition, created_at) VALUES ('x', '某', 1, '{}', now())",
            "CL001",
        ),
        (
            """INSERT INTO import_profile (name, title, version, definition, created_at, created_by_id)
            SELECT 'letters', '某', 9, '{}', now(), created_by_id FROM import_profile WHERE name = 'letters'""",
            "CL001",
        ),
    ],
)
def test_the_database_refuses_what_the_actions_would_not_do(statement: str, words: str) -> None:
    save()
    with pytest.raises(DatabaseError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert getattr(refusal.value.__cause__, "sqlstate", "") == words


def test_not_even_the_owner_changes_a_saved_version() -> None:
    save()
    with as_owner(), pytest.raises(DatabaseError, match="import_profile_never_changes"):
        ImportProfile.objects.filter(name="letters").update(definition={}, retired_at=timezone.now())


def test_a_refused_file_is_told_of_every_other_profile_only_where_it_fits_better() -> None:
    save()
    layout = layout_for(profile_called("exam-system"), Office.objects.get(code="3702"))
    assert [other.name for other in layout.others] == ["letters", "required"]
    assert layout.office.issuing_authority == "青岛市人力资源和社会保障局"


def test_a_named_sheet_that_is_missing_is_refused_with_those_that_are_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save(define({"sheet": "成绩", "values": {"sex": {"男": "男"}}}))
    status, report = check(write(tmp_path, make_workbook([make_row(seed=1)])), capsys, profile="letters")
    assert status == 1
    assert rules(report) == ["R-085"]
    assert "“证书”" in report["problems"][0]["message"]  # type: ignore[index]


def test_a_named_sheet_is_read_though_another_has_a_header_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save(define({"sheet": "成绩"}))
    row = make_row(seed=1)
    workbook = openpyxl.Workbook()
    for name in ("旧数据", "成绩"):
        sheet = workbook.create_sheet(name)
        sheet.append(list(row))
        sheet.append([str(value) for value in row.values()])
    workbook.save(tmp_path / "a.xlsx")
    assert check(tmp_path / "a.xlsx", capsys)[1]["error"]["rule"] == "R-011"  # type: ignore[index]
    status, report = check(tmp_path / "a.xlsx", capsys, profile="letters")
    assert (status, report["accepted"]) == (0, 1)


def test_a_change_has_columns_of_its_own_and_takes_no_profile(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = make_exam_export(tmp_path / "a.xlsx")
    status, report = check(path, capsys, profile="exam-system", kind="correction")
    assert status == 2
    assert "correction" in report["error"]["message"]  # type: ignore[index]
