"""核查: the certificates that a leader hid, a new order, and the decision."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from uploads.models import Capacity, ReviewOrder
from uploads.oversight.viewing import record_view
from uploads.pages.frame import StaffRequest, capacity_required, render_staff
from uploads.pages.review_confirmations import ReviewDecisionForm, ReviewOrderForm
from uploads.refusals import SENTENCES, Refusal
from uploads.release.reviews import confirm_review, ended_reviews, lift_review, open_reviews, order_review, show_reviews
from uploads.signoff.permissions import RELEASE_CAPACITIES

ENDED_AT_MOST = 50


@require_safe
@capacity_required(*RELEASE_CAPACITIES)
def reviews(request: StaffRequest) -> HttpResponse:
    """What is hidden now, the most urgent first, and what ended last."""
    today = timezone.localdate()
    record_view(by=request.staff.actor(), action="reviews.viewed", subject_kind="certificate", subject_id="")
    context = {
        "open": open_reviews(today),
        "ended": ended_reviews(today, ENDED_AT_MOST),
        "may_order": request.staff.holds(Capacity.DEPUTY_DIRECTOR),
    }
    return render_staff(request, "uploads/reviews/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(Capacity.DEPUTY_DIRECTOR)
def new_review(request: StaffRequest) -> HttpResponse:
    """Hide a certificate; its number comes by POST, for it belongs in no address."""
    data = request.POST if request.method == "POST" else None
    form = ReviewOrderForm(data, staff=request.staff, capacities=[Capacity.DEPUTY_DIRECTOR])
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            order_review(
                by=form.actor,
                certificate_number=given["certificate_number"],
                reason=given["reason"],
                document=given["document"],
            )
        except Refusal as refusal:
            form.add_error(None, refusal.sentence())
        else:
            messages.success(request, "已隐藏。公众现在查到的是“核查中”，不显示内容。")
            return redirect("staff-reviews")
    return render_staff(request, "uploads/reviews/new.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(Capacity.DEPUTY_DIRECTOR)
def decide(request: StaffRequest, order_id: int) -> HttpResponse:
    """Lift an order, or confirm it."""
    shown = show_reviews(ReviewOrder.objects.filter(id=order_id), timezone.localdate())
    order = get_object_or_404(ReviewOrder, id=order_id)
    if order.ended_at is not None:
        messages.error(request, SENTENCES["review_is_decided_already"])
        return redirect("staff-reviews")
    record_view(
        by=request.staff.actor(Capacity.DEPUTY_DIRECTOR),
        action="certificate.viewed",
        subject_kind="certificate",
        subject_id=order.certificate_number,
    )
    data = request.POST if request.method == "POST" else None
    form = ReviewDecisionForm(
        data,
        staff=request.staff,
        capacities=[Capacity.DEPUTY_DIRECTOR],
        confirmed=order.confirmed_at is not None,
    )
    if request.method == "POST" and form.is_valid():
        lifts = form.cleaned_data["decision"] == "lifted"
        act = lift_review if lifts else confirm_review
        try:
            act(by=form.actor, order=order, reason=form.cleaned_data["reason"])
        except Refusal as refusal:
            form.add_error(None, refusal.sentence())
        else:
            done = (
                "已解除核查，公众可以查到这本证书。"
                if lifts
                else "已确认。证书撤销上网以前一直不公开，请发证单位上报撤销批次。"
            )
            messages.success(request, done)
            return redirect("staff-reviews")
    return render_staff(request, "uploads/reviews/decide.html", {"form": form, "review": shown[0]})
