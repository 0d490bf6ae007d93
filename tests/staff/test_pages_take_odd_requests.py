"""Addresses typed, reloaded and probed: every answer is a page or leads to one."""

import pytest
from django.test import Client

from tests.make import Cast, make_actor, make_checked_batch, make_release
from tests.staff.make import sign_in, text_of
from uploads.models import Capacity

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator() -> Client:
    return sign_in(make_actor(Capacity.NETWORK_ADMINISTRATOR))


def test_a_null_character_is_a_bad_request(administrator: Client) -> None:
    asked = administrator.get("/staff/releases/new/", {"period": "\0"})
    assert (asked.status_code, "请求无法识别" in text_of(asked)) == (400, True)
    assert Client().post("/staff/login/", {"staff_number": "\0", "password": "x"}).status_code == 400


def test_opening_the_address_of_a_batchs_act_leads_to_the_batch() -> None:
    cast = Cast()
    batch = make_checked_batch(by=cast.operator)
    client = sign_in(cast.operator)
    for act in ("sign", "submit", "return"):
        assert client.get(f"/staff/batches/{batch.id}/{act}/")["Location"] == f"/staff/batches/{batch.id}/"


def test_opening_the_address_of_a_releases_act_leads_to_the_release() -> None:
    cast = Cast()
    release = make_release(cast)
    for act in ("sign", "retry"):
        answer = sign_in(cast.provincial_operator).get(f"/staff/releases/{release.id}/{act}/")
        assert answer["Location"] == f"/staff/releases/{release.id}/"


def test_other_methods_are_answered_with_a_page(administrator: Client) -> None:
    for answer in (administrator.get("/staff/logout/"), administrator.put("/staff/"), administrator.delete("/staff/")):
        assert answer.status_code == 405
        assert "不能这样打开这个页面" in text_of(answer)
    assert administrator.put("/staff/batches/1/sign/")["Allow"] == "POST"


def test_head_is_answered_like_get(administrator: Client) -> None:
    for path in ("", "batches/", "releases/", "backups/", "calendar/", "account/"):
        assert administrator.head(f"/staff/{path}").status_code == 200
    assert Client().head("/staff/login/").status_code == 200


def test_the_staff_site_is_found_without_its_last_slash() -> None:
    assert Client().get("/staff")["Location"] == "/staff/"


def test_a_staff_number_that_is_too_long_is_told_in_plain_words() -> None:
    said = text_of(Client().post("/staff/login/", {"staff_number": "9" * 61, "password": "x"}))
    assert "工号太长，请核对。" in said
    assert "变量" not in said


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_ends_of_the_calendar_are_refused_in_a_filter(day: str) -> None:
    client = sign_in(make_actor(Capacity.AUDIT_ADMINISTRATOR))
    for name in ("first_day", "last_day"):
        answer = client.get("/staff/audit/", {name: day})
        assert (answer.status_code, "请核对年份。" in text_of(answer)) == (200, True)


@pytest.mark.parametrize(
    "period",
    ["0001-01-A", "9999-12-B", "0000-01-A", "1950-01-A", "2199-12-B", "2004-01-A", "2026-13-A", "2026-11-C", "x"],
)
def test_a_period_that_cannot_be_is_a_page_all_the_same(administrator: Client, period: str) -> None:
    for path in ("", "releases/new/", "batches/", "batches/upload/", "calendar/"):
        assert administrator.get(f"/staff/{path}", {"period": period}).status_code in {200, 403, 404}
