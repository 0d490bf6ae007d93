"""Who may do what now, as a kind answer before the act; the database decides again when it happens."""

from datetime import datetime
from typing import TypeVar

from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.utils import timezone

from uploads.intake.rules import EXPLAINED
from uploads.models import (
    Act,
    Attempt,
    Batch,
    PaperSheet,
    Person,
    Release,
    ReleaseItem,
    RowProblem,
    SampleComparison,
    WarningExplanation,
    WayIn,
)
from uploads.models.intake import BatchState
from uploads.models.people import Capacity
from uploads.models.release import ReleaseState
from uploads.signoff.capacities import (
    Required,
    required_for_batch,
    required_for_release,
)

RELEASE_CAPACITIES = tuple(required.capacity for required in required_for_release())
SIGNED_BY_CITY = (BatchState.CHECKED, BatchState.SIGNED)
BACK_FROM_PROVINCE = (BatchState.SUBMITTED, BatchState.IN_RELEASE)
OPEN_RELEASE = (
    ReleaseState.ASSEMBLED,
    ReleaseState.OPERATOR_SIGNED,
    ReleaseState.HEAD_SIGNED,
    ReleaseState.APPROVED,
    ReleaseState.PUBLISHING,
)

Record = TypeVar("Record", PaperSheet, SampleComparison)


def ready_to_judge(batches: "QuerySet[Batch]") -> "QuerySet[Batch]":
    """With what is asked here about each of them: many cost as many queries as one."""
    asks = RowProblem.objects.filter(attempt_id=OuterRef("attempt_id"), rule__in=EXPLAINED)
    return (
        batches.select_related("attempt__sample_comparison__compared_by", "attempt__paper")
        .prefetch_related(Prefetch("acts", Act.objects.select_related("person", "signature")))
        .annotate(
            asks_explanation=Exists(asks),
            is_explained=Exists(WarningExplanation.objects.filter(attempt_id=OuterRef("attempt_id"))),
        )
    )


def holds(
    person: Person,
    capacity: str,
    office_code: str | None = None,
    *,
    at: datetime | None = None,
) -> bool:
    """Whether the person may act in the capacity (for that office) at the time, now by default."""
    moment = at or timezone.now()
    bound = office_code is not None and Capacity(capacity).belongs_to_an_office
    return person.is_active and any(
        grant.capacity == capacity and grant.holds_at(moment) and (not bound or grant.office_id == office_code)
        for grant in person.grants.all()
    )


def acts_of(batch: Batch) -> list[Act]:
    """Who did what in the batch's present round."""
    return [act for act in batch.acts.all() if act.round == batch.round]


def signature_due_on_batch(batch: Batch) -> Required | None:
    """The next signature of the batch's present round, or None: nothing is due, or it isn't signed here."""
    if batch.way_in != WayIn.ACCOUNT or batch.state not in SIGNED_BY_CITY:
        return None
    given = {act.capacity for act in acts_of(batch) if act.signature_id is not None}
    return next(
        (due for due in required_for_batch(batch.kind, batch.way_in) if due.capacity not in given),
        None,
    )


def needs_explanation(batch: Batch) -> bool:
    """Whether the batch's file has warnings of the kind that is explained before the first signature."""
    if batch.declares_no_data or batch.attempt_id is None:
        return False
    known: bool | None = getattr(batch, "asks_explanation", None)
    if known is None:
        return RowProblem.objects.filter(attempt_id=batch.attempt_id, rule__in=EXPLAINED).exists()
    return known


def lacks_explanation(batch: Batch) -> bool:
    """Whether that explanation is still missing: nobody can sign or submit until it is there."""
    if not needs_explanation(batch):
        return False
    known: bool | None = getattr(batch, "is_explained", None)
    return not (WarningExplanation.objects.filter(attempt=batch.attempt).exists() if known is None else known)


def may_explain(person: Person, batch: Batch) -> bool:
    """Whether the person may say why: who signs the batch first or hands it in, as long as it is unsigned."""
    capacity = Capacity.CITY_OPERATOR if batch.way_in == WayIn.ACCOUNT else Capacity.PROVINCIAL_OPERATOR
    return batch.state == BatchState.CHECKED and needs_explanation(batch) and holds(person, capacity, batch.office_id)


def why_not_compared(batch: Batch) -> str:
    """What keeps a file from being signed as long as its sample isn't compared with the archive; '' where nothing does."""
    if batch.declares_no_data or batch.attempt is None:
        return ""
    if batch.way_in == WayIn.PAPER:
        sheet = _beside(batch.attempt, PaperSheet, "paper")
        return "" if sheet is not None and sheet.states_comparison else "paper_sheet_states_no_comparison"
    comparison = sample_compared(batch.attempt)
    if comparison is None:
        return "sample_is_not_compared"
    return "sample_differs_from_the_archive" if comparison.differing_count else ""


def sample_compared(attempt: Attempt) -> SampleComparison | None:
    """Who compared the file's sample with the archive, and what came of it."""
    return _beside(attempt, SampleComparison, "sample_comparison")


def _beside(attempt: Attempt, kind: type[Record], name: str) -> Record | None:
    """The record beside the attempt: as it was read along (ready_to_judge), else asked for anew, as others go on acting."""
    if not getattr(Attempt, name).is_cached(attempt):
        attempt = Attempt.objects.select_related(name).get(pk=attempt.pk)
    found = getattr(attempt, name, None)
    return found if isinstance(found, kind) else None


