"""抽样核对 on its page: the drawn rows with whole ID numbers for whoever compares, the result for everybody after."""

import re

import pytest

from tests.make import Cast, make_attempt, make_extension, make_id_number, make_rows
from tests.staff.make import confirmation, digest_on, sign_in, text_of
from uploads.models import AuditEntry, Batch, SampleComparison
from uploads.release.assemble import assemble_release, collectable
from uploads.signoff.sign import digest_of_batch, sign_batch

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return Cast()


@pytest.fixture
def batch(cast: Cast) -> Batch:
    return make_attempt(by=cast.operator, office=cast.office, rows=make_rows(3), compared=False).batch


def test_the_operator_is_led_there_first_and_agrees_to_all_at_once(cast: Cast, batch: Batch) -> None:
    operator, page = sign_in(cast.operator), f"/staff/batches/{batch.id}/"
    assert "待您抽样核对" in text_of(operator.get("/staff/"))
    before = operator.get(page)
    assert "开始核对" in text_of(before)
    assert 'name="digest"' not in before.content.decode()
    sample = operator.get(f"{page}comparison/")
    assert "no-store" in sample["Cache-Control"]
    assert make_id_number(seed=2)[-4:] in sample.content.decode()
    done = operator.post(f"{page}comparison/", {"digest": digest_on(sample), "all": "1"}, follow=True)
    assert "抽取的 3 条与档案一致" in text_of(done)
    assert digest_on(done)
    assert SampleComparison.objects.get().row_count == 3
    assert AuditEntry.objects.filter(action="rows.sample_shown").count() == 2


def test_each_row_is_answered_for_and_a_difference_is_said(cast: Cast, batch: Batch) -> None:
    operator, page = sign_in(cast.operator), f"/staff/batches/{batch.id}/comparison/"
    digest = digest_on(operator.get(page))
    fields = {"digest": digest, "each": "1", "agrees_2": "yes", "agrees_3": "no"}
    told = text_of(operator.post(page, fields))
    assert "第 4 行还没有核对" in told
    assert "第 3 行：请写明哪里不一致" in told
    both = operator.post(page, fields | {"all": "1", "agrees_4": "yes"})
    assert "不能按“全部一致”记录" in text_of(both)
    numbered = operator.post(page, fields | {"agrees_4": "yes", "remark_3": "37990119900307151X"})
    assert "不能写证件号码" in text_of(numbered)
    assert not SampleComparison.objects.exists()
    done = operator.post(page, fields | {"agrees_4": "yes", "remark_3": "姓名应为李四"}, follow=True)
    assert "这份文件不能签字" in text_of(done)
    assert 'name="digest"' not in done.content.decode()
    assert "1 条不一致" in text_of(done)
    assert "姓名应为李四" in text_of(operator.get(page))


def test_only_whoever_compares_sees_whole_numbers_and_strangers_see_nothing(cast: Cast, batch: Batch) -> None:
    page = f"/staff/batches/{batch.id}/comparison/"
    for other in (cast.director, cast.provincial_operator, cast.network_administrator):
        assert sign_in(other).get(page).status_code == 404
    assert sign_in(Cast("3701").operator).get(page).status_code == 404
    operator = sign_in(cast.operator)
    operator.post(page, {"digest": digest_on(operator.get(page)), "all": "1"})
    numbers = {make_id_number(seed=seed) for seed in range(3)}
    for reader in (cast.operator, cast.director, cast.department_head):
        shown = sign_in(reader).get(page)
        assert "全部一致" in text_of(shown)
        plain = re.sub(r"\s", "", text_of(shown))
        assert not any(number in plain for number in numbers)


def test_later_signers_see_who_compared_how_many_and_the_result(cast: Cast, batch: Batch) -> None:
    operator, page = sign_in(cast.operator), f"/staff/batches/{batch.id}/comparison/"
    operator.post(page, {"digest": digest_on(operator.get(page)), "all": "1"})
    make_extension(by=cast.department_head)
    told = text_of(sign_in(cast.director).get(f"/staff/batches/{batch.id}/"))
    assert f"抽样核对 {cast.operator.person.name}" in re.sub(r"\s+", " ", told)
    assert "随机抽取 3 条与档案核对，全部一致" in told
    for signer in (cast.operator, cast.director):
        sign_batch(by=signer, batch=batch, digest=digest_of_batch(batch))
    batch.refresh_from_db()
    release = assemble_release(by=cast.network_administrator, period=batch.period, batches=collectable(batch.period))
    told = text_of(sign_in(cast.department_head).get(f"/staff/releases/{release.id}/"))
    assert f"抽样核对 3 条，与档案一致（{cast.operator.person.name}）" in told


def test_a_form_of_an_earlier_file_is_refused(cast: Cast, batch: Batch) -> None:
    operator, page = sign_in(cast.operator), f"/staff/batches/{batch.id}/comparison/"
    digest = digest_on(operator.get(page))
    make_attempt(by=cast.operator, office=cast.office, rows=make_rows(3), compared=False)
    assert "您看过之后数据有变化" in text_of(operator.post(page, {"digest": digest, "all": "1"}))
    late = operator.post(f"/staff/batches/{batch.id}/sign/", confirmation(cast.operator, digest=digest))
    assert "请先办理“抽样核对”" in text_of(late)
    assert not SampleComparison.objects.exists()
