"""查不到登记: the queue of what holders don't find, by office and age, and one enquiry with its answer."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_safe

from certificates.models import Enquiry, EnquiryState
from certificates.randomcodes import RECEIPT_LENGTH, read_code, write_code
from uploads.actor import Actor
from uploads.enquiries.answering import (
    ANSWERING,
    OPEN,
    age_in_days,
    answer_enquiry,
    close_enquiry,
    is_late,
    may_answer,
    show_enquiry,
    show_id_number,
    visible_enquiries,
)
from uploads.models import Capacity
from uploads.oversight.viewing import record_view
from uploads.pages.forms.enquiries import NO_OFFICE, AnswerForm, EnquiryFilterForm
from uploads.pages.frame import StaffRequest, capacity_required, render_staff
from uploads.pages.paging import turn_pages
from uploads.refusals import Refusal

READERS = (*ANSWERING, Capacity.DEPARTMENT_HEAD, Capacity.DEPUTY_DIRECTOR)
PER_PAGE = 50


@require_safe
@capacity_required(*READERS)
def enquiries(request: StaffRequest) -> HttpResponse:
    """The queue, the oldest first."""
    staff = request.staff
    form = EnquiryFilterForm(request.GET, offices=staff.is_provincial)
    visible = visible_enquiries(staff.office_codes, is_provincial=staff.is_provincial)
    chosen = form.cleaned_data if form.is_valid() else {}
    state = chosen.get("state") or "open"
    listed = visible.filter(state__in=OPEN) if state == "open" else visible.filter(state=state)
    if office := chosen.get("office"):
        listed = listed.filter(office=None) if office == NO_OFFICE else listed.filter(office_id=office)
    receipt = read_code(request.GET.get("receipt", ""), RECEIPT_LENGTH)
    if receipt:
        listed = visible.filter(receipt=receipt)
    context = turn_pages(request, listed, PER_PAGE)
    lines = [
        {
            "enquiry": enquiry,
            "receipt": write_code(enquiry.receipt),
            "days": age_in_days(enquiry.created_at),
            "late": enquiry.state == EnquiryState.WAITING and is_late(enquiry.created_at),
        }
        for enquiry in context["page"].object_list  # type: ignore[attr-defined]
    ]
    context |= {
        "form": form,
        "lines": lines,
        "waiting": visible.filter(state=EnquiryState.WAITING).count(),
        "answer_days": settings.ENQUIRY_DAYS,
        "receipt": request.GET.get("receipt", "")[:40],
    }
    return render_staff(request, "uploads/enquiries/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(*READERS)
def enquiry(request: StaffRequest, enquiry_id: int) -> HttpResponse:
    """One enquiry; looking at it is recorded, and so is having the whole ID number shown."""
    staff = request.staff
    visible = visible_enquiries(staff.office_codes, is_provincial=staff.is_provincial)
    found = get_object_or_404(visible, pk=enquiry_id)
    actor = _answering_actor(request, found)
    form, whole_id = AnswerForm(initial={"text": found.answer}), False
    if request.method == "POST":
        if actor is None:
            raise PermissionDenied
        act = request.POST.get("act", "answer")
        form = AnswerForm(request.POST if act == "answer" else None, initial={"text": found.answer})
        try:
            if act == "show_id":
                show_id_number(by=actor, enquiry=found)
                whole_id = True
            elif act == "close":
                close_enquiry(by=actor, enquiry=found)
                messages.success(request, "已办结。")
                return redirect("staff-enquiry", enquiry_id)
            elif form.is_valid():
                answer_enquiry(
                    by=actor, enquiry=found, text=form.cleaned_data["text"], close=form.cleaned_data["close"]
                )
                messages.success(request, "已答复，登记人凭受理编号可以看到。")
                return redirect("staff-enquiry", enquiry_id)
        except Refusal as refusal:
            messages.error(request, refusal.sentence())
            return redirect("staff-enquiry", enquiry_id)
    record_view(by=staff.actor(), action="enquiry.viewed", subject_kind="enquiry", subject_id=str(enquiry_id))
    context = {
        "shown": show_enquiry(found, whole_id=whole_id),
        "receipt": write_code(found.receipt),
        "days": age_in_days(found.created_at),
        "late": found.state == EnquiryState.WAITING and is_late(found.created_at),
        "is_open": found.state in OPEN,
        "may_answer": actor is not None,
        "whole_id": whole_id,
        "form": form,
    }
    return render_staff(request, "uploads/enquiries/one.html", context)


def _answering_actor(request: StaffRequest, found: Enquiry) -> Actor | None:
    """The person in the capacity in which he may answer this enquiry; None for whoever only reads."""
    actors = (request.staff.actor(capacity) for capacity in ANSWERING if request.staff.holds(capacity))
    return next((actor for actor in actors if may_answer(actor, found)), None)
