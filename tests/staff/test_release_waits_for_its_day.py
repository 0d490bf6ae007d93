"""A release is published on its day; before it by order of the deputy director, after it with the reason (R7)."""

import pytest

from tests.make import Cast, make_signed_release
from tests.staff.make import address, confirmation, digest_on, move_publication_day, sign_in, sign_on_page, text_of
from uploads.models import AuditEntry, PublicationOrder
from uploads.release.assemble import order_publication

pytestmark = pytest.mark.django_db


def test_before_its_day_the_page_says_what_is_missing_and_asks_for_nothing() -> None:
    cast = Cast()
    release = make_signed_release(cast)
    move_publication_day(release, days=3)
    page = sign_in(cast.network_administrator).get(address(release))
    assert "还没有到。需要提前上网的，请分管领导先在" in text_of(page)
    assert 'name="otp"' not in page.content.decode()


def test_before_its_day_a_form_sent_all_the_same_is_refused() -> None:
    cast = Cast()
    release = make_signed_release(cast)
    client = sign_in(cast.network_administrator)
    move_publication_day(release, days=0)
    digest = digest_on(client.get(address(release)))
    move_publication_day(release, days=3)
    page = client.post(address(release, "sign/"), confirmation(cast.network_administrator, digest=digest))
    assert "还没有到" in text_of(page)
    release.refresh_from_db()
    assert release.state == "approved"
    assert AuditEntry.objects.get(action="release.sign", outcome="refused").detail == {
        "reason": "before_the_publication_day"
    }


def test_with_an_order_of_the_deputy_director_it_is_published_before_its_day() -> None:
    cast = Cast()
    release = make_signed_release(cast)
    move_publication_day(release, days=3)
    order_publication(by=cast.deputy_director, period=release.period, reason="节前集中上网")
    client = sign_in(cast.network_administrator)
    assert "节前集中上网" in text_of(client.get(address(release)))
    assert "已下达上网" in text_of(sign_on_page(client, cast.network_administrator, release))


def test_after_its_day_the_reason_is_asked_for_and_kept() -> None:
    cast = Cast()
    release = make_signed_release(cast)
    move_publication_day(release, days=-2)
    client = sign_in(cast.network_administrator)
    assert "已晚 2 天" in text_of(client.get(address(release)))
    without = sign_on_page(client, cast.network_administrator, release)
    assert "请填写延迟上网的原因" in text_of(without)
    answer = sign_on_page(client, cast.network_administrator, release, late_reason="机房停电检修")
    assert "已下达上网" in text_of(answer)
    release.refresh_from_db()
    assert (release.state, release.late_reason) == ("publishing", "机房停电检修")


def test_only_the_deputy_director_records_an_order_on_the_page() -> None:
    cast = Cast()
    for actor in (cast.department_head, cast.network_administrator, cast.operator):
        assert sign_in(actor).get("/staff/calendar/orders/new/").status_code == 403
    client = sign_in(cast.deputy_director)
    page = client.get("/staff/calendar/orders/new/")
    code = page.context["form"].fields["period"].choices[0][0]
    form = confirmation(cast.deputy_director, period=code, reason="节前集中上网")
    assert "提前上网指示已记录" in text_of(client.post("/staff/calendar/orders/new/", form, follow=True))
    assert PublicationOrder.objects.get().period_id == code
    assert "节前集中上网" in text_of(sign_in(cast.operator).get("/staff/calendar/"))
