"""本期工作: what waits for whoever is signed in, the matrix of offices by step, the half-months around, the campaigns."""

from datetime import datetime
from enum import StrEnum

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from certlookup.calendar.periods import Period, PeriodError, current_period
from uploads.backup.copies import proof_age
from uploads.intake.campaigns import CampaignProgress, progress_of_campaigns
from uploads.intake.halfmonths import half_months
from uploads.intake.overview import Offices, PeriodDates, overview
from uploads.intake.periods import holidays
from uploads.intake.steps import STEP_NAMES
from uploads.models import Campaign, Capacity
from uploads.oversight.verifying import is_publication_stopped
from uploads.pages.frame import StaffRequest, render_staff, staff_required
from uploads.pages.incidents import notices_for
from uploads.pages.todos import SIGNATURES, cards_for

CARDS_AT_MOST = 8
EARLIER, COMING = 6, 4


class WindowState(StrEnum):
    """Where the present moment lies against the hours of submission."""

    AHEAD = "ahead"
    OPEN = "open"
    OVER = "over"


def period_asked_for(code: str) -> Period:
    """The period of an address, or the current one. Raises Http404."""
    if not code:
        return current_period(timezone.localdate(), holidays())
    try:
        period = Period.parse(code)
        # The page links to both neighbours.
        period.previous()
        period.next()
        return period
    except PeriodError as error:
        raise Http404 from error


@require_safe
@staff_required
def home(request: StaffRequest) -> HttpResponse:
    """The work of this half-month, or of the one asked for."""
    staff, now, today = request.staff, timezone.now(), timezone.localdate()
    offices = None if staff.is_provincial else staff.office_codes
    period = period_asked_for(request.GET.get("period", ""))
    shown = overview(period, now, today, offices)
    current = shown if shown.dates.is_current else overview(period_asked_for(""), now, today, offices)
    cards = cards_for(staff, current, now)
    context = {
        "overview": shown,
        "period": period,
        "window_state": window_state(shown.dates, now),
        "days_to_window": (timezone.localdate(shown.dates.opens_at) - today).days,
        "no_data": [line.office.name for line in shown.lines if line.declares_no_data],
        "cards": cards[:CARDS_AT_MOST],
        "more_cards": cards[CARDS_AT_MOST:],
        "signs_several": sum(card.title in SIGNATURES for card in cards) > 1,
        "step_names": STEP_NAMES,
        "sees_all": staff.is_provincial,
        "half_months": half_months(today, offices, earlier=EARLIER, coming=COMING),
        "campaigns": _campaigns(now, offices),
        "may_upload": staff.holds(Capacity.CITY_OPERATOR, Capacity.PROVINCIAL_OPERATOR),
        "incidents": notices_for(staff),
        "publication_stopped": staff.is_provincial and is_publication_stopped(),
        "proof": proof_age(now) if staff.is_provincial else None,
        "may_import": staff.holds(Capacity.PROVINCIAL_OPERATOR),
    }
    return render_staff(request, "uploads/dashboard.html", context)


def window_state(dates: PeriodDates, now: datetime) -> WindowState:
    """Before, in or after the regular hours."""
    if now < dates.opens_at:
        return WindowState.AHEAD
    return WindowState.OPEN if now < dates.closes_at else WindowState.OVER


def _campaigns(now: datetime, offices: Offices) -> list[CampaignProgress]:
    """The campaigns that aren't closed, those past their deadline too; an office sees those that ask it."""
    asked = Campaign.objects.filter(closed_at=None).order_by("deadline", "id")
    if offices is not None:
        asked = asked.filter(asked__office_id__in=offices).distinct()
    return progress_of_campaigns(asked, now, offices)
