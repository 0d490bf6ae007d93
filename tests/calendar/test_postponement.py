"""Report and publication days on rest days and legal holidays move to the next working day."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certlookup.calendar.holidays import Holidays
from certlookup.calendar.periods import DueDay, Period, publication_day, report_day

AS_PUBLISHED = Holidays()

MOVED_IN_2026 = """01-11 01-12, 01-25 01-26, 02-15 02-24, 03-15 03-16, 04-11 04-13, 04-25 04-27, 05-30 06-01,
07-11 07-13, 07-25 07-27, 08-15 08-17, 08-30 08-31, 09-25 09-28, 10-11 10-12, 10-25 10-26, 11-15 11-16"""


def due_days_of(year: int) -> Iterator[DueDay]:
    period = Period(year, 1, "A")
    while period.year == year:
        yield report_day(period, AS_PUBLISHED)
        yield publication_day(period, AS_PUBLISHED)
        period = period.next()


def test_in_2026_exactly_the_listed_dates_move() -> None:
    moved = {f"{due.nominal:%m-%d} {due.date:%m-%d}" for due in due_days_of(2026) if due.date != due.nominal}
    assert moved == {pair.strip() for pair in MOVED_IN_2026.replace("\n", " ").split(",")}


def test_in_2026_there_are_48_due_days_and_none_is_provisional() -> None:
    due_days = list(due_days_of(2026))
    assert len(due_days) == 48
    assert not any(due.provisional for due in due_days)


@pytest.mark.parametrize(
    ("nominal", "due"),
    [
        (date(2009, 1, 25), date(2009, 2, 1)),
        (date(2009, 1, 30), date(2009, 2, 1)),
        (date(2024, 2, 11), date(2024, 2, 18)),
        (date(2024, 2, 15), date(2024, 2, 18)),
        (date(2021, 4, 25), date(2021, 4, 25)),
        (date(2026, 2, 28), date(2026, 2, 28)),
        (date(2026, 5, 30), date(2026, 6, 1)),
    ],
)
def test_make_up_working_days_count_as_working(nominal: date, due: date) -> None:
    assert AS_PUBLISHED.next_working_day(nominal) == due
    assert due in {day.date for day in due_days_of(nominal.year) if day.nominal == nominal}


@pytest.mark.parametrize(
    ("code", "both"),
    [
        ("2013-02-A", date(2013, 2, 16)),
        ("2020-01-B", date(2020, 2, 3)),
        ("2021-02-A", date(2021, 2, 18)),
        ("2024-02-A", date(2024, 2, 18)),
    ],
)
def test_report_and_publication_can_fall_on_the_same_day(code: str, both: date) -> None:
    period = Period.parse(code)
    assert report_day(period, AS_PUBLISHED).date == both
    assert publication_day(period, AS_PUBLISHED).date == both


@pytest.mark.parametrize(
    ("code", "nominal"),
    [("2026-02-B", date(2026, 2, 28)), ("2024-02-B", date(2024, 2, 29)), ("2026-03-B", date(2026, 3, 30))],
)
def test_februarys_last_day_stands_for_the_30th(code: str, nominal: date) -> None:
    assert Period.parse(code).nominal_publication_day == nominal


def test_the_longest_way_from_processing_to_publication_in_2026_is_30_days() -> None:
    period = Period.containing(date(2026, 1, 25))
    due = publication_day(period, AS_PUBLISHED)
    assert (period.code, due.date) == ("2026-02-A", date(2026, 2, 24))
    assert due.date - period.first_day == timedelta(days=30)


def test_the_period_stays_when_its_report_day_moves() -> None:
    period = Period.parse("2026-01-A")
    assert report_day(period, AS_PUBLISHED).date == date(2026, 1, 12)
    assert Period.containing(date(2026, 1, 11)) == period.next()


def test_an_override_wins_over_the_published_days_off_both_ways() -> None:
    overridden = Holidays({date(2026, 1, 12): False, date(2026, 2, 15): True})
    assert report_day(Period.parse("2026-01-A"), overridden).date == date(2026, 1, 13)
    assert publication_day(Period.parse("2026-02-A"), overridden).date == date(2026, 2, 15)


@given(st.dates(date(2004, 1, 1), date(2040, 12, 31)))
def test_a_postponed_day_is_the_first_working_day_not_before(day: date) -> None:
    due = AS_PUBLISHED.next_working_day(day)
    assert due >= day
    assert AS_PUBLISHED.is_working_day(due)
    assert not any(AS_PUBLISHED.is_working_day(day + timedelta(days=passed)) for passed in range((due - day).days))


@given(st.dates(date(2004, 1, 1), date(2040, 12, 31)))
def test_what_is_reported_is_never_published_before(day: date) -> None:
    period = Period.containing(day)
    assert period.last_day < report_day(period, AS_PUBLISHED).date <= publication_day(period, AS_PUBLISHED).date
