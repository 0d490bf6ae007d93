"""A release from the submitted batches to the published register, on the staff pages, by its people in turn."""

import pytest

from certificates.models import Certificate
from tests.make import Cast, make_published_release, make_release, make_rows, make_submitted_batch
from tests.staff.make import address, confirmation, digest_on, move_publication_day, sign_in, sign_on_page, text_of
from uploads.models import Release, Signature
from uploads.release.publish import publish_release

pytestmark = pytest.mark.django_db


def test_the_network_administrator_collects_the_submitted_batches_and_sees_who_is_missing() -> None:
    cast = Cast()
    batch = make_submitted_batch(cast, rows=make_rows(4))
    client = sign_in(cast.network_administrator)
    assert "1 个批次已上报，共 4 条，等待汇总" in text_of(client.get("/staff/releases/"))
    page = client.get(f"/staff/releases/new/?period={batch.period_id}")
    shown = text_of(page)
    assert f'value="{batch.id}" id="batch-{batch.id}" checked' in page.content.decode()
    assert "济南市 未上报" in shown
    assert "莱芜市" not in shown
    answer = client.post(f"/staff/releases/new/?period={batch.period_id}", {"batches": [batch.id]}, follow=True)
    assert "已汇总 1 个批次" in text_of(answer)
    release = Release.objects.get()
    assert (release.state, release.number) == ("assembled", batch.period_id)


def test_a_release_without_a_batch_is_not_assembled() -> None:
    cast = Cast()
    batch = make_submitted_batch(cast)
    page = sign_in(cast.network_administrator).post(f"/staff/releases/new/?period={batch.period_id}", {})
    assert "请至少选择一个批次" in text_of(page)
    assert not Release.objects.exists()


def test_three_sign_in_turn_and_the_network_administrator_publishes() -> None:
    cast = Cast()
    release = make_release(cast, rows=make_rows(5))
    for signer in cast.release_signers:
        client = sign_in(signer)
        shown = text_of(client.get(address(release)))
        assert "对 1 个批次、5 条证书签字" in shown
        assert "已签字" in text_of(sign_on_page(client, signer, release))
    release.refresh_from_db()
    assert release.state == "approved"
    move_publication_day(release, days=0)

    client = sign_in(cast.network_administrator)
    shown = text_of(client.get(address(release)))
    assert "将把 5 条证书公布上网，可查的证书从 0 本增加到 5 本" in shown
    answer = sign_on_page(client, cast.network_administrator, release)
    assert "正在上网，共 5 条" in text_of(answer)
    assert 'http-equiv="refresh"' in answer.content.decode()
    publish_release(release.id)
    assert Certificate.objects.count() == 5
    shown = text_of(client.get(address(release)))
    assert "各数一致" in shown
    assert "上网前 0 本 + 新增 5 本 = 上网后 5 本；现在证书库中 5 本" in shown


def test_the_page_shows_the_summary_the_people_and_the_digest() -> None:
    cast = Cast()
    release = make_release(cast, rows=make_rows(5))
    response = sign_in(cast.department_head).get(address(release))
    shown = text_of(response)
    assert "青岛市 0 0 5 0 0 5 5 0 0 0 5 0" in shown
    assert "✓ 与批次一致" in shown
    assert "电工 0 0 5 0 0 5" in shown
    assert f"经办人 {cast.operator.person.name} 网上签字" in shown
    assert f"主任 {cast.director.person.name} 网上签字" in shown
    assert bytes(release.digest or b"").hex()[:8] in shown
    assert "济南市 未上报" in shown


def test_a_signature_is_asked_only_of_whose_turn_it_is() -> None:
    cast = Cast()
    release = make_release(cast)
    for actor in (cast.operator, cast.director, cast.department_head, cast.deputy_director, cast.network_administrator):
        assert 'name="otp"' not in sign_in(actor).get(address(release)).content.decode()
    assert 'name="otp"' in sign_in(cast.provincial_operator).get(address(release)).content.decode()


def test_a_changed_content_is_not_signed_by_a_form_that_shows_the_old_one() -> None:
    cast = Cast()
    release = make_release(cast)
    client = sign_in(cast.provincial_operator)
    page = client.post(address(release, "sign/"), confirmation(cast.provincial_operator, digest="0" * 64))
    assert "您看过之后数据有变化，没有签字" in text_of(page)
    assert not Signature.objects.filter(release=release).exists()


def test_a_wrong_code_signs_nothing() -> None:
    cast = Cast()
    release = make_release(cast)
    client = sign_in(cast.provincial_operator)
    digest = digest_on(client.get(address(release)))
    form = confirmation(cast.provincial_operator, digest=digest) | {"otp": "000000"}
    page = client.post(address(release, "sign/"), form)
    assert "动态码不正确" in text_of(page)
    assert page.content.decode().count("<title>错误：") == 1
    assert not Signature.objects.filter(release=release).exists()


def test_the_summary_is_printed_with_lines_to_sign_and_the_digest() -> None:
    cast = Cast()
    release = make_release(cast, rows=make_rows(5))
    client = sign_in(cast.provincial_operator)
    sign_on_page(client, cast.provincial_operator, release)
    shown = text_of(client.get(address(release, "summary/")))
    assert f"省经办人 {cast.provincial_operator.person.name}（网上签字）" in shown
    assert "分管领导" in shown
    assert bytes(release.digest or b"").hex()[:8] in shown


def test_the_summary_comes_as_a_workbook() -> None:
    cast = Cast()
    release = make_published_release(cast, rows=make_rows(5))
    answer = sign_in(cast.deputy_director).get(address(release, "summary.xlsx"))
    assert answer.headers["Content-Disposition"] == f'attachment; filename="summary-{release.number}.xlsx"'
    assert answer.content[:2] == b"PK"
