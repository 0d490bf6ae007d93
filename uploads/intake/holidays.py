"""放假安排: what a notice of the State Council changes in the calendar, and which days that moves (R7).

change_holidays() in the database checks, writes and records; windows and due days follow there by themselves.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.utils import timezone

from certificates.models import HolidayOverride
from certificates.models.calendar import known_holidays
from certlookup.calendar.holidays import Holidays
from certlookup.calendar.moves import Move, moved_days
from certlookup.calendar.periods import Period
from uploads.actor import Actor
from uploads.models import Batch, Release
from uploads.models.release import IS_PUBLIC
from uploads.oversight.audit import one_act
from uploads.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Notice:
    """What a notice says: days off, days worked, days as they would be without an override, the year it announces."""

    number: str
    off: tuple[date, ...]
    working: tuple[date, ...]
    restored: tuple[date, ...]
    year: int | None
    note: str = ""

    @property
    def days(self) -> tuple[date, ...]:
        """Every day that it names."""
        return self.off + self.working + self.restored


@dataclass(frozen=True, slots=True)
class Consequence:
    """What saving a notice would move: seen is the mark of exactly this list; unchanged are days that are so already."""

    moves: tuple[Move, ...]
    batches: int
    releases: int
    unchanged: tuple[date, ...]
    seen: str

    @property
    def other_dates(self) -> tuple[Move, ...]:
        """The due days that get another date."""
        return tuple(move for move in self.moves if move.changes_the_date)

    @property
    def same_dates(self) -> tuple[Move, ...]:
        """The due days of which only changes whether they are provisional."""
        return tuple(move for move in self.moves if not move.changes_the_date)


def applied(notice: Notice, before: Holidays) -> Holidays:
    """The calendar as it would be with the notice."""
    overrides = {day: works for day, works in before.overrides.items() if day not in notice.restored}
    overrides |= dict.fromkeys(notice.off, False) | dict.fromkeys(notice.working, True)
    announced = before.announced if notice.year is None else before.announced | {notice.year}
    return Holidays(overrides, announced)


def consequence_of(notice: Notice, today: date) -> Consequence:
    """Which dates the notice would move, and how many open batches and releases go by them. Raises Refusal where it can't be."""
    require_possible(notice, today)
    before = known_holidays()
    after = applied(notice, before)
    moves = tuple(moved_days(before, after, periods_touched(notice)))
    moved = {move.period.code for move in moves if move.changes_the_date}
    return Consequence(
        moves=moves,
        batches=Batch.objects.filter(period_id__in=moved).exclude(state="published").count(),
        releases=Release.objects.filter(period_id__in=moved).exclude(state__in=[*IS_PUBLIC, "returned"]).count(),
        unchanged=tuple(day for day in sorted(notice.days) if before.is_working_day(day) == after.is_working_day(day)),
        seen=_mark(moves),
    )


def require_possible(notice: Notice, today: date) -> None:
    """Say kindly what change_holidays() would refuse. Raises Refusal."""
    if not notice.number.strip():
        raise Refusal("holidays_without_a_notice")
    if not notice.days and notice.year is None:
        raise Refusal("holidays_say_nothing")
    if any(day < today for day in notice.days) or (notice.year is not None and notice.year < today.year):
        raise Refusal("holiday_is_past")
    if len(set(notice.days)) != len(notice.days):
        raise Refusal("holiday_is_named_twice")


def periods_touched(notice: Notice) -> list[Period]:
    """Every half-month whose days the notice could move: those of its days, a month before them, and of its whole year."""
    found: set[Period] = set()
    for day in notice.days:
        period = Period.containing(day)
        for _ in range(4):
            found.add(period)
            period = period.previous()
    if notice.year is not None:
        found |= {Period(notice.year, month, half) for month in range(1, 13) for half in ("A", "B")}
        # The year before ends with days that may be postponed into this one.
        found.add(Period(notice.year - 1, 12, "B"))
    return sorted(found)


def change_holidays(*, by: Actor, notice: Notice, seen: str) -> None:
    """Enter a notice whose consequences were seen. Writes holiday_override, holiday_year, period_days and audit.

    Raises Refusal where the calendar has changed since, a day has passed, or the person is no system administrator.
    """
    with (
        one_act(by=by, action="holidays.change", subject_kind="calendar", subject_id=notice.number[:40]),
        connection.cursor() as cursor,
    ):
        if consequence_of(notice, timezone.localdate()).seen != seen:
            raise Refusal("holidays_moved_since_seen")
        cursor.execute(
            "SELECT change_holidays(%s::date[], %s::date[], %s::date[], %s, %s, %s, %s, %s)",
            [
                list(notice.off),
                list(notice.working),
                list(notice.restored),
                notice.year,
                notice.number,
                notice.note,
                by.person.id,
                by.address,
            ],
        )


def entered_from(day: date) -> list[HolidayOverride]:
    """The overrides that aren't over yet, by day."""
    return list(HolidayOverride.objects.filter(day__gte=day))


def _mark(moves: Iterable[Move]) -> str:
    return hashlib.sha256("\n".join(map(repr, moves)).encode()).hexdigest()
