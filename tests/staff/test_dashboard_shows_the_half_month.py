"""本期工作: what waits for whom, each office's steps, who is late, and which period it is."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from certificates.models import Office
from certlookup.calendar.periods import Period
from tests.make import (
    Cast,
    as_owner,
    make_actor,
    make_attempt,
    make_checked_batch,
    make_extension,
    make_period,
    make_release,
    make_row,
    make_signed_release,
    make_submitted_batch,
)
from tests.staff.make import sign_in, text_of
from uploads.actor import Actor
from uploads.intake.overview import Overview, dates_of, overview, todos_of
from uploads.intake.receive import declare_no_data
from uploads.models import Batch, Capacity, Extension
from uploads.people.entitlement import grants_of
from uploads.signoff.sign import digest_of_batch, return_batch, sign_batch

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return Cast()


def seen(at: datetime | None = None, period: Period | None = None) -> Overview:
    return overview(period or make_period(), at or timezone.now(), timezone.localdate())


def steps_of(office: str) -> str:
    """The six dots of an office, one letter each: Done, Now, Stop, Ahead, - for not needed."""
    letters = {"done": "D", "now": "N", "stop": "S", "ahead": "A", "none": "-"}
    line = next(line for line in seen().lines if line.office.code == office)
    return "".join(letters[step.state] for step in line.steps)


def todos(actor: Actor) -> list[str]:
    return [todo.title for todo in todos_of(actor.person, grants_of(actor.person, timezone.now()), seen())]


def test_the_dots_follow_a_batch_from_file_to_publication(cast: Cast) -> None:
    assert steps_of("3702") == "AAAAAA"
    make_attempt(by=cast.operator, office="3702", rows=[make_row(等级="六级")])
    assert steps_of("3702") == "SAAAAA"
    batch = make_checked_batch(by=cast.operator)
    assert steps_of("3702") == "DNAAAA"
    sign_batch(by=cast.operator, batch=batch, digest=digest_of_batch(batch))
    assert steps_of("3702") == "DDNAAA"
    return_batch(by=cast.director, batch=batch, reason="请改正")
    assert steps_of("3702") == "DSAAAA"
    make_release(cast)
    assert steps_of("3702") == "DDDDNA"


def test_the_provinces_own_batch_and_one_without_data_skip_what_they_do_not_need(cast: Cast) -> None:
    make_checked_batch(by=cast.provincial_operator, office="3700")
    declare_no_data(by=cast.operator, office=Office.objects.get(code="3702"), period=make_period())
    assert steps_of("3700") == "D--AAA"
    assert steps_of("3702") == "-NAAAA"


def test_an_office_is_late_when_its_window_and_what_prolonged_it_have_closed_and_nothing_is_submitted(
    cast: Cast,
) -> None:
    dates = dates_of(make_period(), timezone.localdate())
    before, after = dates.closes_at - timedelta(seconds=1), dates.closes_at
    assert not seen(before).late
    late = {line.office.code for line in seen(after).late}
    assert {"3700", "3702", "3703"} <= late
    with as_owner() as alias:
        Extension.objects.using(alias).create(
            period=make_checked_batch(by=cast.operator).period,
            office_id="3703",
            opens_at=dates.closes_at,
            closes_at=dates.closes_at + timedelta(days=1),
            reason="停电",
            recorded_by=cast.department_head.person,
            recorded_at=timezone.now(),
        )
    assert {line.office.code for line in seen(after).late} == late - {"3703"}
    assert "3703" in {line.office.code for line in seen(after + timedelta(days=1)).late}


def test_an_extension_given_afterwards_lets_a_late_office_submit_and_it_stays_late_until_then(cast: Cast) -> None:
    dates = dates_of(make_period(), timezone.localdate())
    batch = make_checked_batch(by=cast.operator)
    with as_owner() as alias:
        Extension.objects.using(alias).create(
            period=batch.period,
            office_id=cast.office,
            opens_at=dates.closes_at + timedelta(hours=2),
            closes_at=dates.closes_at + timedelta(days=1),
            reason="停电",
            recorded_by=cast.department_head.person,
            recorded_at=timezone.now(),
        )
    line = next(line for line in seen(dates.closes_at + timedelta(hours=3)).lines if line.office.code == cast.office)
    assert (line.late, line.extended_until) == (True, dates.closes_at + timedelta(days=1))


def test_an_extension_that_ended_before_the_window_makes_nobody_late(cast: Cast) -> None:
    dates = dates_of(make_period(), timezone.localdate())
    before = dates.opens_at - timedelta(days=1)
    with as_owner() as alias:
        Extension.objects.using(alias).create(
            period=make_checked_batch(by=cast.operator).period,
            opens_at=before,
            closes_at=before + timedelta(hours=7),
            reason="提前上报",
            recorded_by=cast.department_head.person,
            recorded_at=timezone.now(),
        )
    assert not seen(before + timedelta(hours=8)).late
    assert seen(dates.closes_at).late


def test_who_has_submitted_is_never_late(cast: Cast) -> None:
    make_submitted_batch(cast)
    shown = seen(timezone.now() + timedelta(days=365))
    assert "3702" not in {line.office.code for line in shown.late}
    assert (shown.reported, shown.missing, shown.rows_reported) == (1, shown.offices - 1, 3)


def test_late_offices_stand_there_with_the_responsible_person_and_phone(cast: Cast) -> None:
    with as_owner() as alias:
        Office.objects.using(alias).filter(code="3705").update(
            responsible_person="赵专责", responsible_phone="0546-0000001"
        )
    page = sign_in(cast.department_head).get("/staff/", {"period": make_period().previous().code})
    assert "逾期未上报" in text_of(page)
    assert "赵专责" in text_of(page)
    assert 'href="tel:0546-0000001"' in page.content.decode()


def test_each_sees_what_waits_for_him_and_for_nobody_else(cast: Cast) -> None:
    assert todos(cast.operator) == ["本期尚未上传"]
    make_attempt(by=cast.operator, office="3702", rows=[make_row(等级="六级")])
    assert (todos(cast.operator), todos(cast.director)) == (["文件有问题"], [])
    batch = make_checked_batch(by=cast.operator)
    assert (todos(cast.operator), todos(cast.director)) == (["待您签字"], [])
    sign_batch(by=cast.operator, batch=batch, digest=digest_of_batch(batch))
    assert (todos(cast.operator), todos(cast.director)) == ([], ["待您签字"])
    assert todos(Cast("3703").director) == []
    return_batch(by=cast.director, batch=batch, reason="请改正")
    assert todos(cast.operator) == ["被退回"]


def test_the_provinces_people_see_releases_that_wait_for_them(cast: Cast) -> None:
    make_submitted_batch(cast)
    assert todos(cast.network_administrator) == ["待汇总"]
    assert todos(cast.provincial_operator) == []
    other = Cast("3703")
    make_signed_release(other, rows=[make_row(seed=900)])
    assert todos(other.network_administrator) == ["待您上传上网"]
    assert todos(other.department_head) == []


def test_a_todo_leads_to_where_it_is_done(cast: Cast) -> None:
    batch = make_checked_batch(by=cast.operator)
    page = sign_in(cast.operator).get("/staff/").content.decode()
    assert f'href="/staff/batches/{batch.id}/"' in page
    make_extension(by=cast.department_head)
    for signer in (cast.operator, cast.director):
        sign_batch(by=signer, batch=batch, digest=digest_of_batch(batch))
    page = sign_in(cast.network_administrator).get("/staff/").content.decode()
    assert f'href="/staff/releases/new/?period={make_period().code}"' in page


def test_each_dot_has_a_text_for_those_who_do_not_see_it(cast: Cast) -> None:
    make_checked_batch(by=cast.operator)
    page = sign_in(cast.operator).get("/staff/").content.decode()
    assert 'title="经办人签：待签字"' in page
    assert '<span class="visually-hidden">经办人签：待签字</span>' in page


def test_the_period_is_switched_and_an_impossible_one_is_unknown(cast: Cast) -> None:
    client = sign_in(cast.operator)
    period = make_period()
    assert period.short_label in text_of(client.get("/staff/"))
    earlier = text_of(client.get("/staff/", {"period": period.previous().code}))
    assert period.previous().short_label in earlier
    assert "不是本期" in earlier
    assert client.get("/staff/", {"period": "2026-13-A"}).status_code == 404


def test_dates_of_a_year_without_announced_holidays_are_said_to_be_provisional(cast: Cast) -> None:
    assert "暂定" in text_of(sign_in(cast.operator).get("/staff/", {"period": "2031-03-A"}))


def test_someone_without_a_capacity_sees_an_empty_matrix() -> None:
    person = make_actor(Capacity.KEEPER).person
    with as_owner() as alias:
        person.grants.using(alias).update(valid_to=timezone.now())
    assert "没有可以显示的单位" in text_of(sign_in(Actor(person)).get("/staff/"))
    assert not Batch.objects.exists()
