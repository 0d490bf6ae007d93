"""find(): the only door to a published record, and what it lets out, as plain dataclasses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from certificates import masking
from certificates.held import VERSION, PublicationFacts, Reference, reference
from certificates.idnumber import ParsedId
from certificates.keycheck import require_fitting_keys
from certificates.levels import display_level
from certificates.models import AssessmentBody, Certificate, Office, Revision, RevisionKind
from certificates.models.places import BOTH_NUMBERS, YEAR_AND_HOLDER, place_of
from certificates.reference import PROVINCE
from certlookup.databases import reading_connection, reads_register
from certlookup.sealing import index_id
from certlookup.statements import Row, Select, array_text, run_prepared

# Successors of successors; a longer chain is a loop in the data.
_SUCCESSORS_AT_MOST = 5


class Contact(NamedTuple):
    """Who to turn to; phone and address are empty where none is recorded."""

    name: str
    phone: str
    address: str


class ContactOf(StrEnum):
    """Whose contact is given for the body that issued a certificate (R5)."""

    BODY = "body"
    SUCCESSOR = "successor"  # the body or office that does its work now
    OFFICE = "office"  # the body works, but neither phone nor address of it is recorded
    PROVINCE = "province"  # the body itself isn't recorded


class Responsible(NamedTuple):
    """The body that issued the certificate, and whom to turn to."""

    name: str
    contact: Contact
    contact_of: ContactOf


@dataclass(frozen=True, slots=True)
class Change:
    """What became of the record after it was issued, and when: corrected (which fields), revoked or reinstated."""

    kind: RevisionKind
    published_on: date
    changed_fields: tuple[str, ...]


# Not frozen, as each lookup makes one: with so many fields that takes three times as long.
@dataclass(slots=True)
class Record:
    """A published record as it may be shown: the ID number is masked."""

    certificate_number: str
    holder_name: str = field(repr=False)
    sex: str = field(repr=False)
    id_type: str
    masked_id: str
    birth_date: date | None = field(repr=False)
    occupation: str
    occupation_code: str | None
    level: int
    level_text: str
    theory_score: str | None
    skill_score: str | None
    overall_score: str | None
    result: str | None
    processed_date: date | None
    issue_date: date | None
    issuing_authority: str
    assessment_office: str
    first_published_on: date
    publication: PublicationFacts
    responsible: Responsible
    history: tuple[Change, ...] = ()


class Found(NamedTuple):
    """The certificate is valid; changed_fields names what its last correction changed."""

    record: Record
    kind: RevisionKind
    changed_fields: tuple[str, ...]


class Revoked(NamedTuple):
    """The certificate was revoked, by the publication in the record."""

    record: Record
    reason: str
    document_number: str


@dataclass(frozen=True, slots=True)
class UnderReview:
    """The record is hidden while a leader's order is examined; nothing of it is shown but whom to ask."""

    since: datetime
    responsible: Responsible


@dataclass(frozen=True, slots=True)
class NotFound:
    """No certificate has both numbers; which one is wrong isn't known here and can't be told. known: as of that moment."""

    known: Reference = field(repr=False)


Outcome = Found | Revoked | UnderReview | NotFound


@dataclass(frozen=True, slots=True)
class Listed:
    """What a row of an employer's list is compared with; of a record under review nothing else counts."""

    holder_name: str = field(repr=False)
    occupation: str
    level: int
    level_text: str
    issue_date: date | None
    kind: RevisionKind
    published_on: date
    is_under_review: bool


class _State(NamedTuple):
    """A certificate as the lookup's statement reads it; the names are the columns'."""

    certificate_number: str
    id_index: bytes
    revision_number: int
    kind: str
    publication_id: int
    first_published_on: date
    holder_name: str
    sex: str
    id_type: str
    birth_date: date | None
    occupation: str
    occupation_code: str | None
    level: int
    level_text: str
    theory_score: str | None
    skill_score: str | None
    overall_score: str | None
    result: str | None
    processed_date: date | None
    issue_date: date | None
    issuing_authority: str
    assessment_office: str
    change_reason: str | None
    document_number: str | None
    changed_fields: Sequence[str]
    under_review_since: datetime | None


