"""A release is returned as a whole or loses one batch; what was signed before counts for nothing afterwards."""

import pytest

from tests.make import Cast, make_release, make_rows, make_signed_release, make_submitted_batch
from tests.staff.make import address, confirmation, sign_in, sign_on_page, text_of
from uploads.models import Batch, Release
from uploads.release.assemble import assemble_release

pytestmark = pytest.mark.django_db


def make_release_of_two(cast: Cast) -> Release:
    first = make_submitted_batch(cast, rows=make_rows(3))
    other = Cast("3701")
    second = make_submitted_batch(other, rows=make_rows(2, first=50))
    return assemble_release(by=cast.network_administrator, period=first.period, batches=[first, second])


def test_a_returned_batch_leaves_the_release_which_is_signed_anew_without_it() -> None:
    cast = Cast()
    release = make_release_of_two(cast)
    sign_on_page(sign_in(cast.provincial_operator), cast.provincial_operator, release)
    batch = Batch.objects.get(office_id="3701")
    client = sign_in(cast.department_head)
    page = client.get(address(release, f"return/{batch.id}/"))
    assert "济南市的批次（2 条）离开汇总批次" in text_of(page)
    assert "已有的 1 个签字作废" in text_of(page)
    answer = client.post(
        address(release, f"return/{batch.id}/"),
        confirmation(cast.department_head, reason="第 2 行发证日期有误"),
        follow=True,
    )
    assert "济南市的批次已退回，汇总批次须重新签字" in text_of(answer)
    batch.refresh_from_db()
    release.refresh_from_db()
    assert (batch.state, batch.return_reason) == ("returned", "第 2 行发证日期有误")
    assert (release.state, release.round) == ("assembled", 2)
    shown = text_of(answer)
    assert "已退出本汇总批次：济南市" in shown
    assert "已作废的签字（1）" in shown


def test_after_a_batch_left_all_three_sign_again() -> None:
    cast = Cast()
    release = make_release_of_two(cast)
    batch = Batch.objects.get(office_id="3701")
    client = sign_in(cast.department_head)
    client.post(address(release, f"return/{batch.id}/"), confirmation(cast.department_head, reason="请核对"))
    for signer in cast.release_signers:
        assert "已签字" in text_of(sign_on_page(sign_in(signer), signer, release))
    release.refresh_from_db()
    assert release.state == "approved"


def test_the_whole_release_goes_back_with_its_reason_and_its_batches_can_be_collected_again() -> None:
    cast = Cast()
    release = make_signed_release(cast)
    client = sign_in(cast.deputy_director)
    answer = client.post(
        address(release, "return/"), confirmation(cast.deputy_director, reason="汇总不全"), follow=True
    )
    shown = text_of(answer)
    assert "汇总批次已退回" in shown
    assert "汇总不全" in shown
    assert Batch.objects.get().state == "submitted"
    assert "等待汇总" in text_of(sign_in(cast.network_administrator).get("/staff/releases/"))


def test_a_return_without_a_reason_is_asked_for_one() -> None:
    cast = Cast()
    release = make_release(cast)
    client = sign_in(cast.department_head)
    page = client.post(address(release, "return/"), confirmation(cast.department_head, reason="  "))
    assert "请填写退回原因" in text_of(page)
    release.refresh_from_db()
    assert release.state == "assembled"


def test_a_city_sends_nothing_back_from_the_province() -> None:
    cast = Cast()
    release = make_release(cast)
    for actor in (cast.operator, cast.director):
        client = sign_in(actor)
        assert "退回整个汇总批次" not in text_of(client.get(address(release)))
        assert client.post(address(release, "return/"), {"reason": "不同意"}).status_code == 403
    release.refresh_from_db()
    assert release.state == "assembled"
