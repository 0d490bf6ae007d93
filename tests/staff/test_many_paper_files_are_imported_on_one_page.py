"""Many files signed on paper, on one page: laid down, described, imported each for itself, submitted by one code."""

import hashlib
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from certificates.models import Office
from tests.databases import acting_as
from tests.make import PNG, Cast, make_extension, make_period, make_person, make_row, make_rows, make_workbook
from tests.people.make import newest_entry
from tests.signoff.test_warnings_are_explained import make_late_rows
from tests.staff.make import confirmation, sign_in, text_of
from uploads.intake import parked as parking
from uploads.intake.parked import guess_office, guess_scan
from uploads.intake.staging import check_attempt
from uploads.intake.unsent import forget_expired
from uploads.models import Attempt, Batch, PaperSheet, ParkedFile, Signature
from uploads.pages.forms.paperfiles import prefix_of

pytestmark = pytest.mark.django_db
PAPERS = "/staff/batches/papers/"
RESULTS = "/staff/batches/papers/results/"
PDF = b"%PDF-1.4\n" + b" " * 100 + b"\n%%EOF\n"


@pytest.fixture(autouse=True)
def own_folder(settings: object, tmp_path: Path) -> None:
    """Tests that run beside this one lay files down, too."""
    settings.UNSENT_DIR = tmp_path / "unsent"  # type: ignore[attr-defined]


@pytest.fixture
def cast() -> Cast:
    return Cast()


@pytest.fixture
def client(cast: Cast) -> Client:
    return sign_in(cast.provincial_operator)


@cache
def workbook(first: int, *, bad: bool = False) -> bytes:
    rows = make_rows(3, first=first)
    return make_workbook([*rows[:2], make_row(seed=first, 性别="女", 证书编号=rows[2]["证书编号"])] if bad else rows)


def lay_down(client: Client, *files: tuple[str, bytes]) -> HttpResponse:
    sent = [SimpleUploadedFile(name, content) for name, content in files]
    return client.post(PAPERS, {"files": sent, "park": "1"})


def three_cities(client: Client) -> list[ParkedFile]:
    """Three data files, the second with a refused row, and two scans."""
    lay_down(
        client,
        ("青岛市.xlsx", workbook(100)),
        ("淄博市.xlsx", workbook(200, bad=True)),
        ("枣庄市.xlsx", workbook(300)),
        ("青岛市审签表.png", PNG),
        ("淄博和枣庄.pdf", PDF),
    )
    return list(ParkedFile.objects.filter(kind="data"))


def block(parked: ParkedFile, of_office: str, its_scan: ParkedFile, **changes: str) -> dict[str, str]:
    """A block filled in well but for the changes."""
    fields = {
        "office": of_office,
        "period": make_period().code,
        "origin": "exam_system",
        "hand_made_reason": "",
        "operator_known": "",
        "operator_number": f"99{of_office}1",
        "operator_name": "孙经办",
        "director_known": "",
        "director_number": f"99{of_office}2",
        "director_name": "周主任",
        "signed_on": timezone.localdate().isoformat(),
        "stated_count": "3",
        "stated_digest": "",
        "states_comparison": "on",
        "scan": str(its_scan.id),
    } | changes
    return {f"{prefix_of(parked)}-{name}": value for name, value in fields.items()}


def scan_named(name: str) -> ParkedFile:
    return ParkedFile.objects.get(kind="scan", original_name=name)


def blocks_of_three(files: list[ParkedFile]) -> dict[str, str]:
    other = scan_named("淄博和枣庄.pdf")
    return (
        block(files[0], "3702", scan_named("青岛市审签表.png"))
        | block(files[1], "3703", other)
        | block(files[2], "3704", other)
    )


def check_all() -> None:
    for attempt in Attempt.objects.filter(state="received"):
        check_attempt(attempt.id)


def test_files_are_sorted_by_content_and_office_and_scan_are_guessed_by_name(client: Client) -> None:
    files = three_cities(client)
    assert [parked.original_name for parked in files] == ["青岛市.xlsx", "淄博市.xlsx", "枣庄市.xlsx"]
    assert ParkedFile.objects.filter(kind="scan").count() == 2
    page = client.get(PAPERS).content.decode()
    assert '<option value="3702" selected>' in page
    assert f'<option value="{scan_named("青岛市审签表.png").id}" selected>青岛市审签表.png' in page
    assert not Attempt.objects.exists()
    assert newest_entry("unsent.parked").outcome == "done"


