"""Assembling a release from submitted batches, and the leave that moves its day."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from uploads.actor import Actor
from uploads.functions import call
from uploads.models import (
    Batch,
    BatchKind,
    Extension,
    Installation,
    PeriodDays,
    PublicationOrder,
    Release,
    ReleaseItem,
)
from uploads.models.intake import CHANGES, BatchState
from uploads.models.people import Capacity
from uploads.models.release import ReleaseKind, ReleaseState
from uploads.oversight.audit import one_act, record
from uploads.refusals import Refusal
from uploads.signoff.permissions import holds


def collectable(period: PeriodDays, *, changes: bool = False) -> "list[Batch]":
    """The period's submitted batches that are in no release, by office: regular and backfill ones, or the changes."""
    return list(
        Batch.objects.filter(period=period, state=BatchState.SUBMITTED)
        .filter(Q(kind__in=CHANGES) if changes else ~Q(kind__in=CHANGES))
        .select_related("office", "attempt")
        .order_by("office_id", "id")
    )


def next_release(period: PeriodDays, *, changes: bool = False) -> tuple[str, ReleaseKind]:
    """Number and kind of the period's next release: the regular one first, then supplementary ones (补充).

    Corrections, revocations and reinstatements go into replacement releases (更换) of their own, numbered R1, R2 ...
    """
    replacing = period.releases.filter(kind=ReleaseKind.REPLACEMENT).count()
    if changes:
        return f"{period.code}-R{replacing + 1}", ReleaseKind.REPLACEMENT
    present = period.releases.count() - replacing
    has_regular = period.releases.filter(kind=ReleaseKind.REGULAR).exclude(state=ReleaseState.RETURNED).exists()
    number = period.code if present == 0 else f"{period.code}-{present + 1}"
    return number, ReleaseKind.SUPPLEMENTARY if has_regular else ReleaseKind.REGULAR


def assemble_release(
    *,
    by: Actor,
    period: PeriodDays,
    batches: Sequence[Batch],
    effective_at: datetime | None = None,
) -> Release:
    """Collect the batches into the period's next release. Writes release, release_item, batch and audit.

    Batches that change certificates make a replacement release, all others a regular or supplementary one. Raises
    Refusal where they are mixed, a batch was taken or returned meanwhile, or the person is no network administrator.
    effective_at dates a demo's history; the database's own clock stands in the audit.
    """
    now = effective_at or timezone.now()
    with one_act(by=by, action="release.assemble", subject_kind="period", subject_id=period.code):
        _require_network_administrator(by)
        if effective_at is not None and not Installation.objects.get().demo:
            raise Refusal("effective_time_outside_demo")
        if not batches:
            raise Refusal("release_is_empty")
        # Without the key: whoever changes a batch of the period meanwhile refers to it, and this one waits for that batch.
        PeriodDays.objects.select_for_update(no_key=True).get(code=period.code)
        kinds = {BatchKind(batch.kind).is_change for batch in batches}
        if len(kinds) != 1:
            raise Refusal("batch_belongs_in_another_release")
        number, kind = next_release(period, changes=kinds == {True})
        release = Release.objects.create(
            number=number,
            period=period,
            kind=kind,
            assembled_by=by.person,
            assembled_at=now,
            state_since=now,
        )
        for batch in batches:
            moved = Batch.objects.filter(id=batch.id, period=period, state=BatchState.SUBMITTED).update(
                state=BatchState.IN_RELEASE, state_since=now
            )
            if not moved:
                raise Refusal("state_does_not_move_that_way", str(batch.id))
            ReleaseItem.objects.create(release=release, batch=batch, added_at=now)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE release SET digest = release_digest(id) WHERE id = %s",
                [release.id],
            )
        record(
            by=by,
            action="release.assembled",
            subject_kind="release",
            subject_id=str(release.id),
            detail={"batches": [batch.id for batch in batches]},
        )
    release.refresh_from_db()
    return release


def explain_lateness(*, by: Actor, release: Release, reason: str) -> None:
    """Note why the release is published after its day (R7); shown with the publication."""
    with one_act(by=by, action="release.explain_lateness", subject_kind="release", subject_id=str(release.id)):
        _require_network_administrator(by)
        Release.objects.filter(id=release.id, state=ReleaseState.APPROVED).update(late_reason=reason.strip()[:200])
        record(
            by=by,
            action="release.lateness_explained",
            subject_kind="release",
            subject_id=str(release.id),
            detail={"reason": reason},
        )


def record_extension(
    *,
    by: Actor,
    period: PeriodDays,
    office_code: str | None,
    opens_at: datetime,
    closes_at: datetime,
    reason: str,
) -> Extension:
    """延期: the department head lets an office, or all, submit outside the window (R7). Raises Refusal."""
    arguments = [
        period.code,
        office_code,
        opens_at,
        closes_at,
        reason.strip(),
        by.person.pk,
        str(by.capacity),
        by.address,
    ]
    with one_act(by=by, action="extension.record", subject_kind="period", subject_id=period.code):
        recorded = call("record_extension", arguments)
    return Extension.objects.get(id=recorded)


def order_publication(*, by: Actor, period: PeriodDays, reason: str) -> PublicationOrder:
    """提前上网指示: the deputy director orders publication before its day (R7). Raises Refusal."""
    arguments = [period.code, reason.strip(), by.person.pk, str(by.capacity), by.address]
    with one_act(by=by, action="publication.order", subject_kind="period", subject_id=period.code):
        ordered = call("order_publication", arguments)
    return PublicationOrder.objects.get(id=ordered)


def _require_network_administrator(by: Actor) -> None:
    if not holds(by.person, Capacity.NETWORK_ADMINISTRATOR):
        raise Refusal("person_not_entitled", Capacity.NETWORK_ADMINISTRATOR)
