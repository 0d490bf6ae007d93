"""查不到证书登记 and 举报疑似假证, as staff work on them: who sees what, what the visitor left, answer and end (R4)."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from certificates import enquiries as left
from certificates import forgeries
from certificates.enquiries import Person as Holder
from certificates.masking import mask_id
from certificates.models import Certificate, Closing, Enquiry, EnquiryState, ForgeryPhoto, ForgeryReport
from certlookup.calendar.periods import Period, publication_day
from certlookup.sealing import SealedId, index_id, open_file
from uploads.actor import Actor
from uploads.intake.periods import holidays
from uploads.models import Capacity
from uploads.oversight.audit import one_act, record
from uploads.refusals import Refusal
from uploads.signoff.permissions import holds

# A city answers its own holders; the province anybody, and alone whoever doesn't know the office.
ANSWERING = (Capacity.CITY_OPERATOR, Capacity.CITY_DIRECTOR, Capacity.PROVINCIAL_OPERATOR)
OPEN = (EnquiryState.WAITING, EnquiryState.ANSWERED)


@dataclass(frozen=True, slots=True)
class Found:
    """What the register says of an enquiry's two numbers."""

    number_is_there: bool
    pair_is_there: bool


@dataclass(frozen=True, slots=True)
class ShownEnquiry:
    """One enquiry with what its holder left; the ID number is masked unless it was asked for."""

    enquiry: Enquiry
    holder: Holder
    id_number: str
    due_on: date | None
    found: Found


def age_in_days(since: datetime) -> int:
    """How many midnights ago."""
    return (timezone.localdate() - timezone.localdate(since)).days


def late_before() -> datetime:
    """What came before this midnight is overdue."""
    day = timezone.localdate() - timedelta(days=settings.ENQUIRY_DAYS)
    return datetime.combine(day, time(), timezone.get_current_timezone())


def is_late(since: datetime) -> bool:
    """Whether the answer is overdue."""
    return since < late_before()


def visible_enquiries(office_codes: frozenset[str], *, is_provincial: bool) -> "QuerySet[Enquiry]":
    """The enquiries that somebody of these offices, or of the province, sees; the oldest first."""
    listed = Enquiry.objects.select_related("office").order_by("created_at", "id")
    return listed if is_provincial else listed.filter(office_id__in=office_codes)


def show_enquiry(enquiry: Enquiry, *, whole_id: bool = False) -> ShownEnquiry:
    """Unsealed for whoever may see it. Raises SealingError."""
    id_number, holder = left.open_enquiry(_stored(enquiry))
    certificate = Certificate.objects.filter(pk=enquiry.certificate_number).first()
    day = enquiry.issued_on or enquiry.received_on
    return ShownEnquiry(
        enquiry=enquiry,
        holder=holder,
        id_number=id_number if whole_id else mask_id(id_number),
        due_on=publication_day(Period.containing(day), holidays()).date if day else None,
        found=Found(certificate is not None, certificate is not None and _is_of(certificate, id_number)),
    )


def _is_of(certificate: Certificate, id_number: str) -> bool:
    return bytes(certificate.id_index) in index_id(id_number)


def show_id_number(*, by: Actor, enquiry: Enquiry) -> None:
    """Note that somebody had the whole ID number shown. Writes audit. Raises Refusal."""
    with one_act(by=by, action="enquiry.show_id", subject_kind="enquiry", subject_id=str(enquiry.pk)):
        _require_answering(by, enquiry)
        record(by=by, action="enquiry.id_shown", subject_kind="enquiry", subject_id=str(enquiry.pk))


def answer_enquiry(*, by: Actor, enquiry: Enquiry, text: str, close: bool) -> None:
    """Answer, once more if need be, and end it if that is all. Writes enquiry and audit. Raises Refusal."""
    with one_act(by=by, action="enquiry.answer", subject_kind="enquiry", subject_id=str(enquiry.pk)):
        _require_answering(by, enquiry)
        changes: dict[str, object] = {
            "state": EnquiryState.ANSWERED,
            "answer": text,
            "answered_at": Now(),
            "answered_by": by.person.staff_number,
        }
        if close:
            changes |= _end(by)
        _move(enquiry, OPEN, changes)
        record(
            by=by,
            action="enquiry.answered",
            subject_kind="enquiry",
            subject_id=str(enquiry.pk),
            detail={"closed": close, "receipt": enquiry.receipt},
        )


