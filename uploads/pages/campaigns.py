"""补录: the campaigns with each office's progress; a department head opens, extends and closes them (R3)."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from certificates.models import Office
from uploads.intake.campaigns import close_campaign, extend_campaign, open_campaign, progress_of_campaigns
from uploads.models import Campaign, Capacity
from uploads.pages.campaign_confirmations import ClosingForm, ExtendingForm, OpeningForm
from uploads.pages.frame import Staff, StaffRequest, capacity_required, render_staff, staff_required
from uploads.refusals import Refusal

HEADS = (Capacity.DEPARTMENT_HEAD,)


def visible_campaigns(staff: Staff) -> "QuerySet[Campaign]":
    """All for provincial people, those that ask the own office for a city's; the newest first."""
    campaigns = Campaign.objects.select_related("opened_by").order_by("-id")
    if staff.is_provincial:
        return campaigns
    return campaigns.filter(asked__office_id__in=staff.office_codes).distinct()


def _offices_shown(staff: Staff) -> frozenset[str] | None:
    return None if staff.is_provincial else staff.office_codes


@require_safe
@staff_required
def campaigns(request: StaffRequest) -> HttpResponse:
    """The campaigns: open ones first, the most urgent on top."""
    found = progress_of_campaigns(visible_campaigns(request.staff), timezone.now(), _offices_shown(request.staff))
    open_now = sorted((line for line in found if line.is_open), key=lambda line: line.days_left)
    context = {
        "open": open_now,
        "over": [line for line in found if not line.is_open],
        "may_open": request.staff.holds(*HEADS),
        "may_upload": request.staff.holds(Capacity.CITY_OPERATOR, Capacity.PROVINCIAL_OPERATOR),
        "sees_all": request.staff.is_provincial,
    }
    return render_staff(request, "uploads/campaigns/list.html", context)


@require_safe
@staff_required
def campaign(request: StaffRequest, campaign_id: int) -> HttpResponse:
    """One campaign: its offices, and how its deadline came to be."""
    found = get_object_or_404(visible_campaigns(request.staff), id=campaign_id)
    (progress,) = progress_of_campaigns([found], timezone.now(), _offices_shown(request.staff))
    context = {
        "progress": progress,
        "campaign": found,
        "changes": found.changes.select_related("changed_by"),
        "may_change": request.staff.holds(*HEADS) and found.closed_at is None,
        "may_upload": progress.is_open and request.staff.holds(Capacity.CITY_OPERATOR, Capacity.PROVINCIAL_OPERATOR),
        "may_import": progress.is_open and request.staff.holds(Capacity.PROVINCIAL_OPERATOR),
        "sees_all": request.staff.is_provincial,
    }
    return render_staff(request, "uploads/campaigns/one.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(*HEADS)
def new_campaign(request: StaffRequest) -> HttpResponse:
    """Open a campaign; whom it asks and for which years doesn't change afterwards."""
    form = OpeningForm(
        request.POST if request.method == "POST" else None,
        staff=request.staff,
        capacities=HEADS,
        offices=Office.objects.in_force(timezone.localdate()).order_by("code"),
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            opened = open_campaign(
                by=form.actor,
                name=given["name"],
                first_year=given["first_year"],
                last_year=given["last_year"],
                deadline=given["deadline"],
                offices=given["offices"],
            )
        except Refusal as refusal:
            form.add_error(None, refusal.sentence())
        else:
            messages.success(request, f"补录任务“{opened.name}”已开设，有关单位现在可以上报。")
            return redirect("staff-campaign", opened.id)
    return render_staff(request, "uploads/campaigns/new.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(*HEADS)
def extend(request: StaffRequest, campaign_id: int) -> HttpResponse:
    """A later deadline, with the reason; also after the old one has passed."""
    found = get_object_or_404(Campaign, id=campaign_id)
    form = ExtendingForm(request.POST if request.method == "POST" else None, staff=request.staff, capacities=HEADS)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            extend_campaign(by=form.actor, campaign=found, deadline=given["deadline"], reason=given["reason"])
        except Refusal as refusal:
            form.add_error(None, refusal.sentence())
        else:
            messages.success(request, f"截止日期已延到 {given['deadline']:%Y-%m-%d}。")
            return redirect("staff-campaign", found.id)
    return render_staff(request, "uploads/campaigns/extend.html", {"form": form, "campaign": found})


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(*HEADS)
def close(request: StaffRequest, campaign_id: int) -> HttpResponse:
    """The end of a campaign, for good; says how many rows then stay out."""
    found = get_object_or_404(Campaign, id=campaign_id)
    form = ClosingForm(request.POST if request.method == "POST" else None, staff=request.staff, capacities=HEADS)
    if request.method == "POST" and form.is_valid():
        try:
            close_campaign(by=form.actor, campaign=found, reason=form.cleaned_data["reason"])
        except Refusal as refusal:
            form.add_error(None, refusal.sentence())
        else:
            messages.success(request, f"补录任务“{found.name}”已关闭。")
            return redirect("staff-campaign", found.id)
    (progress,) = progress_of_campaigns([found], timezone.now())
    context = {"form": form, "campaign": found, "kept": progress.with_offices}
    return render_staff(request, "uploads/campaigns/close.html", context)
