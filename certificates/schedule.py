"""上网日历: every half-month with its days, and what is published already (R7)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from certificates.models import Publication
from certificates.models.calendar import known_holidays
from certificates.models.register import PublicationKind
from certlookup.calendar.holidays import Holidays
from certlookup.calendar.periods import DueDay, Period, Window, current_period, publication_day, report_day, window

# Three months back, a year ahead.
EARLIER: Final = 6
COMING: Final = 24


@dataclass(frozen=True, slots=True)
class Scheduled:
    """One half-month; published_on is the day of its first publication, None before it."""

    period: Period
    report: DueDay
    window: Window
    publication: DueDay
    published_on: date | None
    is_current: bool

    @property
    def is_late(self) -> bool:
        """Published after its day."""
        return self.published_on is not None and self.published_on > self.publication.date


def schedule(now: datetime, *, earlier: int = EARLIER, coming: int = COMING) -> list[Scheduled]:
    """The half-months around the present one, by time; now is aware, in the site's zone."""
    known = known_holidays()
    present = current_period(now.date(), known)
    first = present
    for _ in range(earlier):
        first = first.previous()
    periods = [first]
    for _ in range(earlier + coming):
        periods.append(periods[-1].next())
    return _scheduled(periods, known, present)


def _scheduled(periods: Iterable[Period], known: Holidays, present: Period) -> list[Scheduled]:
    listed = list(periods)
    rows = (
        Publication.objects.filter(period_code__in=[period.code for period in listed])
        .exclude(kind=PublicationKind.REPLACEMENT)
        .order_by("-id")
    )
    # The first publication of a period comes last here and stays.
    published = dict(rows.values_list("period_code", "published_on"))
    return [
        Scheduled(
            period=period,
            report=report_day(period, known),
            window=window(period, known),
            publication=publication_day(period, known),
            published_on=published.get(period.code),
            is_current=period == present,
        )
        for period in listed
    ]