def test_one_press_imports_all_and_each_has_its_result(cast: Cast, client: Client) -> None:
    files = three_cities(client)
    answer = client.post(PAPERS, blocks_of_three(files) | {"import": "1"})
    assert answer["Location"] == RESULTS
    assert {attempt.batch.office_id for attempt in Attempt.objects.all()} == {"3702", "3703", "3704"}
    assert PaperSheet.objects.count() == 3
    moving = client.get(RESULTS)
    assert "还有 3 份在检查" in text_of(moving)
    assert moving["Refresh"] == "3"
    assert not list(settings.UNSENT_DIR.iterdir())
    check_all()
    page = client.get(RESULTS)
    assert "Refresh" not in page
    said = text_of(page)
    assert "1 行不合格" in said
    assert "整批都不能提交，不会只收下一部分" in said
    assert "#findings" in page.content.decode()


def test_one_refused_block_stops_no_other_and_is_pressed_again_with_what_was_typed(client: Client) -> None:
    files = three_cities(client)
    fields = blocks_of_three(files) | block(files[1], "3703", scan_named("淄博和枣庄.pdf"), stated_count="三")
    answer = client.post(PAPERS, fields | {"import": "1"})
    said = text_of(answer)
    assert "2 份文件已导入" in said
    assert "淄博市.xlsx：记录数是一个整数" in said
    assert "错误：" in answer.content.decode()
    assert 'value="三"' in answer.content.decode()
    assert Attempt.objects.count() == 2
    again = client.post(PAPERS, block(files[1], "3703", scan_named("淄博和枣庄.pdf")) | {"import": "1"})
    assert again["Location"] == RESULTS
    assert Attempt.objects.count() == 3


def test_a_press_repeated_imports_nothing_twice(client: Client) -> None:
    fields = blocks_of_three(three_cities(client)) | {"import": "1"}
    client.post(PAPERS, fields)
    client.post(PAPERS, fields)
    assert Attempt.objects.count() == 3


def test_whatever_the_act_refuses_stays_with_its_reason(cast: Cast, client: Client) -> None:
    files = three_cities(client)
    make_person(name="别的名字", office="3703", staff_number="9937031")
    said = text_of(client.post(PAPERS, blocks_of_three(files) | {"import": "1"}))
    assert "工号 9937031 登记的是另一个姓名" in said
    assert {attempt.batch.office_id for attempt in Attempt.objects.all()} == {"3702", "3704"}


def test_two_files_for_one_batch_are_both_kept_back(client: Client) -> None:
    files = three_cities(client)
    scan = scan_named("淄博和枣庄.pdf")
    fields = blocks_of_three(files) | block(files[2], "3703", scan)
    said = text_of(client.post(PAPERS, fields | {"import": "1"}))
    assert "一个批次只能有一份文件" in said
    assert {attempt.batch.office_id for attempt in Attempt.objects.all()} == {"3702"}


def test_a_known_signer_is_chosen_and_a_new_one_typed(client: Client) -> None:
    files = three_cities(client)
    known = make_person(name="李纸签", office="3702", staff_number="880099")
    assert "李纸签（880099）" in client.get(PAPERS).content.decode()
    scan = scan_named("青岛市审签表.png")
    chosen = {"operator_known": str(known.id), "operator_number": "", "operator_name": ""}
    client.post(PAPERS, block(files[0], "3702", scan, **chosen) | {"import": "1"})
    assert PaperSheet.objects.get().operator == known


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"operator_number": "", "operator_name": ""}, "请选择经办人，或填写姓名和工号。"),
        ({"director_number": ""}, "请输入主任的工号。"),
        ({"director_name": ""}, "请输入主任的姓名。"),
        ({"director_number": "9937021"}, "主任与经办人须是不同的两个人"),
        ({"scan": ""}, "请选择审签表扫描件"),
        ({"scan": "0"}, "这份扫描件已经不在"),
        ({"origin": ""}, "请选择文件来源。"),
        ({"origin": "hand_made"}, "文件是人工整理的，请填写原因。"),
        ({"stated_digest": "ab" * 32}, "不是签字的那份文件"),
        ({"office": ""}, "请选择上报单位。"),
        ({"signed_on": (timezone.localdate() + timedelta(days=1)).isoformat()}, "签字日期不能晚于今天。"),
    ],
)
def test_a_block_that_is_not_right_says_why(client: Client, changes: dict[str, str], said: str) -> None:
    files = three_cities(client)
    scan = scan_named("青岛市审签表.png")
    answer = client.post(PAPERS, block(files[0], "3702", scan, **changes) | {"import": "1"})
    assert said in text_of(answer)
    assert not Attempt.objects.exists()