# The version of the reference data comes along, so that an answer needs no second look. One row, or more, always.
_SELECT = f"""
SELECT reference.version, {", ".join(f"certificate.{name}" for name in _State._fields)}
FROM ({VERSION}) AS reference LEFT JOIN certificate ON """  # noqa: S608 - names alone
BY_BOTH = f"{_SELECT} {YEAR_AND_HOLDER} = ANY (%s::int[]) AND {BOTH_NUMBERS} = ANY (%s::int[])"
_BY_NUMBER = f"{_SELECT} certificate.certificate_number = %s"


class Question(NamedTuple):
    """Two numbers to be looked up, and what has to be read for that. indexes: the ID number's, under every live key."""

    id_number: ParsedId
    certificate_number: str
    indexes: Sequence[bytes]
    select: Select


def question(id_number: ParsedId, certificate_number: str) -> Question:
    """What find() is asked. Raises KeysDoNotFit, and the database's errors."""
    require_fitting_keys()
    indexes = index_id(id_number.canonical)
    # By one index over both numbers: whichever is wrong, the work is the same.
    places = zip(*(place_of(certificate_number, index) for index in indexes), strict=True)
    return Question(id_number, certificate_number, indexes, Select(BY_BOTH, [array_text(values) for values in places]))


@reads_register
def find(asked: Question, at: date, read: Sequence[Row] | None = None) -> Outcome:
    """Look up the one certificate that has both numbers; `at` decides whose contact is in force.

    One statement by one index over both numbers decides; the ID number is searched under every live key. read is what
    asked.select brought just now, from whoever had a round trip to make anyway. Raises Django's database errors.
    """
    rows = read or run_prepared(reading_connection(), *asked.select)
    # Both numbers are compared once more.
    for row in rows:
        state = _State._make(row[1:])
        if state.certificate_number == asked.certificate_number and bytes(state.id_index) in asked.indexes:
            return _outcome(state, masking.mask_id(asked.id_number.canonical), reference(row[0]), at)
    return NotFound(reference(rows[0][0]))


def _outcome(state: _State, masked_id: str, known: Reference, at: date) -> Outcome:
    responsible = _responsible(state.assessment_office, known, at)
    if state.under_review_since is not None:
        return UnderReview(state.under_review_since, responsible)
    record = _record(state, known, masked_id, responsible)
    kind = RevisionKind(state.kind)
    if kind is RevisionKind.REVOKED:
        return Revoked(record, state.change_reason or "", state.document_number or "")
    return Found(record, kind, tuple(state.changed_fields))


def find_shared(certificate_number: str, masked_id: str, at: date) -> Outcome:
    """The live state of a certificate whose holder gave a code for it; certificates/codes.py alone calls this.

    Read where the code was, at the primary: a replica may not have the certificate yet that the code was made for.
    masked_id is what the holder's own lookup showed. Raises Django's database errors.
    """
    require_fitting_keys()
    [row] = run_prepared(reading_connection(), _BY_NUMBER, [certificate_number])
    known = reference(row[0])
    return NotFound(known) if row[1] is None else _outcome(_State._make(row[1:]), masked_id, known, at)


def earlier_outcome(state: Mapping[str, object], masked_id: str, at: date) -> Outcome:
    """What a lookup would have said of a certificate in an earlier state, a revision as open_code() gives it."""
    fields = {
        field.attname: field.to_python(state[field.attname])
        for field in Certificate._meta.concrete_fields
        if field.attname in state
    }
    # Not changed_fields: what earlier corrections had changed stands in the history.
    certificate = Certificate(**fields)
    return _outcome(_State._make(getattr(certificate, name) for name in _State._fields), masked_id, reference(), at)


@reads_register
def find_listed(pairs: Sequence[tuple[ParsedId, str]]) -> list[Listed | None]:
    """Look up many pairs of an ID number and a certificate number, in one query; None where there is no such pair."""
    require_fitting_keys()
    indexes = [index_id(id_number.canonical) for id_number, _ in pairs]
    certificates = (
        Certificate.objects.for_visitors()
        .select_related("publication")
        .filter(
            certificate_number__in={number for _, number in pairs},
            id_index__in={index for several in indexes for index in several},
        )
    )
    # The query takes any number with any ID of the list; only the pairs that were asked for are looked up here.
    found = {(bytes(certificate.id_index), certificate.certificate_number): certificate for certificate in certificates}
    return [
        next((_listed(found[index, number]) for index in several if (index, number) in found), None)
        for several, (_, number) in zip(indexes, pairs, strict=True)
    ]


