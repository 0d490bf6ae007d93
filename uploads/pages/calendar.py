"""日历与延期: the half-months with their windows and days, and the leave that was given for each (R7)."""

from dataclasses import dataclass
from datetime import date, datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from certificates.models import Office
from certlookup.calendar.holidays import Holidays
from certlookup.calendar.periods import Period, PeriodError, current_period, publication_day, window
from uploads.intake.periods import fix_period, holidays
from uploads.models import Capacity, Extension, PublicationOrder
from uploads.pages.calendar_confirmations import ExtensionForm, OrderForm
from uploads.pages.frame import StaffRequest, capacity_required, render_staff, staff_required
from uploads.refusals import Refusal
from uploads.release.assemble import order_publication, record_extension

EARLIER, COMING = 8, 4


@dataclass(frozen=True, slots=True)
class PeriodLine:
    """One half-month as the calendar shows it; days that were postponed name the day of the regulation's text."""

    period: Period
    opens: datetime
    closes: datetime
    reported_instead_of: date | None
    publication: date
    published_instead_of: date | None
    provisional: bool
    is_current: bool
    is_open: bool
    extensions: tuple[Extension, ...]
    orders: tuple[PublicationOrder, ...]


def periods_around(today: date, known: Holidays) -> list[Period]:
    """Earlier, present and coming periods, the newest first."""
    first = current_period(today, known)
    for _ in range(EARLIER):
        first = first.previous()
    found = [first]
    for _ in range(EARLIER + COMING):
        found.append(found[-1].next())
    return found[::-1]


@require_safe
@staff_required
def calendar(request: StaffRequest) -> HttpResponse:
    """Everybody sees every period's days, extensions and orders."""
    now = timezone.now()
    known = holidays()
    present = current_period(timezone.localdate(now), known)
    shown = periods_around(timezone.localdate(now), known)
    codes = [period.code for period in shown]
    extensions = list(Extension.objects.filter(period_id__in=codes).select_related("office", "recorded_by"))
    orders = list(PublicationOrder.objects.filter(period_id__in=codes).select_related("ordered_by"))
    lines = []
    for period in shown:
        hours, due = window(period, known), publication_day(period, known)
        reported = timezone.localdate(hours.opens)
        lines.append(
            PeriodLine(
                period=period,
                opens=hours.opens,
                closes=hours.closes,
                reported_instead_of=period.nominal_report_day if reported != period.nominal_report_day else None,
                publication=due.date,
                published_instead_of=due.nominal if due.date != due.nominal else None,
                provisional=hours.provisional or due.provisional,
                is_current=period == present,
                is_open=hours.contains(now),
                extensions=tuple(entry for entry in extensions if entry.period_id == period.code),
                orders=tuple(entry for entry in orders if entry.period_id == period.code),
            )
        )
    context = {
        "lines": lines,
        "present": next(line for line in lines if line.is_current),
        "may_extend": request.staff.holds(Capacity.DEPARTMENT_HEAD),
        "may_order": request.staff.holds(Capacity.DEPUTY_DIRECTOR),
    }
    return render_staff(request, "uploads/calendar/calendar.html", context)


def _asked_period(request: StaffRequest, known: Holidays) -> str:
    """The period that a link names, or the present one."""
    try:
        return Period.parse(request.GET.get("period", "")).code
    except PeriodError:
        return current_period(timezone.localdate(), known).code


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(Capacity.DEPARTMENT_HEAD)
def new_extension(request: StaffRequest) -> HttpResponse:
    """延期: the department head lets one office, or all, submit outside the window."""
    known = holidays()
    form = ExtensionForm(
        request.POST if request.method == "POST" else None,
        staff=request.staff,
        capacities=[Capacity.DEPARTMENT_HEAD],
        periods=periods_around(timezone.localdate(), known),
        offices=Office.objects.in_force(timezone.localdate()),
        initial={
            "period": _asked_period(request, known),
            "opens_at": timezone.localtime().replace(second=0, microsecond=0),
        },
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            record_extension(
                by=form.actor,
                period=fix_period(Period.parse(data["period"])),
                office_code=data["office"] or None,
                opens_at=data["opens_at"],
                closes_at=data["closes_at"],
                reason=data["reason"],
            )
        except Refusal as refusal:
            form.add_error(None, refusal.sentence())
        else:
            messages.success(request, "延期已记录，有关单位在期限内可以上报。")
            return redirect("staff-calendar")
    return render_staff(request, "uploads/calendar/extension.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(Capacity.DEPUTY_DIRECTOR)
def new_order(request: StaffRequest) -> HttpResponse:
    """提前上网指示: the deputy director lets a period be published before its day."""
    known = holidays()
    form = OrderForm(
        request.POST if request.method == "POST" else None,
        staff=request.staff,
        capacities=[Capacity.DEPUTY_DIRECTOR],
        periods=[
            period
            for period in periods_around(timezone.localdate(), known)
            if publication_day(period, known).date > timezone.localdate()
        ],
        initial={"period": _asked_period(request, known)},
    )
    if request.method == "POST" and form.is_valid():
        period = Period.parse(form.cleaned_data["period"])
        try:
            order_publication(by=form.actor, period=fix_period(period), reason=form.cleaned_data["reason"])
        except Refusal as refusal:
            form.add_error(None, refusal.sentence())
        else:
            messages.success(request, f"提前上网指示已记录，{period.short_label}签字完成后即可上网。")
            return redirect("staff-calendar")
    return render_staff(request, "uploads/calendar/order.html", {"form": form})
