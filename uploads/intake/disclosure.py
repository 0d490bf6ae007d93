"""What leaves the system before publication: a batch's file or scan to whoever reviews it, a search for a person. All recorded."""

from dataclasses import dataclass
from pathlib import Path

from uploads.actor import Actor
from uploads.intake.paper import scan_kind
from uploads.intake.storage import path_of
from uploads.models import Attempt, PaperSheet
from uploads.oversight.audit import one_act, record

SPREADSHEETS = (".xlsx", ".xls", ".ods", ".csv")


@dataclass(frozen=True, slots=True)
class Handout:
    """A stored file on its way out."""

    path: Path
    name: str

    @property
    def is_there(self) -> bool:
        return self.path.is_file()


def hand_out_file(*, by: Actor, attempt: Attempt) -> Handout:
    """The file as it came. Writes audit."""
    suffix = Path(attempt.original_name).suffix.lower()
    name = f"{_stem(attempt)}{suffix if suffix in SPREADSHEETS else '.bin'}"
    _record(by, attempt.batch_id, "file.handed_out", bytes(attempt.file_digest), attempt.id)
    return Handout(path_of(attempt.stored_name), name)


def hand_out_scan(*, by: Actor, sheet: PaperSheet) -> Handout:
    """The scan of the signed sheet. Writes audit."""
    path = path_of(sheet.scan_stored_name)
    kind = scan_kind([path.read_bytes()]) if path.is_file() else None
    attempt, batch = sheet.attempt, sheet.batch
    if attempt is not None:
        _record(by, attempt.batch_id, "scan.handed_out", bytes(sheet.scan_digest), attempt.id)
        stem = _stem(attempt)
    else:
        assert batch is not None
        _record(by, batch.id, "scan.handed_out", bytes(sheet.scan_digest))
        stem = f"{batch.office_id}-{batch.period_id}-{batch.id}-no-data"
    return Handout(path, f"{stem}-scan.{kind or 'bin'}")


def _stem(attempt: Attempt) -> str:
    batch = attempt.batch
    return f"{batch.office_id}-{batch.period_id}-{batch.id}-{attempt.number}"


def _record(by: Actor, batch_id: int, action: str, digest: bytes, attempt_id: int | None = None) -> None:
    with one_act(by=by, action=action, subject_kind="batch", subject_id=str(batch_id)):
        record(
            by=by,
            action=action,
            subject_kind="batch",
            subject_id=str(batch_id),
            detail={"attempt": attempt_id, "digest": digest.hex()},
        )


def record_search(*, by: Actor, attempt: Attempt) -> None:
    """Someone looked for one person's ID number in a batch: the number itself is not kept. Writes audit."""
    with one_act(by=by, action="rows.searched", subject_kind="batch", subject_id=str(attempt.batch_id)):
        record(
            by=by,
            action="rows.searched_by_id_number",
            subject_kind="batch",
            subject_id=str(attempt.batch_id),
            detail={"attempt": attempt.id},
        )
