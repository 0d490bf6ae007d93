"""系统: how everything stands this moment, the inspections, and what is to be mended (R14)."""

from collections import Counter

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from certificates.load import lookup_load
from uploads.models import Capacity, Inspection
from uploads.oversight.matters import Condition
from uploads.oversight.system import LABELS, check_system, worst
from uploads.oversight.upkeep import INSPECTORS, LEADERS, record_inspection
from uploads.pages.frame import StaffRequest, capacity_required, render_staff
from uploads.pages.paging import turn_pages
from uploads.pages.upkeep_confirmations import InspectionForm
from uploads.refusals import Refusal

SEES = (*INSPECTORS, *LEADERS, Capacity.SECURITY_ADMINISTRATOR, Capacity.AUDIT_ADMINISTRATOR)
INSPECTIONS_PER_PAGE = 30
TONES = {Condition.WELL: "good", Condition.WARNING: "warn", Condition.FAILURE: "bad"}
WORDS = {Condition.WELL: "✓ 正常", Condition.WARNING: "! 注意", Condition.FAILURE: "✕ 故障"}


def shown(checks: list[dict[str, str]]) -> list[dict[str, str]]:
    """Checks with the words and the colour of their condition, what is wrong first."""
    order = list(Condition)
    lines = [
        check | {"word": WORDS[Condition(check["condition"])], "tone": TONES[Condition(check["condition"])]}
        for check in checks
    ]
    return sorted(lines, key=lambda line: -order.index(Condition(line["condition"])))


@require_safe
@capacity_required(*SEES)
def system(request: StaffRequest) -> HttpResponse:
    """Every matter as it stands now, what is wrong on top."""
    findings = list(check_system())
    lines = [
        {"label": finding.label, "condition": str(finding.condition), "told": finding.told, "name": finding.name}
        for finding in findings
    ]
    counted = Counter(finding.condition for finding in findings)
    context = {
        "lines": shown(lines),
        "failures": counted[Condition.FAILURE],
        "warnings": counted[Condition.WARNING],
        "looked_at": timezone.now(),
        "newest": Inspection.objects.select_related("recorded_by").first(),
        "may_inspect": request.staff.holds(*INSPECTORS),
        "load": lookup_load(timezone.now()),
    }
    return render_staff(request, "uploads/system/system.html", context)


@require_safe
@capacity_required(*SEES)
def inspections(request: StaffRequest) -> HttpResponse:
    """巡检记录, the newest first."""
    found = Inspection.objects.select_related("recorded_by").prefetch_related("hazards")
    turned = turn_pages(request, found, INSPECTIONS_PER_PAGE)
    lines = [(inspection, shown(_labelled(inspection.checks))) for inspection in turned["page"]]
    context = {"lines": lines, "may_inspect": request.staff.holds(*INSPECTORS), **turned}
    return render_staff(request, "uploads/system/inspections.html", context)


def _labelled(checks: list[dict[str, str]]) -> list[dict[str, str]]:
    """What was kept with an inspection, each check under what the page calls it now."""
    return [check | {"label": LABELS.get(check["name"], check["name"])} for check in checks]


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(*INSPECTORS)
def new_inspection(request: StaffRequest) -> HttpResponse:
    """Enter an inspection; what the system sees of itself goes with it."""
    findings = list(check_system())
    sent = request.POST if request.method == "POST" else None
    form = InspectionForm(sent, staff=request.staff, worst=worst(findings))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            recorded = record_inspection(
                by=form.actor,
                inspected_at=given["inspected_at"],
                all_well=given["outcome"] == "yes",
                seen=given["seen"],
                virus_data_on=given["virus_data_on"],
                checks=findings,
            )
        except Refusal as refusal:
            form.add_error(None, refusal.sentence())
        else:
            messages.success(request, f"巡检 {recorded.pk} 已登记。")
            if not recorded.all_well:
                messages.info(request, "发现问题的，请接着报告隐患，写明建议措施。")
                return redirect("staff-hazard-new")
            return redirect("staff-inspections")
    wrong = [finding for finding in findings if finding.condition != Condition.WELL]
    lines = [{"label": finding.label, "condition": str(finding.condition), "told": finding.told} for finding in wrong]
    return render_staff(request, "uploads/system/new_inspection.html", {"form": form, "lines": shown(lines)})
