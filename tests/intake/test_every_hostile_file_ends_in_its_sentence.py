"""check_file over every file that no sender should send: exit status 2 or 1, the rule, one sentence, nothing behind."""

import json
import os
import tempfile
import threading
import time
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.make import make_period
from tests.spreadsheets.hostile import HOSTILE, READ_WITH_A_NOTE, Hostile, good
from uploads.models import Attempt, Batch, Person, RowProblem, StagedRow

pytestmark = pytest.mark.django_db
PATIENCE = 60


def check(path: Path | str, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, object]]:
    started = time.monotonic()
    with pytest.raises(SystemExit) as ended:
        call_command("check_file", str(path), json=True, office="3702", period=make_period().code)
    assert time.monotonic() - started < PATIENCE
    return int(ended.value.code or 0), json.loads(capsys.readouterr().out)


def write(folder: Path, hostile: Hostile) -> Path:
    path = folder / hostile.name
    path.write_bytes(hostile.make())
    return path


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_gives_2_its_rule_and_a_sentence(
    what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = HOSTILE[what]
    before = set(os.listdir(tempfile.gettempdir()))
    status, report = check(write(tmp_path, hostile), capsys)
    assert (status, set(report)) == (2, {"error"}), report
    error = report["error"]
    assert isinstance(error, dict)
    assert error["rule"] == hostile.rule, error
    assert hostile.word in error["message"]
    assert error["message"].endswith("。")
    assert [path.name for path in tmp_path.iterdir()] == [hostile.name]
    left = set(os.listdir(tempfile.gettempdir())) - before
    assert not {name for name in left if "calamine" in name or "spreadsheet" in name}
    for model in (Batch, Attempt, StagedRow, RowProblem, Person):
        assert not model.objects.exists(), model


@pytest.mark.parametrize("what", READ_WITH_A_NOTE)
def test_an_odd_file_is_read_all_the_same(what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hostile = READ_WITH_A_NOTE[what]
    status, report = check(write(tmp_path, hostile), capsys)
    problems = report["problems"]
    assert isinstance(problems, list)
    about_the_file = {problem["rule"]: problem["message"] for problem in problems if problem["field"] == "file"}
    if hostile.rule:
        assert hostile.word in about_the_file[hostile.rule]
    assert status == (1 if hostile.rule == "R-016" else 0), report
    assert report["rows"] == report["accepted"] + report["refused"]  # type: ignore[operator]


def test_what_is_no_regular_file_is_said_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(tmp_path / "pipe.xlsx")
    (tmp_path / "circle.xlsx").symlink_to(tmp_path / "circle.xlsx")
    for path in (tmp_path, tmp_path / "pipe.xlsx", tmp_path / "circle.xlsx", tmp_path / "gone.xlsx", "/dev/zero"):
        status, report = check(path, capsys)
        assert (status, report["error"]["rule"]) == (2, "R-024"), path  # type: ignore[index]


@pytest.mark.parametrize(
    "name",
    [
        "有 空格\n和换行.xlsx", "=cmd|' calc'!A0.xlsx", "\u202exslx.exe.xlsx", "名" * 80 + ".xlsx", "-rf.xlsx", "a=b.xlsx",
        "..xlsx", b"\xff\xfe.xlsx".decode("utf-8", "surrogateescape"),
    ],
)  # fmt: skip
def test_a_file_name_is_only_a_name(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / name
    path.write_bytes(good())
    assert check(path, capsys)[0] == 0
    link = tmp_path / "link.xlsx"
    link.symlink_to(path)
    assert check(link, capsys)[0] == 0


def test_a_sparse_file_of_300_megabytes_costs_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.xlsx"
    with path.open("wb") as file:
        file.truncate(300 * 1024 * 1024)
    status, report = check(path, capsys)
    assert (status, report["error"]["rule"]) == (2, "R-020")  # type: ignore[index]
    for start in (b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1"), b"a,b\r\n"):
        with path.open("wb") as file:
            file.write(start)
            file.truncate(100 * 1024 * 1024)
        assert check(path, capsys)[0] == 2


def test_a_file_that_goes_away_while_it_is_read_gives_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(good())
    remover = threading.Timer(0.03, path.unlink)
    remover.start()
    status, report = check(path, capsys)
    remover.join()
    assert status == 0 or report["error"]["rule"] == "R-024"  # type: ignore[index]
