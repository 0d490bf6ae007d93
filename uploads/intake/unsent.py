"""Forgetting what was never sent: pre-checks with their files and findings, files laid down for an import, samples."""

import time
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from uploads.intake.storage import path_of
from uploads.models import ParkedFile, Precheck, ProfileTrial
from uploads.oversight.audit import record
from uploads.oversight.retention import deletions_are_suspended

HOUR = 3600


def forget_expired() -> None:
    """Remove everything whose time is over, by the database's clock, which also started the job. Run again, it goes on.

    Nothing while deletions are suspended; the end of the incident starts it anew.
    Lines first, files after: a file without a line is found by its age the next time. Writes precheck,
    precheck_problem, parked_file, profile_trial and audit.
    """
    if deletions_are_suspended():
        return
    with transaction.atomic():
        prechecks = list(Precheck.objects.select_for_update().filter(expires_at__lte=Now()))
        parked = list(ParkedFile.objects.select_for_update().filter(expires_at__lte=Now()))
        trials = list(ProfileTrial.objects.select_for_update().filter(expires_at__lte=Now()))
        if prechecks or parked or trials:
            Precheck.objects.filter(id__in=[found.id for found in prechecks]).delete()
            ParkedFile.objects.filter(id__in=[found.id for found in parked]).delete()
            ProfileTrial.objects.filter(id__in=[found.id for found in trials]).delete()
            record(
                by=None,
                action="unsent.forgotten",
                detail={
                    "prechecks": [found.id for found in prechecks],
                    "parked_files": [found.id for found in parked],
                    "profile_trials": [found.id for found in trials],
                },
            )
    names = [found.stored_name for found in prechecks] + [found.stored_name for found in parked]
    for name in [*names, *(found.stored_name for found in trials)]:
        path_of(name, settings.UNSENT_DIR).unlink(missing_ok=True)
    _remove_leftovers()


def _remove_leftovers() -> None:
    """Files of a process that was killed between file and line, or between line and file."""
    if not settings.UNSENT_DIR.is_dir():
        return
    known = {
        *Precheck.objects.values_list("stored_name", flat=True),
        *ParkedFile.objects.values_list("stored_name", flat=True),
        *ProfileTrial.objects.values_list("stored_name", flat=True),
    }
    oldest = time.time() - (settings.KEEP_UNSENT_HOURS + 1) * HOUR
    for path in settings.UNSENT_DIR.iterdir():
        if path.name not in known and _last_written(path) < oldest:
            path.unlink(missing_ok=True)


def _last_written(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return time.time()
