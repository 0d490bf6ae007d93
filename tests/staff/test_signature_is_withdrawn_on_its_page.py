"""撤回我的签字: with the reason and the second factor, from the batch's or the release's page."""

import pytest

from tests.make import Cast, make_checked_batch, make_release, make_submitted_batch
from tests.staff.make import confirmation, sign_in, sign_on_page, text_of
from uploads.models import AuditEntry, Batch, Release
from uploads.signoff.sign import digest_of_batch, sign_batch

pytestmark = pytest.mark.django_db

WHY = "发现一条记录的姓名有误"


def test_the_operator_withdraws_with_a_reason_and_the_code_and_the_director_reads_why() -> None:
    cast = Cast()
    batch = make_checked_batch(by=cast.operator)
    sign_batch(by=cast.operator, batch=batch, digest=digest_of_batch(batch))
    operator, page = sign_in(cast.operator), f"/staff/batches/{batch.id}/"
    assert "撤回我的签字" in text_of(operator.get(page))
    assert "撤回我的签字" not in text_of(sign_in(cast.director).get(page))
    assert "请填写撤回的原因" in text_of(operator.post(f"{page}withdraw/", confirmation(cast.operator, reason=" ")))
    without_code = operator.post(f"{page}withdraw/", {"capacity": "city_operator", "otp": "", "reason": WHY})
    assert "请输入动态码" in text_of(without_code)
    assert Batch.objects.get().state == "signed"
    done = operator.post(f"{page}withdraw/", confirmation(cast.operator, reason=WHY), follow=True)
    assert "签字已撤回" in text_of(done)
    assert Batch.objects.get().state == "checked"
    assert f"已撤回：{WHY}" in text_of(sign_in(cast.director).get(page))


def test_whoever_has_nothing_to_take_back_is_told_and_it_is_recorded() -> None:
    cast = Cast()
    batch = make_submitted_batch(cast)
    page = f"/staff/batches/{batch.id}/"
    operator = sign_in(cast.operator)
    assert "没有可以撤回的签字" in text_of(operator.get(f"{page}withdraw/", follow=True))
    told = operator.post(f"{page}withdraw/", confirmation(cast.operator, reason=WHY), follow=True)
    assert "没有可以撤回的签字" in text_of(told)
    assert AuditEntry.objects.filter(action="batch.withdraw", outcome="refused").count() == 1
    assert sign_in(Cast("3701").operator).get(f"{page}withdraw/").status_code == 404
    assert Batch.objects.get(id=batch.id).state == "submitted"


def test_a_department_head_withdraws_and_the_release_starts_over() -> None:
    cast = Cast()
    release = make_release(cast)
    page = f"/staff/releases/{release.id}/"
    for signer in (cast.provincial_operator, cast.department_head):
        sign_on_page(sign_in(signer), signer, release)
    assert "撤回我的签字" not in text_of(sign_in(cast.provincial_operator).get(page))
    head = sign_in(cast.department_head)
    assert "撤回我的签字" in text_of(head.get(page))
    assert "由省经办人、承办部门负责人、分管领导重新签字" in text_of(head.get(f"{page}withdraw/"))
    done = head.post(f"{page}withdraw/", confirmation(cast.department_head, reason=WHY), follow=True)
    assert WHY in text_of(done)
    assert Release.objects.get().state == "assembled"
