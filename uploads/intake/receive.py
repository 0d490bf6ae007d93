"""Receiving a file: stored, its batch found or opened, its check queued."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from certificates.models import Office
from certificates.models.offices import OfficeKind
from certlookup.calendar.periods import Period
from uploads import jobs
from uploads.actor import Actor
from uploads.intake.periods import fix_period
from uploads.intake.profiles import REQUIRED_LAYOUT
from uploads.intake.savedprofiles import profile_called
from uploads.intake.storage import StoredFile, discarded_on_error, shown_name, store
from uploads.models import (
    Attempt,
    Batch,
    BatchKind,
    Campaign,
    Capacity,
    ImportProfile,
    Origin,
    PaperSheet,
    PeriodDays,
    Person,
    WayIn,
)
from uploads.models.intake import OPEN_TO_FILES, BatchState
from uploads.oversight.audit import one_act, record
from uploads.refusals import Refusal
from uploads.signoff.permissions import holds


@dataclass(frozen=True, slots=True)
class PaperSigners:
    """What the signed 审签表 says: both signers, the date, the scan, count and digest where it states them, and the tick for the comparison."""

    operator: Person
    director: Person
    signed_on: date
    scan: StoredFile
    stated_count: int | None = None
    stated_digest: bytes | None = None
    states_comparison: bool = False


def way_in_of(office: Office, by: Actor) -> WayIn:
    """省本级's own way, the city's own account, or paper brought in by the province."""
    if office.kind == OfficeKind.PROVINCE:
        return WayIn.PROVINCE
    return WayIn.ACCOUNT if by.capacity == Capacity.CITY_OPERATOR else WayIn.PAPER


def batch_to_fill(
    office: Office, period_code: str, kind: BatchKind, way_in: WayIn | None, campaign: Campaign | None = None
) -> "QuerySet[Batch]":
    """The batches that a new file of that kind (and campaign, of a backfill file) would go into; the last one counts.

    A regular batch is one per office and period until it is published. Of all other kinds there may be several: what is
    signed stays as it is, and a new file begins another batch.
    """
    batches = Batch.objects.filter(office=office, period_id=period_code, kind=kind, campaign=campaign).order_by("id")
    if kind == BatchKind.REGULAR:
        return batches.exclude(state=BatchState.PUBLISHED)
    open_ones = batches.filter(state__in=OPEN_TO_FILES)
    return open_ones if way_in is None else open_ones.filter(way_in=way_in)


def open_batch(
    *,
    by: Actor,
    office: Office,
    period: Period,
    kind: BatchKind,
    way_in: WayIn,
    campaign: Campaign | None = None,
    replaces: int | None = None,
) -> Batch:
    """The office's open batch of that kind for the period, opened in that way if there is none. Locks it.

    Where there may be several, replaces is the id of the one whose file is replaced. Raises Refusal where the present
    one is signed or submitted, or waits for a signature in the other way.
    """
    if (kind == BatchKind.BACKFILL) != (campaign is not None):
        raise Refusal("backfill_without_a_campaign")
    days = fix_period(period)
    if replaces is None:
        batch = batch_to_fill(office, days.code, kind, way_in, campaign).select_for_update().last()
    else:
        present = batch_to_fill(office, days.code, kind, None, campaign)
        batch = present.filter(id=replaces).select_for_update().first()
        if batch is None:
            raise Refusal("no_such_batch")
    if batch is None:
        now = timezone.now()
        return Batch.objects.create(
            office=office,
            period=days,
            kind=kind,
            campaign=campaign,
            way_in=way_in,
            created_by=by.person,
            created_at=now,
            state_since=now,
        )
    if batch.state not in OPEN_TO_FILES:
        raise Refusal("batch_is_already_signed", batch.state)
    if batch.state == BatchState.CHECKED and batch.way_in != way_in:
        raise Refusal("batch_came_in_another_way", batch.way_in)
    return batch


def receive_file(
    *,
    by: Actor,
    office: Office,
    period: Period,
    content: Iterable[bytes],
    name: str,
    origin: Origin,
    hand_made_reason: str = "",
    kind: BatchKind = BatchKind.REGULAR,
    paper: PaperSigners | None = None,
    profile: ImportProfile | None = None,
    campaign: Campaign | None = None,
    replaces: int | None = None,
    also: Callable[[Attempt], None] | None = None,
) -> Attempt:
    """Take a file in as a new attempt of the office's batch and queue its check; it is read by profile.

    campaign is a backfill file's; replaces the id of the batch whose file it replaces, where there may be several;
    also is done with the attempt, in the same act.
    Writes batch, attempt, paper_sheet, act and audit; the file under a generated name. Raises Refusal and FileTooLarge.
    """
    way_in = way_in_of(office, by)
    if (way_in == WayIn.PAPER) != (paper is not None):
        raise Refusal("paper_sheet_is_missing")
    if origin == Origin.HAND_MADE and not hand_made_reason.strip():
        raise Refusal("hand_made_without_a_reason")
    stored = store(content, by=by)
    with (
        discarded_on_error(stored, *([paper.scan] if paper else [])),
        one_act(by=by, action="file.receive", subject_kind="office", subject_id=office.code),
    ):
        batch = open_batch(
            by=by, office=office, period=period, kind=kind, way_in=way_in, campaign=campaign, replaces=replaces
        )
        attempt = Attempt.objects.create(
            batch=batch,
            number=batch.attempts.count() + 1,
            original_name=shown_name(name),
            stored_name=stored.name,
            byte_count=stored.byte_count,
            file_digest=stored.digest,
            origin=origin,
            hand_made_reason=hand_made_reason,
            profile=profile or profile_called(REQUIRED_LAYOUT),
            uploaded_by=by.person,
            received_at=timezone.now(),
        )
        if paper is not None:
            _add_sheet(paper, attempt=attempt)
        if also is not None:
            also(attempt)
        jobs.enqueue(jobs.CHECK_ATTEMPT, attempt_id=attempt.id)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT open_attempt(%s, %s, %s, %s)",
                [batch.id, attempt.id, by.person.id, by.address],
            )
    return attempt


def declare_no_data(*, by: Actor, office: Office, period: Period, paper: PaperSigners | None = None) -> Batch:
    """本期无数据: a batch without rows, to be signed like any other; a refused file and a returned batch give way.

    paper is a city's sheet that a provincial operator enters; its signatures are written when he submits the batch.
    Writes batch, paper_sheet and audit. Raises Refusal where the period's batch is under way or published already.
    """
    way_in = way_in_of(office, by)
    if (way_in == WayIn.PAPER) != (paper is not None):
        raise Refusal(
            "paper_sheet_is_missing" if by.capacity == Capacity.PROVINCIAL_OPERATOR else "person_not_entitled"
        )
    with (
        discarded_on_error(*([paper.scan] if paper else [])),
        one_act(by=by, action="batch.declare_no_data", subject_kind="office", subject_id=office.code),
    ):
        _require_may_report(by, office)
        days = fix_period(period)
        present = Batch.objects.filter(office=office, period=days, kind=BatchKind.REGULAR).last()
        if present is not None and present.state == BatchState.PUBLISHED:
            raise Refusal("batch_is_already_published")
        if present is None:
            batch = _new_declaration(by, office, days, way_in)
        elif present.declares_no_data and present.state == BatchState.CHECKED and paper is None:
            return present
        else:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT declare_no_data(%s, %s, %s, %s)",
                    [present.id, by.person.id, by.address, paper is not None],
                )
            present.refresh_from_db()
            batch = present
        if paper is not None:
            _add_sheet(paper, batch=batch, round=batch.round)
    return batch


def _new_declaration(by: Actor, office: Office, days: PeriodDays, way_in: WayIn) -> Batch:
    now = timezone.now()
    batch = Batch.objects.create(
        office=office,
        period=days,
        kind=BatchKind.REGULAR,
        way_in=way_in,
        state=BatchState.CHECKED,
        declares_no_data=True,
        created_by=by.person,
        created_at=now,
        state_since=now,
    )
    record(
        by=by,
        action="batch.no_data_declared",
        subject_kind="batch",
        subject_id=str(batch.id),
    )
    return batch


def _add_sheet(paper: PaperSigners, **about: object) -> None:
    PaperSheet.objects.create(
        operator=paper.operator,
        director=paper.director,
        signed_on=paper.signed_on,
        scan_stored_name=paper.scan.name,
        scan_digest=paper.scan.digest,
        stated_count=paper.stated_count,
        stated_digest=paper.stated_digest,
        states_comparison=paper.states_comparison,
        **about,
    )


def _require_may_report(by: Actor, office: Office) -> None:
    """A city's own operator, or a provincial one for 省本级 and for what a city signed on paper."""
    needed = Capacity.CITY_OPERATOR if way_in_of(office, by) == WayIn.ACCOUNT else Capacity.PROVINCIAL_OPERATOR
    if by.capacity != needed or not holds(by.person, needed, office.code):
        raise Refusal("person_not_entitled", by.capacity)
