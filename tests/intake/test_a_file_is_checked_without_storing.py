"""manage.py check_file: the upload page's rules and numbers, and nothing left behind."""

import json
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.make import Cast, make_attempt, make_period, make_row, make_rows, make_workbook
from uploads.models import Attempt, Batch, Person, RowProblem, StagedRow

pytestmark = pytest.mark.django_db


def check(path: Path, capsys: pytest.CaptureFixture[str], **options: str) -> tuple[int, dict[str, object]]:
    wanted = {"office": "3702", "period": make_period().code} | options
    with pytest.raises(SystemExit) as ended:
        call_command("check_file", str(path), json=True, **wanted)
    return int(ended.value.code or 0), json.loads(capsys.readouterr().out)


def write(folder: Path, content: bytes) -> Path:
    path = folder / "上报.xlsx"
    path.write_bytes(content)
    return path


def test_an_acceptable_file_gives_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, report = check(write(tmp_path, make_workbook(make_rows(3))), capsys)
    assert (status, report["rows"], report["accepted"], report["refused"]) == (0, 3, 3, 0)


def test_refused_rows_give_1_with_row_column_field_and_rule(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path, make_workbook([*make_rows(2), make_row(seed=9, 性别="女")]))
    status, report = check(path, capsys)
    assert (status, report["rows"], report["accepted"], report["refused"]) == (1, 3, 2, 1)
    problem = next(entry for entry in report["problems"] if entry["severity"] == "error")  # type: ignore[attr-defined]
    assert (problem["row"], problem["column"], problem["field"]) == (4, "性别", "sex")
    assert problem["rule"].startswith("R-")


@pytest.mark.parametrize("content", [b"", b"<html></html>", b"PK\x03\x04broken"])
def test_what_cannot_be_read_gives_2_and_the_rule(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, report = check(write(tmp_path, content), capsys)
    assert status == 2
    assert str(report["error"]["rule"]).startswith("R-0")  # type: ignore[index]


@pytest.mark.parametrize("options", [{"office": "9999"}, {"period": "2026-13-C"}])
def test_an_unknown_office_or_period_gives_2_and_a_sentence(
    options: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, report = check(write(tmp_path, make_workbook(make_rows(1))), capsys, **options)
    assert status == 2
    assert report["error"]["message"]  # type: ignore[index]


def test_nothing_is_left_behind(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    check(write(tmp_path, make_workbook([*make_rows(2), make_row(seed=9, 性别="女")])), capsys)
    for model in (Batch, Attempt, StagedRow, RowProblem, Person):
        assert not model.objects.exists(), model


def test_the_offices_own_open_batch_is_no_other_batch(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_attempt(by=Cast().operator, office="3702", rows=make_rows(2))
    status, _ = check(write(tmp_path, make_workbook(make_rows(2))), capsys)
    assert status == 0
    status, report = check(write(tmp_path, make_workbook(make_rows(2))), capsys, office="3701")
    assert status == 1
    assert {entry["rule"] for entry in report["problems"]} >= {"R-401"}  # type: ignore[attr-defined]
