"""Days off: what the State Council's notices said as the calendar package has them, and what staff know better."""

from django.db import models
from django.db.models import Q

from certlookup.calendar.holidays import Holidays
from certlookup.databases import current_connection


class HolidayOverride(models.Model):
    """A day whose kind a notice changed, or that chinesecalendar doesn't know yet; wins over the package.

    Written by change_holidays() alone, and by set-up.
    """

    day = models.DateField(primary_key=True)
    is_working = models.BooleanField()
    notice_number = models.CharField(max_length=60)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "holiday_override"
        ordering = ["day"]


class StatutoryDay(models.Model):
    """A day that chinesecalendar knows to be other than its weekday: a holiday, or a weekend day that is worked.

    The database computes windows and due days by itself, so it has to know what the package knows (certificates/statutory.py).
    """

    day = models.DateField(primary_key=True)
    is_working = models.BooleanField()

    class Meta:
        db_table = "statutory_day"
        ordering = ["day"]


class HolidayYear(models.Model):
    """A year whose days off are known, so that its dates aren't provisional: from the package, or by a notice (its number)."""

    year = models.SmallIntegerField(primary_key=True)
    notice_number = models.CharField(max_length=60, blank=True)

    class Meta:
        db_table = "holiday_year"
        ordering = ["year"]
        constraints = [models.CheckConstraint(condition=Q(year__range=(1950, 2199)), name="holiday_year_is_a_year")]


_KNOWN = """
SELECT day, is_working FROM holiday_override
UNION ALL SELECT make_date(year, 1, 1), NULL FROM holiday_year WHERE notice_number <> ''
"""


def known_holidays() -> Holidays:
    """The calendar with what staff entered: overrides, and the years announced in full. One query."""
    with current_connection().cursor() as cursor:
        cursor.execute(_KNOWN)
        rows = cursor.fetchall()
    return Holidays(
        overrides={day: is_working for day, is_working in rows if is_working is not None},
        announced=frozenset(day.year for day, is_working in rows if is_working is None),
    )
