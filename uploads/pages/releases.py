"""汇总批次: the list, a new one, one release, and what people do with it."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.db.models import Count, Q, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_safe

from certlookup.calendar.periods import Period
from uploads.intake.overview import collectable_periods
from uploads.models import Batch, Capacity, PeriodDays, Release
from uploads.models.release import ReleaseKind, ReleaseState
from uploads.pages.confirmation import ReturnForm, SigningForm
from uploads.pages.forms.releases import AssembleForm
from uploads.pages.frame import StaffRequest, capacity_required, posted_from, render_staff, staff_required
from uploads.pages.release_confirmations import PublishReleaseForm
from uploads.pages.release_page import TONES, ReleasePage, day_of_publication, release_page
from uploads.refusals import SENTENCES, Refusal
from uploads.release.assemble import assemble_release, collectable, explain_lateness, next_release
from uploads.release.comparing import compare_with_last
from uploads.release.publish import retry_publication
from uploads.release.review import missing_offices
from uploads.release.summary import Summary, summarise_batches
from uploads.signoff.capacities import Required
from uploads.signoff.permissions import (
    RELEASE_CAPACITIES,
    capacity_to_return_batch,
    capacity_to_return_release,
    signature_due_on_release,
)
from uploads.signoff.sign import return_batch, return_release, sign_release


@dataclass(frozen=True, slots=True)
class ReleaseLine:
    """One release in the list."""

    release: Release
    period: Period
    tone: str
    batches: int
    rows: int


def release_or_404(release_id: int) -> Release:
    """The release with its period, people and publication."""
    releases = Release.objects.select_related("period", "assembled_by", "returned_by", "publication")
    return get_object_or_404(releases, id=release_id)


@require_safe
@staff_required
def releases(request: StaffRequest) -> HttpResponse:
    """All releases, the newest period first, and what waits to be collected."""
    inside = Q(items__left_at=None)
    counted = (
        Release.objects.select_related("publication")
        .annotate(
            batch_count=Count("items", filter=inside),
            rows=Sum("items__batch__attempt__accepted_count", filter=inside),
        )
        .order_by("-period_id", "-id")
    )
    lines = [
        ReleaseLine(
            release,
            Period.parse(release.period_id),
            TONES.get(ReleaseState(release.state), "warn"),
            release.batch_count,
            release.rows or 0,
        )
        for release in counted
    ]
    waiting = collectable_periods() if request.staff.holds(Capacity.NETWORK_ADMINISTRATOR) else []
    context = {"lines": lines, "collectable": waiting[::-1]}
    return render_staff(request, "uploads/releases/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(Capacity.NETWORK_ADMINISTRATOR)
def new_release(request: StaffRequest) -> HttpResponse:
    """Collect a period's submitted batches; all are ticked, those who are missing stand beside them.

    Corrections, revocations and reinstatements are collected by themselves (kind=replacement), on any day.
    """
    period = get_object_or_404(PeriodDays, code=request.GET.get("period", ""))
    changes = request.GET.get("kind") == ReleaseKind.REPLACEMENT
    batches = collectable(period, changes=changes)
    ids = [batch.id for batch in batches]
    form = AssembleForm(request.POST if request.method == "POST" else None, batch_ids=ids, initial={"batches": ids})
    preview: Summary | None = None
    if request.method == "POST" and form.is_valid() and "preview" in request.POST:
        preview = summarise_batches(form.cleaned_data["batches"])
    elif request.method == "POST" and form.is_valid():
        chosen = [batch for batch in batches if batch.id in form.cleaned_data["batches"]]
        actor = request.staff.actor(Capacity.NETWORK_ADMINISTRATOR)
        try:
            release = assemble_release(by=actor, period=period, batches=chosen)
        except Refusal as refusal:
            form.add_error(None, refusal.sentence())
        else:
            messages.success(request, f"已汇总 {len(chosen)} 个批次。下一步：省经办人审核签字。")
            return redirect("staff-release", release.id)
    number, kind = next_release(period, changes=changes)
    ticked = {int(value) for value in form["batches"].value() or [] if str(value).isdigit()}
    context = {
        "form": form,
        "period": Period.parse(period.code),
        "days": period,
        "batches": [(batch, batch.id in ticked) for batch in batches],
        "rows": sum(batch.attempt.accepted_count for batch in batches if batch.attempt and not batch.declares_no_data),
        "missing": [] if changes else missing_offices(period),
        "changes": changes,
        "others": len(collectable(period, changes=not changes)),
        "number": number,
        "kind": kind.label,
        "preview": preview,
        "comparison": compare_with_last(period, kind, preview) if preview and not changes else None,
    }
    return render_staff(request, "uploads/releases/new.html", context)


@require_safe
@staff_required
def release(request: StaffRequest, release_id: int) -> HttpResponse:
    """One release: where it stands, the summary, who signed, and what is asked of whoever looks."""
    found = release_or_404(release_id)
    page = release_page(found, request.staff)
    return _show(request, page, _signing_form(request, found, signature_due_on_release(found), page.digest))


def _show(request: StaffRequest, page: ReleasePage, form: SigningForm | None) -> HttpResponse:
    return render_staff(request, "uploads/releases/one.html", {"page": page, "form": form})


def _signing_form(
    request: StaffRequest, release: Release, due: Required | None, digest: str = ""
) -> SigningForm | None:
    """The form for the signature that is due; bound to what was sent, else holding the digest that is shown."""
    if due is None or (request.method != "POST" and not request.staff.holds(due.capacity)):
        return None
    # Whoever has a part in releases, but not this one, is refused by the act itself, which records it.
    capacities = [due.capacity] if request.staff.holds(due.capacity) else list(RELEASE_CAPACITIES)
    data = request.POST if request.method == "POST" else None
    if due.is_publisher:
        return PublishReleaseForm(
            data,
            staff=request.staff,
            capacities=capacities,
            is_late=day_of_publication(release).is_late,
            initial={"digest": digest, "late_reason": release.late_reason},
        )
    return SigningForm(data, staff=request.staff, capacities=capacities, initial={"digest": digest})


@posted_from("staff-release")
@capacity_required(*RELEASE_CAPACITIES)
def sign(request: StaffRequest, release_id: int) -> HttpResponse:
    """Give the signature that is due, on the digest that was seen; the network administrator's is 上传上网."""
    found = release_or_404(release_id)
    due = signature_due_on_release(found)
    form = _signing_form(request, found, due)
    if form is None or due is None:
        messages.error(request, SENTENCES["signature_is_not_due"])
        return redirect("staff-release", release_id)
    if form.is_valid():
        try:
            if form.cleaned_data.get("late_reason"):
                explain_lateness(by=form.actor, release=found, reason=form.cleaned_data["late_reason"])
            sign_release(by=form.actor, release=found, digest=form.seen)
        except Refusal as refusal:
            form.add_error(None, refusal.sentence())
        else:
            messages.success(request, "已下达上网，正在进行。" if due.is_publisher else "已签字。")
            return redirect("staff-release", release_id)
    if not request.staff.holds(due.capacity):
        messages.error(request, "；".join(error for errors in form.errors.values() for error in errors))
        return redirect("staff-release", release_id)
    return _show(request, release_page(found, request.staff), form)


