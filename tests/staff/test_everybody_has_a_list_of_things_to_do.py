"""待办: whoever signs in lands on the own list, in whatever capacity; and beside it the half-months and campaigns."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from certificates.models import Coverage, Office
from tests.campaigns.make import make_campaign
from tests.databases import acting_as
from tests.make import Cast, make_actor, make_period, make_person, make_published_release
from tests.staff.make import sign_in, text_of
from uploads.actor import Actor
from uploads.intake.halfmonths import HalfMonth, half_months
from uploads.intake.overview import dates_of, overview
from uploads.intake.receive import declare_no_data
from uploads.models import Capacity, IncidentKind, Verification, VerificationKind
from uploads.oversight.duties import duties_of
from uploads.oversight.incidents import open_incident
from uploads.oversight.verification import Difference
from uploads.oversight.verifying import note
from uploads.pages.dashboard import window_state

pytestmark = pytest.mark.django_db


def duties(actor: Actor, *, after_days: int = 0) -> dict[str, bool]:
    """Titles of what the actor has to see to, and whether it is urgent."""
    now = timezone.now() + timedelta(days=after_days)
    current = overview(make_period(), now, timezone.localdate(now))
    found = duties_of(actor.person, (Capacity(actor.capacity),), current, now)
    return {duty.title: duty.urgent for duty in found}


@pytest.mark.parametrize("capacity", list(Capacity))
def test_every_capacity_lands_on_a_list(capacity: Capacity) -> None:
    actor = make_actor(capacity, "3702") if capacity.belongs_to_an_office else make_actor(capacity)
    page = sign_in(actor).get("/staff/")
    shown = text_of(page)
    assert page.status_code == 200
    assert shown.index("待办") < shown.rindex("上报单位")
    assert "前后各期" in shown


def test_system_administrators_see_that_holidays_and_coverage_are_missing() -> None:
    keeper, today = make_actor(Capacity.SYSTEM_ADMINISTRATOR), timezone.localdate()
    assert duties(keeper)["放假安排待登记"] is (today.month == 12)
    assert "收录情况待登记" in duties(keeper)
    with acting_as("owner"), connection.cursor() as cursor:
        cursor.execute("INSERT INTO holiday_year SELECT generate_series(2026, 2099), 'n' ON CONFLICT DO NOTHING")
    for office in Office.objects.all():
        with acting_as("owner"):
            Coverage.objects.create(office=office, state="not_begun")
    assert not {"放假安排待登记", "收录情况待登记"} & duties(keeper).keys()


def test_a_verification_that_found_something_or_is_old_waits_for_three_capacities() -> None:
    watchers = [
        make_actor(capacity)
        for capacity in (
            Capacity.SYSTEM_ADMINISTRATOR,
            Capacity.AUDIT_ADMINISTRATOR,
            Capacity.NETWORK_ADMINISTRATOR,
        )
    ]
    assert all("核对已过期" in duties(watcher) for watcher in watchers)
    for kind in VerificationKind:
        note(kind, [], begun_at=timezone.now(), rows=0)
    assert Verification.objects.count() == 2
    assert not any("核对已过期" in duties(watcher) for watcher in watchers)
    note(VerificationKind.REGISTER, [Difference("row_differs", "x", "")], begun_at=timezone.now(), rows=0)
    assert all(duties(watcher)["核对不一致"] for watcher in watchers)
    assert "核对不一致" not in duties(make_actor(Capacity.KEEPER))


def test_incidents_wait_for_the_security_administrator_and_a_suspected_crime_for_the_leaders() -> None:
    security, head = make_actor(Capacity.SECURITY_ADMINISTRATOR), make_actor(Capacity.DEPARTMENT_HEAD)
    open_incident(
        by=security,
        kind=IncidentKind.ACCOUNT_LOSS,
        account=make_person(office="3702"),
        since=timezone.now() - timedelta(days=1),
        description="异地登录",
        suspected_crime=True,
    )
    assert duties(security)["事件待处理"]
    assert duties(head)["事件待阅知"]
    assert "事件待处理" not in duties(make_actor(Capacity.AUDIT_ADMINISTRATOR))


def test_late_offices_wait_for_whoever_calls_them_and_the_day_for_whoever_publishes() -> None:
    publisher, head = make_actor(Capacity.NETWORK_ADMINISTRATOR), make_actor(Capacity.DEPARTMENT_HEAD)
    dates = dates_of(make_period(), timezone.localdate())
    until_closed = (timezone.localdate(dates.closes_at) - timezone.localdate()).days + 1
    assert duties(publisher, after_days=until_closed)["逾期未上报"]
    assert duties(head, after_days=until_closed)["逾期未上报"]
    until_day = (dates.publication_day - timezone.localdate()).days
    assert duties(publisher, after_days=until_day)["今天上网"]
    make_published_release(Cast())
    assert "今天上网" not in duties(publisher, after_days=until_day)


def test_everyone_is_told_that_the_password_ends_soon() -> None:
    actor = make_actor(Capacity.KEEPER)
    assert "密码快到期" not in duties(actor)
    assert "密码快到期" in duties(actor, after_days=85)


def test_earlier_and_coming_half_months_say_who_reported_and_when_they_were_published() -> None:
    cast = Cast()
    make_published_release(cast)
    other = Cast("3703")
    declare_no_data(by=other.operator, office=Office.objects.get(code="3703"), period=make_period())
    lines = half_months(timezone.localdate(), None, earlier=6, coming=4)
    assert len(lines) == 11
    present: HalfMonth = next(line for line in lines if line.dates.is_current)
    assert (present.reported, present.rows, present.published_on) == (1, 3, timezone.localdate())
    assert present.is_early is (present.dates.publication_day > timezone.localdate())
    own = half_months(timezone.localdate(), {"3702"}, earlier=0, coming=0)
    assert [(line.offices, line.reported) for line in own] == [(1, 1)]
    shown = text_of(sign_in(cast.network_administrator).get("/staff/"))
    assert f"{timezone.localdate():%Y-%m-%d} 上网" in shown
    assert "本期无数据1 个单位" in shown


def test_campaigns_stand_there_with_deadline_and_each_offices_coverage() -> None:
    cast = Cast()
    campaign = make_campaign(cast.department_head)
    with acting_as("owner"):
        Coverage.objects.create(office_id="3702", state="collecting", complete_from="2012-01-01")
    shown = text_of(sign_in(cast.network_administrator).get("/staff/"))
    assert campaign.name in shown
    assert f"{campaign.deadline:%Y-%m-%d}" in shown
    assert "2012-01-01 起已齐全，更早的整理中" in shown
    assert campaign.name in text_of(sign_in(cast.operator).get("/staff/"))


def test_the_window_is_ahead_open_or_over() -> None:
    dates = dates_of(make_period(), timezone.localdate())
    second = timedelta(seconds=1)
    assert [
        str(window_state(dates, at))
        for at in (dates.opens_at - second, dates.opens_at, dates.closes_at - second, dates.closes_at)
    ] == ["ahead", "open", "open", "over"]
