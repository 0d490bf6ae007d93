"""A correction from the uploaded file to the public result, on the pages, by its people in turn."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.certificates_pages.reading import look_up, read
from tests.make import (
    Cast,
    make_change_attempt,
    make_comparison,
    make_correction,
    make_id_number,
    make_paper,
    make_published_change,
    make_published_release,
    make_reinstatement,
    make_revocation,
    make_row,
    make_rows,
    make_submitted_batch,
    make_submitted_change,
    make_tampering,
    make_workbook,
)
from tests.staff.make import address, confirmation, digest_on, sign_in, sign_on_page, text_of
from uploads.intake.staging import check_attempt
from uploads.models import Attempt, AuditEntry, Batch, BatchKind, Release
from uploads.release.publish import publish_release

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    """The people of a city that has published three certificates."""
    cast = Cast()
    make_published_release(cast, rows=make_rows(3))
    return cast


def number(seed: int) -> str:
    return str(make_row(seed=seed)["证书编号"])


def upload(client: Client, kind: str, row: dict[str, object]) -> Batch:
    file = SimpleUploadedFile("更正.xlsx", make_workbook([row], list(row)))
    fields = {"office": "3702", "kind": kind, "file": file, "origin": "hand_made", "hand_made_reason": "持证人申请"}
    answer = client.post("/staff/batches/upload/", fields | {"period": "2020-01-A"})
    assert answer.status_code == 200, "a period that isn't offered is refused whatever the kind"
    period = Batch.objects.get().period_id
    file = SimpleUploadedFile("更正.xlsx", make_workbook([row], list(row)))
    answer = client.post("/staff/batches/upload/", fields | {"file": file, "period": period})
    assert answer.status_code == 302, text_of(answer)
    attempt = Attempt.objects.latest("id")
    check_attempt(attempt.id)
    return attempt.batch


def sign_batch_on_page(client: Client, cast: Cast, batch: Batch, *, director: bool = False) -> str:
    actor = cast.director if director else cast.operator
    page = f"/staff/batches/{batch.id}/"
    if not director:
        make_comparison(by=actor, batch=batch)
    digest = digest_on(client.get(page))
    return text_of(client.post(f"{page}sign/", confirmation(actor, digest=digest), follow=True))


def test_a_correction_goes_from_the_file_to_the_public_result(cast: Cast) -> None:
    operator = sign_in(cast.operator)
    batch = upload(operator, "correction", make_correction(number(1), 姓名="李更正", 证件号码=make_id_number(seed=1)))
    assert (batch.kind, batch.attempt.accepted_count if batch.attempt else 0) == ("correction", 1)

    shown = text_of(operator.get(f"/staff/batches/{batch.id}/"))
    assert "更正 · 网上签字 · 任何一天都可以上报" in shown
    assert "姓名 张𠮷 李更正" in shown
    assert "原因 录入有误" in shown
    assert "已签字" in sign_batch_on_page(operator, cast, batch)
    director = sign_in(cast.director)
    assert "姓名 张𠮷 李更正" in text_of(director.get(f"/staff/batches/{batch.id}/changes/"))
    assert "已签字并上报" in sign_batch_on_page(director, cast, batch, director=True)

    administrator = sign_in(cast.network_administrator)
    assert "汇总为更换批次" in text_of(administrator.get("/staff/releases/"))
    new = f"/staff/releases/new/?period={batch.period_id}&kind=replacement"
    assert "任何一天都可以上网" in text_of(administrator.get(new))
    administrator.post(new, {"batches": [batch.id]})
    release = Release.objects.get(kind="replacement")
    for signer in cast.release_signers:
        client = sign_in(signer)
        shown = text_of(client.get(address(release)))
        assert "更正 1 本的更改前后" in shown
        assert "姓名 张𠮷 李更正" in text_of(client.get(f"/staff/batches/{batch.id}/changes/"))
        assert "已签字" in text_of(sign_on_page(client, signer, release))
    shown = text_of(administrator.get(address(release)))
    assert "将更改 1 本已上网的证书（更正 1）" in shown
    sign_on_page(administrator, cast.network_administrator, release)
    publish_release(release.id)
    shown = text_of(administrator.get(address(release)))
    assert "各数一致" in shown
    assert "已更正 1 1 1 一致" in shown

    answer = read(look_up(Client(), make_id_number(seed=1), number(1)))
    assert (answer.outcome, answer.fields["holder_name"]) == ("corrected", "李更正")
    assert "已更正：姓名" in answer.text
    assert "张𠮷" not in answer.text


def test_an_id_number_that_changes_is_masked_and_said_to_have_changed(cast: Cast) -> None:
    other = make_id_number(seed=501)
    born = f"{other[6:10]}-{other[10:12]}-{other[12:14]}"
    batch = make_submitted_change(
        cast, BatchKind.CORRECTION, [make_correction(number(1), 证件号码=other, 出生日期=born)]
    )
    page = sign_in(cast.department_head).get(f"/staff/batches/{batch.id}/changes/")
    shown = text_of(page)
    assert "号码已更改，遮盖后看不出差别" in shown
    assert other not in page.content.decode()
    assert make_id_number(seed=1) not in page.content.decode()


def test_the_old_id_number_finds_nothing_after_its_correction_and_the_new_one_does(cast: Cast) -> None:
    other = make_id_number(seed=501)
    born = f"{other[6:10]}-{other[10:12]}-{other[12:14]}"
    make_published_change(cast, BatchKind.CORRECTION, [make_correction(number(1), 证件号码=other, 出生日期=born)])
    assert read(look_up(Client(), make_id_number(seed=1), number(1))).outcome == "not-found"
    answer = read(look_up(Client(), other, number(1)))
    assert answer.outcome == "corrected"
    assert "证件号码" in answer.text


def test_a_revoked_certificate_is_found_and_every_change_is_told_with_its_day(cast: Cast) -> None:
    make_published_change(cast, BatchKind.CORRECTION, [make_correction(number(1), 评定成绩="良好")])
    make_published_change(cast, BatchKind.REVOCATION, [make_revocation(number(1))])
    answer = read(look_up(Client(), make_id_number(seed=1), number(1)))
    assert answer.outcome == "revoked"
    assert (answer.fields["change_reason"], answer.fields["document_number"]) == ("错误核发", "鲁人社撤〔2026〕3号")
    assert "已更正：评定成绩" in answer.fields["history"]
    make_published_change(cast, BatchKind.REINSTATEMENT, [make_reinstatement(number(1))])
    answer = read(look_up(Client(), make_id_number(seed=1), number(1)))
    assert answer.outcome == "found"
    for told in ("已更正：评定成绩", "撤销", "恢复有效"):
        assert told in answer.fields["history"]
    assert "录入有误" not in answer.text


def test_a_search_finds_names_and_id_numbers_before_and_after(cast: Cast) -> None:
    batch = make_submitted_change(
        cast,
        BatchKind.CORRECTION,
        [make_correction(number(1), 姓名="李更正"), make_correction(number(2), 评定成绩="优秀")],
    )
    client, page = sign_in(cast.deputy_director), f"/staff/batches/{batch.id}/changes/"
    assert "找到 1 本" in text_of(client.post(page, {"text": "李更正"}))
    assert "找到 2 本" in text_of(client.post(page, {"text": "张"}))
    assert "找到 1 本" in text_of(client.post(page, {"text": make_id_number(seed=2)}))
    assert AuditEntry.objects.filter(action="rows.searched_by_id_number").count() == 1


def test_a_certificate_that_moved_on_is_marked_where_it_is_reviewed(cast: Cast) -> None:
    batch = make_submitted_change(cast, BatchKind.CORRECTION, [make_correction(number(1), 姓名="李更正")])
    with make_tampering("certificate") as cursor:
        cursor.execute("UPDATE certificate SET revision_number = 2")
    assert "已有变化" in text_of(sign_in(cast.department_head).get(f"/staff/batches/{batch.id}/changes/"))


def test_differences_are_shown_beside_refused_rows(cast: Cast) -> None:
    attempt = make_change_attempt(
        by=cast.operator,
        kind=BatchKind.CORRECTION,
        rows=[make_correction(number(1), 姓名="李更正"), make_correction(number(2), 姓名="张𠮷")],
    )
    shown = text_of(sign_in(cast.operator).get(f"/staff/batches/{attempt.batch_id}/"))
    assert "R-502" in shown
    assert "姓名 张𠮷 李更正" in shown


def test_the_sheet_for_paper_lists_what_changes(cast: Cast) -> None:
    paper = make_paper(cast.operator.person, cast.director.person, stated_count=1)
    attempt = make_change_attempt(
        by=cast.provincial_operator, kind=BatchKind.REVOCATION, rows=[make_revocation(number(1))], paper=paper
    )
    shown = text_of(sign_in(cast.provincial_operator).get(f"/staff/batches/{attempt.batch_id}/sheet/"))
    assert "种类 撤销" in shown
    assert "状态 有效 已撤销" in shown
    assert "错误核发（鲁人社撤〔2026〕3号）" in shown


def test_regular_batches_and_changes_are_collected_apart(cast: Cast) -> None:
    change = make_submitted_change(cast, BatchKind.CORRECTION, [make_correction(number(1), 姓名="李更正")])
    regular = make_submitted_batch(Cast("3701"), rows=[make_row(seed=40)])
    client = sign_in(cast.network_administrator)
    page = client.get(f"/staff/releases/new/?period={change.period_id}").content.decode()
    assert f'id="batch-{regular.id}"' in page
    assert f'id="batch-{change.id}"' not in page
    assert "另行汇总为更换批次" in page


@pytest.mark.parametrize("kind", list(BatchKind))
def test_an_empty_file_of_every_kind_is_handed_out_and_reads_as_such(cast: Cast, kind: BatchKind) -> None:
    answer = sign_in(cast.operator).get(f"/staff/batches/templates/{kind}.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    header = [cell.value for cell in sheet[1]]
    assert "证书编号" in header
    assert ("文号" in header) == kind.is_change
