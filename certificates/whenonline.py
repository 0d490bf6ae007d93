"""'When will mine be online?': what follows from a date, the calendar, the publications and what is collected. Pure.

A certificate is processed in the half-month that contains its issue date, and handed out later; so the half-month of
the date of receipt is the latest that it can belong to.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from certificates.dates import DateError, DateProblem, parse_date
from certlookup.calendar.holidays import Holidays
from certlookup.calendar.periods import DueDay, Period, publication_day

# Article 5: after so many days from the receipt of the certificate the provincial centre is asked.
DAYS_TO_WAIT: Final = 30
# No certificate of this kind is older.
EARLIEST_YEAR: Final = 1980

_DAY: Final = timedelta(days=1)
_MONTH_OR_YEAR: Final = re.compile(r"([0-9]{4})(?:年|(?:[-/.年]([0-9]{1,2})月?))?")


class Basis(StrEnum):
    """What the visitor knows: when the certificate was received, when it was issued, or about when it was made."""

    RECEIVED = "received"
    ISSUED = "issued"
    ABOUT = "about"


@dataclass(frozen=True, slots=True)
class Asked:
    """The days in question, both ends included; one day where the visitor knows it."""

    basis: Basis
    first: date
    last: date

    @property
    def period(self) -> Period:
        """The latest half-month in which the certificate can have been processed."""
        return Period.containing(self.last)


class Collected(StrEnum):
    """How far an office's older certificates are collected (R3)."""

    COMPLETE = "complete"
    COLLECTING = "collecting"
    NOT_BEGUN = "not_begun"


@dataclass(frozen=True, slots=True)
class OfficeFacts:
    """What is known of the issuing office. online_on, no_data: of the half-month asked for; both empty: not there yet."""

    collected: Collected | None = None
    complete_from: date | None = None
    online_on: date | None = None
    no_data: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What the answer rests on. published: each half-month's day of publication; office: None where none was named."""

    holidays: Holidays
    published: Mapping[Period, date]
    office: OfficeFacts | None = None


class Kind(StrEnum):
    """What is to be said."""

    PENDING = "pending"  # its day is still to come
    TODAY = "today"  # its day is today
    OVERDUE = "overdue"  # its day is over, and the half-month isn't published yet
    ONLINE = "online"  # should be found: please call
    OFFICE_MISSING = "office_missing"  # published, without this office's data
    NO_DATA = "no_data"  # published, and the office had nothing to report
    COLLECTED = "collected"  # older than our publications, and complete: should be found
    COLLECTING = "collecting"  # older, being collected
    NOT_BEGUN = "not_begun"  # older, not begun
    NOT_COVERED = "not_covered"  # older than what the office's data begin with
    OLDER = "older"  # older than our publications, and nothing is known of the office


@dataclass(frozen=True, slots=True)
class Answer:
    """due: where the half-month's day matters. published_on, days_late: where it was published.

    complete_from: from when on the office's data are complete. call_from: the day on which 30 days from the receipt are
    over, where the receipt is known; may_call: it is reached.
    """

    kind: Kind
    period: Period
    due: DueDay
    published_on: date | None = None
    days_late: int = 0
    complete_from: date | None = None
    call_from: date | None = None
    may_call: bool = False

    @property
    def should_be_found(self) -> bool:
        """Whether waiting is of no use."""
        return self.kind in (Kind.ONLINE, Kind.COLLECTED)


def read_days(text: str, today: date) -> tuple[date, date]:
    """Read a day, a month or a year as typed: 2026-11-03, 2026年11月, 2026; days to come are cut off.

    Raises DateError: IMPOSSIBLE for days before 1980, after today, or that don't exist.
    """
    folded = "".join(unicodedata.normalize("NFKC", text).split())
    match = _MONTH_OR_YEAR.fullmatch(folded)
    try:
        if match is None:
            first = last = parse_date(text)
        elif match[2] is None:
            first, last = date(int(match[1]), 1, 1), date(int(match[1]), 12, 31)
        else:
            first = date(int(match[1]), int(match[2]), 1)
            last = (first + 31 * _DAY).replace(day=1) - _DAY
    except DateError:
        raise
    except (OverflowError, ValueError) as error:
        raise DateError(DateProblem.IMPOSSIBLE) from error
    if first.year < EARLIEST_YEAR or first > today:
        raise DateError(DateProblem.IMPOSSIBLE)
    return first, min(last, today)


def answer(asked: Asked, facts: Facts, today: date) -> Answer:
    """Say when a certificate is or was due online, and what that means now."""
    period = asked.period
    due = publication_day(period, facts.holidays)
    call_from = asked.last + DAYS_TO_WAIT * _DAY if asked.basis is Basis.RECEIVED else None
    kind = _kind(asked, facts, due, today)
    published_on = _published_on(kind, period, facts)
    return Answer(
        kind=kind,
        period=period,
        due=due,
        published_on=published_on,
        days_late=max(0, (published_on - due.date).days) if published_on else 0,
        complete_from=facts.office.complete_from if facts.office else None,
        call_from=call_from,
        may_call=call_from is not None and today >= call_from,
    )


def _kind(asked: Asked, facts: Facts, due: DueDay, today: date) -> Kind:
    if asked.period in facts.published:
        return _kind_of_published(facts.office)
    if _is_older(asked, facts, due, today):
        return _kind_of_older(asked, facts.office)
    if due.date > today:
        return Kind.PENDING
    return Kind.TODAY if due.date == today else Kind.OVERDUE


def _is_older(asked: Asked, facts: Facts, due: DueDay, today: date) -> bool:
    """Whether the certificate is from before our publications: then it comes by collecting, not by the calendar."""
    if facts.published:
        return asked.period < min(facts.published)
    # Nothing is published yet; what has been collected is all that can be known.
    return due.date < today and facts.office is not None and facts.office.collected is not None


def _kind_of_published(office: OfficeFacts | None) -> Kind:
    if office is None:
        return Kind.ONLINE
    if office.no_data:
        return Kind.NO_DATA
    return Kind.ONLINE if office.online_on is not None else Kind.OFFICE_MISSING


def _kind_of_older(asked: Asked, office: OfficeFacts | None) -> Kind:
    if office is None or office.collected is None:
        return Kind.OLDER
    if office.complete_from is not None and asked.first >= office.complete_from:
        return Kind.COLLECTED
    match office.collected:
        case Collected.COLLECTING:
            return Kind.COLLECTING
        case Collected.NOT_BEGUN:
            return Kind.NOT_BEGUN
        case Collected.COMPLETE:
            return Kind.COLLECTED if office.complete_from is None else Kind.NOT_COVERED


def _published_on(kind: Kind, period: Period, facts: Facts) -> date | None:
    if kind is Kind.ONLINE and facts.office is not None:
        return facts.office.online_on
    if kind in (Kind.ONLINE, Kind.NO_DATA, Kind.OFFICE_MISSING):
        return facts.published[period]
    return None
