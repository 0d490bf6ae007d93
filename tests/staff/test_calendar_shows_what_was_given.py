"""日历与延期: every person sees the days, and who may give leave gives it there."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.make import Cast, make_checked_batch, make_period
from tests.staff.make import confirmation, sign_in, text_of
from uploads.models import Extension
from uploads.signoff.sign import digest_of_batch, sign_batch

pytestmark = pytest.mark.django_db
NEW = "/staff/calendar/extensions/new/"


def extension(**changes: str) -> dict[str, str]:
    now = timezone.localtime()
    return {
        "period": make_period().code,
        "office": "3702",
        "opens_at": f"{now - timedelta(hours=1):%Y-%m-%dT%H:%M}",
        "closes_at": f"{now + timedelta(days=1):%Y-%m-%dT%H:%M}",
        "reason": "考务系统故障",
    } | changes


def test_everybody_sees_the_present_period_and_its_neighbours() -> None:
    shown = text_of(sign_in(Cast().operator).get("/staff/calendar/"))
    assert f"现在办理：{make_period().label}" in shown
    assert make_period().next().short_label in shown
    assert make_period().previous().short_label in shown
    assert "记录延期" not in shown


def test_an_extension_lets_the_office_submit_outside_the_window() -> None:
    cast = Cast()
    batch = make_checked_batch(by=cast.operator)
    client = sign_in(cast.department_head)
    assert client.get(NEW).status_code == 200
    answer = client.post(NEW, confirmation(cast.department_head, **extension()), follow=True)
    shown = text_of(answer)
    assert "延期已记录" in shown
    assert "延期（青岛市）" in shown
    assert "考务系统故障" in shown
    for signer in (cast.operator, cast.director):
        sign_batch(by=signer, batch=batch, digest=digest_of_batch(batch))
    batch.refresh_from_db()
    assert batch.state == "submitted"


def test_an_extension_for_all_names_no_office() -> None:
    cast = Cast()
    client = sign_in(cast.department_head)
    answer = client.post(NEW, confirmation(cast.department_head, **extension(office="")), follow=True)
    assert "延期（全部单位）" in text_of(answer)


def test_what_is_wrong_is_said_at_the_field_and_the_code_is_kept() -> None:
    cast = Cast()
    client = sign_in(cast.department_head)
    backward = extension(closes_at=f"{timezone.localtime() - timedelta(days=3):%Y-%m-%dT%H:%M}", reason="")
    form = confirmation(cast.department_head, **backward)
    shown = text_of(client.post(NEW, form))
    assert "截止时间要晚于开始时间" in shown
    assert "请填写延期原因" in shown
    assert not Extension.objects.exists()
    assert "延期已记录" in text_of(client.post(NEW, form | extension(), follow=True))


@pytest.mark.parametrize(
    ("name", "moment"),
    [("opens_at", "0001-01-01T00:00"), ("opens_at", "0206-11-24T09:00"), ("closes_at", "9999-12-31T23:59")],
)
def test_a_mistyped_year_is_refused_for_it_could_not_be_taken_back(name: str, moment: str) -> None:
    cast = Cast()
    client = sign_in(cast.department_head)
    shown = text_of(client.post(NEW, confirmation(cast.department_head, **extension(**{name: moment}))))
    assert "与现在相差一年以上，请核对年份。" in shown
    assert not Extension.objects.exists()


def test_only_the_department_head_records_an_extension() -> None:
    cast = Cast()
    for actor in (cast.operator, cast.provincial_operator, cast.deputy_director, cast.network_administrator):
        assert sign_in(actor).post(NEW, extension()).status_code == 403
    assert not Extension.objects.exists()
