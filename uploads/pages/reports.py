"""核对报告 as a workbook: made, waited for, downloaded."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from uploads.intake.reports import ask_for_report, hand_out_report, has_report, is_there
from uploads.models import Attempt, ReportFile, ReportState
from uploads.pages.batch_page import may_see_rows
from uploads.pages.batches import batch_or_404, hand_out
from uploads.pages.frame import StaffRequest, refresh_seconds, render_staff, staff_required


def _attempt(request: StaffRequest, batch_id: int, number: int) -> Attempt:
    """A checked file of a batch whose rows the person may see. Raises Http404 and PermissionDenied."""
    batch = batch_or_404(request.staff, batch_id)
    if not may_see_rows(request.staff, batch):
        raise PermissionDenied
    attempt = get_object_or_404(batch.attempts.select_related("batch__office"), number=number)
    if not has_report(attempt):
        raise Http404
    return attempt


@require_safe
@staff_required
def report(request: StaffRequest, batch_id: int, number: int) -> HttpResponse:
    """Ask for the report: a small one comes at once, for a big one the page waits and then shows where it is."""
    attempt = _attempt(request, batch_id, number)
    waited = "waited" in request.GET
    made = ask_for_report(attempt, again=not waited)
    if made.state == ReportState.READY and not waited:
        return redirect("staff-batch-report-file", batch_id, number)
    waiting = made.state == ReportState.WAITING
    refresh = refresh_seconds(moving=waiting, since=made.asked_at)
    context = {"batch": attempt.batch, "attempt": attempt, "report": made, "waiting": waiting, "refresh": refresh}
    answer = render_staff(request, "uploads/batches/report.html", context)
    if refresh and request.method == "GET":
        answer.headers["Refresh"] = f"{refresh}; url={request.path}?{urlencode({'waited': 1})}"
    return answer


@require_safe
@staff_required
def report_file(request: StaffRequest, batch_id: int, number: int) -> HttpResponseBase:
    """The finished report as an attachment; one that isn't there is asked for first."""
    attempt = _attempt(request, batch_id, number)
    made = ReportFile.objects.filter(attempt=attempt).first()
    if made is None or not is_there(made):
        return redirect("staff-batch-report", batch_id, number)
    made.attempt = attempt
    return hand_out(request, hand_out_report(by=request.staff.actor(), report=made))
