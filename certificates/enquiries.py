"""查不到证书登记: leaving an enquiry, and reading its answer, both through the database's narrow functions (R4)."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from django.conf import settings

from certificates.idnumber import ParsedId
from certificates.models import Closing, EnquiryState
from certlookup.databases import current_connection
from certlookup.sealing import SealedId, index_id, open_person, seal_person


class Left(StrEnum):
    """What leaving an enquiry came to."""

    MADE = "made"
    TAKEN = "taken"  # the receipt number is another's
    FOUND = "found"  # the certificate can be found already
    TOO_MANY = "too_many"


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks, as sealed."""

    name: str = field(repr=False)
    contact: str = field(repr=False)
    note: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Progress:
    """What became of an enquiry, for whoever has its receipt number and ID number; published_on ended it."""

    state: EnquiryState
    created_at: datetime
    answer: str
    answered_at: datetime | None
    closed_at: datetime | None
    closing: Closing | None
    published_on: date | None


def make_enquiry(
    *,
    receipt: str,
    id_number: ParsedId,
    certificate_number: str,
    office: str | None,
    received_on: date | None,
    issued_on: date | None,
    person: Person,
) -> Left:
    """Leave an enquiry under a receipt number that was drawn before; sent again, it is the same one. Writes enquiry."""
    sealed = seal_person(id_number.canonical, [person.name, person.contact, person.note])
    with current_connection().cursor() as cursor:
        cursor.execute(
            "SELECT make_enquiry(%s, %s, %s, %s, %s, %s, %s, %s, %s::smallint, %s, %s)",
            [
                receipt,
                certificate_number,
                office,
                received_on,
                issued_on,
                sealed.commitment,
                sealed.sealed,
                sealed.index,
                sealed.key_version,
                index_id(id_number.canonical),
                settings.ENQUIRIES_AT_MOST,
            ],
        )
        return Left(cursor.fetchone()[0])


def read_enquiry(receipt: str, id_number: ParsedId) -> Progress | None:
    """What became of an enquiry; None where there is none of that receipt number and ID number."""
    with current_connection().cursor() as cursor:
        cursor.execute(
            "SELECT state, created_at, answer, answered_at, closed_at, closing, published_on FROM read_enquiry(%s, %s)",
            [receipt, index_id(id_number.canonical)],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    state, created_at, answer, answered_at, closed_at, closing, published_on = row
    return Progress(
        EnquiryState(state),
        created_at,
        answer,
        answered_at,
        closed_at,
        Closing(closing) if closing else None,
        published_on,
    )


def open_enquiry(stored: SealedId) -> tuple[str, Person]:
    """For staff: the ID number and the person of an enquiry. Raises SealingError."""
    id_number, details = open_person(stored)
    return id_number, Person(*details)
