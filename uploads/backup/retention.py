"""Retention of copies: a rule of settings, never the last good ones, never while an incident may be a crime (R12, R13)."""

import logging
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from uploads.backup.media import medium_at
from uploads.backup.places import digest_of, prepare, sync_folder
from uploads.backup.proof import MANIFEST_SUFFIX
from uploads.backup.tools import BackupError
from uploads.models import BackupCopy
from uploads.models.backup import CopyState
from uploads.oversight.audit import record
from uploads.oversight.retention import deletions_are_suspended

logger = logging.getLogger(__name__)


def remove_outdated(*, now: datetime | None = None) -> int:
    """Remove what is outdated in every place that can be reached; how many copies. Writes backup_copy and audit."""
    if not settings.BACKUP_KEEP_DAYS or deletions_are_suspended():
        return 0
    before = (now or timezone.now()) - timedelta(days=settings.BACKUP_KEEP_DAYS)
    removed = 0
    for place in settings.BACKUP_PLACES:
        try:
            removed += _tidy(place, before)
        except (BackupError, OSError) as error:
            logger.info("Nothing is removed from %s: %s", place, error)
    return removed


def _tidy(place: Path, before: datetime) -> int:
    """Only what lies on the medium that is here now, and only once the newest on it has been read and is whole."""
    prepare(place)
    copies = list(
        BackupCopy.objects.filter(place=str(place), state=CopyState.VERIFIED, medium=medium_at(place))
        .select_related("proof")
        .order_by("-proof_id")
    )
    kept = copies[: settings.BACKUP_KEEP_COPIES]
    outdated = [
        copy
        for copy in copies[settings.BACKUP_KEEP_COPIES :]
        if copy.proof is not None and copy.proof.proven_at < before
    ]
    if not outdated:
        return 0
    newest = kept[0].proof
    if newest is None or digest_of(place / newest.file_name) != bytes(newest.encrypted_digest):
        raise BackupError("the newest copy there is not whole, so older ones stay")
    for copy in outdated:
        _remove(copy, place)
    sync_folder(place)
    return len(outdated)


def _remove(copy: BackupCopy, place: Path) -> None:
    """The database agrees first; the file goes before it is sure, so that a kill in between leaves nothing unnoted."""
    assert copy.proof is not None
    file = place / copy.proof.file_name
    with transaction.atomic():
        copy.state, copy.removed_at = CopyState.REMOVED, timezone.now()
        copy.save(update_fields=["state", "removed_at"])
        record(
            by=None,
            action="backup.removed",
            subject_kind="release",
            subject_id=str(copy.release_id),
            detail={
                "place": copy.place,
                "file_name": copy.proof.file_name,
                "proven_at": copy.proof.proven_at.isoformat(),
            },
        )
        # Without its manifest a copy counts for nothing.
        file.with_name(file.name + MANIFEST_SUFFIX).unlink(missing_ok=True)
        file.unlink(missing_ok=True)
