"""The period staff are working on: the earliest one that isn't due for publication yet."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certlookup.calendar.holidays import Holidays
from certlookup.calendar.periods import current_period, publication_day

AS_PUBLISHED = Holidays()


@pytest.mark.parametrize(
    ("today", "code"),
    [
        (date(2026, 11, 24), "2026-11-B"),
        (date(2026, 11, 16), "2026-11-A"),
        (date(2026, 11, 17), "2026-11-B"),
        (date(2026, 11, 30), "2026-11-B"),
        (date(2026, 12, 1), "2026-12-A"),
        (date(2026, 2, 24), "2026-02-A"),
        (date(2026, 2, 25), "2026-02-B"),
        (date(2009, 2, 1), "2009-01-B"),
        (date(2026, 12, 31), "2027-01-A"),
    ],
)
def test_it_stays_until_its_publication_day_is_over(today: date, code: str) -> None:
    assert current_period(today, AS_PUBLISHED).code == code


@given(st.dates(date(2004, 1, 1), date(2040, 12, 31)))
def test_its_publication_is_due_today_or_later_and_the_one_before_is_over(today: date) -> None:
    period = current_period(today, AS_PUBLISHED)
    assert publication_day(period, AS_PUBLISHED).date >= today
    assert publication_day(period.previous(), AS_PUBLISHED).date < today
