"""Working days: the State Council's days off and make-up days, staff's overrides, and bare weekends without either."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache

import chinese_calendar

_DAY = timedelta(days=1)
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Holidays:
    """What is known about days off.

    overrides: by day, whether it is a working day; wins over everything. announced: years whose notice staff have
    entered in full as overrides, so that weekends and overrides together are no longer provisional.
    """

    overrides: Mapping[date, bool] = field(default_factory=dict)
    announced: frozenset[int] = frozenset()

    def is_working_day(self, day: date) -> bool:
        """Say whether a day is worked: override, published days off and make-up days, else Monday to Friday."""
        if (override := self.overrides.get(day)) is not None:
            return override
        if _is_published(day.year):
            return bool(chinese_calendar.is_workday(day))
        return day.weekday() < _SATURDAY

    def is_provisional(self, year: int) -> bool:
        """Say whether a year's days off aren't known yet, so that every date computed from it may move."""
        return year not in self.announced and not _is_published(year)

    def next_working_day(self, day: date) -> date:
        """Postpone a day to the next working day; a working day stays."""
        while not self.is_working_day(day):
            day += _DAY
        return day


@cache
def _is_published(year: int) -> bool:
    """Say whether the calendar package has the year; it raises for years it doesn't know."""
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True
