"""Whom to call: every office with its assessment bodies, those that have ended with whoever answers for them now."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from certificates.lookup import Contact
from certificates.models import AssessmentBody, Office
from certificates.officenames import has_english_name, office_name
from certificates.pages import wording


@dataclass(frozen=True, slots=True)
class BodyContact:
    """One assessment body; successor is empty while it works itself."""

    contact: Contact
    successor: str


@dataclass(frozen=True, slots=True)
class OfficeContact:
    """One office and its bodies; successor and ended are empty while it works itself."""

    code: str
    short_name: str
    short_is_chinese: bool
    name: str
    contact: Contact
    successor: str
    ended: str
    bodies: tuple[BodyContact, ...]


def office_contacts(at: date) -> list[OfficeContact]:
    """Every office, 省本级 first, as of that day: two queries, however many bodies there are."""
    bodies: dict[str, list[BodyContact]] = defaultdict(list)
    for body in AssessmentBody.objects.select_related("successor").order_by("office_id", "is_county", "name"):
        ended = body.valid_to is not None and body.valid_to < at
        successor = body.successor.name if ended and body.successor else ""
        if not ended or successor:
            bodies[body.office_id].append(BodyContact(Contact(body.name, body.phone, body.address), successor))
    names = dict(Office.objects.values_list("code", "full_name"))
    return [_described(office, at, names, bodies[office.code]) for office in Office.objects.for_visitors()]


def _described(office: Office, at: date, names: dict[str, str], bodies: list[BodyContact]) -> OfficeContact:
    ended = office.valid_to is not None and office.valid_to < at
    return OfficeContact(
        code=office.code,
        short_name=office_name(office.code, office.name),
        short_is_chinese=not has_english_name(office.code),
        name=office.full_name,
        contact=Contact(office.full_name, office.contact_phone, office.contact_address),
        successor=names.get(office.successor_id or "", "") if ended else "",
        ended=wording.day(office.valid_to) if ended and office.valid_to else "",
        bodies=tuple(bodies),
    )
