"""Dates, half-months and numbers as the public pages write them, in the language that is active."""

from datetime import date, datetime
from functools import lru_cache

from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.translation import get_language, gettext, ngettext

from certificates.certnumber import group_in_fours
from certificates.names import SEPARATOR
from certlookup.calendar.periods import Period

NO_BREAK_SPACE = "\u00a0"


def day(value: date) -> str:
    """A day in full: 2026 年 11 月 16 日, 16 November 2026."""
    return day_in(get_language(), value)


# A lookup shows four of them, out of a few thousand that certificates have.
@lru_cache(maxsize=50_000)
def day_in(_language: str | None, value: date) -> str:
    """day(); the language that is active is given, as the key under which the words are remembered."""
    return format_date(value, gettext("Y 年 n 月 j 日"))


def short_day(value: date) -> str:
    """A day without its year: 11 月 16 日, 16 November."""
    return format_date(value, gettext("n 月 j 日"))


def due_day(value: date, provisional: bool) -> str:  # noqa: FBT001 - reads as its sentence
    """A due day in full; whether it may still move is said with it, wherever it is shown."""
    return gettext("%(day)s（暂定）") % {"day": day(value)} if provisional else day(value)


def as_of(moment: datetime | None) -> str:
    """Up to when data are complete that may be a little old, to the second; empty where they are present."""
    return format_date(timezone.localtime(moment), "Y-m-d H:i:s") if moment else ""


def period_name(period: Period) -> str:
    """A half-month's name: 2026 年 11 月第 1 期, half-month 1 of November 2026."""
    return _period_name(period, get_language())


@lru_cache(maxsize=5_000)
def _period_name(period: Period, language: str | None) -> str:
    month = format_date(date(period.year, period.month, 1), gettext("Y 年 n 月"))
    return gettext("%(month)s第 %(half)s 期") % {"month": month, "half": 1 if period.half == "A" else 2}


def period_days(period: Period, *, unbroken: bool = False) -> str:
    """The days of processing: 10 月 25 日至 11 月 10 日; with the years where they differ.

    unbroken keeps each of the two on one line, for narrow columns.
    """
    ends = [period.first_day, period.last_day]
    texts = [day(end) if ends[0].year != ends[1].year else short_day(end) for end in ends]
    if unbroken:
        texts = [text.replace(" ", NO_BREAK_SPACE) for text in texts]
    return gettext("%(first)s至 %(last)s") % {"first": texts[0], "last": texts[1]}


def records(count: int) -> str:
    """A count of certificates, never broken across lines: 38,214 条."""
    text = ngettext("%(count)s 条", "%(count)s 条", count) % {"count": f"{count:,}"}
    return text.replace(" ", NO_BREAK_SPACE)


def days(count: int) -> str:
    """A number of days: 7 天, 7 days."""
    text = ngettext("%(count)s 天", "%(count)s 天", count) % {"count": count}
    return text.replace(" ", NO_BREAK_SPACE)


def name_parts(name: str) -> tuple[tuple[str, ...], ...]:
    """A name's parts: a long name goes on in the next line after one. The separator stays with the character before it."""
    if SEPARATOR not in name:
        return ((name,),) if name else ()
    given = [part + SEPARATOR for part in name.split(SEPARATOR)]
    given[-1] = given[-1].removesuffix(SEPARATOR)
    return tuple(
        (part[:-2], part[-2:]) if len(part) > 2 and part.endswith(SEPARATOR) else (part,) for part in given if part
    )


def masked_groups(masked: str) -> tuple[str, ...]:
    """What a masked ID number shows, and what it hides: a page says the latter in words to whoever listens."""
    shown = masked.rstrip("*")
    return (shown, masked[len(shown) :]) if shown else (masked,)


def fours(number: str) -> tuple[str, ...]:
    """A number's groups of four; a page sets them apart by space that isn't copied."""
    return tuple(group_in_fours(number).split(" "))
