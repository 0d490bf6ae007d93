"""收录情况: from when on each office's certificates are complete, as the public not-found page tells it (R3)."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_safe

from certificates.models import Coverage, Office
from certificates.models.offices import CoverageState
from uploads.intake.campaigns import describe_coverage, set_coverage
from uploads.models import Capacity
from uploads.pages.campaign_confirmations import CoverageForm
from uploads.pages.frame import StaffRequest, capacity_required, render_staff, staff_required
from uploads.refusals import Refusal

KEEPERS = (Capacity.SYSTEM_ADMINISTRATOR,)


@dataclass(frozen=True, slots=True)
class CoverageLine:
    """One office; tone is the tag's."""

    office: Office
    text: str
    tone: str


@require_safe
@staff_required
def coverage(request: StaffRequest) -> HttpResponse:
    """Every office's coverage; all staff see it, as every visitor does."""
    known = Coverage.objects.in_bulk()
    tones = {CoverageState.COMPLETE: "good", CoverageState.COLLECTING: "warn", CoverageState.NOT_BEGUN: ""}
    lines = []
    for office in Office.objects.order_by("code"):
        entry = known.get(office.code)
        tone = tones[CoverageState(entry.state)] if entry else "bad"
        lines.append(CoverageLine(office, describe_coverage(entry), tone))
    context = {"lines": lines, "may_edit": request.staff.holds(*KEEPERS)}
    return render_staff(request, "uploads/coverage/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(*KEEPERS)
def edit(request: StaffRequest, code: str) -> HttpResponse:
    """One office's coverage."""
    office = get_object_or_404(Office, code=code)
    present = Coverage.objects.filter(office=office).first()
    initial = {"state": present.state, "complete_from": present.complete_from} if present else {}
    form = CoverageForm(
        request.POST if request.method == "POST" else None, staff=request.staff, capacities=KEEPERS, initial=initial
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            set_coverage(
                by=form.actor,
                office=office,
                state=CoverageState(given["state"]),
                complete_from=given["complete_from"],
            )
        except Refusal as refusal:
            form.add_error(None, refusal.sentence())
        else:
            messages.success(request, f"{office.name}的收录情况已登记，查不到证书时的页面随即按此说明。")
            return redirect("staff-coverage")
    context = {"form": form, "office": office, "now": describe_coverage(present)}
    return render_staff(request, "uploads/coverage/edit.html", context)
