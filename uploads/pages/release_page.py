"""What the page of one release shows, gathered into plain objects."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from certificates.models import Publication
from certlookup.calendar.periods import Period
from uploads import jobs
from uploads.models import (
    AuditHead,
    BackupCopy,
    Capacity,
    PublicationOrder,
    Release,
    SampleComparison,
    WarningExplanation,
)
from uploads.models.backup import CopyState
from uploads.models.release import IS_PUBLIC, ReleaseKind, ReleaseState
from uploads.pages.frame import Staff, refresh_seconds
from uploads.refusals import SENTENCES
from uploads.release.comparing import Comparison, compare_with_last
from uploads.release.counts import ExpectedCounts, PublishedCounts, count_publication, expected_counts
from uploads.release.progress import PublicationProgress, publication_progress
from uploads.release.review import (
    MissingOffice,
    explanations_by_batch,
    missing_offices,
    samples_by_batch,
)
from uploads.release.signers import LeftBatch, Part, ReleaseSignature, left_batches, parts_by_batch, signatures_on
from uploads.release.summary import OfficeLine, Summary, summarise
from uploads.signoff.capacities import required_for_release
from uploads.signoff.permissions import (
    capacity_to_return_release,
    capacity_to_withdraw,
    signature_due_on_release,
    why_not_sign_release,
)
from uploads.signoff.sign import digest_of_release

TONES = {
    ReleaseState.PUBLISHED: "good",
    ReleaseState.BACKED_UP: "good",
    ReleaseState.RETURNED: "bad",
    ReleaseState.PUBLISHING: "act",
}
STEP_NAMES = {
    Capacity.PROVINCIAL_OPERATOR: "省经办人签字",
    Capacity.DEPARTMENT_HEAD: "承办部门负责人签字",
    Capacity.DEPUTY_DIRECTOR: "分管领导签字",
    Capacity.NETWORK_ADMINISTRATOR: "网络管理专员上传上网",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the release's way: css is done, now, stop or nothing."""

    label: str
    css: str
    note: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class BatchLine:
    """One batch in the release, with the people behind it."""

    counts: OfficeLine
    parts: tuple[Part, ...]
    explanations: tuple[WarningExplanation, ...]
    sample: SampleComparison | None


@dataclass(frozen=True, slots=True)
class DayOfPublication:
    """Whether the release may be published today (R7)."""

    day: str
    provisional: bool
    is_early: bool
    is_late: bool
    days_late: int
    order: PublicationOrder | None

    @property
    def is_forbidden(self) -> bool:
        """Before its day, and no order of the deputy director."""
        return self.is_early and self.order is None


@dataclass(frozen=True, slots=True)
class ReleasePage:
    """Everything about one release that its page shows."""

    release: Release
    period: Period
    tone: str
    summary: Summary
    batches: tuple[BatchLine, ...]
    missing: tuple[MissingOffice, ...]
    comparison: Comparison | None
    steps: tuple[Step, ...]
    digest: str
    signatures: tuple[ReleaseSignature, ...]
    void_signatures: tuple[ReleaseSignature, ...]
    left: tuple[LeftBatch, ...]
    audit_head: AuditHead
    chained: Publication | None
    copies: tuple[BackupCopy, ...]
    expected: ExpectedCounts
    counts: PublishedCounts | None
    day: DayOfPublication
    due: Capacity | None
    refusal: str
    may_return: bool
    withdraws: bool
    is_stuck: bool
    may_retry: bool
    progress: PublicationProgress | None
    refresh: int

    @property
    def bulletin_url(self) -> str:
        """Its announcement and bulletin on the public site, which may be another process and host."""
        if self.release.publication is None:
            return ""
        return f"{settings.SITE_ADDRESS.rstrip('/')}/bulletins/{self.release.publication.number}/"

    @property
    def copies_done(self) -> int:
        return sum(copy.state != CopyState.DUE for copy in self.copies)

    @property
    def copies_wanted(self) -> int:
        return len(self.copies)

    @property
    def others(self) -> int:
        """How many batches stay when one is sent back."""
        return len(self.batches) - 1

    @property
    def publishes(self) -> bool:
        """Whether what is asked of this person is 上传上网."""
        return self.due == Capacity.NETWORK_ADMINISTRATOR

    @property
    def refusal_sentence(self) -> str:
        return SENTENCES[self.refusal] if self.refusal else ""

    @property
    def is_published(self) -> bool:
        return self.release.state in IS_PUBLIC

    @property
    def is_replacement(self) -> bool:
        """Whether it changes published certificates: no day, no missing offices, no comparison."""
        return self.release.kind == ReleaseKind.REPLACEMENT

    @property
    def is_open(self) -> bool:
        return not self.is_published and self.release.state != ReleaseState.RETURNED


def day_of_publication(release: Release) -> DayOfPublication:
    """The release's day and what an early or late publication needs: an order for a regular one, a reason for any."""
    due = release.period.publication_day
    today = timezone.localdate()
    return DayOfPublication(
        day=f"{due:%Y-%m-%d}",
        provisional=release.period.provisional,
        is_early=release.kind == ReleaseKind.REGULAR and today < due,
        is_late=release.kind != ReleaseKind.REPLACEMENT and today > due,
        days_late=max(0, (today - due).days),
        order=release.period.orders.select_related("ordered_by").order_by("-id").first(),
    )


