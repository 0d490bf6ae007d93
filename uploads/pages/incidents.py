"""事件: what is being looked into, what the account did, the evidence, and the report that ends it (R13)."""

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from uploads.models import Capacity, Incident, IncidentKind
from uploads.oversight.evidence import MAY_TAKE, hand_out_evidence
from uploads.oversight.incidents import (
    HANDLES,
    NOTIFIED,
    acknowledge_incident,
    close_incident,
    deeds_of,
    open_incident,
    open_incidents,
    revise_incident,
)
from uploads.oversight.viewing import record_view
from uploads.pages.audit_lines import lines_shown
from uploads.pages.frame import Staff, StaffRequest, capacity_required, render_staff
from uploads.pages.incident_confirmations import ClosingForm, FreezingForm, ReportingForm, RevisingForm
from uploads.pages.paging import turn_pages
from uploads.people.accounts import freeze_account
from uploads.people.sessions import count_sessions
from uploads.refusals import Refusal

SEES = (*NOTIFIED, Capacity.AUDIT_ADMINISTRATOR)
INCIDENTS_PER_PAGE = 50
DEEDS_PER_PAGE = 50


def visible_incidents(staff: Staff) -> "QuerySet[Incident]":
    """All but those about the own account: nobody watches an inquiry into himself."""
    found = Incident.objects.select_related("account", "opened_by", "closed_by")
    return found.filter(Q(account=None) | ~Q(account=staff.person)).order_by("-id")


def incident_or_404(staff: Staff, incident_id: int) -> Incident:
    """An incident that the person may see."""
    return get_object_or_404(visible_incidents(staff), id=incident_id)


def notices_for(staff: Staff) -> list[Incident]:
    """The open incidents that the dashboard shows in red to whoever has to know."""
    if not staff.holds(*NOTIFIED):
        return []
    return list(open_incidents().exclude(account=staff.person))


def _capacity_of(staff: Staff, among: tuple[Capacity, ...]) -> Capacity:
    return next(capacity for capacity in among if staff.holds(capacity))


@require_safe
@capacity_required(*SEES)
def incidents(request: StaffRequest) -> HttpResponse:
    """The incidents, open ones first."""
    found = visible_incidents(request.staff)
    turned = turn_pages(request, found.exclude(closed_at=None), INCIDENTS_PER_PAGE)
    context = {
        "open": found.filter(closed_at=None),
        "closed": turned["page"],
        "may_report": request.staff.holds(*NOTIFIED),
        **turned,
    }
    return render_staff(request, "uploads/incidents/list.html", context)


@require_safe
@capacity_required(*SEES)
def incident(request: StaffRequest, incident_id: int) -> HttpResponse:
    """One incident with everything that the account did since."""
    found = incident_or_404(request.staff, incident_id)
    staff = request.staff
    record_view(by=staff.actor(_capacity_of(staff, SEES)), **_view_of(found))
    read = list(found.acknowledgements.select_related("person"))
    context: dict[str, object] = {
        "incident": found,
        "read": read,
        "may_acknowledge": found.is_open
        and staff.holds(*NOTIFIED)
        and all(line.person_id != staff.person.pk for line in read),
        "may_freeze": _may_be_frozen(found) and staff.holds(*NOTIFIED),
        "may_handle": found.is_open and staff.holds(HANDLES),
        "may_take": staff.holds(*MAY_TAKE),
    }
    if found.account is not None:
        turned = turn_pages(request, deeds_of(found.account, found.since).order_by("-number"), DEEDS_PER_PAGE)
        context |= {**turned, "lines": lines_shown(turned["page"]), "sessions": count_sessions(found.account)}  # type: ignore[arg-type]
    return render_staff(request, "uploads/incidents/one.html", context)


def _view_of(found: Incident) -> dict[str, str]:
    return {"action": "incident.viewed", "subject_kind": "incident", "subject_id": str(found.pk)}


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(*NOTIFIED)
def new(request: StaffRequest) -> HttpResponse:
    """Report an incident; the account's loss freezes it with the same press."""
    form = ReportingForm(request.POST if request.method == "POST" else None, staff=request.staff)
    if request.method == "POST" and form.is_valid():
        try:
            opened = _open(form)
        except Refusal as refusal:
            form.add_error(None, refusal.sentence())
        else:
            frozen = "账号已冻结，所有登录已退出；" if form.cleaned_data["freeze"] else ""
            messages.success(request, f"事件 {opened} 已立，{frozen}已报告承办部门负责人和分管领导。")
            return redirect("staff-incident", opened)
    return render_staff(request, "uploads/incidents/new.html", {"form": form})


