"""Files that a provincial operator lays down to import many at once: the operator's own, limited, and not received.

Each is forgotten after KEEP_UNSENT_HOURS (unsent.py); what is imported goes through receive_file like any other.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import QuerySet, Sum
from django.utils import timezone

from certificates.models import Office
from certificates.models.offices import OfficeKind
from uploads import jobs
from uploads.actor import Actor
from uploads.intake.paper import LARGEST_SCAN, scan_kind
from uploads.intake.storage import (
    LARGEST_FILE,
    FileTooLarge,
    StoredFile,
    discarded_on_error,
    path_of,
    shown_name,
    store,
)
from uploads.models import Attempt, Capacity, ParkedFile, ParkedKind, Person
from uploads.oversight.audit import one_act, record
from uploads.oversight.retention import deletions_are_suspended
from uploads.refusals import Refusal
from uploads.signoff.permissions import holds

AT_MOST = {ParkedKind.DATA: 20, ParkedKind.SCAN: 20}
BYTES_AT_MOST = 600 * 1024 * 1024
MEGABYTE = 1024 * 1024
SCAN_SUFFIXES = (".pdf", ".png", ".jpg", ".jpeg")
_CHUNK = 64 * 1024
# So many characters of a file name are more than a number or the word "scan".
_TELLING = 5


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A laid-down file as forms and receive_file take one: a name, a size, and its bytes as often as they are asked for."""

    path: Path
    name: str
    size: int

    def chunks(self) -> Iterator[bytes]:
        """The bytes, piece by piece."""
        with self.path.open("rb") as file:
            while piece := file.read(_CHUNK):
                yield piece

    @property
    def is_there(self) -> bool:
        return self.path.is_file()


@dataclass(frozen=True, slots=True)
class Offered:
    """A file as it comes in from the page."""

    name: str
    content: Iterable[bytes]


@dataclass(frozen=True, slots=True)
class NotParked:
    """A file that was not kept, and why."""

    name: str
    reason: str


def kept(parked: ParkedFile) -> KeptFile:
    """The bytes behind the line."""
    return KeptFile(path_of(parked.stored_name, settings.UNSENT_DIR), parked.original_name, parked.byte_count)


def parked_by(person: Person) -> "QuerySet[ParkedFile]":
    """What the person has laid down and not yet lost, imported or not."""
    return ParkedFile.objects.filter(person=person, expires_at__gt=timezone.now())


def waiting_of(person: Person, kind: ParkedKind) -> "QuerySet[ParkedFile]":
    """The person's data files or scans that wait for their import."""
    return parked_by(person).filter(kind=kind, attempt=None)


def imported_by(person: Person) -> "QuerySet[ParkedFile]":
    """The files of the person that became attempts, the newest first."""
    found = parked_by(person).filter(attempt__isnull=False).order_by("-attempt_id")
    return found.select_related("attempt__batch__office")


def park_files(*, by: Actor, files: Sequence[Offered]) -> list[NotParked]:
    """Lay the files down, each for itself: one that can't be kept stops no other. Writes parked_file and audit.

    What a file is, is decided by its content: a PDF, PNG or JPEG is a scan. Returns what was not kept. Raises Refusal.
    """
    refused: list[NotParked] = []
    stored: list[tuple[str, StoredFile]] = []
    for file in files:
        name = shown_name(file.name)
        try:
            stored.append((name, store(file.content, settings.UNSENT_DIR, by=by)))
        except FileTooLarge:
            refused.append(NotParked(name, f"超过 {LARGEST_FILE // MEGABYTE} MB，没有收下。请核对是否选对了文件。"))
        except Refusal as refusal:
            refused.append(NotParked(name, refusal.sentence()))
    superfluous: list[StoredFile] = []
    with (
        discarded_on_error(*(content for _, content in stored), folder=settings.UNSENT_DIR),
        one_act(by=by, action="unsent.parked", subject_kind="person", subject_id=by.person.staff_number),
    ):
        _require_importer(by)
        # Two pages of the same person count one after the other.
        Person.objects.select_for_update(no_key=True).get(id=by.person.id)
        laid_down = []
        for name, content in stored:
            kind = _kind_of(content)
            reason = _why_not_keep(by.person, name, content, kind)
            if reason:
                refused.append(NotParked(name, reason))
                superfluous.append(content)
                continue
            laid_down.append(_add(by.person, name, content, kind))
        if laid_down:
            jobs.enqueue(jobs.FORGET_UNSENT, at=laid_down[-1].expires_at, person_id=by.person.id)
            record(
                by=by,
                action="unsent.parked",
                subject_kind="person",
                subject_id=by.person.staff_number,
                detail={"files": [bytes(parked.file_digest).hex() for parked in laid_down]},
            )
    for content in superfluous:
        path_of(content.name, settings.UNSENT_DIR).unlink(missing_ok=True)
    return refused


def _require_importer(by: Actor) -> None:
    if by.capacity != Capacity.PROVINCIAL_OPERATOR or not holds(by.person, Capacity.PROVINCIAL_OPERATOR):
        raise Refusal("person_not_entitled", by.capacity)


