"""The paper way in: who signed the 审签表, and whether the scan is what it has to be."""

from collections.abc import Iterable
from enum import StrEnum

from certificates.models import Office
from uploads.actor import Actor
from uploads.functions import call
from uploads.models import Capacity, Person
from uploads.oversight.audit import one_act
from uploads.refusals import Refusal
from uploads.signoff.permissions import holds

LARGEST_SCAN = 20 * 1024 * 1024
SMALLEST_SCAN = 64
_TAIL = 2048

SENTENCES = {
    "signer_has_another_name": "工号 {detail} 登记的是另一个姓名。请核对审签表上的工号和姓名。",
    "signer_of_another_office": "工号 {detail} 的人员不属于该上报单位。请核对审签表上的工号。",
}


class PaperRefusal(Refusal):
    """A refusal of this room; detail is the staff number."""

    def sentence(self) -> str:
        return SENTENCES[self.key].format(detail=self.detail)


class ScanKind(StrEnum):
    """What a scan may be, by its content; the value ends the name under which it is handed out."""

    PDF = "pdf"
    PNG = "png"
    JPEG = "jpg"


def scan_kind(content: Iterable[bytes]) -> ScanKind | None:
    """What the bytes are, by their beginning and their end; None for anything else, a cut file included."""
    head, tail = b"", b""
    for chunk in content:
        head = head or bytes(chunk[:16])
        tail = (tail + bytes(chunk))[-_TAIL:]
    if head.startswith(b"%PDF-") and b"%%EOF" in tail:
        return ScanKind.PDF
    if head.startswith(b"\x89PNG\r\n\x1a\n") and b"IEND" in tail:
        return ScanKind.PNG
    if head.startswith(b"\xff\xd8\xff") and b"\xff\xd9" in tail:
        return ScanKind.JPEG
    return None


def find_or_add_paper_signer(*, by: Actor, office: Office, staff_number: str, name: str) -> Person:
    """The person of that staff number, added without an account where unknown. Writes person and audit.

    Raises Refusal where the number is known under another name or office, or the actor is no provincial operator.
    """
    with one_act(by=by, action="paper_signer.add", subject_kind="person", subject_id=staff_number):
        if by.capacity != Capacity.PROVINCIAL_OPERATOR or not holds(by.person, Capacity.PROVINCIAL_OPERATOR):
            raise Refusal("person_not_entitled", by.capacity)
        known = Person.objects.filter(staff_number=staff_number).first()
        if known is not None:
            if known.name != name:
                raise PaperRefusal("signer_has_another_name", staff_number)
            if known.office_id != office.code:
                raise PaperRefusal("signer_of_another_office", staff_number)
            return known
        person = Person(staff_number=staff_number, name=name, office=office)
        person.full_clean(exclude=["password", "office"], validate_unique=False)
        added = call("add_person", [staff_number, name, office.code, "", by.person.pk, str(by.capacity), by.address])
    return Person.objects.get(pk=added)
