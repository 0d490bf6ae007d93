"""A period's dates as SQL checks them: computed from calendar and overrides, kept in period_days."""

from certificates.models.offices import holiday_overrides
from certlookup.calendar.holidays import Holidays
from certlookup.calendar.periods import Period, publication_day, window
from uploads.models import PeriodDays


def holidays() -> Holidays:
    """The calendar with the staff's overrides."""
    return Holidays(holiday_overrides())


def fix_period(period: Period) -> PeriodDays:
    """The period's row, written anew where calendar or overrides changed. Writes period_days."""
    calendar = holidays()
    opening = window(period, calendar)
    publication = publication_day(period, calendar)
    days, _ = PeriodDays.objects.update_or_create(
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
    return days