def _kind_of(content: StoredFile) -> ParkedKind:
    path = path_of(content.name, settings.UNSENT_DIR)
    return ParkedKind.SCAN if scan_kind(KeptFile(path, "", 0).chunks()) else ParkedKind.DATA


def _why_not_keep(person: Person, name: str, content: StoredFile, kind: ParkedKind) -> str:
    """Why the file isn't kept; '' if it is."""
    waiting = waiting_of(person, kind)
    if not content.byte_count:
        return "文件是空的（0 字节），没有收下。请确认选对了文件。"
    if kind is ParkedKind.DATA and Path(name).suffix.lower() in SCAN_SUFFIXES:
        return "扫描件不是完整的 PDF、PNG 或 JPEG 文件，没有收下。请重新扫描或另存后再选择。"
    if kind is ParkedKind.SCAN and content.byte_count > LARGEST_SCAN:
        return f"扫描件超过 {LARGEST_SCAN // MEGABYTE} MB，没有收下。请降低分辨率后重新扫描。"
    if waiting.filter(file_digest=content.digest).exists():
        return "同一份文件已经在下面，没有重复收下。"
    if waiting.count() >= AT_MOST[kind]:
        return f"已有 {AT_MOST[kind]} 份{kind.label}等待导入，没有收下。请先导入或移除一些。"
    present = parked_by(person).filter(attempt=None).aggregate(total=Sum("byte_count"))["total"] or 0
    if present + content.byte_count > BYTES_AT_MOST:
        return f"等待导入的文件合计超过 {BYTES_AT_MOST // MEGABYTE} MB，没有收下。请先导入或移除一些。"
    return ""


def _add(person: Person, name: str, content: StoredFile, kind: ParkedKind) -> ParkedFile:
    now = timezone.now()
    return ParkedFile.objects.create(
        person=person,
        kind=kind,
        original_name=name,
        stored_name=content.name,
        byte_count=content.byte_count,
        file_digest=content.digest,
        parked_at=now,
        expires_at=now + timedelta(hours=settings.KEEP_UNSENT_HOURS),
    )


def discard_parked(*, by: Actor, parked_id: int) -> None:
    """Remove one of the person's own waiting files. Writes parked_file and audit. Raises Refusal where it is gone."""
    with one_act(by=by, action="unsent.discarded", subject_kind="person", subject_id=by.person.staff_number):
        parked = parked_by(by.person).select_for_update().filter(id=parked_id, attempt=None).first()
        if parked is None:
            raise Refusal("parked_file_is_gone")
        if deletions_are_suspended():
            raise Refusal("deletions_are_suspended")
        ParkedFile.objects.filter(id=parked.id).delete()
        record(
            by=by,
            action="unsent.discarded",
            subject_kind="person",
            subject_id=by.person.staff_number,
            detail={"file": bytes(parked.file_digest).hex()},
        )
    kept(parked).path.unlink(missing_ok=True)


def become_attempt(parked: ParkedFile, attempt: Attempt) -> None:
    """Inside the act that receives the file: the line is now the attempt's, once. Raises Refusal where it already is.

    Whoever presses twice, or on two pages, has one attempt of it.
    """
    if not ParkedFile.objects.filter(id=parked.id, attempt=None).update(attempt=attempt):
        raise Refusal("parked_file_is_gone")


def drop_imported(parked: Iterable[ParkedFile], scans: Iterable[ParkedFile]) -> None:
    """The bytes of imported files lie with their attempts now: those laid down go, and the scans' lines too.

    While deletions are suspended all of it stays, until its time is over.
    """
    if deletions_are_suspended():
        return
    done = list(scans)
    ParkedFile.objects.filter(id__in=[scan.id for scan in done]).delete()
    for file in (*parked, *done):
        kept(file).path.unlink(missing_ok=True)


def guess_office(name: str, offices: Iterable[Office]) -> str:
    """The code of the one office whose code or name stands in the file's name; '' if that isn't clear."""
    found = {
        office.code
        for office in offices
        if office.code in name or office.name in name or office.name.removesuffix("市") in name
    }
    return found.pop() if len(found) == 1 else ""


def guess_scan(name: str, scans: Sequence[ParkedFile], offices: Sequence[Office]) -> int | None:
    """The scan that by its name belongs to the data file: the same name, or the only one of the same office."""
    same = [scan.id for scan in scans if _named_alike(Path(name).stem, Path(scan.original_name).stem)]
    if len(same) == 1:
        return same[0]
    office = guess_office(name, offices)
    of_office = [scan.id for scan in scans if office and guess_office(scan.original_name, offices) == office]
    return of_office[0] if len(of_office) == 1 else None


def _named_alike(first: str, second: str) -> bool:
    """Equal, or one is in the other and long enough to mean something."""
    return first == second or (min(len(first), len(second)) >= _TELLING and (first in second or second in first))


def known_signers() -> "QuerySet[Person]":
    """The people of the cities, who may have signed a sheet."""
    found = Person.objects.filter(office__kind=OfficeKind.CITY).select_related("office")
    return found.order_by("office_id", "staff_number")