@posted_from("staff-release")
@capacity_required(Capacity.NETWORK_ADMINISTRATOR)
def retry(request: StaffRequest, release_id: int) -> HttpResponse:
    """Try an ordered publication again that didn't come about."""
    found = release_or_404(release_id)
    try:
        retry_publication(by=request.staff.actor(Capacity.NETWORK_ADMINISTRATOR), release=found)
    except Refusal as refusal:
        messages.error(request, refusal.sentence())
    else:
        messages.success(request, "已重新开始上网。")
    return redirect("staff-release", release_id)


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(*RELEASE_CAPACITIES)
def send_back(request: StaffRequest, release_id: int) -> HttpResponse:
    """Return the whole release, with the reason."""
    found = release_or_404(release_id)
    capacity = capacity_to_return_release(request.staff.person, found)
    if not capacity:
        messages.error(request, SENTENCES["return_is_not_possible"])
        return redirect("staff-release", release_id)
    return _sending_back(
        request,
        found,
        capacity,
        lambda form: return_release(by=form.actor, release=found, reason=form.cleaned_data["reason"]),
        done="汇总批次已退回，其中的批次可以重新汇总。",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(*RELEASE_CAPACITIES)
def send_batch_back(request: StaffRequest, release_id: int, batch_id: int) -> HttpResponse:
    """Return one batch to its office, with the reason; the release goes on without it, signed anew."""
    found = release_or_404(release_id)
    inside = Batch.objects.filter(release_items__release=found, release_items__left_at=None)
    batch = get_object_or_404(inside.select_related("office", "attempt"), id=batch_id)
    capacity = capacity_to_return_batch(request.staff.person, batch)
    if not capacity:
        messages.error(request, SENTENCES["return_is_not_possible"])
        return redirect("staff-release", release_id)
    return _sending_back(
        request,
        found,
        capacity,
        lambda form: return_batch(by=form.actor, batch=batch, reason=form.cleaned_data["reason"]),
        done=f"{batch.office.name}的批次已退回，汇总批次须重新签字。",
        batch=batch,
    )


def _sending_back(
    request: StaffRequest,
    release: Release,
    capacity: str,
    send: Callable[[ReturnForm], None],
    *,
    done: str,
    batch: Batch | None = None,
) -> HttpResponse:
    """Ask for the reason and the code, then send back; `done` says what came of it. batch: only this one goes back."""
    data = request.POST if request.method == "POST" else None
    form = ReturnForm(data, staff=request.staff, capacities=[Capacity(capacity)])
    if request.method == "POST" and form.is_valid():
        try:
            send(form)
        except Refusal as refusal:
            form.add_error(None, refusal.sentence())
        else:
            messages.success(request, done)
            return redirect("staff-release", release.id)
    context = {"page": release_page(release, request.staff), "batch": batch, "form": form}
    return render_staff(request, "uploads/releases/return.html", context)