def test_count_and_digest_on_the_sheet_are_compared(cast: Cast, client: Client) -> None:
    make_extension(by=cast.department_head)
    files = three_cities(client)
    scan = scan_named("青岛市审签表.png")
    digest = hashlib.sha256(workbook(100)).hexdigest().upper()
    client.post(PAPERS, block(files[0], "3702", scan, stated_count="4", stated_digest=digest) | {"import": "1"})
    check_all()
    page = client.get(RESULTS)
    assert "审签表上写的是 4 条，文件有 3 条" in text_of(page)
    assert 'name="otp"' not in page.content.decode()


def test_what_was_typed_stays_when_files_are_added_or_removed(client: Client) -> None:
    files = three_cities(client)
    fields = block(files[0], "3702", scan_named("青岛市审签表.png"), operator_name="只写了一半", signed_on="")
    added = {"files": [SimpleUploadedFile("烟台市.xlsx", workbook(400))], "park": "1"}
    page = client.post(PAPERS, fields | added)
    assert "只写了一半" in page.content.decode()
    assert "烟台市.xlsx" in text_of(page)
    assert "请输入签字日期" not in text_of(page)
    page = client.post(PAPERS, fields | {"discard": str(files[2].id)})
    assert "只写了一半" in page.content.decode()
    assert "枣庄市.xlsx" not in text_of(page)
    assert newest_entry("unsent.discarded").outcome == "done"
    assert len(list(settings.UNSENT_DIR.iterdir())) == ParkedFile.objects.count()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("空.xlsx", b"", "文件是空的"),
        ("扫描.pdf", PDF[:-7], "扫描件不是完整的 PDF、PNG 或 JPEG 文件"),
        ("青岛市 (1).xlsx", None, "同一份文件已经在下面"),
    ],
)
def test_what_cannot_be_kept_is_told_and_the_others_are(
    client: Client, name: str, content: bytes | None, said: str
) -> None:
    same = workbook(100)
    page = lay_down(
        client, ("青岛市.xlsx", same), (name, same if content is None else content), ("枣庄市.xlsx", workbook(300))
    )
    assert f"{name}：" in text_of(page)
    assert said in text_of(page)
    assert ParkedFile.objects.count() == 2
    assert len(list(settings.UNSENT_DIR.iterdir())) == 2


