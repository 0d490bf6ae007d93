"""What people do with a batch: sign it, hand it in, send it back. Each act takes the digest or reason and the code."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from uploads.models import Batch, Capacity, WayIn
from uploads.models.intake import BatchState
from uploads.pages.batch_page import batch_page
from uploads.pages.batches import batch_or_404, show_batch
from uploads.pages.confirmation import ReturnForm, SigningForm
from uploads.pages.forms.explanations import ExplanationForm
from uploads.pages.frame import StaffRequest, capacity_required, posted_from
from uploads.refusals import Refusal
from uploads.signoff.capacities import BATCH_SIGNERS
from uploads.signoff.permissions import RELEASE_CAPACITIES, signature_due_on_batch
from uploads.signoff.sign import explain_warnings, return_batch, sign_batch, submit_batch

RETURNERS = (*BATCH_SIGNERS, *RELEASE_CAPACITIES)


def _signing_capacity(request: StaffRequest, batch: Batch) -> list[Capacity]:
    """The capacity that is due if the person holds it; else all city ones, and the act itself refuses and records."""
    due = signature_due_on_batch(batch)
    return [due.capacity] if due and request.staff.holds(due.capacity) else list(BATCH_SIGNERS)


@posted_from("staff-batch")
@capacity_required(*BATCH_SIGNERS)
def sign(request: StaffRequest, batch_id: int) -> HttpResponse:
    """The operator's or the director's signature on the digest that was seen; the director's hands the batch in."""
    batch = batch_or_404(request.staff, batch_id)
    form = SigningForm(request.POST, staff=request.staff, capacities=_signing_capacity(request, batch))
    if form.is_valid():
        try:
            sign_batch(by=form.actor, batch=batch, digest=form.seen)
        except Refusal as refusal:
            form.add_error(None, refusal.sentence())
        else:
            batch.refresh_from_db()
            handed_in = batch.state == BatchState.SUBMITTED
            messages.success(request, "已签字并上报省中心。" if handed_in else "已签字。下一步：主任审核签字。")
            return redirect("staff-batch", batch.id)
    return _again(request, batch_id, signing=form)


@posted_from("staff-batch")
@capacity_required(Capacity.PROVINCIAL_OPERATOR)
def submit(request: StaffRequest, batch_id: int) -> HttpResponse:
    """Hand in a batch of 省本级, or a city's that was signed on paper."""
    batch = batch_or_404(request.staff, batch_id)
    form = SigningForm(request.POST, staff=request.staff, capacities=[Capacity.PROVINCIAL_OPERATOR])
    if form.is_valid():
        try:
            submit_batch(by=form.actor, batch=batch, digest=form.seen)
        except Refusal as refusal:
            form.add_error(None, refusal.sentence())
        else:
            messages.success(request, "已提交，等待网络管理专员汇总。")
            return redirect("staff-batch", batch.id)
    return _again(request, batch_id, signing=form)


@posted_from("staff-batch")
@capacity_required(Capacity.CITY_OPERATOR, Capacity.PROVINCIAL_OPERATOR)
def explain(request: StaffRequest, batch_id: int) -> HttpResponse:
    """Why the file's warnings are right: before the first signature, read by every later signer."""
    batch = batch_or_404(request.staff, batch_id)
    capacity = Capacity.CITY_OPERATOR if batch.way_in == WayIn.ACCOUNT else Capacity.PROVINCIAL_OPERATOR
    form = ExplanationForm(request.POST)
    if form.is_valid():
        try:
            explain_warnings(by=request.staff.actor(capacity), batch=batch, text=form.cleaned_data["text"])
        except Refusal as refusal:
            form.add_error(None, refusal.sentence())
        else:
            messages.success(request, "说明已记录，后面的签字人都会看到。")
            return redirect("staff-batch", batch.id)
    return _again(request, batch_id, explaining=form)


@posted_from("staff-batch")
@capacity_required(*RETURNERS)
def send_back(request: StaffRequest, batch_id: int) -> HttpResponse:
    """Return the batch to its office, with the reason."""
    batch = batch_or_404(request.staff, batch_id)
    page = batch_page(batch, request.staff)
    capacities = [page.acts.returns_as] if page.acts.returns_as else list(RETURNERS)
    form = ReturnForm(request.POST, staff=request.staff, capacities=capacities)
    if form.is_valid():
        try:
            return_batch(by=form.actor, batch=batch, reason=form.cleaned_data["reason"])
        except Refusal as refusal:
            form.add_error(None, refusal.sentence())
        else:
            messages.success(request, "批次已退回，原有签字作废。")
            return redirect("staff-batch", batch.id)
    return _again(request, batch_id, returning=form)


def _again(
    request: StaffRequest,
    batch_id: int,
    *,
    signing: SigningForm | None = None,
    returning: ReturnForm | None = None,
    explaining: ExplanationForm | None = None,
) -> HttpResponse:
    """The page as it is now, with what was refused and why."""
    page = batch_page(batch_or_404(request.staff, batch_id), request.staff)
    return show_batch(request, page, signing=signing, returning=returning, explaining=explaining)
