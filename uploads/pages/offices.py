"""上报单位: the offices with their responsible persons and contacts, as the system administrator records them."""

from dataclasses import asdict

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from certificates.models import Office
from uploads.intake.offices import OfficeDetails, change_office
from uploads.models import Capacity
from uploads.pages.forms.offices import OfficeForm
from uploads.pages.frame import StaffRequest, capacity_required, render_staff


@require_safe
@capacity_required(Capacity.SYSTEM_ADMINISTRATOR)
def offices(request: StaffRequest) -> HttpResponse:
    """Every office, those too that have ended."""
    listed = Office.objects.select_related("successor").order_by("code")
    return render_staff(request, "uploads/offices/list.html", {"offices": listed, "today": timezone.localdate()})


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(Capacity.SYSTEM_ADMINISTRATOR)
def edit(request: StaffRequest, code: str) -> HttpResponse:
    """What is recorded of one office."""
    office = get_object_or_404(Office, code=code)
    posted = request.POST if request.method == "POST" else None
    form = OfficeForm(posted, initial=asdict(OfficeDetails.of(office)))
    if posted is not None and form.is_valid():
        change_office(by=request.staff.actor(Capacity.SYSTEM_ADMINISTRATOR), office=office, details=form.details)
        messages.success(request, f"{office.name}的联系方式已保存。")
        return redirect("staff-offices")
    return render_staff(request, "uploads/offices/edit.html", {"form": form, "office": office})
