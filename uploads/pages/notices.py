"""通知: what visitors are told on the public site, written by the system administrator."""

from dataclasses import asdict

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from certificates.models import Notice
from uploads.models import Capacity
from uploads.oversight.notices import add_notice, change_notice, details_of
from uploads.pages.frame import StaffRequest, capacity_required, render_staff, staff_required
from uploads.pages.notice_confirmations import NoticeForm
from uploads.pages.paging import turn_pages
from uploads.refusals import Refusal

WRITERS = (Capacity.SYSTEM_ADMINISTRATOR,)
NOTICES_PER_PAGE = 50


@require_safe
@staff_required
def notices(request: StaffRequest) -> HttpResponse:
    """Every notice, past and coming ones too."""
    context = {
        "today": timezone.localdate(),
        "may_write": request.staff.holds(*WRITERS),
        **turn_pages(request, Notice.objects.all(), NOTICES_PER_PAGE),
    }
    return render_staff(request, "uploads/notices/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(*WRITERS)
def new(request: StaffRequest) -> HttpResponse:
    """A new notice."""
    form = NoticeForm(
        request.POST if request.method == "POST" else None,
        staff=request.staff,
        capacities=WRITERS,
        initial={"shown_from": timezone.localdate()},
    )
    if request.method == "POST" and form.is_valid():
        try:
            notice = add_notice(by=form.actor, details=form.details)
        except Refusal as refusal:
            form.add_error(None, refusal.sentence())
        else:
            messages.success(request, f"通知“{notice.title}”已发布，公众从 {notice.shown_from:%Y-%m-%d} 起能看到。")
            return redirect("staff-notices")
    return render_staff(request, "uploads/notices/edit.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(*WRITERS)
def edit(request: StaffRequest, notice_id: int) -> HttpResponse:
    """One notice; an end in the past takes it down."""
    notice = get_object_or_404(Notice, id=notice_id)
    form = NoticeForm(
        request.POST if request.method == "POST" else None,
        staff=request.staff,
        capacities=WRITERS,
        initial=asdict(details_of(notice)),
    )
    if request.method == "POST" and form.is_valid():
        try:
            change_notice(by=form.actor, notice=notice, details=form.details)
        except Refusal as refusal:
            form.add_error(None, refusal.sentence())
        else:
            messages.success(request, f"通知“{form.details.title}”已更改。")
            return redirect("staff-notices")
    return render_staff(request, "uploads/notices/edit.html", {"form": form, "notice": notice})
