"""撤回签字: one's own signature on a batch or a release, taken back before the next step."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from certlookup.calendar.periods import Period
from uploads.models import Batch, Capacity, Release
from uploads.pages.batches import batch_or_404
from uploads.pages.confirmation import WithdrawalForm
from uploads.pages.frame import REVIEWERS, StaffRequest, capacity_required, render_staff
from uploads.pages.releases import release_or_404
from uploads.refusals import SENTENCES, Refusal
from uploads.signoff.capacities import BATCH_SIGNERS
from uploads.signoff.permissions import RELEASE_CAPACITIES, capacity_to_withdraw
from uploads.signoff.sign import withdraw_signature


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(*REVIEWERS)
def withdraw_from_batch(request: StaffRequest, batch_id: int) -> HttpResponse:
    """Take the signature on a city's batch back."""
    batch = batch_or_404(request.staff, batch_id)
    title = f"{batch.office.name} {Period.parse(batch.period_id).short_label}"
    return _withdraw(request, batch, "staff-batch", title, BATCH_SIGNERS)


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(*RELEASE_CAPACITIES)
def withdraw_from_release(request: StaffRequest, release_id: int) -> HttpResponse:
    """Take the signature on a release back, or the order to publish it as long as the worker hasn't."""
    release = release_or_404(release_id)
    return _withdraw(request, release, "staff-release", f"汇总批次 {release.number}", RELEASE_CAPACITIES)


def _withdraw(
    request: StaffRequest, subject: Batch | Release, page: str, title: str, capacities: tuple[Capacity, ...]
) -> HttpResponse:
    """Ask for the reason and the code, then take it back; whoever has nothing to take back is refused, and it is recorded."""
    capacity = capacity_to_withdraw(request.staff.person, subject)
    if not capacity and request.method != "POST":
        messages.error(request, SENTENCES["signature_is_not_to_be_withdrawn"])
        return redirect(page, subject.id)
    allowed = [Capacity(capacity)] if capacity else list(capacities)
    form = WithdrawalForm(request.POST if request.method == "POST" else None, staff=request.staff, capacities=allowed)
    if request.method == "POST" and form.is_valid():
        try:
            withdraw_signature(by=form.actor, subject=subject, reason=form.cleaned_data["reason"])
        except Refusal as refusal:
            messages.error(request, refusal.sentence())
        else:
            messages.success(request, "签字已撤回，原有签字作废，从头重新签字。")
        return redirect(page, subject.id)
    context = {"form": form, "title": title, "page": page, "subject": subject, "publishes": _publishes(capacity)}
    return render_staff(request, "uploads/withdraw.html", context)


def _publishes(capacity: str) -> bool:
    return capacity == Capacity.NETWORK_ADMINISTRATOR
