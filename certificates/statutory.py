"""What the calendar package knows of days off, written into the database, which computes windows and due days by itself.

set_up_database does it after every update, so that a newer package's years reach the database too.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from certificates.models import HolidayYear, StatutoryDay
from certlookup.calendar.holidays import Holidays
from certlookup.calendar.periods import YEARS

_DAY = timedelta(days=1)
_SATURDAY = 5


def statutory_days(year: int) -> Iterator[StatutoryDay]:
    """The days of a year that the package knows to be other than their weekday."""
    package = Holidays()
    day = date(year, 1, 1)
    while day.year == year:
        if package.is_working_day(day) != (day.weekday() < _SATURDAY):
            yield StatutoryDay(day=day, is_working=package.is_working_day(day))
        day += _DAY


def write_statutory_days(*, using: str) -> None:
    """Bring statutory_day and holiday_year to what the package says, through the database alias `using`."""
    package = Holidays()
    years = [year for year in YEARS if not package.is_provisional(year)]
    wanted = {found.day: found.is_working for year in years for found in statutory_days(year)}
    days = StatutoryDay.objects.using(using)
    present = dict(days.values_list("day", "is_working"))
    if present != wanted:
        days.exclude(day__in=wanted).delete()
        days.bulk_create(
            [StatutoryDay(day=day, is_working=works) for day, works in wanted.items()],
            update_conflicts=True,
            unique_fields=["day"],
            update_fields=["is_working"],
        )
    HolidayYear.objects.using(using).bulk_create([HolidayYear(year=year) for year in years], ignore_conflicts=True)