def lacks_comparison(batch: Batch) -> bool:
    """Whether somebody has still to compare the file's sample."""
    return why_not_compared(batch) == "sample_is_not_compared"


def comparing_capacity(batch: Batch) -> Capacity:
    """In which capacity the sample is compared: whoever signs first, or submits 省本级's own."""
    return Capacity.CITY_OPERATOR if batch.way_in == WayIn.ACCOUNT else Capacity.PROVINCIAL_OPERATOR


def may_compare(person: Person, batch: Batch) -> bool:
    """Whether the person may compare the sample now: he will be the one to sign or submit."""
    part = Capacity.CITY_OPERATOR if batch.way_in == WayIn.ACCOUNT else "submitter"
    return (
        batch.state == BatchState.CHECKED
        and lacks_comparison(batch)
        and holds(person, comparing_capacity(batch), batch.office_id)
        and not _why_not_act([batch], person, part)
    )


def releases_to_judge(releases: "QuerySet[Release]") -> "QuerySet[Release]":
    """With what is asked here about each release."""
    batches = Batch.objects.prefetch_related("acts")
    inside = ReleaseItem.objects.filter(left_at=None).prefetch_related(Prefetch("batch", batches))
    return releases.prefetch_related("signatures", Prefetch("items", inside))


def signature_due_on_release(release: Release) -> Required | None:
    """The next signature of the release's present round; the publisher's is the last."""
    if release.state not in OPEN_RELEASE or release.state == ReleaseState.PUBLISHING:
        return None
    given = {signature.capacity for signature in release.signatures.all() if signature.round == release.round}
    return next((due for due in required_for_release() if due.capacity not in given), None)


def why_not_sign_batch(person: Person, batch: Batch) -> str:
    """Why the person can't give the batch's next signature, as a key of refusals.SENTENCES; '' if he can."""
    due = signature_due_on_batch(batch)
    if due is None:
        return "signature_is_not_due"
    if not holds(person, due.capacity, batch.office_id):
        return "person_not_entitled"
    if lacks_explanation(batch):
        return "warnings_without_explanation"
    return why_not_compared(batch) or _why_not_act([batch], person, due.capacity)


def why_not_sign_release(person: Person, release: Release) -> str:
    """The same for a release: every batch in it keeps its signers, importer and submitter away."""
    due = signature_due_on_release(release)
    if due is None:
        return "signature_is_not_due"
    if not holds(person, due.capacity):
        return "person_not_entitled"
    if not due.is_publisher and release.assembled_by_id == person.id:
        return "person_acted_in_another_capacity"
    return _why_not_act(_batches_in(release), person, due.capacity)


def _batches_in(release: Release) -> list[Batch]:
    items = release.items.all()
    # Read along by releases_to_judge(), or now.
    if "items" not in getattr(release, "_prefetched_objects_cache", {}):
        items = items.select_related("batch").prefetch_related("batch__acts")
    return [item.batch for item in items if item.left_at is None]


def may_submit(person: Person, batch: Batch) -> bool:
    """Whether the person may hand in a checked batch of 省本级 or one signed on paper: the one who brought its file."""
    return (
        batch.state == BatchState.CHECKED
        and batch.way_in in {WayIn.PAPER, WayIn.PROVINCE}
        and holds(person, Capacity.PROVINCIAL_OPERATOR)
        and all(act.person_id == person.pk for act in acts_of(batch) if act.capacity in {"importer", "submitter"})
    )


def capacity_to_return_batch(person: Person, batch: Batch) -> str:
    """The capacity in which the person may send the batch back now, or ''."""
    if batch.state in SIGNED_BY_CITY:
        candidates: tuple[Capacity, ...] = (
            Capacity.CITY_DIRECTOR,
            Capacity.CITY_OPERATOR,
        )
    elif batch.state in BACK_FROM_PROVINCE:
        candidates = RELEASE_CAPACITIES
    else:
        return ""
    return next(
        (capacity for capacity in candidates if holds(person, capacity, batch.office_id)),
        "",
    )


def capacity_to_return_release(person: Person, release: Release) -> str:
    """The capacity in which the person may send the whole release back now, or ''."""
    if release.state not in OPEN_RELEASE:
        return ""
    return next((capacity for capacity in RELEASE_CAPACITIES if holds(person, capacity)), "")


def capacity_to_withdraw(person: Person, subject: Batch | Release) -> str:
    """The capacity in which the person can take his own signature back now, or '': only the last one, before the next step."""
    if isinstance(subject, Release):
        if subject.state not in OPEN_RELEASE:
            return ""
        given = [signature for signature in subject.signatures.all() if signature.round == subject.round]
    else:
        if subject.state not in {BatchState.SIGNED, BatchState.SUBMITTED}:
            return ""
        given = [act.signature for act in acts_of(subject) if act.signature and not act.signature.on_paper]
    last = max(given, key=lambda signature: signature.id, default=None)
    if last is None or last.person_id != person.id:
        return ""
    office = subject.office_id if isinstance(subject, Batch) else None
    return last.capacity if holds(person, last.capacity, office) else ""


def _why_not_act(batches: list[Batch], person: Person, capacity: str) -> str:
    """One capacity per person and one person per capacity, in each batch's present round."""
    for batch in batches:
        acts = acts_of(batch)
        if any(act.person_id == person.pk and act.capacity != capacity for act in acts):
            return "person_acted_in_another_capacity"
        if any(act.capacity == capacity and act.person_id != person.pk for act in acts):
            return "another_person_has_that_capacity"
    return ""
