"""The half-months of the regulation's article 7: what is processed when, reported when, published when.

From the 25th to the 10th: reported on the 11th, published on the 15th. From the 11th to the 24th: reported on the 25th,
published on the 30th, for which February's last day stands. Report and publication days move to the next working day;
the half-months themselves never move.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final, Literal, cast
from zoneinfo import ZoneInfo

from certlookup.calendar.holidays import Holidays

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
OPENS_AT: Final = time(9)
CLOSES_AT: Final = time(16)

Half = Literal["A", "B"]
# DueDay has a field of the type's own name.
_Day = date

_CODE: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([AB])")
YEARS: Final = range(1950, 2200)


class PeriodError(ValueError):
    """A code or a half-month that doesn't exist."""


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Half a month of processing; periods sort by time and tile it without a gap."""

    year: int
    month: int
    half: Half

    def __post_init__(self) -> None:
        """Refuse a half-month that doesn't exist."""
        if self.year not in YEARS or not 1 <= self.month <= 12 or self.half not in ("A", "B"):
            raise PeriodError(self.code)

    @classmethod
    def parse(cls, code: str) -> "Period":
        """Read a code such as 2026-11-A; raises PeriodError."""
        match = _CODE.fullmatch(code)
        if match is None:
            raise PeriodError(code)
        return cls(int(match[1]), int(match[2]), cast(Half, match[3]))

    @classmethod
    def containing(cls, day: date) -> "Period":
        """Find the period in which something processed on this day falls; the 25th opens the next month's first."""
        if day.day <= 10:
            return cls(day.year, day.month, "A")
        if day.day <= 24:
            return cls(day.year, day.month, "B")
        return cls(day.year, day.month, "B").next()

    @property
    def code(self) -> str:
        """The stable name, such as 2026-11-A."""
        return f"{self.year:04}-{self.month:02}-{self.half}"

    @property
    def first_day(self) -> date:
        """The first day of processing."""
        if self.half == "B":
            return date(self.year, self.month, 11)
        return date(self.year, self.month - 1, 25) if self.month > 1 else date(self.year - 1, 12, 25)

    @property
    def last_day(self) -> date:
        """The last day of processing."""
        return date(self.year, self.month, 10 if self.half == "A" else 24)

    @property
    def nominal_report_day(self) -> date:
        """The day of the regulation's text, before any postponement."""
        return date(self.year, self.month, 11 if self.half == "A" else 25)

    @property
    def nominal_publication_day(self) -> date:
        """The day of the regulation's text, before any postponement; in February the last one stands for the 30th."""
        if self.half == "A":
            return date(self.year, self.month, 15)
        return date(self.year, self.month, min(30, monthrange(self.year, self.month)[1]))

    @property
    def short_label(self) -> str:
        """The name on pages, such as 2026年11月第1期."""
        return f"{self.year}年{self.month}月第{1 if self.half == 'A' else 2}期"

    @property
    def label(self) -> str:
        """The name with its days; the years stand with the days only where they differ."""
        first, last = self.first_day, self.last_day
        if first.year == last.year:
            days = f"{first.month}月{first.day}日至{last.month}月{last.day}日"
        else:
            days = f"{first.year}年{first.month}月{first.day}日至{last.year}年{last.month}月{last.day}日"
        return f"{self.short_label}（{days}办理）"

    def next(self) -> "Period":
        """Give the period after this one."""
        if self.half == "A":
            return Period(self.year, self.month, "B")
        return Period(self.year, self.month + 1, "A") if self.month < 12 else Period(self.year + 1, 1, "A")

    def previous(self) -> "Period":
        """Give the period before this one."""
        if self.half == "B":
            return Period(self.year, self.month, "A")
        return Period(self.year, self.month - 1, "B") if self.month > 1 else Period(self.year - 1, 12, "B")


@dataclass(frozen=True, slots=True)
class DueDay:
    """A report or publication day.

    nominal: the day before postponement. provisional: its year's days off aren't announced yet, the day may move.
    """

    date: _Day
    provisional: bool
    nominal: _Day


@dataclass(frozen=True, slots=True)
class Window:
    """When a period's batches are submitted: from opens until just before closes, both aware, Asia/Shanghai."""

    opens: datetime
    closes: datetime
    provisional: bool

    def contains(self, moment: datetime) -> bool:
        """Say whether an aware moment lies inside."""
        return self.opens <= moment < self.closes


def report_day(period: Period, holidays: Holidays) -> DueDay:
    """Compute the day on which a period is reported."""
    return _postpone(period.nominal_report_day, holidays)


def publication_day(period: Period, holidays: Holidays) -> DueDay:
    """Compute the day on which a period is published."""
    return _postpone(period.nominal_publication_day, holidays)


def window(period: Period, holidays: Holidays) -> Window:
    """Compute the hours in which a period's batches are submitted."""
    day = report_day(period, holidays)
    return Window(
        opens=datetime.combine(day.date, OPENS_AT, SHANGHAI),
        closes=datetime.combine(day.date, CLOSES_AT, SHANGHAI),
        provisional=day.provisional,
    )


def current_period(today: date, holidays: Holidays) -> Period:
    """Find the period staff are working on: the earliest one whose publication day is today or later."""
    period = Period.containing(today)
    while publication_day(period.previous(), holidays).date >= today:
        period = period.previous()
    while publication_day(period, holidays).date < today:
        period = period.next()
    return period


def _postpone(nominal: date, holidays: Holidays) -> DueDay:
    day = holidays.next_working_day(nominal)
    provisional = holidays.is_provisional(nominal.year) or holidays.is_provisional(day.year)
    return DueDay(date=day, provisional=provisional, nominal=nominal)
