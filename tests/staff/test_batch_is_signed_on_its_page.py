"""Signing, submitting and returning a batch on its page: what it says, whom it refuses, what comes of it."""

import re

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from certlookup.calendar.periods import Period
from tests.make import Cast, make_actor, make_checked_batch, make_extension, make_rows
from tests.people.make import newest_entry
from tests.staff.make import confirmation, digest_on, sign_in, text_of
from uploads.actor import Actor
from uploads.intake.receive import declare_no_data
from uploads.models import Batch, Capacity, Signature
from uploads.signoff.sign import digest_of_batch, sign_batch

pytestmark = pytest.mark.django_db


def address(batch: Batch, act: str = "") -> str:
    return f"/staff/batches/{batch.id}/{act}"


def act_on_page(client: Client, actor: Actor, batch: Batch, act: str = "sign/", **fields: str) -> HttpResponse:
    """Open the page, send its form, follow to the page that answers."""
    fields = {"digest": digest_on(client.get(address(batch)))} | fields
    return client.post(address(batch, act), confirmation(actor, **fields), follow=True)


def state_of(batch: Batch) -> str:
    return Batch.objects.get(id=batch.id).state


@pytest.fixture
def cast() -> Cast:
    return Cast()


@pytest.fixture
def batch(cast: Cast) -> Batch:
    return make_checked_batch(by=cast.operator)


def test_operator_and_director_sign_and_the_directors_signature_hands_the_batch_in(cast: Cast, batch: Batch) -> None:
    make_extension(by=cast.department_head)
    operator, director = sign_in(cast.operator), sign_in(cast.director)
    assert "3 条记录" in text_of(operator.get(address(batch)))
    assert 'name="otp"' not in director.get(address(batch)).content.decode().split("退回这个批次")[0]
    assert "已签字。下一步：主任审核签字。" in text_of(act_on_page(operator, cast.operator, batch))
    assert "签字后这一批随即上报省中心" in text_of(director.get(address(batch)))
    said = text_of(act_on_page(director, cast.director, batch))
    assert "已签字并上报省中心。" in said
    assert state_of(batch) == "submitted"
    assert [signature.capacity for signature in Signature.objects.all()] == ["city_operator", "city_director"]


def test_the_form_shows_the_digest_that_it_carries(cast: Cast, batch: Batch) -> None:
    page = sign_in(cast.operator).get(address(batch))
    form = page.content.decode().split('action="' + address(batch, "sign/"), 1)[1].split("</form>", 1)[0]
    shown = re.sub(r"[^0-9a-f]", "", re.sub(r"<[^>]+>", "", form.split('class="digest">', 1)[1].split("</p>", 1)[0]))
    assert shown == digest_on(page)


def test_outside_the_window_the_director_is_told_when_it_opens(cast: Cast, batch: Batch) -> None:
    sign_batch(by=cast.operator, batch=batch, digest=digest_of_batch(batch))
    opens = batch.period.opens_at
    page = text_of(sign_in(cast.director).get(address(batch)))
    if opens > timezone.now():
        assert "现在不在上报时间内" in page
        assert f"{timezone.localtime(opens):%Y}年" in page


def test_a_wrong_code_signs_nothing_and_says_so_at_the_field(cast: Cast, batch: Batch) -> None:
    client = sign_in(cast.operator)
    page = act_on_page(client, cast.operator, batch, otp="000000")
    assert "动态码不正确" in text_of(page)
    assert "<title>错误：" in page.content.decode()
    assert not Signature.objects.exists()


def test_a_digest_that_was_not_seen_signs_nothing(cast: Cast, batch: Batch) -> None:
    page = act_on_page(sign_in(cast.operator), cast.operator, batch, digest="0" * 64)
    assert "您看过之后数据有变化" in text_of(page)
    assert newest_entry("batch.sign").outcome == "refused"
    assert not Signature.objects.exists()


def test_a_director_cannot_sign_what_he_uploaded_himself(cast: Cast) -> None:
    both = make_actor(Capacity.CITY_DIRECTOR, cast.office, person=cast.operator.person)
    batch = make_checked_batch(by=cast.operator)
    sign_batch(by=cast.operator, batch=batch, digest=digest_of_batch(batch))
    make_extension(by=cast.department_head)
    client = sign_in(both)
    page = client.get(address(batch))
    assert "您已以其他身份办理过这批数据" in text_of(page)
    fields = confirmation(both, digest=digest_of_batch(batch).hex())
    assert "您已以其他身份办理过这批数据" in text_of(client.post(address(batch, "sign/"), fields))
    assert state_of(batch) == "signed"


