"""举报: the provincial centre's queue of suspected forgeries."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_safe

from certificates.models import ForgeryReport
from certificates.randomcodes import write_code
from uploads.actor import Actor
from uploads.enquiries.answering import (
    age_in_days,
    close_report,
    is_late,
    show_report,
    take_photo,
    waiting_reports,
)
from uploads.models import Capacity
from uploads.oversight.viewing import record_view
from uploads.pages.forms.enquiries import HandlingForm
from uploads.pages.frame import StaffRequest, capacity_required, posted_from, render_staff
from uploads.pages.paging import turn_pages
from uploads.refusals import Refusal

READERS = (Capacity.PROVINCIAL_OPERATOR, Capacity.DEPARTMENT_HEAD)
PER_PAGE = 50


@require_safe
@capacity_required(*READERS)
def forgeries(request: StaffRequest) -> HttpResponse:
    """What waits, the oldest first; then what is done."""
    context = turn_pages(request, waiting_reports().select_related("photo").defer("photo__content"), PER_PAGE)
    context |= {
        "lines": [
            {
                "report": report,
                "receipt": write_code(report.receipt),
                "days": age_in_days(report.created_at),
                "late": report.closed_at is None and is_late(report.created_at),
                "photo": hasattr(report, "photo"),
            }
            for report in context["page"].object_list  # type: ignore[attr-defined]
        ],
        "waiting": ForgeryReport.objects.filter(closed_at=None).count(),
        "answer_days": settings.ENQUIRY_DAYS,
    }
    return render_staff(request, "uploads/forgeries/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(*READERS)
def forgery(request: StaffRequest, report_id: int) -> HttpResponse:
    """One report, and what was done about it."""
    report = get_object_or_404(ForgeryReport, pk=report_id)
    form = HandlingForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            close_report(by=_actor(request), report=report, handling=form.cleaned_data["handling"])
        except Refusal as refusal:
            messages.error(request, refusal.sentence())
        else:
            messages.success(request, "已办结。")
        return redirect("staff-forgery", report_id)
    record_view(by=request.staff.actor(), action="forgery.viewed", subject_kind="forgery", subject_id=str(report_id))
    context = {
        "shown": show_report(report),
        "receipt": write_code(report.receipt),
        "days": age_in_days(report.created_at),
        "late": report.closed_at is None and is_late(report.created_at),
        "form": form,
    }
    return render_staff(request, "uploads/forgeries/one.html", context)


@posted_from("staff-forgery")
@capacity_required(*READERS)
def photo(request: StaffRequest, report_id: int) -> HttpResponse:
    """The photo as a file to be saved; recorded. Never shown in a page, whatever it may hold."""
    report = get_object_or_404(ForgeryReport, pk=report_id)
    try:
        kind, content = take_photo(by=_actor(request), report=report)
    except Refusal as refusal:
        messages.error(request, refusal.sentence())
        return redirect("staff-forgery", report_id)
    name = f"{write_code(report.receipt)}.{kind}"
    return HttpResponse(
        content,
        content_type="application/octet-stream",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
        },
    )


def _actor(request: StaffRequest) -> Actor:
    return request.staff.actor(next(capacity for capacity in READERS if request.staff.holds(capacity)))
