"""待签字: several batches on one page, one code; each for itself, on the content that the page showed."""

import html
import re

import pytest
from django.http import HttpResponse
from django.test import Client

from certificates.models import Office
from tests.make import (
    Cast,
    make_actor,
    make_attempt,
    make_change_attempt,
    make_checked_batch,
    make_correction,
    make_extension,
    make_paper,
    make_person,
    make_published_release,
    make_release,
    make_row,
    make_rows,
)
from tests.staff.make import confirmation, sign_in, text_of
from uploads.actor import Actor
from uploads.models import AuditEntry, Batch, BatchKind, Capacity, Release, Signature
from uploads.signoff.sign import digest_of_batch, sign_batch, withdraw_signature

pytestmark = pytest.mark.django_db

PAGE = "/staff/signing/"


def values_on(response: HttpResponse) -> list[str]:
    """What the page's boxes carry."""
    return [html.unescape(value) for value in re.findall(r'name="chosen" value="([^"]+)"', response.content.decode())]


def press(client: Client, actor: Actor, values: list[str], **fields: str) -> HttpResponse:
    form = confirmation(actor, **fields) | {"chosen": values}
    return client.post(PAGE, form, follow=True)


@pytest.fixture
def cast() -> Cast:
    return Cast()


@pytest.fixture
def batches(cast: Cast) -> list[Batch]:
    """Two of the city, signed by its operator: the regular one and 更正."""
    make_published_release(cast, rows=make_rows(2))
    regular = make_checked_batch(by=cast.operator, rows=make_rows(4, first=20))
    row = make_correction(str(make_row(seed=1)["证书编号"]), 姓名="李更正")
    correction = make_change_attempt(by=cast.operator, kind=BatchKind.CORRECTION, rows=[row]).batch
    for batch in (regular, correction):
        sign_batch(by=cast.operator, batch=batch, digest=digest_of_batch(batch))
    return [regular, correction]


def test_the_director_signs_both_with_one_code(cast: Cast, batches: list[Batch]) -> None:
    director = sign_in(cast.director)
    page = director.get(PAGE)
    values = values_on(page)
    assert len(values) == 2
    told = text_of(page)
    assert "4 条，没有提醒" in told
    assert "李更正" in told
    assert all(digest_of_batch(batch).hex()[:8] in told for batch in batches)
    assert "checked" not in re.sub(r"<title>.*?</title>", "", page.content.decode())
    done = text_of(press(director, cast.director, values))
    assert done.count("已签字并上报省中心") == 2
    assert set(Batch.objects.filter(id__in=[batch.id for batch in batches]).values_list("state", flat=True)) == {
        "submitted"
    }
    assert "现在没有等您签字的批次" in done


def test_one_that_changed_meanwhile_is_refused_and_the_other_is_signed(cast: Cast, batches: list[Batch]) -> None:
    director = sign_in(cast.director)
    values = values_on(director.get(PAGE))
    regular, correction = batches
    withdraw_signature(by=cast.operator, subject=regular, reason="有误")
    make_attempt(by=cast.operator, office=cast.office, rows=make_rows(5, first=20))
    regular.refresh_from_db()
    sign_batch(by=cast.operator, batch=regular, digest=digest_of_batch(regular))
    done = text_of(press(director, cast.director, values))
    assert "没有办理。您看过之后数据有变化" in done
    assert done.count("已签字并上报省中心") == 1
    states = [Batch.objects.get(id=batch.id).state for batch in (regular, correction)]
    assert states == ["signed", "submitted"]
    assert AuditEntry.objects.filter(action="batch.sign", outcome="refused").count() == 1


def test_without_a_code_or_with_a_used_one_nothing_is_signed(cast: Cast, batches: list[Batch]) -> None:
    director = sign_in(cast.director)
    values = values_on(director.get(PAGE))
    empty = director.post(PAGE, {"chosen": values, "otp": ""})
    assert "请输入动态码" in text_of(empty)
    assert empty.content.decode().count(" checked>") == 2
    assert "请勾选要签字的批次" in text_of(press(director, cast.director, []))
    form = confirmation(cast.director) | {"chosen": values[:1]}
    director.post(PAGE, form)
    again = text_of(director.post(PAGE, form | {"chosen": values}))
    assert "动态码" in again
    assert Batch.objects.filter(state="submitted").count() == 1


@pytest.mark.parametrize(
    "forged",
    ["batch:{id}:city_director:{other}", "batch:{id}:deputy_director:{own}", "submission:{id}:city_director:{own}"],
)
def test_a_form_that_was_tampered_with_signs_nothing(cast: Cast, batches: list[Batch], forged: str) -> None:
    """Another batch's digest, a capacity that isn't held, another act: refused one by one, and recorded."""
    regular, correction = batches
    digests = {"own": digest_of_batch(regular).hex(), "other": digest_of_batch(correction).hex()}
    value = forged.format(id=regular.id, **digests)
    assert "没有办理" in text_of(press(sign_in(cast.director), cast.director, [value]))
    assert Batch.objects.get(id=regular.id).state == "signed"
    assert AuditEntry.objects.filter(outcome="refused", subject_id=str(regular.id)).exists()


def test_another_citys_batch_is_not_there(cast: Cast, batches: list[Batch]) -> None:
    stranger = make_actor(Capacity.CITY_DIRECTOR, "3701")
    value = f"batch:{batches[0].id}:city_director:{digest_of_batch(batches[0]).hex()}"
    assert "没有这个批次" in text_of(press(sign_in(stranger), stranger, [value]))
    garbled = press(sign_in(stranger), stranger, ["batch:1:network_administrator:00"])
    assert "数据摘要不完整" in text_of(garbled)


def test_a_provincial_operator_submits_paper_batches_and_signs_a_release_on_one_page(cast: Cast) -> None:
    release = make_release(cast)
    make_extension(by=cast.department_head)
    importer = make_actor(Capacity.PROVINCIAL_OPERATOR)
    for place, office in enumerate(("3701", "3703")):
        paper = make_paper(make_person(office=office), make_person(office=office))
        assert Office.objects.filter(code=office).exists()
        make_attempt(by=importer, office=office, rows=make_rows(2, first=100 + 10 * place), paper=paper)
    client = sign_in(importer)
    values = values_on(client.get(PAGE))
    assert [value.split(":")[0] for value in values] == ["submission", "submission", "release"]
    done = text_of(press(client, importer, values))
    assert done.count("已提交，等待网络管理专员汇总") == 2
    assert f"汇总批次 {release.number}：已签字。" in done
    assert Release.objects.get().state == "op_signed"
    assert Signature.objects.filter(on_paper=True).count() == 4


def test_what_still_lacks_something_is_listed_with_what_it_lacks(cast: Cast) -> None:
    make_attempt(by=cast.operator, office=cast.office, rows=make_rows(3), compared=False)
    page = sign_in(cast.operator).get(PAGE)
    assert values_on(page) == []
    assert "请先办理“抽样核对”" in text_of(page)
    assert sign_in(cast.network_administrator).get(PAGE).status_code == 403
