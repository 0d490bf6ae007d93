"""放假安排: a notice is entered with its number, shows first which dates it moves, and every page goes by it."""

import re
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from certificates.models import HolidayOverride, HolidayYear
from certificates.models.calendar import known_holidays
from certlookup.calendar.periods import publication_day, report_day
from tests.make import Cast, make_actor, make_period
from tests.staff.make import confirmation, sign_in, text_of
from uploads.actor import Actor
from uploads.intake.periods import fix_period
from uploads.models import AuditEntry, Capacity

pytestmark = pytest.mark.django_db
PAGE, NEW, SAVE = "/staff/calendar/holidays/", "/staff/calendar/holidays/new/", "/staff/calendar/holidays/save/"
NUMBER = "国办发明电〔2026〕9号"


@pytest.fixture
def keeper() -> Actor:
    return make_actor(Capacity.SYSTEM_ADMINISTRATOR)


def coming_report_day() -> date:
    """The report day of a half-month that lies wholly ahead."""
    return report_day(make_period().next().next(), known_holidays()).date


def notice(**changes: str) -> dict[str, str]:
    typed = {"notice_number": NUMBER, "off": "", "working": "", "restored": "", "announced_year": "", "note": ""}
    return typed | changes


def seen_on(answer: HttpResponse) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]{64})"', answer.content.decode())
    assert found is not None, text_of(answer)
    return found[1]


def enter(client: Client, keeper: Actor, **changes: str) -> str:
    typed = notice(**changes)
    seen = seen_on(client.post(NEW, typed))
    return text_of(client.post(SAVE, confirmation(keeper, seen=seen, **typed), follow=True))


def test_the_dates_that_move_are_listed_before_anything_is_saved_and_every_page_goes_by_them_after(
    keeper: Actor,
) -> None:
    cast, day = Cast(), coming_report_day()
    period = make_period().next().next()
    days = fix_period(period)
    client = sign_in(keeper)
    shown = text_of(client.post(NEW, notice(off=f"{day:%Y年%-m月%-d日}")))
    after = known_holidays().next_working_day(day + timedelta(days=1))
    assert f"{NUMBER}会移动的日期" in shown
    assert f"{period.short_label} 上报日" in shown
    assert f"{day:%Y-%m-%d}" in shown
    assert f"{after:%Y-%m-%d}" in shown
    assert not HolidayOverride.objects.exists()
    assert "已登记" in enter(client, keeper, off=f"{day:%Y-%m-%d}")
    assert report_day(period, known_holidays()).date == after
    assert HolidayOverride.objects.get().notice_number == NUMBER
    entry = AuditEntry.objects.get(action="holidays.changed")
    assert (entry.subject_id, entry.detail["off"]) == (NUMBER, [f"{day:%Y-%m-%d}"])
    seen_by_all = text_of(sign_in(cast.operator).get(PAGE))
    assert NUMBER in seen_by_all
    assert f"{day:%Y-%m-%d}" in seen_by_all
    days.refresh_from_db()
    assert timezone.localdate(days.opens_at) == after


def test_a_range_is_several_days_and_days_can_be_taken_back(keeper: Actor) -> None:
    client, year = sign_in(keeper), timezone.localdate().year + 1
    enter(client, keeper, off=f"{year}-02-05 至 {year}-02-11", working=f"{year}-01-30，{year}.2.14")
    assert HolidayOverride.objects.filter(is_working=False).count() == 7
    assert HolidayOverride.objects.filter(is_working=True).count() == 2
    shown = enter(client, keeper, restored=f"{year}-02-05至{year}-02-10", notice_number="更正通知")
    assert "更正通知已登记" in shown
    assert HolidayOverride.objects.filter(is_working=False).count() == 1


def test_an_announced_year_is_no_longer_provisional(keeper: Actor) -> None:
    client, year = sign_in(keeper), timezone.localdate().year + 1
    period = f"{year}-06-A"
    staff = sign_in(Cast().operator)
    assert "暂定" in text_of(staff.get("/staff/", {"period": period}))
    shown = text_of(client.post(NEW, notice(announced_year=str(year))))
    assert "不再暂定" in shown
    enter(client, keeper, announced_year=str(year))
    assert HolidayYear.objects.get(year=year).notice_number == NUMBER
    assert "暂定" not in text_of(staff.get("/staff/", {"period": period})).replace("暂定”", "")
    assert not publication_day(make_period().parse(period), known_holidays()).provisional


def test_a_calendar_that_changed_after_the_list_was_shown_is_shown_again_and_costs_no_code(keeper: Actor) -> None:
    client, day = sign_in(keeper), coming_report_day()
    typed = notice(off=f"{day:%Y-%m-%d}")
    seen = seen_on(client.post(NEW, typed))
    postponed_to = known_holidays().next_working_day(day + timedelta(days=1))
    enter(client, keeper, off=f"{postponed_to:%Y-%m-%d}", notice_number="另一份")
    form = confirmation(keeper, seen=seen, **typed)
    again = client.post(SAVE, form)
    assert "日历又有变化" in text_of(again)
    assert HolidayOverride.objects.count() == 1
    assert "已登记" in text_of(client.post(SAVE, form | {"seen": seen_on(again)}, follow=True))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"off": "2026-02-30"}, "不存在的日期"),
        ({"off": "明年春节"}, "读不出日期"),
        ({"off": "2027-02-11 至 2027-02-05"}, "早于第一天"),
        ({"off": "2027-02-05 至 2027-12-11"}, "请核对月份"),
        ({"off": "2020-02-05"}, "已经过去"),
        ({"off": "2030-02-05", "working": "2030-02-05"}, "同一天只能写一次"),
        ({"note": "什么也没有"}, "请至少写一天"),
        ({"notice_number": " ", "off": "2030-02-05"}, "请填写通知的文号"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_shown(keeper: Actor, typed: dict[str, str], said: str) -> None:
    assert said in text_of(sign_in(keeper).post(NEW, notice(**typed)))
    assert not HolidayOverride.objects.exists()


def test_only_system_administrators_enter_notices_in_the_database_too() -> None:
    cast = Cast()
    for actor in (cast.operator, cast.department_head, cast.deputy_director, make_actor(Capacity.AUDIT_ADMINISTRATOR)):
        assert sign_in(actor).post(NEW, notice()).status_code == 403
    for statement in (
        "SELECT change_holidays(ARRAY['2099-01-01']::date[], '{}', '{}', NULL, 'n', '', %s, '')",
        "INSERT INTO holiday_override SELECT '2099-01-01', true, 'n', '' WHERE %s > 0",
        "INSERT INTO holiday_year SELECT 2099, 'n' WHERE %s > 0",
        "DELETE FROM statutory_day WHERE %s > 0",
    ):
        with (
            pytest.raises(DatabaseError, match=r"person_not_entitled|permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement, [cast.department_head.person.pk])


def test_what_was_typed_comes_back_for_mending(keeper: Actor) -> None:
    answer = sign_in(keeper).post(NEW, notice(off="2030-02-05", edit="1"))
    assert "2030-02-05" in answer.content.decode()
    assert "会移动的日期" not in text_of(answer)
