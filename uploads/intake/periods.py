"""A period's dates as SQL checks them: computed by the database from calendar and overrides, kept in period_days."""

from certificates.models.calendar import known_holidays
from certlookup.calendar.holidays import Holidays
from certlookup.calendar.periods import Period, publication_day, window
from uploads.models import PeriodDays


def holidays() -> Holidays:
    """The calendar with the staff's overrides."""
    return known_holidays()


def fix_period(period: Period) -> PeriodDays:
    """The period's row, made where it is missing. Writes period_days.

    The database computes the dates by itself, whatever is written here, and again whenever the holidays change
    (period_days_are_computed); these are its values only as long as both calendars say the same.
    """
    calendar = holidays()
    opening = window(period, calendar)
    publication = publication_day(period, calendar)
    days, made = PeriodDays.objects.get_or_create(
        code=period.code,
        defaults={
            "first_day": period.first_day,
            "last_day": period.last_day,
            "opens_at": opening.opens,
            "closes_at": opening.closes,
            "publication_day": publication.date,
            "provisional": opening.provisional or publication.provisional,
        },
    )
    if made:
        days.refresh_from_db()
    return days
