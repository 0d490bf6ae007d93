"""Windows and due days stand twice: in Python for the pages, in SQL so that no path comes round them."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from certificates.models import HolidayYear, StatutoryDay
from certificates.models.calendar import known_holidays
from certificates.statutory import write_statutory_days
from certlookup.calendar.holidays import Holidays
from certlookup.calendar.periods import Period, publication_day, window
from tests.databases import acting_as
from tests.make import Cast, make_checked_batch, make_period, make_submitted_batch
from uploads.intake.periods import fix_period
from uploads.models import PeriodDays

pytestmark = pytest.mark.django_db


def owner(statement: str, *parameters: object) -> None:
    with acting_as("owner"), connection.cursor() as cursor:
        cursor.execute(statement, list(parameters))


def computed_in_sql(codes: list[str]) -> dict[str, tuple[object, ...]]:
    query = (
        "SELECT d.code, d.first_day, d.last_day, d.opens_at, d.closes_at, d.publication_day, d.provisional "
        "FROM unnest(%s::text[]) AS wanted (code), days_of_period(wanted.code) d"
    )
    with acting_as("owner"), connection.cursor() as cursor:
        cursor.execute(query, [codes])
        return {row[0]: row[1:] for row in cursor.fetchall()}


def computed_in_python(period: Period, holidays: Holidays) -> tuple[object, ...]:
    opening, publication = window(period, holidays), publication_day(period, holidays)
    provisional = opening.provisional or publication.provisional
    return (period.first_day, period.last_day, opening.opens, opening.closes, publication.date, provisional)


def half_months(first: int, last: int) -> list[Period]:
    return [
        Period(year, month, half) for year in range(first, last + 1) for month in range(1, 13) for half in ("A", "B")
    ]


def test_both_say_the_same_of_every_half_month_with_and_without_announced_holidays_and_overrides() -> None:
    periods = half_months(2003, 2029)
    owner("INSERT INTO holiday_override VALUES ('2027-02-11', false, 'n', ''), ('2027-01-30', true, 'n', '')")
    owner("INSERT INTO holiday_override VALUES ('2026-12-30', false, 'n', ''), ('2026-12-31', false, 'n', '')")
    owner("INSERT INTO holiday_year VALUES (2027, 'n')")
    known = known_holidays()
    in_sql = computed_in_sql([period.code for period in periods])
    assert {period.code: computed_in_python(period, known) for period in periods} == in_sql
    assert known.announced == {2027}


def test_the_database_knows_what_the_package_knows_and_learns_what_a_newer_one_brings() -> None:
    assert set(HolidayYear.objects.values_list("year", flat=True)) == set(range(2004, 2027))
    assert StatutoryDay.objects.get(day=date(2026, 2, 17)).is_working is False
    owner("DELETE FROM statutory_day WHERE day >= '2026-01-01'")
    owner("DELETE FROM holiday_year WHERE year = 2026")
    with acting_as("owner"):
        write_statutory_days(using="default")
    assert StatutoryDay.objects.filter(day__year=2026).count() > 20
    assert HolidayYear.objects.filter(year=2026, notice_number="").exists()


def test_nobody_widens_a_window_by_writing_other_days_into_the_table() -> None:
    days = fix_period(make_period())
    opens_at = days.opens_at
    PeriodDays.objects.filter(code=days.code).update(opens_at=timezone.now() - timedelta(days=400))
    days.refresh_from_db()
    assert days.opens_at == opens_at
    made = PeriodDays.objects.create(
        code="2026-03-A",
        first_day=date(2020, 1, 1),
        last_day=date(2020, 1, 2),
        opens_at=timezone.now() - timedelta(days=900),
        closes_at=timezone.now() + timedelta(days=900),
        publication_day=date(2020, 1, 3),
        provisional=False,
    )
    made.refresh_from_db()
    assert (made.publication_day, made.closes_at - made.opens_at) == (date(2026, 3, 16), timedelta(hours=7))


@pytest.mark.parametrize("code", ["2026-13-A", "2026-3-A", "1949-12-B", "2026-03-C"])
def test_a_half_month_that_does_not_exist_is_refused(code: str) -> None:
    with pytest.raises(DatabaseError, match="no_such_period"), transaction.atomic():
        PeriodDays.objects.create(
            code=code,
            first_day=date(2020, 1, 1),
            last_day=date(2020, 1, 2),
            opens_at=timezone.now(),
            closes_at=timezone.now(),
            publication_day=date(2020, 1, 3),
            provisional=False,
        )


def test_overrides_made_later_move_windows_and_days_of_periods_that_have_batches_already() -> None:
    batch = make_checked_batch(by=Cast().operator)
    before = PeriodDays.objects.get(code=batch.period_id)
    report, publication = timezone.localdate(before.opens_at), before.publication_day
    owner("INSERT INTO holiday_override VALUES (%s, false, 'n', '')", report)
    owner("INSERT INTO holiday_override VALUES (%s, false, 'n', '') ON CONFLICT DO NOTHING", publication)
    after = PeriodDays.objects.get(code=batch.period_id)
    assert timezone.localdate(after.opens_at) > report
    assert after.publication_day > publication
    assert after.opens_at == window(Period.parse(batch.period_id), known_holidays()).opens
    owner("DELETE FROM holiday_override")
    assert PeriodDays.objects.get(code=batch.period_id) == before
    assert PeriodDays.objects.get(code=batch.period_id).opens_at == before.opens_at


def test_a_submission_goes_by_the_window_of_the_newest_calendar() -> None:
    """require_window() with the time given: inside the window that was, outside of the one that is."""
    batch = make_submitted_batch(Cast())
    days = PeriodDays.objects.get(code=batch.period_id)
    owner("ALTER TABLE extension DISABLE TRIGGER USER")
    owner("UPDATE extension SET opens_at = '2000-01-01', closes_at = '2000-01-02'")
    question = "SELECT require_window(b, %s) FROM batch b WHERE b.id = %s"
    owner(question, days.opens_at, batch.id)
    owner(question, days.closes_at - timedelta(seconds=1), batch.id)
    for moment in (days.opens_at - timedelta(seconds=1), days.closes_at):
        with pytest.raises(DatabaseError, match="outside_the_window"), transaction.atomic():
            owner(question, moment, batch.id)
    owner("INSERT INTO holiday_override VALUES (%s, false, 'n', '')", timezone.localdate(days.opens_at))
    with pytest.raises(DatabaseError, match="outside_the_window"), transaction.atomic():
        owner(question, days.opens_at, batch.id)
    owner(question, PeriodDays.objects.get(code=batch.period_id).opens_at, batch.id)
