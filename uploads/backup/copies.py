"""After a publication: a proven backup in every place, and only then 'backed up' (R12)."""

import contextlib
import logging
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connections, transaction
from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from uploads import jobs
from uploads.actor import Actor
from uploads.backup.files import FileCopy, write_files
from uploads.backup.media import medium_at
from uploads.backup.places import FILES, digest_of, place_name, prepare, problem, require_own_device, write_copy
from uploads.backup.proof import MANIFEST_SUFFIX, Proven, make_proven, read_files, read_manifest
from uploads.backup.scratch import Workshop, workshop
from uploads.backup.tools import ALIAS, BackupError
from uploads.models import BackupCopy, BackupProof, Capacity, Medium, Outcome, Release
from uploads.models.backup import CopyState
from uploads.models.release import ReleaseState
from uploads.oversight.audit import one_act, record
from uploads.refusals import Refusal
from uploads.signoff.permissions import holds

logger = logging.getLogger(__name__)

FEWEST_PLACES = 3
ACTION = "release.backed_up"
# Each publication brings a proof, and there is one every half-month.
OLD_DAYS = 31


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
    before = _standing(release)
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
    _finish(release, before)


def queue_due() -> int:
    """By timer: have every published release whose copies are due tried again; how many. Writes jobs."""
    queued = 0
    for release_id in Release.objects.filter(state=ReleaseState.PUBLISHED).values_list("id", flat=True):
        if not jobs.is_queued(jobs.FINISH_PUBLICATION, release_id=release_id):
            jobs.enqueue(jobs.FINISH_PUBLICATION, release_id=release_id)
            queued += 1
    return queued


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
    """Write the due copies from one proven backup: an earlier one whose copies are whole, else a new one.

    Nothing is dumped for places that can't be written to anyway.
    """
    ready = [(copy, medium) for copy in _due(release) for medium in _reached(copy)]
    if not ready:
        return
    proven = _earlier(release) or make_proven(shop, release, _known_files())
    for copy, medium in ready:
        try:
            _write(Path(copy.place), proven, shop)
        except OSError as error:
            _note_problem(copy, problem(error))
        except BackupError as error:
            _note_problem(copy, str(error))
        else:
            copy.state, copy.proof, copy.medium, copy.problem = CopyState.VERIFIED, proven.proof, medium, ""
            copy.written_at = timezone.now()
            copy.save(update_fields=["state", "proof", "medium", "written_at", "problem"])


def _reached(copy: BackupCopy) -> list[Medium | None]:
    """The medium in a copy's place (None on the server's disk), or nothing if the place can't be used now."""
    try:
        place = Path(copy.place)
        prepare(place)
        return [medium_at(place)]
    except OSError as error:
        _note_problem(copy, problem(error))
    except BackupError as error:
        _note_problem(copy, str(error))
    return []


def _write(place: Path, proven: Proven, shop: Workshop) -> None:
    """The files, the copy, then its manifest. A medium taken away meanwhile has left its mount point, where nothing counts."""
    prepare(place)
    device = place.stat().st_dev
    sources = [shop.folder / FILES, *(other / FILES for other in settings.BACKUP_PLACES if other != place)]
    written = [place / proven.file.name]
    try:
        write_files(proven.files, place, sources, written)
        write_copy(proven.file, place, digest=bytes(proven.proof.encrypted_digest))
        _require_same(place, device)
        # The manifest comes last: beside it stands a whole copy.
        written.append(place / proven.manifest.name)
        write_copy(proven.manifest, place, digest=digest_of(proven.manifest))
        _require_same(place, device)
    except BackupError:
        for file in written:
            file.unlink(missing_ok=True)
        raise


def _require_same(place: Path, device: int) -> None:
    """Raise BackupError if another device lies here than when the writing began, or none."""
    require_own_device(place)
    if place.stat().st_dev != device:
        raise BackupError("写入时介质被拔出或更换。")


def _earlier(release: Release) -> Proven | None:
    """A proven backup of this release that lies whole in one of the places, with its manifest."""
    for proof in release.proofs.order_by("-id"):
        for place in settings.BACKUP_PLACES:
            file = place / proof.file_name
            manifest = file.with_name(file.name + MANIFEST_SUFFIX)
            with contextlib.suppress(OSError, BackupError):
                digest = digest_of(file)
                files = read_files(manifest)
                whole = digest == bytes(proof.encrypted_digest) and read_manifest(manifest)[0] == digest.hex()
                if whole and all(copy.lies_in(place) for copy in files):
                    return Proven(proof, file, manifest, files)
    return None


def _known_files() -> dict[str, FileCopy]:
    """The uploaded files that the newest backup for the present key brought to a place where they still lie."""
    for proof in BackupProof.objects.order_by("-id"):
        for place in settings.BACKUP_PLACES:
            with contextlib.suppress(BackupError):
                files = read_files(place / (proof.file_name + MANIFEST_SUFFIX), recipient=settings.BACKUP_RECIPIENT)
                if files:
                    return {copy.name: copy for copy in files if copy.lies_in(place)}
    return {}


def _due(release: Release) -> list[BackupCopy]:
    places = [str(place) for place in settings.BACKUP_PLACES]
    return list(BackupCopy.objects.filter(release=release, place__in=places, state=CopyState.DUE))


def _standing(release: Release) -> set[tuple[str, str, str]]:
    return set(release.copies.values_list("place", "state", "problem"))


def _note_problem(copy: BackupCopy, text: str) -> None:
    logger.warning("The copy in %s is due: %s", copy.place, text)
    copy.problem = text[:300]
    copy.save(update_fields=["problem"])


def _finish(release: Release, before: set[tuple[str, str, str]]) -> None:
    """'backed_up' once no copy is due, by compare-and-set, and the audit entry either way.

    A try that changed nothing adds no entry: the timer's would soon be most of the trail.
    """
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
        if moved or (due and _standing(release) != before):
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
    medium: Medium | None


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
    """What the page of a release says about its backup; of many, read_copies() is asked first."""
    copies = tuple(
        CopyLine(
            place=place_name(copy.place),
            verified=copy.state != CopyState.DUE,
            state=CopyState(copy.state).label,
            written_at=copy.written_at,
            file_name=copy.proof.file_name if copy.proof else "",
            problem=copy.problem,
            medium=copy.medium,
        )
        for copy in release.copies.all()
    )
    proof = max(release.proofs.all(), key=lambda proof: proof.pk, default=None)
    return BackupState(copies, proof.proven_at if proof else None, proof.seconds if proof else None)


def read_copies(releases: "QuerySet[Release]") -> "QuerySet[Release]":
    """With their copies and proofs."""
    return releases.prefetch_related(Prefetch("copies", BackupCopy.objects.select_related("proof", "medium")), "proofs")


@dataclass(frozen=True, slots=True)
class ProofAge:
    """The newest proof by restore of all: when, how long it took, how many days ago; is_old: older than two half-months."""

    proven_at: datetime
    seconds: float
    days: int
    is_old: bool


def proof_age(now: datetime) -> ProofAge | None:
    """How old the last proof is; None before the first."""
    newest = BackupProof.objects.order_by("-id").first()
    if newest is None:
        return None
    days = (timezone.localdate(now) - timezone.localdate(newest.proven_at)).days
    return ProofAge(newest.proven_at, newest.seconds, days, days > OLD_DAYS)
