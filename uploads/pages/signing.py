"""待签字: everything that waits for this person's signature, and one code for those that are ticked."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from certlookup.calendar.periods import Period
from uploads.actor import Actor
from uploads.intake.differences import ShownChange, show_changes
from uploads.intake.stagedrows import rows_of
from uploads.models import Batch, Capacity, Release
from uploads.models.intake import BatchState
from uploads.pages.batch_page import BatchPage, batch_pages
from uploads.pages.batches import visible_batches
from uploads.pages.frame import Staff, StaffRequest, capacity_required, render_staff
from uploads.pages.paper_results import title_of
from uploads.pages.signing_confirmations import Seen, SignManyForm, value_of
from uploads.refusals import SENTENCES, Refusal
from uploads.release.summary import totals_of
from uploads.signoff.capacities import BATCH_SIGNERS
from uploads.signoff.permissions import (
    OPEN_RELEASE,
    ready_to_judge,
    releases_to_judge,
    signature_due_on_release,
    why_not_sign_release,
)
from uploads.signoff.sign import digests_of_releases, sign_batch, sign_release, submit_batch

SIGNERS = (*BATCH_SIGNERS, Capacity.PROVINCIAL_OPERATOR, Capacity.DEPARTMENT_HEAD, Capacity.DEPUTY_DIRECTOR)
CHANGES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Due:
    """One signature that waits: value is what its checkbox carries, '' where something is still in the way."""

    title: str
    act: str
    value: str
    digest: str
    refusal: str
    page: BatchPage | None = None
    release: Release | None = None
    rows: int = 0
    warnings: int = 0
    changes: tuple[ShownChange, ...] = ()

    @property
    def offer(self) -> str:
        return f"{self.title}：{self.act}"


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(*SIGNERS)
def signing(request: StaffRequest) -> HttpResponse:
    """Read each, tick, confirm once; each is signed for itself, and one that changed meanwhile is refused by itself."""
    due = [*_batches(request.staff), *_releases(request.staff)]
    ready = [entry for entry in due if entry.value]
    data = request.POST if request.method == "POST" else None
    form = SignManyForm(data, staff=request.staff, offered=[(entry.value, entry.offer) for entry in ready])
    if request.method == "POST" and form.is_valid():
        for seen in form.cleaned_data["chosen"]:
            _sign(request, seen)
        return redirect("staff-signing")
    ticked = set(form["chosen"].value() or []) if form.is_bound else set()
    context = {
        "form": form,
        "ready": [(entry, entry.value in ticked) for entry in ready],
        "waiting": [entry for entry in due if not entry.value],
    }
    return render_staff(request, "uploads/signing.html", context)


def _batches(staff: Staff) -> Iterator[Due]:
    open_to_signatures = visible_batches(staff).filter(state__in=[BatchState.CHECKED, BatchState.SIGNED])
    listed = ready_to_judge(open_to_signatures).order_by("period_id", "office_id", "id")
    for page in batch_pages(listed, staff):
        batch, acts = page.batch, page.acts
        if acts.signs_as:
            act = "经办人签字" if acts.signs_as == Capacity.CITY_OPERATOR else "主任签字并上报"
            value = value_of("batch", batch.id, acts.signs_as, page.digest)
        elif acts.submits:
            act = "提交"
            value = value_of("submission", batch.id, Capacity.PROVINCIAL_OPERATOR, page.digest)
        elif acts.compares or acts.refusal:
            refusal = SENTENCES["sample_is_not_compared"] if acts.compares else acts.refusal
            yield Due(title_of(batch), "", "", page.digest, refusal, page=page)
            continue
        else:
            continue
        yield Due(title_of(batch), act, value, page.digest, "", page=page, changes=_changes(page))


def _changes(page: BatchPage) -> tuple[ShownChange, ...]:
    if page.attempt is None or not page.batch.is_change:
        return ()
    return tuple(show_changes(rows_of(page.attempt)[:CHANGES_SHOWN], page.attempt))


def _releases(staff: Staff) -> Iterator[Due]:
    listed = releases_to_judge(Release.objects.filter(state__in=OPEN_RELEASE).select_related("period").order_by("id"))
    dues = [(release, due) for release in listed if (due := signature_due_on_release(release)) is not None]
    own = [(release, due) for release, due in dues if not due.is_publisher and staff.holds(due.capacity)]
    if not own:
        return
    digests = digests_of_releases(release for release, _ in own)
    totals = totals_of(release for release, _ in own)
    for release, due in own:
        refusal = why_not_sign_release(staff.person, release)
        digest = digests[release.id].hex()
        rows, warnings = totals.get(release.id, (0, 0))
        yield Due(
            f"汇总批次 {release.number}（{Period.parse(release.period_id).short_label}）",
            f"{due.capacity.label}签字",
            "" if refusal else value_of("release", release.id, due.capacity, digest),
            digest,
            SENTENCES[refusal] if refusal else "",
            release=release,
            rows=rows,
            warnings=warnings,
        )


def _sign(request: StaffRequest, seen: Seen) -> None:
    """One of those that were ticked, with its own result; the database decides, and a refusal is recorded."""
    actor = Actor(request.staff.person, seen.capacity.value, request.staff.address)
    title, act = _subject_of(request.staff, seen)
    try:
        done = act(actor)
    except Refusal as refusal:
        messages.error(request, f"{title}：没有办理。{refusal.sentence()}")
    else:
        messages.success(request, f"{title}：{done}")


def _subject_of(staff: Staff, seen: Seen) -> tuple[str, Callable[[Actor], str]]:
    """What it is called, and the act on it; what this person can't see isn't there."""
    if seen.subject == "release":
        release = Release.objects.filter(id=seen.subject_id).first()
        if release is not None:
            return f"汇总批次 {release.number}", partial(_sign_release, release, seen.digest)
    batch = visible_batches(staff).filter(id=seen.subject_id).first()
    if batch is None or seen.subject == "release":
        return "要签字的批次", _refuse_unknown
    return title_of(batch), partial(_submit if seen.subject == "submission" else _sign_batch, batch, seen.digest)


def _refuse_unknown(actor: Actor) -> str:
    raise Refusal("no_such_batch")


def _sign_release(release: Release, digest: bytes, actor: Actor) -> str:
    sign_release(by=actor, release=release, digest=digest)
    return "已签字。"


def _submit(batch: Batch, digest: bytes, actor: Actor) -> str:
    submit_batch(by=actor, batch=batch, digest=digest)
    return "已提交，等待网络管理专员汇总。"


def _sign_batch(batch: Batch, digest: bytes, actor: Actor) -> str:
    sign_batch(by=actor, batch=batch, digest=digest)
    return "已签字并上报省中心。" if actor.capacity == Capacity.CITY_DIRECTOR else "已签字。下一步：主任审核签字。"
