"""放假安排: what staff entered of the State Council's notices, and entering one, which shows first what it moves."""

from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from certificates.models import HolidayOverride, HolidayYear
from certificates.models.calendar import known_holidays
from uploads.intake.holidays import Consequence, Notice, change_holidays, consequence_of
from uploads.models import Capacity
from uploads.pages.calendar_confirmations import HolidaysConfirmation
from uploads.pages.forms.holidays import HolidaysForm
from uploads.pages.frame import StaffRequest, capacity_required, render_staff, staff_required
from uploads.refusals import Refusal

KEEPERS = (Capacity.SYSTEM_ADMINISTRATOR,)
YEARS_AHEAD = 2


@dataclass(frozen=True, slots=True)
class NoticeEntered:
    """A notice with the days that stand by it."""

    number: str
    note: str
    days: tuple[HolidayOverride, ...]


@dataclass(frozen=True, slots=True)
class YearLine:
    """A year and where its days off are known from; source is empty while they aren't."""

    year: int
    source: str


def years_shown(today: date) -> list[YearLine]:
    """This year and the coming ones."""
    announced = dict(HolidayYear.objects.exclude(notice_number="").values_list("year", "notice_number"))
    known = known_holidays()
    return [
        YearLine(year, announced.get(year) or ("" if known.is_provisional(year) else "国务院办公厅已公布"))
        for year in range(today.year, today.year + YEARS_AHEAD + 1)
    ]


def _years_to_announce(today: date) -> list[int]:
    return [line.year for line in years_shown(today) if not line.source]


@require_safe
@staff_required
def holidays(request: StaffRequest) -> HttpResponse:
    """All staff see what was entered, the newest days first."""
    entered = HolidayOverride.objects.order_by("notice_number", "day")
    notices = [
        NoticeEntered(number, days[0].note, tuple(days))
        for number, found in groupby(entered, key=lambda override: override.notice_number)
        if (days := list(found))
    ]
    notices.sort(key=lambda notice: notice.days[-1].day, reverse=True)
    context = {
        "notices": notices,
        "years": years_shown(timezone.localdate()),
        "may_enter": request.staff.holds(*KEEPERS),
    }
    return render_staff(request, "uploads/calendar/holidays.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(*KEEPERS)
def new_holidays(request: StaffRequest) -> HttpResponse:
    """What the notice says; the answer shows which dates it moves, and asks for the second factor."""
    today = timezone.localdate()
    sent = request.POST if request.method == "POST" else None
    editing = sent is not None and "edit" in sent
    form = HolidaysForm(None if editing else sent, years=_years_to_announce(today), initial=sent if editing else None)
    if sent is not None and not editing and form.is_valid():
        consequence = _consequence(form, today)
        if consequence is not None:
            confirmation = HolidaysConfirmation(
                None, staff=request.staff, capacities=KEEPERS, now_seen=consequence.seen
            )
            return _confirm(request, form, form.notice, consequence, confirmation)
    return render_staff(request, "uploads/calendar/holidays_new.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(*KEEPERS)
def save_holidays(request: StaffRequest) -> HttpResponse:
    """Save what was shown; where the calendar has changed meanwhile, show it again."""
    if request.method != "POST":
        return redirect("staff-holidays-new")
    today = timezone.localdate()
    form = HolidaysForm(request.POST, years=_years_to_announce(today))
    consequence = _consequence(form, today) if form.is_valid() else None
    if consequence is None:
        return render_staff(request, "uploads/calendar/holidays_new.html", {"form": form})
    confirmation = HolidaysConfirmation(
        request.POST, staff=request.staff, capacities=KEEPERS, now_seen=consequence.seen
    )
    if confirmation.is_valid():
        try:
            change_holidays(by=confirmation.actor, notice=form.notice, seen=confirmation.cleaned_data["seen"])
        except Refusal as refusal:
            confirmation.add_error(None, refusal.sentence())
        else:
            messages.success(request, f"{form.notice.number}已登记，各期次的上报时间和上网日期随即按新的日历计算。")
            return redirect("staff-holidays")
    return _confirm(request, form, form.notice, consequence, confirmation)


def _consequence(form: HolidaysForm, today: date) -> Consequence | None:
    """What the notice would move; None, with the reason on the form, where it can't be entered."""
    try:
        return consequence_of(form.notice, today)
    except Refusal as refusal:
        form.add_error(None, refusal.sentence())
        return None


def _confirm(
    request: StaffRequest,
    form: HolidaysForm,
    notice: Notice,
    consequence: Consequence,
    confirmation: HolidaysConfirmation,
) -> HttpResponse:
    if "seen" in confirmation.errors:
        # The list below is the new one.
        confirmation.data = confirmation.data.copy()
        confirmation.data["seen"] = consequence.seen
    context = {"form": confirmation, "typed": form, "notice": notice, "consequence": consequence}
    return render_staff(request, "uploads/calendar/holidays_confirm.html", context)
