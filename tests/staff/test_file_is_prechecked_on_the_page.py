"""预检 on its pages: progress, the report with paging and filters, the sheet to print, and nobody else's."""

import hashlib
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from openpyxl import load_workbook
from procrastinate.contrib.django.models import ProcrastinateJob

from certificates.levels import level_name
from tests.make import (
    Cast,
    make_correction,
    make_period,
    make_published_release,
    make_row,
    make_rows,
    make_workbook,
)
from tests.people.make import newest_entry
from tests.staff.make import sign_in, text_of
from uploads.actor import Actor
from uploads.intake import prechecks
from uploads.intake.prechecks import run_precheck
from uploads.models import Attempt, Batch, Precheck

pytestmark = pytest.mark.django_db
PRECHECKS = "/staff/prechecks/"


@pytest.fixture(autouse=True)
def own_folder(settings: object, tmp_path: Path) -> None:
    """Tests that run beside this one lay files down, too."""
    settings.UNSENT_DIR = tmp_path / "unsent"  # type: ignore[attr-defined]


@pytest.fixture
def cast() -> Cast:
    return Cast()


@pytest.fixture
def client(cast: Cast) -> Client:
    return sign_in(cast.operator)


def sent(content: bytes, **changes: object) -> dict[str, object]:
    file = SimpleUploadedFile("../十一月 下.xlsx", content)
    return {"office": "3702", "period": make_period().code, "file": file} | changes


def checked(client: Client, content: bytes, **changes: object) -> HttpResponse:
    """The report page, after the worker."""
    answer = client.post(PRECHECKS, sent(content, **changes))
    assert answer.status_code == 302, text_of(answer)
    run_precheck(Precheck.objects.latest("id").id)
    return client.get(answer["Location"])


def test_the_page_follows_the_check_and_says_that_the_file_may_be_sent(client: Client) -> None:
    content = make_workbook(make_rows(3))
    answer = client.post(PRECHECKS, sent(content))
    page = client.get(answer["Location"])
    assert "等待检查" in text_of(page)
    assert page["Refresh"] == "3"
    Precheck.objects.update(state="checking", progress_done=4000)
    assert "已读取 4,000 行" in text_of(client.get(answer["Location"]))
    run_precheck(Precheck.objects.get().id)
    page = client.get(answer["Location"])
    assert "Refresh" not in page
    assert "可以上报：3 条全部合格" in text_of(page)
    assert "预检不是上报" in text_of(page)
    assert "读取 3 = 合格 3 + 不合格 0" in text_of(page)
    assert "十一月 下.xlsx" in text_of(page)
    assert not Batch.objects.exists()
    assert not Attempt.objects.exists()


def test_a_refused_file_is_explained_with_its_rows(client: Client) -> None:
    page = checked(client, make_workbook([*make_rows(2), make_row(seed=9, 性别="女")]))
    said = text_of(page)
    assert "现在不能上报：1 行不合格" in said
    assert "有一行不合格，整份文件都不能上报" in said
    assert "R-1" in said
    assert "打印审签表" not in said


def test_the_findings_turn_pages_and_are_filtered(client: Client) -> None:
    rows = [make_row(seed=100 + place, 等级="六级") for place in range(60)]
    page = checked(client, make_workbook([*rows, make_row(seed=9, 性别="女")]))
    address = page.request["PATH_INFO"]
    assert 'href="?page=2"' in page.content.decode()
    assert "62" in text_of(client.get(f"{address}?row=62"))
    filtered = client.get(f"{address}?row=62&severity=error")
    assert "共 1 处" in text_of(filtered)
    assert f'href="{address}"' not in filtered.content.decode()
    assert 'href="?#rows"' in filtered.content.decode()


def test_a_file_that_cannot_be_read_is_explained(client: Client) -> None:
    said = text_of(checked(client, b"<html></html>"))
    assert "文件无法读取，不能上报" in said
    assert "R-0" in said


def test_a_check_that_no_worker_will_finish_says_so(client: Client) -> None:
    answer = client.post(PRECHECKS, sent(make_workbook(make_rows(1))))
    ProcrastinateJob.objects.filter(task_name="uploads.tasks.run_precheck").delete()
    page = client.get(answer["Location"])
    assert "检查中断，没有结果" in text_of(page)
    assert "Refresh" not in page


def test_one_person_fills_no_disk(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prechecks, "KEPT_AT_MOST", 1)
    checked(client, make_workbook(make_rows(1)))
    assert "您今天的预检太多" in text_of(client.post(PRECHECKS, sent(make_workbook(make_rows(1)))))
    assert Precheck.objects.count() == 1


