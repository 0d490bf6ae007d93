"""manage.py check_file --kind backfill: against the campaign that was named, the only open one, or none, and then it says so."""

import json
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.campaigns.make import let_the_deadline_pass, make_campaign, make_old_row, make_submitted_backfill
from tests.make import Cast, make_period, make_workbook
from uploads.models import Attempt, Batch

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "补录.xlsx"
    path.write_bytes(make_workbook([make_old_row(1), make_old_row(2, year=2001)]))
    return path


def check(file: Path, capsys: pytest.CaptureFixture[str], **options: str) -> tuple[int, dict[str, object]]:
    wanted = {"office": "3702", "period": make_period().code, "kind": "backfill"} | options
    with pytest.raises(SystemExit) as ended:
        call_command("check_file", str(file), json=True, **wanted)
    return int(ended.value.code or 0), json.loads(capsys.readouterr().out)


def rules(report: dict[str, object]) -> set[tuple[int, str]]:
    return {
        (problem["row"], problem["rule"])
        for problem in report["problems"]  # type: ignore[attr-defined]
        if problem["rule"] in {"R-221", "R-222", "R-223"}
    }


def test_the_only_open_campaign_is_meant(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_campaign(Cast().department_head)
    status, report = check(file, capsys)
    assert (status, report["accepted"], report["refused"]) == (1, 1, 1)
    assert rules(report) == {(3, "R-221")}


def test_without_one_the_years_are_not_checked_and_a_note_says_so(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, report = check(file, capsys)
    assert (status, rules(report)) == (0, {(1, "R-223")})
    head = Cast().department_head
    make_campaign(head)
    make_campaign(head, name="另一个")
    assert rules(check(file, capsys)[1]) == {(1, "R-223")}


@pytest.mark.parametrize("by_name", [True, False])
def test_one_of_several_is_named(by_name: bool, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head = Cast().department_head
    make_campaign(head, name="另一个")
    campaign = make_campaign(head)
    status, report = check(file, capsys, campaign=campaign.name if by_name else str(campaign.id))
    assert (status, rules(report)) == (1, {(3, "R-221")})


def test_a_campaign_that_takes_nothing_ends_the_command_with_a_sentence(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head = Cast().department_head
    others = make_campaign(head, name="别市的", offices=["3701"])
    campaign = make_campaign(head)
    let_the_deadline_pass(campaign)
    for options, said in (
        ({"campaign": "没有的"}, "no campaign"),
        ({"campaign": others.name}, "没有要求这个单位"),
        ({"campaign": campaign.name}, "截止日期"),
        ({"campaign": campaign.name, "kind": "regular"}, "--kind backfill"),
    ):
        status, report = check(file, capsys, **options)
        assert status == 2
        assert said in report["error"]["message"]  # type: ignore[index]


def test_a_signed_batch_of_the_same_campaign_is_another_batch_and_nothing_is_left(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cast = Cast()
    make_submitted_backfill(cast, make_campaign(cast.department_head), [make_old_row(1)])
    before = (Batch.objects.count(), Attempt.objects.count())
    _, report = check(file, capsys)
    assert "R-401" in {problem["rule"] for problem in report["problems"]}  # type: ignore[attr-defined]
    assert (Batch.objects.count(), Attempt.objects.count()) == before
