"""What the worker does: each task takes an id, may be killed at any point, and run again does no harm."""

from django.db import InterfaceError, OperationalError
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from certificates.keycheck import require_fitting_keys
from certificates.lists.keeping import forget_expired
from certificates.load import forget_old_load
from uploads.backup.copies import queue_due
from uploads.backup.retention import remove_outdated
from uploads.enquiries import ending
from uploads.intake import prechecks, reports, staging, unsent
from uploads.models import VerificationKind
from uploads.oversight.retention import deletions_are_suspended
from uploads.oversight.verifying import verify_and_note
from uploads.release import publish

# A database that restarts, a disk that is full for a while: 3, 9, 27 ... seconds, under three hours in all. Anything
# else is a mistake that trying again doesn't mend.
AGAIN = RetryStrategy(max_attempts=8, exponential_wait=3, retry_exceptions=[OperationalError, InterfaceError, OSError])


@app.task(name="uploads.tasks.check_attempt", retry=AGAIN)
def check_attempt(*, attempt_id: int) -> None:
    """Check a received file."""
    require_fitting_keys()
    staging.check_attempt(attempt_id)


@app.task(name="uploads.tasks.make_report", retry=AGAIN)
def make_report(*, attempt_id: int) -> None:
    """Make a file's report as a workbook."""
    reports.make_report(attempt_id)


@app.task(name="uploads.tasks.delete_report", retry=AGAIN)
def delete_report(*, attempt_id: int) -> None:
    """Delete a report whose days are over."""
    reports.delete_report(attempt_id)


@app.task(name="uploads.tasks.publish_release", retry=AGAIN)
def publish_release(*, release_id: int) -> None:
    """Make an approved release public."""
    publish.publish_release(release_id)


@app.task(name="uploads.tasks.finish_publication", retry=AGAIN)
def finish_publication(*, release_id: int) -> None:
    """After a publication: its root, then the proven backup in three copies."""
    publish.finish_publication(release_id)


@app.task(name="uploads.tasks.run_precheck", retry=AGAIN)
def run_precheck(*, precheck_id: int) -> None:
    """Check a file that wasn't sent."""
    prechecks.run_precheck(precheck_id)


@app.task(name="uploads.tasks.forget_unsent", retry=AGAIN)
def forget_unsent(*, person_id: int) -> None:
    """Remove what was tried out or laid down and whose time is over: this person's, and whatever else is due."""
    unsent.forget_expired()


@app.task(name="uploads.tasks.resume_deletions", retry=AGAIN)
def resume_deletions(*, incident_id: int) -> None:
    """Make up for the deletions that waited for the end of an incident; another open one keeps them waiting."""
    unsent.forget_expired()
    reports.delete_overdue_reports()
    ending.forget_over()


@app.task(name="uploads.tasks.close_enquiries", retry=AGAIN)
def close_enquiries(*, release_id: int) -> None:
    """After a publication: the enquiries whose certificate it brought, and any that an earlier one left."""
    require_fitting_keys()
    ending.close_published()


# 3:10 in Shanghai.
@app.periodic(cron="10 19 * * *")
@app.task(name="uploads.tasks.forget_left", queueing_lock="forget_left", pass_context=False)
def forget_left(timestamp: int) -> None:
    """Every night: enquiries that a certificate closed which was shown again, and whatever visitors left whose time is over."""
    ending.close_published()
    ending.forget_over()


@app.task(name="uploads.tasks.verify", retry=AGAIN)
def verify(*, person_id: int) -> None:
    """Recompute register and audit trail for whoever asked."""
    for kind in VerificationKind:
        verify_and_note(kind, asked_by=person_id)


# 2:30 in Shanghai, when nobody works.
@app.periodic(cron="30 18 * * *")
@app.task(name="uploads.tasks.verify_nightly", queueing_lock="verify_nightly", pass_context=False)
def verify_nightly(timestamp: int) -> None:
    """Recompute register and audit trail every night."""
    for kind in VerificationKind:
        verify_and_note(kind)


# A medium that was missing, full or read-only is tried again without anybody asking.
@app.periodic(cron="*/10 * * * *")
@app.task(name="uploads.tasks.retry_due_copies", queueing_lock="retry_due_copies", pass_context=False)
def retry_due_copies(timestamp: int) -> None:
    """Queue whatever still has copies due."""
    queue_due()


# 3:30 in Shanghai.
@app.periodic(cron="30 19 * * *")
@app.task(name="uploads.tasks.remove_outdated_copies", queueing_lock="remove_outdated_copies", pass_context=False)
def remove_outdated_copies(timestamp: int) -> None:
    """Remove the copies whose time is over by rule."""
    remove_outdated()


@app.periodic(cron="*/5 * * * *")
@app.task(name="uploads.tasks.forget_public_traces", queueing_lock="forget_public_traces", pass_context=False)
def forget_public_traces(timestamp: int) -> None:
    """Delete employers' lists whose half hour is over, and what is old of how the public site was used."""
    now = timezone.now()
    forget_expired(now)
    if not deletions_are_suspended():
        forget_old_load(now)