def test_out_of_turn_a_director_is_refused_and_it_is_recorded(cast: Cast, batch: Batch) -> None:
    client = sign_in(cast.director)
    fields = confirmation(cast.director, digest=digest_of_batch(batch).hex())
    assert "现在不轮到这一步签字" in text_of(client.post(address(batch, "sign/"), fields))
    assert newest_entry("batch.sign").detail["reason"] == "signature_is_not_due"
    assert state_of(batch) == "checked"


def test_the_province_signs_and_submits_no_citys_batch(cast: Cast, batch: Batch) -> None:
    client = sign_in(cast.provincial_operator)
    fields = confirmation(cast.provincial_operator, digest=digest_of_batch(batch).hex())
    assert client.post(address(batch, "sign/"), fields).status_code == 403
    assert "现在不轮到这一步签字" in text_of(client.post(address(batch, "submit/"), fields))
    assert state_of(batch) == "checked"


def test_the_provinces_own_batch_is_submitted_without_a_signature(cast: Cast) -> None:
    make_extension(by=cast.department_head)
    batch = make_checked_batch(by=cast.provincial_operator, office="3700")
    client = sign_in(cast.provincial_operator)
    assert "已提交，等待网络管理专员汇总。" in text_of(act_on_page(client, cast.provincial_operator, batch, "submit/"))
    assert state_of(batch) == "submitted"
    assert not Signature.objects.exists()


def test_a_declaration_of_no_data_is_signed_by_both(cast: Cast, batch: Batch) -> None:
    make_extension(by=cast.department_head)
    other = Cast("3703")
    declared = declare_no_data(
        by=other.operator, office=other.operator.person.office, period=Period.parse(batch.period_id)
    )
    act_on_page(sign_in(other.operator), other.operator, declared)
    said = text_of(act_on_page(sign_in(other.director), other.director, declared))
    assert "已签字并上报省中心。" in said
    assert state_of(declared) == "submitted"


def test_a_return_asks_for_the_reason_and_the_office_reads_it(cast: Cast, batch: Batch) -> None:
    sign_batch(by=cast.operator, batch=batch, digest=digest_of_batch(batch))
    director = sign_in(cast.director)
    refused = director.post(address(batch, "return/"), confirmation(cast.director, reason=" "))
    assert "请填写退回原因" in text_of(refused)
    assert state_of(batch) == "signed"
    director.post(address(batch, "return/"), confirmation(cast.director, reason="第 5 行的发证机关写错了"))
    assert state_of(batch) == "returned"
    page = text_of(sign_in(cast.operator).get(address(batch)))
    assert "第 5 行的发证机关写错了" in page
    assert "已作废" in page
    assert "上传改正后的文件" in page


def test_the_province_returns_what_was_submitted_and_a_city_can_not(cast: Cast, batch: Batch) -> None:
    make_extension(by=cast.department_head)
    for signer in (cast.operator, cast.director):
        sign_batch(by=signer, batch=batch, digest=digest_of_batch(batch))
    director = sign_in(cast.director)
    assert "退回这个批次" not in text_of(director.get(address(batch)))
    said = text_of(director.post(address(batch, "return/"), confirmation(cast.director, reason="收回")))
    assert "现在的状态不能退回" in said
    head = sign_in(cast.department_head)
    head.post(address(batch, "return/"), confirmation(cast.department_head, reason="等级与证书编号不符"))
    assert state_of(batch) == "returned"
    assert newest_entry("batch.returned").detail["reason"] == "等级与证书编号不符"


def test_another_citys_batch_is_as_unknown_as_one_that_is_not_there(cast: Cast, batch: Batch) -> None:
    stranger = Cast("3703")
    for actor in (stranger.operator, stranger.director):
        client = sign_in(actor)
        for page in ("", "rows/", "files/1/", "scan/", "sheet/"):
            assert client.get(address(batch, page)).status_code == 404
        for act in ("sign/", "return/"):
            assert client.post(address(batch, act), confirmation(actor)).status_code == 404
        assert "青岛市" not in text_of(client.get("/staff/batches/"))
        assert "青岛市" not in text_of(client.get("/staff/"))


def test_the_sheet_to_be_signed_states_rows_by_level_and_both_digests(cast: Cast) -> None:
    rows = make_rows(2) + [dict(row, 等级="五级/初级工", 证书编号=row["证书编号"][:10] + "5" + row["证书编号"][11:])
                           for row in make_rows(1, first=9)]  # fmt: skip
    batch = make_checked_batch(by=cast.operator, rows=rows)
    said = text_of(sign_in(cast.operator).get(address(batch, "sheet/")))
    assert "证书数据上报审签表" in said
    assert "五级 / 初级工 1" in said
    assert "三级 / 高级工 2" in said
    assert digest_of_batch(batch).hex() in said.replace(" ", "")
    assert bytes(batch.attempt.file_digest).hex() in said.replace(" ", "")
