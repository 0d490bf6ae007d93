"""鉴定机构: the assessment bodies of every office, as the system administrator records them."""

from dataclasses import asdict

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from certificates.models import AssessmentBody
from uploads.intake.bodies import BodyDetails, add_body, change_body
from uploads.models import Capacity
from uploads.pages.forms.bodies import BodyFilterForm, BodyForm
from uploads.pages.frame import StaffRequest, capacity_required, render_staff
from uploads.pages.paging import turn_pages
from uploads.refusals import Refusal

KEEPERS = (Capacity.SYSTEM_ADMINISTRATOR,)
BODIES_PER_PAGE = 100


@require_safe
@capacity_required(*KEEPERS)
def bodies(request: StaffRequest) -> HttpResponse:
    """Every body, or one office's."""
    form = BodyFilterForm(request.GET)
    listed = AssessmentBody.objects.select_related("office", "successor").order_by("office_id", "name")
    if form.is_valid() and form.cleaned_data["office"]:
        listed = listed.filter(office=form.cleaned_data["office"])
    context = {"form": form, "today": timezone.localdate(), **turn_pages(request, listed, BODIES_PER_PAGE)}
    return render_staff(request, "uploads/bodies/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(*KEEPERS)
def new(request: StaffRequest) -> HttpResponse:
    """A body that isn't recorded yet."""
    form = BodyForm(request.POST if request.method == "POST" else None, initial={"office": request.GET.get("office")})
    if request.method == "POST" and form.is_valid():
        try:
            body = add_body(
                by=request.staff.actor(Capacity.SYSTEM_ADMINISTRATOR),
                office=form.cleaned_data["office"],
                details=form.details,
            )
        except Refusal as refusal:
            form.add_error("name", refusal.sentence())
        else:
            messages.success(request, f"“{body.name}”已登记，以后的上报文件按它核对。")
            return redirect("staff-bodies")
    return render_staff(request, "uploads/bodies/edit.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(*KEEPERS)
def edit(request: StaffRequest, body_id: int) -> HttpResponse:
    """What is recorded of one body; an end retires it."""
    body = get_object_or_404(AssessmentBody.objects.select_related("office", "successor"), id=body_id)
    known = BodyDetails(**{name: getattr(body, name) for name in BodyDetails.__slots__})
    form = BodyForm(
        request.POST if request.method == "POST" else None,
        body=body,
        initial={**asdict(known), "successor": body.successor_id},
    )
    if request.method == "POST" and form.is_valid():
        try:
            change_body(by=request.staff.actor(Capacity.SYSTEM_ADMINISTRATOR), body=body, details=form.details)
        except Refusal as refusal:
            form.add_error("name", refusal.sentence())
        else:
            messages.success(request, f"“{form.details.name}”已更改。")
            return redirect("staff-bodies")
    return render_staff(request, "uploads/bodies/edit.html", {"form": form, "body": body})