def test_no_more_than_twenty_of_a_kind_and_no_more_bytes_than_allowed(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = text_of(lay_down(client, *((f"{place}.csv", f"{place}".encode()) for place in range(22))))
    assert said.count("已有 20 份数据文件等待导入") == 2
    assert ParkedFile.objects.count() == 20
    monkeypatch.setattr(parking, "BYTES_AT_MOST", 100)
    assert "等待导入的文件合计超过" in text_of(lay_down(client, ("扫描.pdf", PDF)))


def test_laid_down_files_are_the_persons_own_and_go_when_their_time_is_over(client: Client) -> None:
    files = three_cities(client)
    other = sign_in(Cast().provincial_operator)
    assert "青岛市.xlsx" not in text_of(other.get(PAPERS))
    other.post(PAPERS, {"discard": str(files[0].id)})
    fields = block(files[0], "3702", scan_named("青岛市审签表.png"))
    other.post(PAPERS, fields | {"import": "1"})
    assert ParkedFile.objects.count() == 5
    assert not Attempt.objects.exists()
    ParkedFile.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert "青岛市.xlsx" not in text_of(client.get(PAPERS))
    forget_expired()
    assert not ParkedFile.objects.exists()
    assert not list(settings.UNSENT_DIR.iterdir())


def imported_and_checked(cast: Cast, client: Client) -> HttpResponse:
    make_extension(by=cast.department_head)
    client.post(PAPERS, blocks_of_three(three_cities(client)) | {"import": "1"})
    check_all()
    return client.get(RESULTS)


def offered_on(page: HttpResponse) -> list[str]:
    return [value for value, _ in page.context["form"].fields["batches"].choices]


def test_all_clean_batches_are_submitted_by_one_code(cast: Cast, client: Client) -> None:
    page = imported_and_checked(cast, client)
    offered = offered_on(page)
    assert len(offered) == 2
    fields: dict[str, object] = {**confirmation(cast.provincial_operator), "batches": offered}
    said = text_of(client.post(RESULTS, fields, follow=True))
    assert "青岛市 " in said
    assert said.count("已提交，等待网络管理专员汇总。") == 2
    states = {batch.office_id: batch.state for batch in Batch.objects.all()}
    assert states == {"3702": "submitted", "3703": "draft", "3704": "submitted"}
    assert Signature.objects.filter(on_paper=True).count() == 4


def test_one_batch_that_is_not_submitted_stops_no_other(cast: Cast, client: Client) -> None:
    offered = offered_on(imported_and_checked(cast, client))
    person = make_person(name="周主任", office="3702", staff_number="880098")
    sheet = PaperSheet.objects.get(attempt__batch__office="3702")
    Office.objects.filter(code="3702").update(contact_phone="1")
    with acting_as("owner"):
        type(person).objects.filter(id=sheet.director_id).update(office="3703")
    fields: dict[str, object] = {**confirmation(cast.provincial_operator), "batches": offered}
    said = text_of(client.post(RESULTS, fields, follow=True))
    assert "没有提交。纸质签字人不是该上报单位的人员" in said
    states = {batch.office_id: batch.state for batch in Batch.objects.all()}
    assert states == {"3702": "checked", "3703": "draft", "3704": "submitted"}


def test_a_wrong_code_submits_nothing(cast: Cast, client: Client) -> None:
    offered = offered_on(imported_and_checked(cast, client))
    fields: dict[str, object] = {**confirmation(cast.provincial_operator, otp="000000"), "batches": offered}
    assert "动态码不正确" in text_of(client.post(RESULTS, fields))
    assert not Batch.objects.filter(state="submitted").exists()


def test_a_batch_that_changed_since_is_not_submitted(cast: Cast, client: Client) -> None:
    offered = offered_on(imported_and_checked(cast, client))
    changed = [f"{value.split(':')[0]}:{'ab' * 32}" for value in offered]
    fields: dict[str, object] = {**confirmation(cast.provincial_operator), "batches": changed}
    assert "有批次在您打开本页以后有变化" in text_of(client.post(RESULTS, fields))
    assert not Batch.objects.filter(state="submitted").exists()


def test_a_batch_whose_warnings_want_an_explanation_is_not_offered_before(cast: Cast, client: Client) -> None:
    make_extension(by=cast.department_head)
    lay_down(client, ("青岛市.xlsx", make_workbook(make_late_rows())), ("青岛市.png", PNG))
    parked = ParkedFile.objects.get(kind="data")
    fields = block(parked, "3702", scan_named("青岛市.png"), stated_count="2")
    client.post(PAPERS, fields | {"import": "1"})
    check_all()
    page = client.get(RESULTS)
    assert "还没有说明。请先写明原因" in text_of(page)
    assert 'name="otp"' not in page.content.decode()


def test_only_a_provincial_operator_imports_many(cast: Cast) -> None:
    for actor in (cast.operator, cast.director, cast.network_administrator):
        other = sign_in(actor)
        assert other.get(PAPERS).status_code == 403
        assert other.post(PAPERS, {"park": "1"}).status_code == 403
        assert other.get(RESULTS).status_code == 403


def test_guesses_are_made_only_where_they_are_clear(client: Client) -> None:
    cities = list(Office.objects.filter(kind="city"))
    assert guess_office("3705上报.xlsx", cities) == "3705"
    assert guess_office("济南和济宁.xlsx", cities) == ""
    assert guess_office("上报.xlsx", cities) == ""
    three_cities(client)
    scans = list(ParkedFile.objects.filter(kind="scan"))
    assert guess_scan("青岛市.xlsx", scans, cities) == scan_named("青岛市审签表.png").id
    assert guess_scan("淄博市.xlsx", scans, cities) is None
