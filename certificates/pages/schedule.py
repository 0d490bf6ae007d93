"""/schedule/ and /schedule.ics: when what was processed in a half-month is to be found."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.translation import get_language, gettext

from certificates import schedule as half_months
from certificates.pages import errors, wording
from certificates.pages.icalendar import Event, calendar_text, day_after
from certificates.schedule import Scheduled
from certlookup.calendar.periods import DueDay

FRESH_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class ShownDay:
    """A due day in words; moved_from is the day of the regulation's text where that was postponed."""

    iso: str
    text: str
    moved_from: str
    provisional: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One half-month as a row."""

    name: str
    days: str
    report: ShownDay
    publication: ShownDay
    published: str
    late: bool
    is_current: bool


@dataclass(frozen=True, slots=True)
class Year:
    """The half-months of a year of publication."""

    name: str
    lines: tuple[Line, ...]
    provisional: bool


def schedule(request: HttpRequest) -> HttpResponse:
    """The calendar."""
    if request.method not in ("GET", "HEAD"):
        return errors.method_not_allowed(request, ("GET", "HEAD"))
    now = timezone.localtime()
    context = {"years": list(_years(half_months.schedule(now))), "calendar_url": reverse("schedule-ics")}
    return render(request, "certificates/schedule.html", context)


def schedule_ics(request: HttpRequest) -> HttpResponse:
    """The same for a calendar program to subscribe to."""
    if request.method not in ("GET", "HEAD"):
        return errors.method_not_allowed(request, ("GET", "HEAD"))
    now = timezone.localtime()
    content = calendar_text(
        gettext("山东省职业资格证书上网日历"),
        gettext("职业资格证书数据每半个月一期：何时上报，何时上网可查。"),
        "en" if get_language() == "en" else "zh-Hans",
        _events(half_months.schedule(now)),
        # The same file all day long: a program that compares sees no change where there is none.
        stamp=now.replace(hour=0, minute=0, second=0, microsecond=0),
    )
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = 'inline; filename="schedule.ics"'
    response.headers["Cache-Control"] = f"public, max-age={FRESH_SECONDS}"
    return response


def _years(lines: Iterable[Scheduled]) -> Iterator[Year]:
    """By the year of the half-month's name."""
    for year, found in groupby(lines, key=lambda line: line.period.year):
        listed = tuple(found)
        yield Year(
            name=format_date(date(year, 1, 1), gettext("Y 年")),
            lines=tuple(map(_line, listed)),
            provisional=any(line.publication.provisional or line.report.provisional for line in listed),
        )


def _line(line: Scheduled) -> Line:
    return Line(
        name=wording.period_name(line.period),
        days=wording.period_days(line.period, unbroken=True),
        report=_shown(line.report),
        publication=_shown(line.publication),
        published=wording.short_day(line.published_on) if line.published_on else "",
        late=line.is_late,
        is_current=line.is_current,
    )


def _shown(due: DueDay) -> ShownDay:
    return ShownDay(
        iso=due.date.isoformat(),
        text=wording.short_day(due.date),
        moved_from=wording.short_day(due.nominal) if due.nominal != due.date else "",
        provisional=due.provisional,
    )


def _events(lines: Iterable[Scheduled]) -> Iterator[Event]:
    host = urlsplit(settings.SITE_ADDRESS).hostname or "certlookup"
    address = settings.SITE_ADDRESS.rstrip("/") + reverse("schedule")
    for line in lines:
        code, days = line.period.code, wording.period_days(line.period)
        for kind, begins, ends, summary, due in (
            ("report", line.window.opens, line.window.closes, gettext("上报：%(days)s办理的证书数据"), line.report),
            (
                "publication",
                line.publication.date,
                day_after(line.publication.date),
                gettext("上网：%(days)s办理的证书可查"),
                line.publication,
            ),
        ):
            text = summary % {"days": days}
            yield Event(
                uid=f"{code}-{kind}@{host}",
                begins=begins,
                ends=ends,
                summary=text + gettext("（暂定）") if due.provisional else text,
                description=_description(line, due),
                url=address,
                tentative=due.provisional,
                categories=gettext("上报") if kind == "report" else gettext("上网"),
            )


def _description(line: Scheduled, due: DueDay) -> str:
    said = [wording.period_name(line.period)]
    if due.date != due.nominal:
        said.append(gettext("%(day)s逢休息日或法定节假日，顺延。") % {"day": wording.day(due.nominal)})
    if due.provisional:
        said.append(gettext("该年度放假安排尚未公布，日期可能变动。"))
    return "\n".join(said)