def close_enquiry(*, by: Actor, enquiry: Enquiry) -> None:
    """End an enquiry that is answered. Writes enquiry and audit. Raises Refusal."""
    with one_act(by=by, action="enquiry.close", subject_kind="enquiry", subject_id=str(enquiry.pk)):
        _require_answering(by, enquiry)
        _move(enquiry, (EnquiryState.ANSWERED,), _end(by))
        record(
            by=by,
            action="enquiry.closed",
            subject_kind="enquiry",
            subject_id=str(enquiry.pk),
            detail={"receipt": enquiry.receipt},
        )


def _end(by: Actor) -> dict[str, object]:
    return {
        "state": EnquiryState.CLOSED,
        "closed_at": Now(),
        "closed_by": by.person.staff_number,
        "closing": Closing.STAFF,
    }


def _move(enquiry: Enquiry, states: tuple[EnquiryState, ...], changes: dict[str, object]) -> None:
    """Compare and set: of two who press at once, one is told."""
    if not Enquiry.objects.filter(pk=enquiry.pk, state__in=states).update(**changes):
        if EnquiryState.WAITING in states:
            raise Refusal("enquiry_is_closed")
        raise Refusal("enquiry_is_not_answered")


def may_answer(by: Actor, enquiry: Enquiry) -> bool:
    """Whether the actor may answer this enquiry, in the capacity that he acts in."""
    if by.capacity not in ANSWERING:
        return False
    if by.capacity == Capacity.PROVINCIAL_OPERATOR:
        return holds(by.person, by.capacity)
    return enquiry.office_id is not None and holds(by.person, by.capacity, enquiry.office_id)


def _require_answering(by: Actor, enquiry: Enquiry) -> None:
    if not may_answer(by, enquiry):
        raise Refusal("person_not_entitled", by.capacity)


@dataclass(frozen=True, slots=True)
class ShownReport:
    """One report of a suspected forgery; in_register: whether there is a certificate of that number."""

    report: ForgeryReport
    said: forgeries.Report
    photo_kind: str
    in_register: bool


def waiting_reports() -> "QuerySet[ForgeryReport]":
    """The provincial centre's queue: what waits first, then what is done, each the oldest first."""
    return ForgeryReport.objects.order_by(F("closed_at").asc(nulls_first=True), "created_at", "id")


def show_report(report: ForgeryReport) -> ShownReport:
    """Unsealed for the provincial centre. Raises SealingError."""
    said, _ = forgeries.open_report(_stored(report))
    photo = ForgeryPhoto.objects.filter(report=report).values_list("kind", flat=True).first()
    number = "".join(said.certificate_number.split())
    return ShownReport(report, said, photo or "", Certificate.objects.filter(Q(pk=number)).exists())


def take_photo(*, by: Actor, report: ForgeryReport) -> tuple[str, bytes]:
    """The photo's kind and content, to be handed out. Writes audit. Raises Refusal and SealingError."""
    with one_act(by=by, action="forgery.take_photo", subject_kind="forgery", subject_id=str(report.pk)):
        _require_provincial(by)
        photo = ForgeryPhoto.objects.filter(report=report).first()
        if photo is None:
            raise Refusal("forgery_report_has_no_photo")
        _, key = forgeries.open_report(_stored(report))
        record(by=by, action="forgery.photo_handed_out", subject_kind="forgery", subject_id=str(report.pk))
        return photo.kind, open_file(key, bytes(photo.content))


def close_report(*, by: Actor, report: ForgeryReport, handling: str) -> None:
    """End a report with what was done about it. Writes forgery_report and audit. Raises Refusal."""
    with one_act(by=by, action="forgery.close", subject_kind="forgery", subject_id=str(report.pk)):
        _require_provincial(by)
        changes = {"closed_at": Now(), "closed_by": by.person.staff_number, "handling": handling}
        if not ForgeryReport.objects.filter(pk=report.pk, closed_at=None).update(**changes):
            raise Refusal("forgery_report_is_closed")
        record(
            by=by,
            action="forgery.closed",
            subject_kind="forgery",
            subject_id=str(report.pk),
            detail={"receipt": report.receipt},
        )


def _require_provincial(by: Actor) -> None:
    allowed = (Capacity.PROVINCIAL_OPERATOR, Capacity.DEPARTMENT_HEAD)
    if by.capacity not in allowed or not holds(by.person, by.capacity):
        raise Refusal("person_not_entitled", by.capacity)


def _stored(row: Enquiry | ForgeryReport) -> SealedId:
    return SealedId(bytes(row.id_commitment), bytes(row.id_sealed), bytes(row.id_index), row.key_version)
