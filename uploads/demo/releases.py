"""The releases of the demo's half-months: assembled, signed by three, published, backed up, by five people in turn."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from certlookup.calendar.periods import SHANGHAI
from uploads.demo.batches import DemoError
from uploads.demo.cast import Cast
from uploads.demo.queue import run_queue
from uploads.models import BackupCopy, Batch, Capacity, PeriodDays, Release, Signature
from uploads.models.backup import CopyState
from uploads.models.release import ReleaseKind, ReleaseState
from uploads.oversight.roots import store_root
from uploads.release.assemble import assemble_release, explain_lateness
from uploads.signoff.permissions import signature_due_on_release
from uploads.signoff.sign import digest_of_release, sign_release
from uploads.tasks import finish_publication, publish_release

BETWEEN_STEPS = timedelta(minutes=25)
PUBLISHED_AT = time(10)


def regular_release(days: PeriodDays, cast: Cast, batches: Sequence[Batch]) -> Release:
    """The period's regular release, assembled from these batches if there is none yet, after the window has closed."""
    release = Release.objects.filter(period=days, kind=ReleaseKind.REGULAR).exclude(state=ReleaseState.RETURNED).first()
    return release or _assemble(days, cast, batches, days.closes_at + BETWEEN_STEPS)


def late_release(days: PeriodDays, cast: Cast, batch: Batch, at: datetime) -> Release:
    """The supplementary release of one late batch, assembled at that time if there is none yet."""
    release = Release.objects.filter(items__batch=batch, items__left_at=None).first()
    return release or _assemble(days, cast, [batch], at)


def _assemble(days: PeriodDays, cast: Cast, batches: Sequence[Batch], at: datetime) -> Release:
    administrator = cast.of_province(Capacity.NETWORK_ADMINISTRATOR)
    return assemble_release(by=administrator, period=days, batches=batches, effective_at=at)


def sign_until(release: Release, cast: Cast, signatures: int, begun: datetime) -> None:
    """Have the release signed until it has that many signatures, one step after the other from `begun` on."""
    while (due := signature_due_on_release(release)) and (given := _signatures(release)) < signatures:
        sign_release(
            by=cast.of_province(due.capacity),
            release=release,
            digest=digest_of_release(release),
            effective_at=begun + given * BETWEEN_STEPS,
        )
        release.refresh_from_db()


def _signatures(release: Release) -> int:
    return Signature.objects.filter(release=release, round=release.round).count()


def explain(release: Release, cast: Cast, reason: str) -> None:
    """Note why an approved release is late, unless that is noted already."""
    if release.state == ReleaseState.APPROVED and not release.late_reason:
        explain_lateness(by=cast.of_province(Capacity.NETWORK_ADMINISTRATOR), release=release, reason=reason)


def replacement_release(days: PeriodDays, cast: Cast, batches: Sequence[Batch]) -> Release:
    """The replacement release of these batches, assembled if there is none yet."""
    release = Release.objects.filter(items__batch=batches[0], items__left_at=None).first()
    return release or assemble_release(
        by=cast.of_province(Capacity.NETWORK_ADMINISTRATOR), period=days, batches=batches
    )


def publish_now(release: Release, cast: Cast) -> None:
    """Have the release signed by all, published and backed up at this moment. Raises DemoError if that fails."""
    while due := signature_due_on_release(release):
        sign_release(by=cast.of_province(due.capacity), release=release, digest=digest_of_release(release))
        release.refresh_from_db()
    _bring_online(release)


def publish(release: Release, days: PeriodDays, cast: Cast) -> None:
    """Publish an approved release on its day, and back it up, in the worker's queue. Raises DemoError if that fails."""
    signed = days.closes_at + 4 * BETWEEN_STEPS
    published = datetime.combine(days.publication_day, PUBLISHED_AT, SHANGHAI)
    sign_until(release, cast, 4, max(signed, published) - 3 * BETWEEN_STEPS)
    _bring_online(release)


def _bring_online(release: Release) -> None:
    run_queue()
    release.refresh_from_db()
    # What a killed worker left; its job waits for its next try, and then finds nothing to do.
    if release.state == ReleaseState.PUBLISHING:
        publish_release(release_id=release.id)
        release.refresh_from_db()
    if release.state == ReleaseState.PUBLISHED:
        finish_publication(release_id=release.id)
        release.refresh_from_db()
    if release.publication_id is None:
        raise DemoError(f"Release {release.number} was not published: {release.publication_problem}")
    store_root(release.publication_id)
    if copy := BackupCopy.objects.filter(release=release, state=CopyState.DUE).first():
        raise DemoError(f"Release {release.number} was published but not backed up to {copy.place}: {copy.problem}")
