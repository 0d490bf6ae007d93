"""Years whose days off aren't announced: weekends only, and said to be provisional."""

from datetime import date

import pytest

from certlookup.calendar.holidays import Holidays
from certlookup.calendar.periods import Period, publication_day, report_day, window

AS_PUBLISHED = Holidays()


@pytest.mark.parametrize(("year", "provisional"), [(2003, True), (2004, False), (2026, False), (2099, True)])
def test_years_that_nobody_announced_are_provisional(year: int, *, provisional: bool) -> None:
    assert AS_PUBLISHED.is_provisional(year) is provisional


def test_such_a_year_knows_weekends_only() -> None:
    assert AS_PUBLISHED.is_working_day(date(2099, 10, 1))
    assert not AS_PUBLISHED.is_working_day(date(2099, 10, 3))
    assert AS_PUBLISHED.next_working_day(date(2099, 10, 3)) == date(2099, 10, 5)


def test_every_date_computed_from_it_says_so() -> None:
    period = Period.parse("2099-10-A")
    assert report_day(period, AS_PUBLISHED).provisional
    assert publication_day(period, AS_PUBLISHED).provisional
    assert window(period, AS_PUBLISHED).provisional


def test_an_override_wins_there_too() -> None:
    assert not Holidays({date(2099, 10, 1): False}).is_working_day(date(2099, 10, 1))
    assert Holidays({date(2099, 10, 3): True}).is_working_day(date(2099, 10, 3))


def test_one_override_alone_doesnt_make_the_year_known() -> None:
    assert Holidays({date(2099, 10, 1): False}).is_provisional(2099)


def test_a_notice_entered_in_full_makes_the_year_known() -> None:
    holidays = Holidays({date(2099, 10, 1): False}, announced=frozenset({2099}))
    assert not holidays.is_provisional(2099)
    assert not report_day(Period.parse("2099-10-A"), holidays).provisional
    assert holidays.is_provisional(2098)
