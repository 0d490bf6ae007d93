"""审计: the trail of who did what, for audit administrators alone; and the trail as a file to keep and to check."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta

from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from uploads.models import AuditEntry, AuditHead, Capacity, Person, VerificationKind
from uploads.oversight.auditexport import ExportFormat, export_audit
from uploads.oversight.verifying import newest
from uploads.oversight.viewing import record_view
from uploads.oversight.wording import actions_called
from uploads.pages.audit_lines import lines_shown
from uploads.pages.forms.audit import AuditFilterForm
from uploads.pages.frame import StaffRequest, capacity_required, render_staff
from uploads.pages.paging import turn_pages

ENTRIES_PER_PAGE = 50
_CONTENT_TYPES = {
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.JSON_LINES: "application/x-ndjson; charset=utf-8",
}


@require_safe
@capacity_required(Capacity.AUDIT_ADMINISTRATOR)
def audit(request: StaffRequest) -> HttpResponse:
    """Entries, the newest first, by person, action, subject, outcome, address and days."""
    form = AuditFilterForm(request.GET or None)
    entries = AuditEntry.objects.order_by("-number")
    asked = {name: value for name, value in request.GET.items() if name in form.fields and value}
    if form.is_bound and form.is_valid():
        entries = _filtered(entries, form.cleaned_data)
    record_view(
        by=request.staff.actor(Capacity.AUDIT_ADMINISTRATOR), action="audit.viewed", subject_kind="audit", subject_id=""
    )
    turned = turn_pages(request, entries, ENTRIES_PER_PAGE)
    context = {
        "form": form,
        "lines": lines_shown(turned["page"]),  # type: ignore[arg-type]
        "asked": urlencode(asked),
        "head": AuditHead.objects.get(),
        "verified": newest().get(VerificationKind.AUDIT),
        **turned,
    }
    return render_staff(request, "uploads/audit/audit.html", context)


@require_safe
@capacity_required(Capacity.AUDIT_ADMINISTRATOR)
def export(request: StaffRequest, written_as: str) -> HttpResponse | StreamingHttpResponse:
    """What the filter shows, oldest first, as a file; recorded before it goes out."""
    form = AuditFilterForm(request.GET or None)
    entries = AuditEntry.objects.all()
    asked: Mapping[str, str] = {}
    if form.is_bound:
        if not form.is_valid():
            return redirect("staff-audit")
        entries = _filtered(entries, form.cleaned_data)
        # What was typed as a person may be anything; whether it was used says enough.
        asked = {name: "✓" if name == "person" else str(value) for name, value in form.cleaned_data.items() if value}
    file_format = ExportFormat(written_as)
    parts = export_audit(
        by=request.staff.actor(Capacity.AUDIT_ADMINISTRATOR), entries=entries, written_as=file_format, asked=asked
    )
    name = f"audit-{timezone.localtime():%Y%m%d-%H%M%S}.{file_format}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(parts, content_type=_CONTENT_TYPES[file_format], headers=headers)


def _filtered(entries: "QuerySet[AuditEntry]", wanted: Mapping[str, object]) -> "QuerySet[AuditEntry]":
    who = str(wanted["person"] or "")
    if who:
        people = Person.objects.filter(name=who).values_list("staff_number", flat=True)
        entries = entries.filter(staff_number__in=[*people, who.upper()])
    if wanted["action"]:
        entries = entries.filter(action__in=actions_called(str(wanted["action"])))
    for name in ("subject_kind", "subject_id", "outcome", "address"):
        if wanted[name]:
            entries = entries.filter(**{name: wanted[name]})
    here = timezone.get_current_timezone()
    if wanted["first_day"]:
        entries = entries.filter(recorded_at__gte=datetime.combine(wanted["first_day"], time(), here))  # type: ignore[arg-type]
    if wanted["last_day"]:
        end = datetime.combine(wanted["last_day"], time(), here) + timedelta(days=1)  # type: ignore[arg-type]
        entries = entries.filter(recorded_at__lt=end)
    return entries
