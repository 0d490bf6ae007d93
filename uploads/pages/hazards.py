"""安全隐患: reported with a measure, instructed by a leader, acted on, closed by a leader (R14)."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_safe

from uploads.models import Hazard, HazardGrade, HazardState, HazardStepKind, Inspection
from uploads.oversight.upkeep import REPORTERS, TAKERS, is_overdue, report_hazard, steps_open_to, take_hazard_step
from uploads.pages.frame import StaffRequest, capacity_required, render_staff
from uploads.pages.paging import turn_pages
from uploads.pages.system import SEES
from uploads.pages.upkeep_confirmations import HazardForm, HazardStepForm
from uploads.refusals import Refusal

READERS = tuple(dict.fromkeys((*SEES, *REPORTERS)))
CLOSED_PER_PAGE = 30


@require_safe
@capacity_required(*READERS)
def hazards(request: StaffRequest) -> HttpResponse:
    """The hazards, open ones first, the overdue on top."""
    found = Hazard.objects.select_related("reported_by")
    open_ones = sorted(found.exclude(state=HazardState.CLOSED), key=lambda hazard: not is_overdue(hazard))
    turned = turn_pages(request, found.filter(state=HazardState.CLOSED), CLOSED_PER_PAGE)
    context = {
        "open": [(hazard, is_overdue(hazard)) for hazard in open_ones],
        "closed": [(hazard, False) for hazard in turned["page"]],  # type: ignore[attr-defined]
        "may_report": request.staff.holds(*REPORTERS),
        **turned,
    }
    return render_staff(request, "uploads/hazards/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(*REPORTERS)
def new(request: StaffRequest) -> HttpResponse:
    """Report a hazard."""
    form = HazardForm(request.POST if request.method == "POST" else None, staff=request.staff)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        inspection = Inspection.objects.filter(recorded_by=request.staff.person, all_well=False, hazards=None).first()
        try:
            reported = report_hazard(
                by=form.actor,
                grade=HazardGrade(given["grade"]),
                description=given["description"],
                measure=given["measure"],
                inspection=inspection,
            )
        except Refusal as refusal:
            form.add_error(None, refusal.sentence())
        else:
            messages.success(request, f"隐患 {reported.pk} 已报告承办部门负责人和分管领导，等待批示。")
            return redirect("staff-hazard", reported.pk)
    return render_staff(request, "uploads/hazards/new.html", {"form": form})


@require_safe
@capacity_required(*READERS)
def hazard(request: StaffRequest, hazard_id: int) -> HttpResponse:
    """One hazard with its whole way."""
    found = get_object_or_404(Hazard.objects.select_related("reported_by", "inspection"), id=hazard_id)
    context = {
        "hazard": found,
        "steps": found.steps.select_related("person"),
        "overdue": is_overdue(found),
        "open_steps": steps_open_to(found, request.staff.person, request.staff.capacities),
    }
    return render_staff(request, "uploads/hazards/one.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(*READERS)
def step(request: StaffRequest, hazard_id: int, step_name: str) -> HttpResponse:
    """Instruct, act or close."""
    found = get_object_or_404(Hazard, id=hazard_id)
    if step_name not in HazardStepKind:
        raise Http404
    kind = HazardStepKind(step_name)
    if not request.staff.holds(*TAKERS[kind]):
        raise PermissionDenied
    if kind not in steps_open_to(found, request.staff.person, request.staff.capacities):
        messages.error(request, Refusal("hazard_step_is_not_due").sentence())
        return redirect("staff-hazard", found.pk)
    sent = request.POST if request.method == "POST" else None
    form = HazardStepForm(sent, staff=request.staff, hazard=found, step=kind)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            take_hazard_step(
                by=form.actor,
                hazard=found,
                seen=given["state"],
                step=kind,
                text=given["text"],
                due_on=given.get("due_on"),
            )
        except Refusal as refusal:
            form.add_error(None, refusal.sentence())
        else:
            messages.success(request, f"{kind.label}已记录。")
            return redirect("staff-hazard", found.pk)
    return render_staff(request, "uploads/hazards/step.html", {"form": form, "hazard": found, "kind": kind})
