"""A city operator uploads the own office's file: what is refused at the form, and what the page then says."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.make import Cast, make_actor, make_period, make_row, make_rows, make_workbook
from tests.staff.make import sign_in, text_of
from uploads.intake.staging import check_attempt
from uploads.models import Attempt, Batch, Capacity

pytestmark = pytest.mark.django_db
UPLOAD = "/staff/batches/upload/"


def sent(content: bytes | None = None, **changes: object) -> dict[str, object]:
    """The upload form of Qingdao, filled in well but for the changes."""
    file = SimpleUploadedFile("../十一月 下.xlsx", make_workbook(make_rows(3)) if content is None else content)
    return {
        "office": "3702",
        "period": make_period().code,
        "file": file,
        "origin": "exam_system",
        "hand_made_reason": "",
    } | changes


@pytest.fixture
def cast() -> Cast:
    return Cast()


@pytest.fixture
def operator(cast: Cast) -> Client:
    return sign_in(cast.operator)


def test_a_file_is_received_and_its_page_follows_the_check(operator: Client) -> None:
    answer = operator.post(UPLOAD, sent())
    batch = Batch.objects.get()
    assert answer["Location"] == f"/staff/batches/{batch.id}/"
    page = operator.get(answer["Location"])
    assert "等待检查" in text_of(page)
    assert page["Refresh"] == "3"
    attempt = Attempt.objects.get()
    assert attempt.original_name == "十一月 下.xlsx"
    check_attempt(attempt.id)
    page = operator.get(answer["Location"])
    assert "Refresh" not in page
    assert "读取 3 = 合格 3 + 不合格 0" in text_of(page)
    assert "经办人签字" in text_of(page)


def test_the_page_says_how_many_rows_are_read_while_the_check_runs(operator: Client) -> None:
    operator.post(UPLOAD, sent())
    Attempt.objects.update(state="checking", progress_done=4000)
    page = operator.get(f"/staff/batches/{Batch.objects.get().id}/")
    assert "已读取 4,000 行" in text_of(page)
    assert page["Refresh"] == "3"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"file": ""}, "请选择上报文件。"),
        ({"content": b""}, "文件是空的（0 字节）"),
        ({"origin": ""}, "请选择文件来源。"),
        ({"origin": "hand_made"}, "文件是人工整理的，请填写原因。"),
        ({"origin": "hand_made", "hand_made_reason": "长" * 201}, "原因最多 200 字。"),
        ({"period": "1999-01-A"}, "没有这个期次"),
        ({"office": "3701"}, "不能为这个单位上报"),
    ],
)
def test_a_form_that_is_not_right_stores_nothing_and_says_why(
    operator: Client, changes: dict[str, object], said: str
) -> None:
    page = operator.post(UPLOAD, sent(**changes))
    assert page.status_code == 200
    assert said in text_of(page)
    assert "<title>错误：上传文件" in page.content.decode()
    assert not Attempt.objects.exists()


def test_what_is_no_spreadsheet_is_said_to_be_unreadable(operator: Client) -> None:
    operator.post(UPLOAD, sent(content=b"%PDF-1.7 not a table"))
    attempt = Attempt.objects.get()
    check_attempt(attempt.id)
    page = text_of(operator.get(f"/staff/batches/{attempt.batch_id}/"))
    assert "文件无法读取" in page
    assert "R-002" in page
    assert "上传改正后的文件" in page


def test_a_hand_made_file_says_its_reason_to_every_signer(cast: Cast, operator: Client) -> None:
    operator.post(UPLOAD, sent(origin="hand_made", hand_made_reason="旧系统已停用"))
    attempt = Attempt.objects.get()
    check_attempt(attempt.id)
    for actor in (cast.director, cast.provincial_operator):
        page = text_of(sign_in(actor).get(f"/staff/batches/{attempt.batch_id}/"))
        assert "文件是人工整理的" in page
        assert "旧系统已停用" in page


def test_refused_rows_are_listed_by_rule_and_by_row_and_keep_the_batch_from_being_signed(operator: Client) -> None:
    rows = [make_row(seed=0), make_row(seed=1, 等级="六级"), make_row(seed=2, 证件号码="379901")]
    operator.post(UPLOAD, sent(content=make_workbook(rows)))
    attempt = Attempt.objects.get()
    check_attempt(attempt.id)
    address = f"/staff/batches/{attempt.batch_id}/"
    page = operator.get(address)
    said = text_of(page)
    assert "2 行不合格，这个批次不能签字" in said
    assert "读取 3 = 合格 1 + 不合格 2" in said
    assert 'name="otp"' not in page.content.decode()
    filtered = [row["row_number"] for row in attempt.problems.filter(rule="R-171").values("row_number")]
    assert filtered == [3]
    listed = operator.get(address, {"rule": "R-171"}).context["findings"]
    assert [finding.row_number for finding in listed] == [3]
    listed = operator.get(address, {"row": "4", "severity": "error"}).context["findings"]
    assert {finding.row_number for finding in listed} == {4}
    assert len(operator.get(address, {"row": "abc", "rule": "R-999"}).context["findings"]) == attempt.problems.count()


def test_a_corrected_file_is_a_new_attempt_and_the_earlier_one_stays_listed(operator: Client) -> None:
    operator.post(UPLOAD, sent(content=make_workbook([make_row(等级="六级")])))
    check_attempt(Attempt.objects.get().id)
    operator.post(UPLOAD, sent())
    newest = Attempt.objects.order_by("-number")[0]
    check_attempt(newest.id)
    page = text_of(operator.get(f"/staff/batches/{newest.batch_id}/"))
    assert "历次上传（2 次）" in page
    assert "经办人签字" in page


def test_no_data_is_declared_only_when_confirmed_and_then_signed_like_any_batch(operator: Client) -> None:
    form = {"office": "3702", "period": make_period().code}
    assert "请先核实" in text_of(operator.post("/staff/batches/no-data/", form))
    answer = operator.post("/staff/batches/no-data/", form | {"confirm": "on"})
    page = text_of(operator.get(answer["Location"]))
    assert "本期无数据" in page
    assert "经办人签字" in page
    again = operator.post("/staff/batches/no-data/", form | {"confirm": "on"})
    assert again["Location"] == answer["Location"]
    assert Batch.objects.count() == 1


@pytest.mark.parametrize(
    "capacity", [Capacity.DEPARTMENT_HEAD, Capacity.NETWORK_ADMINISTRATOR, Capacity.AUDIT_ADMINISTRATOR]
)
def test_who_brings_no_data_may_not_open_the_pages_for_it(capacity: Capacity) -> None:
    client = sign_in(make_actor(capacity))
    for page in ("upload/", "no-data/", "paper/"):
        assert client.get(f"/staff/batches/{page}").status_code == 403


def test_a_director_uploads_nothing(cast: Cast) -> None:
    client = sign_in(cast.director)
    assert client.post(UPLOAD, sent()).status_code == 403
    assert not Attempt.objects.exists()


def test_a_provincial_operator_uploads_for_the_province_itself_and_for_no_city(cast: Cast) -> None:
    client = sign_in(cast.provincial_operator)
    assert "不能为这个单位上报" in text_of(client.post(UPLOAD, sent()))
    answer = client.post(UPLOAD, sent(office="3700"))
    assert answer.status_code == 302
    assert Batch.objects.get().way_in == "province"


def test_a_check_that_no_worker_will_finish_says_so_and_takes_the_file_again(operator: Client) -> None:
    operator.post(UPLOAD, sent())
    ProcrastinateJob.objects.filter(task_name="uploads.tasks.check_attempt").update(status="failed")
    address = f"/staff/batches/{Batch.objects.get().id}/"
    page = operator.get(address)
    assert "检查中断，没有结果" in text_of(page)
    assert "Refresh" not in page
    operator.post(UPLOAD, sent())
    assert "等待检查" in text_of(operator.get(address))
