"""What the home and the not-found page say about publications and coverage."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext

from certificates.held import Reference
from certificates.models.offices import CoverageState
from certificates.officenames import has_english_name, office_name
from certificates.pages import wording
from certlookup.calendar.holidays import Holidays
from certlookup.calendar.periods import Period, PeriodError, current_period, publication_day


@dataclass(frozen=True, slots=True)
class LastPublication:
    """The newest publication of a half-month's data; searchable counts every certificate that can be found."""

    published_on: date
    period: Period | None
    row_count: int
    searchable: int


@dataclass(frozen=True, slots=True)
class NextPublication:
    """The next one; provisional while the days off of its year aren't announced."""

    day: date
    period: Period
    provisional: bool


@dataclass(frozen=True, slots=True)
class OfficeCoverage:
    """What can be found of one office's certificates, in words."""

    office: str
    text: str
    is_chinese: bool


@dataclass(frozen=True, slots=True)
class OfficialSite:
    """A lookup site named by the regulation; host may be empty."""

    name: str
    host: str


@dataclass(frozen=True, slots=True)
class CoverageSummary:
    """How far the offices are with their older certificates."""

    complete: int
    offices: int


@dataclass(frozen=True, slots=True)
class Overview:
    """What is published, in words, and where the official sites are."""

    last: LastPublication | None
    last_day: str
    last_days: str
    last_rows: str
    searchable: str
    next_day: str
    next_days: str
    next_provisional: bool
    sites: list[OfficialSite]
    own_host: str


def period_or_none(code: str) -> Period | None:
    """The half-month of a publication; None where its code names none, as a page never fails for that."""
    try:
        return Period.parse(code)
    except PeriodError:
        return None


def last_publication(known: Reference) -> LastPublication | None:
    """The newest regular or supplementary publication; None while the register is empty."""
    if known.newest is None or known.covering is None:
        return None
    return LastPublication(
        published_on=known.covering.published_on,
        period=period_or_none(known.covering.period_code),
        row_count=known.covering.row_count,
        searchable=known.newest.searchable_after,
    )


def next_publication(today: date, last: LastPublication | None, holidays: Holidays) -> NextPublication:
    """The next due publication; a period that is published already is passed over."""
    period = current_period(today, holidays)
    if last is not None and last.period is not None and last.period >= period:
        period = last.period.next()
    due = publication_day(period, holidays)
    return NextPublication(due.date, period, due.provisional)


def office_coverage(known: Reference) -> list[OfficeCoverage]:
    """Every office's coverage, in the order of the codes."""
    return [
        OfficeCoverage(
            office_name(coverage.office.code, coverage.office.name),
            _coverage_text(CoverageState(coverage.state), coverage.complete_from),
            is_chinese=not has_english_name(coverage.office.code),
        )
        for coverage in known.coverage
    ]


def _coverage_text(state: CoverageState, complete_from: date | None) -> str:
    older = {
        CoverageState.COMPLETE: "",
        CoverageState.COLLECTING: gettext("更早的正在整理"),
        CoverageState.NOT_BEGUN: gettext("更早的尚未开始整理"),
    }
    alone = {
        CoverageState.COMPLETE: gettext("已齐全"),
        CoverageState.COLLECTING: gettext("正在整理"),
        CoverageState.NOT_BEGUN: gettext("尚未开始整理"),
    }
    if complete_from is None:
        return alone[state]
    complete = gettext("%(day)s起的已齐全") % {"day": wording.day(complete_from)}
    return complete + gettext("，") + older[state] if older[state] else complete


def official_sites() -> list[OfficialSite]:
    """The sites of the setting OFFICIAL_SITES."""
    sites = (entry.partition(" ") for entry in settings.OFFICIAL_SITES)
    return [OfficialSite(name, host.strip()) for name, _, host in sites]


def home_overview(known: Reference) -> Overview:
    """The facts beside the form, as of today."""
    last = last_publication(known)
    coming = next_publication(timezone.localdate(), last, known.holidays)
    return Overview(
        last=last,
        last_day=wording.day(last.published_on) if last else "",
        last_days=wording.period_days(last.period) if last and last.period else "",
        last_rows=wording.records(last.row_count) if last else "",
        searchable=wording.records(last.searchable) if last else "",
        next_day=wording.due_day(coming.day, coming.provisional),
        next_days=wording.period_days(coming.period),
        next_provisional=coming.provisional,
        sites=official_sites(),
        own_host=own_host(),
    )


def own_host() -> str:
    """The site's own domain, as a visitor reads it in the address bar."""
    return urlsplit(settings.SITE_ADDRESS).netloc


def coverage_summary(known: Reference) -> CoverageSummary | None:
    """How many offices have all their certificates here; None while nothing is recorded."""
    states = [coverage.state for coverage in known.coverage]
    return CoverageSummary(states.count(CoverageState.COMPLETE), len(states)) if states else None
