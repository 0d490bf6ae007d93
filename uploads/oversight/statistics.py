"""统计: the four counts that a person would rather look at than read; what is counted here, pages draw and tabulate."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q, Sum
from django.utils import timezone

from certificates.models import LookupCount, Office
from certlookup.calendar.periods import Period, current_period
from uploads.intake.halfmonths import HalfMonth, summaries_of
from uploads.intake.overview import Offices, batches_of
from uploads.intake.periods import holidays
from uploads.models import Attempt, AttemptState, BatchKind
from uploads.models.intake import CHANGES, REPORTED

PERIODS = 12
DAYS = 30


@dataclass(frozen=True, slots=True)
class PeriodBatches:
    """The submitted batches of one half-month by kind, those without data among the regular ones."""

    period: Period
    regular: int
    backfill: int
    changes: int


@dataclass(frozen=True, slots=True)
class OfficeRefusals:
    """What an office's files of these half-months came to, every attempt counted."""

    office: str
    files: int
    rows: int
    refused: int

    @property
    def per_thousand(self) -> float:
        """Refused rows in a thousand."""
        return round(1000 * self.refused / self.rows, 1) if self.rows else 0.0


@dataclass(frozen=True, slots=True)
class Punctuality:
    """How many offices reported in time, after the window, not at all, or have time left; and how the publication came."""

    half_month: HalfMonth
    on_time: int
    late: int
    missing: int
    waiting: int


@dataclass(frozen=True, slots=True)
class DayLookups:
    """The lookups of a day."""

    day: date
    hits: int
    misses: int


def last_periods(today: date, count: int = PERIODS) -> list[Period]:
    """The half-months up to the present one, by time."""
    found = [current_period(today, holidays())]
    while len(found) < count:
        found.insert(0, found[0].previous())
    return found


def batches_by_period(periods: Sequence[Period], offices: Offices) -> list[PeriodBatches]:
    """The submitted batches of each half-month."""
    counted: dict[str, dict[str, Any]] = {
        row["period_id"]: dict(row)
        for row in batches_of(offices)
        .filter(period_id__in=[period.code for period in periods], state__in=REPORTED)
        .order_by()
        .values("period_id")
        .annotate(
            regular=Count("id", filter=Q(kind=BatchKind.REGULAR)),
            backfill=Count("id", filter=Q(kind=BatchKind.BACKFILL)),
            changes=Count("id", filter=Q(kind__in=CHANGES)),
        )
    }
    return [
        PeriodBatches(
            period, *(counted.get(period.code, {}).get(kind, 0) for kind in ("regular", "backfill", "changes"))
        )
        for period in periods
    ]


def refusals_by_office(periods: Sequence[Period], today: date, offices: Offices) -> list[OfficeRefusals]:
    """Rows refused in each office's files, the most first; offices without a file have their line, too."""
    files = Attempt.objects.filter(batch__period_id__in=[period.code for period in periods], state=AttemptState.CHECKED)
    counted: dict[str, dict[str, Any]] = {
        row["batch__office_id"]: dict(row)
        for row in files.order_by()
        .values("batch__office_id")
        .annotate(files=Count("id"), read=Sum("read_count"), refused=Sum("refused_count"))
    }
    shown = Office.objects.in_force(today)
    if offices is not None:
        shown = shown.filter(code__in=offices)
    lines = [
        OfficeRefusals(
            office.name,
            *(counted.get(office.code, {}).get(name) or 0 for name in ("files", "read", "refused")),
        )
        for office in shown.order_by("code")
    ]
    return sorted(lines, key=lambda line: -line.refused)


def punctuality_of(periods: Sequence[Period], now: datetime, offices: Offices) -> list[Punctuality]:
    """How punctual the offices were in each half-month, and the publication; from the first one with a report on."""
    pairs = (
        batches_of(offices)
        .filter(
            period_id__in=[period.code for period in periods],
            kind=BatchKind.REGULAR,
            state__in=REPORTED,
            submitted_at__gte=F("period__closes_at"),
        )
        .values_list("period_id", "office_id")
    )
    late = Counter(code for code, _ in set(pairs))
    found: list[Punctuality] = []
    for line in summaries_of(periods, timezone.localdate(now), offices):
        if not found and not line.reported and not line.dates.is_current:
            continue
        behind = min(late[line.dates.period.code], line.reported)
        is_over = line.dates.closes_at <= now
        found.append(
            Punctuality(
                half_month=line,
                on_time=line.reported - behind,
                late=behind,
                missing=line.missing if is_over else 0,
                waiting=0 if is_over else line.missing,
            )
        )
    return found


def lookups_by_day(today: date, days: int = DAYS) -> list[DayLookups]:
    """Hits and misses of the last days, by time; a day without a lookup has its line, too."""
    first = today - timedelta(days=days - 1)
    counted: dict[date, dict[str, Any]] = {
        row["day"]: dict(row)
        for row in LookupCount.objects.filter(day__gte=first, day__lte=today)
        .order_by()
        .values("day")
        .annotate(hits_of_day=Sum("hits"), misses_of_day=Sum("misses"))
    }
    found = []
    for place in range(days):
        day = first + timedelta(days=place)
        row = counted.get(day, {})
        found.append(DayLookups(day, row.get("hits_of_day", 0), row.get("misses_of_day", 0)))
    return found
