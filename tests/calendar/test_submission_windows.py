"""The hours in which batches are submitted: 9:00 to 16:00 in Shanghai on the report day."""

from datetime import UTC, datetime, timedelta

import pytest

from certlookup.calendar.holidays import Holidays
from certlookup.calendar.periods import SHANGHAI, Period, window

WINDOW = window(Period.parse("2026-11-B"), Holidays())


def test_the_window_opens_at_nine_and_closes_at_four_in_shanghai() -> None:
    assert datetime(2026, 11, 25, 9, 0, tzinfo=SHANGHAI) == WINDOW.opens
    assert datetime(2026, 11, 25, 16, 0, tzinfo=SHANGHAI) == WINDOW.closes
    assert datetime(2026, 11, 25, 1, 0, tzinfo=UTC) == WINDOW.opens


def test_the_window_moves_with_its_report_day() -> None:
    moved = window(Period.parse("2026-01-A"), Holidays())
    assert moved.opens == datetime(2026, 1, 12, 9, 0, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("moment", "inside"),
    [
        (WINDOW.opens - timedelta(microseconds=1), False),
        (WINDOW.opens, True),
        (WINDOW.closes - timedelta(microseconds=1), True),
        (WINDOW.closes, False),
        (datetime(2026, 11, 25, 4, 0, tzinfo=UTC), True),
        (datetime(2026, 11, 25, 12, 0, tzinfo=UTC), False),
    ],
)
def test_a_moment_lies_inside_from_opening_until_just_before_closing(moment: datetime, *, inside: bool) -> None:
    assert WINDOW.contains(moment) is inside
