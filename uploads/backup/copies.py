"""After a publication: a proven backup in every place, and only then 'backed up' (R12)."""

import contextlib
import logging
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connections, transaction
from django.utils import timezone

from uploads import jobs
from uploads.actor import Actor
from uploads.backup.places import digest_of, prepare, problem, write_copy
from uploads.backup.proof import MANIFEST_SUFFIX, Proven, make_proven, read_manifest
from uploads.backup.scratch import Workshop, workshop
from uploads.backup.tools import ALIAS, BackupError
from uploads.models import BackupCopy, Capacity, Outcome, Release
from uploads.models.backup import CopyState
from uploads.models.release import ReleaseState
from uploads.oversight.audit import one_act, record
from uploads.refusals import Refusal
from uploads.signoff.permissions import holds

logger = logging.getLogger(__name__)

FEWEST_PLACES = 3
ACTION = "release.backed_up"


def back_up(release_id: int) -> None:
    """Bring every copy of a published release that is still due; run again, it does only what is left.

    Writes backup_proof, backup_copy, then release and audit. A place that fails leaves its copy due with the reason,
    and the others are written all the same. A backup that can't be made or proven leaves all due, with the reason.
    """
    release = Release.objects.select_related("publication").get(id=release_id)
    if release.state != ReleaseState.PUBLISHED:
        return
    for place in settings.BACKUP_PLACES:
        BackupCopy.objects.get_or_create(release=release, place=str(place))
    try:
        _require_places()
        if _due(release):
            with connections[ALIAS].wrap_database_errors, workshop() as shop:
                _write_due(shop, release)
    except (BackupError, OSError) as error:
        said = problem(error) if isinstance(error, OSError) else str(error)
        logger.warning("Release %s: the backup failed: %s", release.number, said)
        for copy in _due(release):
            _note_problem(copy, said)
    _finish(release)


def retry_copies(*, by: Actor, release_id: int) -> None:
    """Have the worker try the due copies again; the network administrator's part. Writes the audit and a job."""
    action, number = "release.backup_retried", str(release_id)
    with one_act(by=by, action=action, subject_kind="release", subject_id=number):
        if not holds(by.person, Capacity.NETWORK_ADMINISTRATOR):
            raise Refusal("person_not_entitled", Capacity.NETWORK_ADMINISTRATOR)
        if not Release.objects.filter(id=release_id, state=ReleaseState.PUBLISHED).exists():
            raise Refusal("release_is_not_to_be_backed_up")
        jobs.enqueue(jobs.FINISH_PUBLICATION, release_id=release_id)
        record(by=by, action=action, subject_kind="release", subject_id=number)


def _require_places() -> None:
    if len(set(settings.BACKUP_PLACES)) < FEWEST_PLACES:
        raise BackupError(f"备份位置少于{FEWEST_PLACES}处，请在 BACKUP_PLACES 中补足。")


def _write_due(shop: Workshop, release: Release) -> None:
    """Write the due copies from one proven backup: an earlier one whose copies are whole, else a new one."""
    due = _due(release)
    if not due:
        return
    proven = _earlier(release) or make_proven(shop, release)
    digest = bytes(proven.proof.encrypted_digest)
    for copy in due:
        place = Path(copy.place)
        try:
            prepare(place)
            write_copy(proven.file, place, digest=digest)
            # The manifest comes last: beside it stands a whole copy.
            write_copy(proven.manifest, place, digest=digest_of(proven.manifest))
        except OSError as error:
            _note_problem(copy, problem(error))
        except BackupError as error:
            _note_problem(copy, str(error))
        else:
            copy.state, copy.proof, copy.written_at, copy.problem = CopyState.VERIFIED, proven.proof, timezone.now(), ""
            copy.save(update_fields=["state", "proof", "written_at", "problem"])


def _earlier(release: Release) -> Proven | None:
    """A proven backup of this release that lies whole in one of the places, with its manifest."""
    for proof in release.proofs.order_by("-id"):
        for place in settings.BACKUP_PLACES:
            file = place / proof.file_name
            manifest = file.with_name(file.name + MANIFEST_SUFFIX)
            with contextlib.suppress(OSError, BackupError):
                digest = digest_of(file)
                if digest == bytes(proof.encrypted_digest) and read_manifest(manifest)[0] == digest.hex():
                    return Proven(proof, file, manifest)
    return None


def _due(release: Release) -> list[BackupCopy]:
    places = [str(place) for place in settings.BACKUP_PLACES]
    return list(BackupCopy.objects.filter(release=release, place__in=places, state=CopyState.DUE))


def _note_problem(copy: BackupCopy, text: str) -> None:
    logger.warning("The copy in %s is due: %s", copy.place, text)
    copy.problem = text[:300]
    copy.save(update_fields=["problem"])


def _finish(release: Release) -> None:
    """'backed_up' once no copy is due, by compare-and-set, and the audit entry either way."""
    due = _due(release)
    complete = not due and release.copies.filter(state=CopyState.VERIFIED).count() >= FEWEST_PLACES
    verified = BackupCopy.objects.filter(release=release, state=CopyState.VERIFIED).select_related("proof")
    detail = {
        "copies": [{"place": copy.place, "file": copy.proof.file_name} for copy in verified if copy.proof],
        "due": [{"place": copy.place, "problem": copy.problem} for copy in due],
    }
    with transaction.atomic():
        moved = complete and Release.objects.filter(id=release.pk, state=ReleaseState.PUBLISHED).update(
            state=ReleaseState.BACKED_UP, state_since=timezone.now()
        )
        if moved or due:
            outcome = Outcome.REFUSED if due else Outcome.DONE
            number = str(release.pk)
            record(by=None, action=ACTION, subject_kind="release", subject_id=number, outcome=outcome, detail=detail)


@dataclass(frozen=True, slots=True)
class CopyLine:
    """One place as the page shows it."""

    place: str
    verified: bool
    state: str
    written_at: datetime | None
    file_name: str
    problem: str


@dataclass(frozen=True, slots=True)
class BackupState:
    """A release's copies, and the newest proof by restore behind them."""

    copies: tuple[CopyLine, ...]
    proven_at: datetime | None
    proven_in_seconds: float | None

    @property
    def complete(self) -> bool:
        return bool(self.copies) and all(copy.verified for copy in self.copies)


def backup_state(release: Release) -> BackupState:
    """What the page of a release says about its backup."""
    copies = tuple(
        CopyLine(
            place=copy.place,
            verified=copy.state == CopyState.VERIFIED,
            state=CopyState(copy.state).label,
            written_at=copy.written_at,
            file_name=copy.proof.file_name if copy.proof else "",
            problem=copy.problem,
        )
        for copy in release.copies.select_related("proof")
    )
    proof = release.proofs.order_by("-id").first()
    return BackupState(copies, proof.proven_at if proof else None, proof.seconds if proof else None)
