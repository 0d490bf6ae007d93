"""Earlier and coming half-months: who reported, who had nothing, what was published when (R10)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum

from certificates.models import Office, Publication
from certificates.models.register import PublicationKind
from certlookup.calendar.periods import Period, current_period
from uploads.intake.overview import Offices, PeriodDates, batches_of, dates_of
from uploads.intake.periods import holidays
from uploads.models import Batch, BatchKind
from uploads.models.intake import REPORTED


@dataclass(frozen=True, slots=True)
class HalfMonth:
    """One half-month in a line; late counts the batches that came after the window, published_on the first publication."""

    dates: PeriodDates
    offices: int
    reported: int
    no_data: int
    late: int
    rows: int
    published_on: date | None
    publications: int

    @property
    def missing(self) -> int:
        """How many offices have submitted nothing."""
        return max(0, self.offices - self.reported)

    @property
    def days_late(self) -> int:
        """By how many days the publication came after its day; 0 where it didn't, or hasn't come yet."""
        if self.published_on is None:
            return 0
        return max(0, (self.published_on - self.dates.publication_day).days)

    @property
    def is_early(self) -> bool:
        """Published before its day, by order."""
        return self.published_on is not None and self.published_on < self.dates.publication_day


def half_months(today: date, offices: Offices, *, earlier: int, coming: int) -> list[HalfMonth]:
    """The half-months around the present one for these offices (None: all), the newest first."""
    first = current_period(today, holidays())
    for _ in range(earlier):
        first = first.previous()
    periods = [first]
    for _ in range(earlier + coming):
        periods.append(periods[-1].next())
    return summaries_of(periods[::-1], today, offices)


def summaries_of(periods: Sequence[Period], today: date, offices: Offices) -> list[HalfMonth]:
    """Each period's line, in the order given. Four queries, however many periods."""
    known = holidays()
    codes = [period.code for period in periods]
    counted = _reported(batches_of(offices), codes)
    in_force = list(Office.objects.values_list("code", "valid_from", "valid_to"))
    published = _published(codes)
    found = []
    for period in periods:
        row = counted.get(period.code, {})
        first, count = published.get(period.code, (None, 0))
        found.append(
            HalfMonth(
                dates=dates_of(period, today, known),
                offices=sum(
                    starts <= period.last_day and (ends is None or ends >= period.last_day)
                    for code, starts, ends in in_force
                    if offices is None or code in offices
                ),
                reported=row.get("reported", 0),
                no_data=row.get("no_data", 0),
                late=row.get("late", 0),
                rows=row.get("rows") or 0,
                published_on=first,
                publications=count,
            )
        )
    return found


def _reported(batches: "QuerySet[Batch]", codes: Sequence[str]) -> dict[str, dict[str, Any]]:
    rows = (
        batches.filter(period_id__in=codes, kind=BatchKind.REGULAR, state__in=REPORTED)
        .order_by()
        .values("period_id")
        .annotate(
            reported=Count("office_id", distinct=True),
            no_data=Count("office_id", distinct=True, filter=Q(declares_no_data=True)),
            late=Count("id", filter=Q(submitted_at__gte=F("period__closes_at"))),
            rows=Sum("attempt__accepted_count"),
        )
    )
    return {row["period_id"]: dict(row) for row in rows}


def _published(codes: Sequence[str]) -> dict[str, tuple[date, int]]:
    """By period: the day of its first regular or supplementary publication, and how many there were."""
    found: dict[str, tuple[date, int]] = {}
    rows = Publication.objects.filter(period_code__in=codes).exclude(kind=PublicationKind.REPLACEMENT).order_by("-id")
    for code, day in rows.values_list("period_code", "published_on"):
        found[code] = (day, found.get(code, (day, 0))[1] + 1)
    return found
