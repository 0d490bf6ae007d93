"""A provincial operator imports a city's file that was signed on paper: the sheet, its signers and its scan are checked."""

import hashlib
from datetime import timedelta
from functools import cache

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tests.make import PNG, Cast, make_extension, make_period, make_person, make_rows, make_workbook
from tests.people.make import newest_entry
from tests.staff.make import confirmation, digest_on, sign_in, text_of
from uploads.intake.staging import check_attempt
from uploads.models import Attempt, Batch, Person, PersonState, Signature

pytestmark = pytest.mark.django_db
PAPER = "/staff/batches/paper/"
PDF = b"%PDF-1.4\n" + b" " * 100 + b"\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0" + b"\x00" * 100 + b"\xff\xd9"


@cache
def qingdaos_file() -> bytes:
    return make_workbook(make_rows(3))


def sent(*, scan: bytes = PNG, **changes: object) -> dict[str, object]:
    """The form of a sheet signed today by two people of Qingdao whom nobody knows yet."""
    return {
        "office": "3702",
        "period": make_period().code,
        "file": SimpleUploadedFile("青岛.xlsx", qingdaos_file()),
        "origin": "exam_system",
        "operator_number": "990001",
        "operator_name": "孙经办",
        "director_number": "990002",
        "director_name": "周主任",
        "signed_on": timezone.localdate().isoformat(),
        "stated_count": "3",
        "stated_digest": "",
        "states_comparison": "on",
        "scan": SimpleUploadedFile("scan.png", scan),
    } | changes


@pytest.fixture
def cast() -> Cast:
    return Cast()


@pytest.fixture
def client(cast: Cast) -> Client:
    return sign_in(cast.provincial_operator)


def imported(client: Client, **changes: object) -> Batch:
    """The batch after form and check."""
    answer = client.post(PAPER, sent(**changes))
    assert answer.status_code == 302, text_of(answer)
    attempt = Attempt.objects.get()
    check_attempt(attempt.id)
    return Batch.objects.get()


def test_file_and_sheet_are_imported_and_submitted_with_both_paper_signatures(cast: Cast, client: Client) -> None:
    make_extension(by=cast.department_head)
    batch = imported(client)
    address = f"/staff/batches/{batch.id}/"
    page = client.get(address)
    assert "审签表由 孙经办（经办人）、周主任（主任）于" in text_of(page)
    fields = confirmation(cast.provincial_operator, digest=digest_on(page))
    said = text_of(client.post(f"{address}submit/", fields, follow=True))
    assert "已提交，等待网络管理专员汇总。" in said
    assert [(s.person.name, s.on_paper) for s in Signature.objects.all()] == [("孙经办", True), ("周主任", True)]
    assert Person.objects.get(staff_number="990001").state == PersonState.NO_ACCOUNT


def test_a_sheet_that_states_another_count_is_not_submitted(cast: Cast, client: Client) -> None:
    make_extension(by=cast.department_head)
    batch = imported(client, stated_count="4")
    address = f"/staff/batches/{batch.id}/"
    page = client.get(address)
    assert "审签表上写的是 4 条，文件有 3 条" in text_of(page)
    assert 'name="otp"' not in page.content.decode()
    answer = client.post(f"{address}submit/", confirmation(cast.provincial_operator, digest="0" * 64))
    assert Batch.objects.get().state == "checked"
    assert "没有" in text_of(answer)


def test_the_files_digest_on_the_sheet_has_to_be_the_files(client: Client) -> None:
    assert "不是签字的那份文件" in text_of(client.post(PAPER, sent(stated_digest="ab" * 32)))
    assert "文件校验值应为 64 位" in text_of(client.post(PAPER, sent(stated_digest="xyz")))
    digest = hashlib.sha256(qingdaos_file()).hexdigest().upper()
    imported(client, stated_digest=" ".join(digest[place : place + 8] for place in range(0, 64, 8)))


@pytest.mark.parametrize("scan", [PNG + b" " * 64, PDF, JPEG])
def test_a_scan_is_a_pdf_a_png_or_a_jpeg(client: Client, scan: bytes) -> None:
    imported(client, scan=scan)


@pytest.mark.parametrize(
    "scan", [b"", b"MZ" + b"\x00" * 200, PDF[:-7], b"GIF89a" + b"\x00" * 200, b"<svg>" + b" " * 200, JPEG[:-2]]
)
def test_a_scan_that_is_something_else_or_broken_off_is_refused(client: Client, scan: bytes) -> None:
    assert "扫描件不是完整的 PDF、PNG 或 JPEG 文件" in text_of(client.post(PAPER, sent(scan=scan)))
    assert not Attempt.objects.exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"signed_on": (timezone.localdate() + timedelta(days=1)).isoformat()}, "签字日期不能晚于今天。"),
        ({"signed_on": "昨天"}, "签字日期应写成"),
        ({"signed_on": "1926-11-12"}, "签字日期早于本期次的第一天"),
        ({"operator_number": "379901198001011231"}, "这里像是身份证号码"),
        ({"director_number": "37990119800101123x"}, "这里像是身份证号码"),
        ({"director_number": "990001"}, "主任与经办人须是不同的两个人"),
        ({"operator_number": "a!"}, "工号是 3 至 20 位"),
        ({"operator_name": "=1"}, "姓名中有不能使用的字符"),
        ({"states_comparison": ""}, "没有注明抽样核对的，不能导入"),
        ({"stated_count": "0"}, "记录数至少是 1"),
        ({"stated_count": "三"}, "记录数是一个整数"),
        ({"office": "3700"}, "不能为这个单位上报"),
    ],
)
def test_a_sheet_that_is_not_right_stores_nothing_and_says_why(
    client: Client, changes: dict[str, object], said: str
) -> None:
    assert said in text_of(client.post(PAPER, sent(**changes)))
    assert not Attempt.objects.exists()
    assert not Person.objects.filter(staff_number__startswith="99").exists()


def test_a_known_staff_number_keeps_its_name_and_its_office(client: Client) -> None:
    make_person(name="孙经办", office="3702", staff_number="990001")
    make_person(name="周主任", office="3703", staff_number="990002")
    assert "工号 990001 登记的是另一个姓名" in text_of(client.post(PAPER, sent(operator_name="孙经力")))
    assert "工号 990002 的人员不属于该上报单位" in text_of(client.post(PAPER, sent()))
    assert newest_entry("paper_signer.add").outcome == "refused"
    assert not Attempt.objects.exists()


def test_the_importer_is_none_of_the_signers(cast: Cast, client: Client) -> None:
    make_extension(by=cast.department_head)
    person = cast.provincial_operator.person
    answer = client.post(PAPER, sent(operator_number=person.staff_number, operator_name=person.name))
    assert "不属于该上报单位" in text_of(answer)


def test_the_scan_is_handed_out_under_a_generated_name_and_recorded(client: Client) -> None:
    batch = imported(client)
    answer = client.get(f"/staff/batches/{batch.id}/scan/")
    assert answer["Content-Disposition"] == (f'attachment; filename="3702-{make_period().code}-{batch.id}-1-scan.png"')
    assert b"".join(answer.streaming_content) == PNG
    assert newest_entry("scan.handed_out").subject_id == str(batch.id)


def test_only_a_provincial_operator_imports(cast: Cast) -> None:
    for actor in (cast.operator, cast.director, cast.department_head, cast.network_administrator):
        assert sign_in(actor).post(PAPER, sent()).status_code == 403
    assert not Attempt.objects.exists()
