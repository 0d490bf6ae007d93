"""Half-months: they tile the year, have stable names, and never move."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certlookup.calendar.periods import Period, PeriodError

days = st.dates(min_value=date(1990, 1, 1), max_value=date(2150, 12, 31))


def test_the_first_half_of_november_begins_in_october() -> None:
    period = Period.parse("2026-11-A")
    assert (period.first_day, period.last_day) == (date(2026, 10, 25), date(2026, 11, 10))
    assert period.label == "2026年11月第1期（10月25日至11月10日办理）"
    assert period.short_label == "2026年11月第1期"


def test_the_second_half_lies_within_its_month() -> None:
    period = Period.parse("2026-11-B")
    assert (period.first_day, period.last_day) == (date(2026, 11, 11), date(2026, 11, 24))
    assert period.label == "2026年11月第2期（11月11日至11月24日办理）"


def test_the_first_half_of_january_names_both_years() -> None:
    period = Period.parse("2027-01-A")
    assert (period.first_day, period.last_day) == (date(2026, 12, 25), date(2027, 1, 10))
    assert period.label == "2027年1月第1期（2026年12月25日至2027年1月10日办理）"


@pytest.mark.parametrize(
    ("day", "code"),
    [
        (date(2026, 11, 10), "2026-11-A"),
        (date(2026, 11, 11), "2026-11-B"),
        (date(2026, 11, 24), "2026-11-B"),
        (date(2026, 11, 25), "2026-12-A"),
        (date(2026, 12, 25), "2027-01-A"),
        (date(2026, 12, 31), "2027-01-A"),
        (date(2027, 1, 1), "2027-01-A"),
        (date(2028, 2, 29), "2028-03-A"),
    ],
)
def test_what_is_processed_on_the_25th_belongs_to_the_next_one(day: date, code: str) -> None:
    assert Period.containing(day).code == code


@given(days)
def test_every_day_lies_in_exactly_one_period(day: date) -> None:
    period = Period.containing(day)
    assert period.first_day <= day <= period.last_day
    assert period.next().first_day == period.last_day + timedelta(days=1)
    assert period.previous().last_day == period.first_day - timedelta(days=1)


@given(days)
def test_next_and_previous_undo_each_other_and_sort_by_time(day: date) -> None:
    period = Period.containing(day)
    assert period.next().previous() == period == period.previous().next()
    assert period.previous() < period < period.next()


@given(days)
def test_a_code_reads_as_itself(day: date) -> None:
    period = Period.containing(day)
    assert Period.parse(period.code) == period


@pytest.mark.parametrize(
    "code",
    [
        "",
        "2026-11",
        "2026-11-C",
        "2026-13-A",
        "2026-00-A",
        "2026-1-A",
        "26-11-A",
        "2026-11-A ",
        "0001-01-A",
        "２０２６-11-A",
    ],
)
def test_a_code_of_no_period_is_refused(code: str) -> None:
    with pytest.raises(PeriodError):
        Period.parse(code)