def release_page(release: Release, staff: Staff) -> ReleasePage:
    """Gather the page for this person. Reads only."""
    summary = summarise(release)
    is_replacement = release.kind == ReleaseKind.REPLACEMENT
    parts = parts_by_batch(release)
    batch_ids = [line.batch_id for line in summary.offices]
    explanations, samples = explanations_by_batch(batch_ids), samples_by_batch(batch_ids)
    signatures = signatures_on(release)
    present = tuple(signature for signature in signatures if signature.round == release.round)
    due = signature_due_on_release(release)
    is_stuck = release.state == ReleaseState.PUBLISHING and not jobs.is_queued(
        jobs.PUBLISH_RELEASE, release_id=release.id
    )
    copies = tuple(release.copies.select_related("proof"))
    done = sum(copy.state != CopyState.DUE for copy in copies)
    return ReleasePage(
        release=release,
        period=Period.parse(release.period_id),
        tone=TONES.get(ReleaseState(release.state), "warn"),
        summary=summary,
        batches=tuple(
            BatchLine(
                line,
                parts.get(line.batch_id, ()),
                explanations.get(line.batch_id, ()),
                samples.get(line.batch_id),
            )
            for line in summary.offices
        ),
        missing=() if is_replacement else tuple(missing_offices(release.period)),
        comparison=None if is_replacement else compare_with_last(release.period, ReleaseKind(release.kind), summary),
        steps=_steps(release, present, due.capacity if due else None, done, len(copies), is_stuck=is_stuck),
        digest=_digest(release).hex(),
        signatures=present,
        void_signatures=tuple(signature for signature in signatures if signature.round != release.round),
        left=left_batches(release),
        audit_head=AuditHead.objects.get(),
        chained=Publication.objects.exclude(chain=None).order_by("id").last(),
        copies=copies,
        expected=expected_counts(release),
        counts=count_publication(release),
        day=day_of_publication(release),
        due=due.capacity if due and staff.holds(due.capacity) else None,
        refusal=why_not_sign_release(staff.person, release) if due and staff.holds(due.capacity) else "",
        may_return=bool(capacity_to_return_release(staff.person, release)),
        withdraws=bool(capacity_to_withdraw(staff.person, release)),
        is_stuck=is_stuck,
        may_retry=is_stuck and staff.holds(Capacity.NETWORK_ADMINISTRATOR),
        progress=publication_progress(release.id) if release.state == ReleaseState.PUBLISHING else None,
        refresh=_refresh(release, is_stuck=is_stuck),
    )


def _digest(release: Release) -> bytes:
    """What a signature would bind to now; what was published, once it is."""
    return bytes(release.publication.digest) if release.publication else digest_of_release(release)


def _refresh(release: Release, *, is_stuck: bool) -> int:
    """In how many seconds the page looks again by itself; 0: not at all."""
    if release.state == ReleaseState.PUBLISHING:
        moving = not is_stuck and not release.publication_problem
    else:
        moving = release.state == ReleaseState.PUBLISHED and jobs.is_queued(
            jobs.FINISH_PUBLICATION, release_id=release.id
        )
    return refresh_seconds(moving=moving, since=release.state_since)


def _steps(
    release: Release,
    signatures: tuple[ReleaseSignature, ...],
    due: Capacity | None,
    done: int,
    wanted: int,
    *,
    is_stuck: bool,
) -> tuple[Step, ...]:
    steps = [Step("汇总", "done", release.assembled_by.name, release.assembled_at)]
    if release.state == ReleaseState.RETURNED:
        by = release.returned_by.name if release.returned_by else ""
        return (*steps, Step("已退回", "stop", f"{by}：{release.return_reason}", release.state_since))
    given = {signature.capacity: signature for signature in signatures}
    for required in required_for_release():
        label = STEP_NAMES[required.capacity]
        signature = given.get(required.capacity)
        if signature is not None and not required.is_publisher:
            steps.append(Step(label, "done", signature.signed_by, signature.at))
        elif signature is not None:
            steps.append(_publication_step(release, label, signature, is_stuck=is_stuck))
        else:
            steps.append(
                Step(label, "now" if required.capacity == due else "", "等待办理" if required.capacity == due else "")
            )
    note = f"{done} / {wanted} 份已核对" if wanted else ""
    if release.state == ReleaseState.BACKED_UP:
        steps.append(Step("备份", "done", note, release.state_since))
    else:
        steps.append(
            Step(
                "备份",
                "now" if release.state == ReleaseState.PUBLISHED else "",
                note or ("等待备份" if release.state == ReleaseState.PUBLISHED else ""),
            )
        )
    return tuple(steps)


def _publication_step(release: Release, label: str, signature: ReleaseSignature, *, is_stuck: bool) -> Step:
    if release.publication is not None:
        return Step(label, "done", signature.signed_by, release.publication.effective_at)
    if release.publication_problem or is_stuck:
        return Step(label, "stop", "没有上网，证书库没有改变", signature.at)
    return Step(label, "now", "正在上网", signature.at)