def test_the_sheet_states_levels_count_and_digest_for_two_signatures(client: Client) -> None:
    content = make_workbook([*make_rows(3), make_row(seed=50, level=4)])
    page = checked(client, content)
    sheet = client.get(f"{page.request['PATH_INFO']}sheet/")
    said = text_of(sheet)
    assert "证书数据上报审签表" in said
    assert f"{level_name(3)} 3" in said
    assert "合计 4" in said
    assert hashlib.sha256(content).hexdigest() in said.replace(" ", "")
    assert "经办人签字" in said
    assert "鉴定中心主任签字" in said


def test_there_is_no_sheet_for_a_file_that_may_not_be_sent(client: Client) -> None:
    page = checked(client, make_workbook([make_row(seed=9, 性别="女")]))
    assert client.get(f"{page.request['PATH_INFO']}sheet/").status_code == 404


def test_a_correction_is_prechecked_against_the_register(cast: Cast, client: Client) -> None:
    make_published_release(cast, rows=[make_row(seed=2)])
    number = str(make_row(seed=2)["证书编号"])
    row = make_correction(number, 姓名="李更正")
    page = checked(client, make_workbook([row], list(row)), kind="correction")
    assert "可以上报：1 条全部合格" in text_of(page)
    sheet = client.get(f"{page.request['PATH_INFO']}sheet/")
    assert "种类 更正" in text_of(sheet)
    unknown = row | {"证书编号": number[:-1] + "9"}
    assert "现在不能上报：1 行不合格" in text_of(
        checked(client, make_workbook([unknown], list(row)), kind="correction")
    )


def test_a_file_is_read_by_the_profile_that_was_chosen(client: Client) -> None:
    said = text_of(checked(client, make_workbook(make_rows(2)), profile="exam-system"))
    profile = Precheck.objects.get().profile
    assert profile is not None
    assert profile.name == "exam-system"
    assert profile.title in said


def test_the_list_shows_what_is_kept_and_until_when(client: Client) -> None:
    checked(client, make_workbook(make_rows(2)))
    said = text_of(client.get(PRECHECKS))
    assert "十一月 下.xlsx" in said
    assert "可以上报" in said
    assert f"{Precheck.objects.get().expires_at:%Y-}" in said


@pytest.mark.parametrize(
    ("looks", "sees"),
    [
        (lambda cast: cast.director, True),
        (lambda _: Cast("3703").operator, False),
        (lambda cast: cast.provincial_operator, False),
    ],
)
def test_only_the_own_office_sees_it(cast: Cast, client: Client, looks: Callable[[Cast], Actor], sees: bool) -> None:
    page = checked(client, make_workbook(make_rows(2)))
    other = sign_in(looks(cast))
    assert other.get(page.request["PATH_INFO"]).status_code == (200 if sees else 404)
    assert ("十一月 下.xlsx" in text_of(other.get(PRECHECKS))) is sees


def test_people_who_bring_no_data_have_no_precheck(cast: Cast) -> None:
    for actor in (cast.department_head, cast.network_administrator):
        assert sign_in(actor).get(PRECHECKS).status_code == 403


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"file": SimpleUploadedFile("a.xlsx", b"")}, "文件是空的"),
        ({"file": ""}, "请选择上报文件"),
        ({"office": "3703"}, "不能为这个单位上报"),
        ({"period": "1999-01-A"}, "没有这个期次"),
    ],
)
def test_a_form_that_is_not_right_checks_nothing(client: Client, changes: dict[str, object], said: str) -> None:
    assert said in text_of(client.post(PRECHECKS, sent(b"x", **changes)))
    assert not Precheck.objects.exists()


def test_a_provincial_operator_prechecks_for_any_office(cast: Cast) -> None:
    client = sign_in(cast.provincial_operator)
    assert "可以上报" in text_of(checked(client, make_workbook(make_rows(2)), office="3703"))
    assert "可以上报" in text_of(checked(client, make_workbook(make_rows(2)), office="3700"))


def test_a_precheck_has_its_report_as_a_workbook_and_leaves_no_copy(client: Client, settings: object) -> None:
    page = checked(client, make_workbook([make_row(seed=1, 等级="六级")]))
    assert "下载核对报告" in text_of(page)
    answer = client.get(f"{page.request['PATH_INFO']}report/")
    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    assert book.sheetnames == ["核对报告", "证书", "检查结果"]
    assert any("R-171" in cell.comment.text for row in book["证书"] for cell in row if cell.comment)
    assert newest_entry("report.handed_out").detail == {"precheck": Precheck.objects.get().id}
    assert not list(settings.UNSENT_DIR.glob("report-*"))  # type: ignore[attr-defined]


def test_a_precheck_of_an_unreadable_file_has_no_report(client: Client) -> None:
    page = checked(client, b"%PDF-1.7 not a table")
    assert "下载核对报告" not in text_of(page)
    assert client.get(f"{page.request['PATH_INFO']}report/").status_code == 404