def _open(form: ReportingForm) -> int:
    given = form.cleaned_data
    kind, account = IncidentKind(given["kind"]), form.account
    if kind is IncidentKind.ACCOUNT_LOSS and given["freeze"] and account is not None:
        frozen = freeze_account(
            person=account,
            reason=given["description"],
            by=form.actor,
            since=given["since"],
            suspected_crime=given["suspected_crime"],
        )
        return frozen.incident
    opened = open_incident(
        by=form.actor,
        kind=kind,
        account=account,
        since=given["since"],
        description=given["description"],
        suspected_crime=given["suspected_crime"],
    )
    return opened.pk


@require_POST
@capacity_required(*NOTIFIED)
def acknowledge(request: StaffRequest, incident_id: int) -> HttpResponse:
    """I have read of it."""
    found = incident_or_404(request.staff, incident_id)
    try:
        acknowledge_incident(by=request.staff.actor(_capacity_of(request.staff, NOTIFIED)), incident=found)
    except Refusal as refusal:
        messages.error(request, refusal.sentence())
    else:
        messages.success(request, "已记录阅知。事件办结以前，本期工作页会一直提示。")
    return redirect("staff-incident", found.pk)


def _may_be_frozen(found: Incident) -> bool:
    """Whether the incident is about an account that can still be used."""
    return found.is_open and found.account is not None and found.account.is_active


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(*NOTIFIED)
def freeze(request: StaffRequest, incident_id: int) -> HttpResponse:
    """Shut the account that the incident is about, by whoever may; no second incident begins."""
    found = incident_or_404(request.staff, incident_id)
    if found.account is None or not _may_be_frozen(found):
        messages.info(request, "这个事件没有在用的账号要冻结。")
        return redirect("staff-incident", found.pk)
    form = FreezingForm(request.POST if request.method == "POST" else None, staff=request.staff, capacities=NOTIFIED)
    if request.method == "POST" and form.is_valid():
        try:
            freeze_account(person=found.account, reason=f"事件 {found.pk}", by=form.actor, incident=found.pk)
        except Refusal as refusal:
            form.add_error(None, refusal.sentence())
        else:
            messages.success(request, "账号已冻结，所有登录都已退出。")
            return redirect("staff-incident", found.pk)
    return render_staff(request, "uploads/incidents/freeze.html", {"form": form, "incident": found})


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(HANDLES)
def revise(request: StaffRequest, incident_id: int) -> HttpResponse:
    """Another beginning, or the suspicion of a crime."""
    found = incident_or_404(request.staff, incident_id)
    form = RevisingForm(request.POST if request.method == "POST" else None, staff=request.staff, incident=found)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            revise_incident(
                by=form.actor, incident=found, since=given["since"], suspected_crime=given["suspected_crime"]
            )
        except Refusal as refusal:
            form.add_error(None, refusal.sentence())
        else:
            messages.success(request, "已更改，列出的记录从新的起始时间算起。")
            return redirect("staff-incident", found.pk)
    return render_staff(request, "uploads/incidents/revise.html", {"form": form, "incident": found})


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(HANDLES)
def close(request: StaffRequest, incident_id: int) -> HttpResponse:
    """The closing report; afterwards nothing of the incident changes."""
    found = incident_or_404(request.staff, incident_id)
    form = ClosingForm(request.POST if request.method == "POST" else None, staff=request.staff, capacities=[HANDLES])
    if request.method == "POST" and form.is_valid():
        try:
            close_incident(by=form.actor, incident=found, report=form.cleaned_data["report"])
        except Refusal as refusal:
            form.add_error(None, refusal.sentence())
        else:
            messages.success(request, f"事件 {found.pk} 已办结。")
            return redirect("staff-incident", found.pk)
    return render_staff(request, "uploads/incidents/close.html", {"form": form, "incident": found})


@require_POST
@capacity_required(*MAY_TAKE)
def evidence(request: StaffRequest, incident_id: int) -> HttpResponseBase:
    """证据包, made for this download; each one is recorded with its digest."""
    found = incident_or_404(request.staff, incident_id)
    made = hand_out_evidence(by=request.staff.actor(_capacity_of(request.staff, MAY_TAKE)), incident=found)
    return FileResponse(made.file, as_attachment=True, filename=made.name, content_type="application/octet-stream")