def _listed(certificate: Certificate) -> Listed:
    return Listed(
        holder_name=certificate.holder_name,
        occupation=certificate.occupation,
        level=certificate.level,
        level_text=certificate.level_text,
        issue_date=certificate.issue_date,
        kind=RevisionKind(certificate.kind),
        published_on=certificate.publication.published_on,
        is_under_review=certificate.under_review_since is not None,
    )


def provincial_contact(known: Reference | None = None) -> Contact:
    """The provincial centre's contact; what isn't recorded is empty."""
    office = (known or reference()).offices.get(PROVINCE)
    return Contact("", "", "") if office is None else _office_contact(office)


def _record(state: _State, known: Reference, masked_id: str, responsible: Responsible) -> Record:
    publication = known.publications[state.publication_id]
    return Record(
        history=_history(state, publication),
        certificate_number=state.certificate_number,
        holder_name=state.holder_name,
        sex=state.sex,
        id_type=state.id_type,
        masked_id=masked_id,
        birth_date=state.birth_date,
        occupation=state.occupation,
        occupation_code=state.occupation_code,
        level=state.level,
        level_text=display_level(state.level, state.level_text),
        theory_score=state.theory_score,
        skill_score=state.skill_score,
        overall_score=state.overall_score,
        result=state.result,
        processed_date=state.processed_date,
        issue_date=state.issue_date,
        issuing_authority=state.issuing_authority,
        assessment_office=state.assessment_office,
        first_published_on=state.first_published_on,
        publication=publication,
        responsible=responsible,
    )


def _history(state: _State, publication: PublicationFacts) -> tuple[Change, ...]:
    """Every change since the record was issued, the oldest first; a record that never changed costs no query."""
    if state.revision_number == 1:
        return ()
    earlier = (
        Revision.objects.filter(
            certificate_number=state.certificate_number,
            revision_number__gt=1,
            revision_number__lt=state.revision_number,
        )
        .order_by("revision_number")
        .values_list("kind", "publication__published_on", "changed_fields")
    )
    present = (state.kind, publication.published_on, state.changed_fields)
    return tuple(Change(RevisionKind(kind), day, tuple(fields)) for kind, day, fields in (*earlier, present))


def _responsible(body_name: str, known: Reference, at: date) -> Responsible:
    body = known.bodies.get(body_name)
    if body is None:
        return _responsible_office(body_name, known, at)
    current: AssessmentBody | None = body
    for _ in range(_SUCCESSORS_AT_MOST):
        if current is None:
            break
        if _in_force(current, at) and (current.phone or current.address):
            contact_of = ContactOf.BODY if current is body else ContactOf.SUCCESSOR
            return Responsible(body_name, Contact(current.name, current.phone, current.address), contact_of)
        current = current.successor
    office = _office_in_force(body.office, known, at)
    works = _in_force(body, at) and office is body.office
    return Responsible(body_name, _office_contact(office), ContactOf.OFFICE if works else ContactOf.SUCCESSOR)


def _responsible_office(body_name: str, known: Reference, at: date) -> Responsible:
    """An office's own centre assesses too and needs no entry among the bodies; any other name isn't recorded."""
    own = known.offices_by_name.get(body_name)
    if own is None:
        return Responsible(body_name, provincial_contact(known), ContactOf.PROVINCE)
    office = _office_in_force(own, known, at)
    contact_of = ContactOf.BODY if office is own else ContactOf.SUCCESSOR
    return Responsible(body_name, _office_contact(office), contact_of)


def _in_force(body: AssessmentBody, at: date) -> bool:
    return body.valid_to is None or body.valid_to >= at


def _office_in_force(office: Office, known: Reference, at: date) -> Office:
    for _ in range(_SUCCESSORS_AT_MOST):
        if office.successor_id is None or office.valid_to is None or office.valid_to >= at:
            break
        office = known.offices[office.successor_id]
    return office


def _office_contact(office: Office) -> Contact:
    return Contact(office.full_name, office.contact_phone, office.contact_address)
