"""上报单位: whom to call about an office's reports, what visitors are told, and what its certificates name as issuer."""

from dataclasses import asdict, dataclass

from certificates.models import Office
from uploads.actor import Actor
from uploads.models import Capacity
from uploads.oversight.audit import one_act, record
from uploads.refusals import Refusal
from uploads.signoff.permissions import holds


@dataclass(frozen=True, slots=True)
class OfficeDetails:
    """What is recorded of an office beside its code and names; "" is not known.

    The responsible person (专责人员) and phone are for colleagues; the contact is public.
    """

    responsible_person: str
    responsible_phone: str
    contact_phone: str
    contact_address: str
    issuing_authority: str

    @classmethod
    def of(cls, office: Office) -> "OfficeDetails":
        """As it is recorded now."""
        return cls(**{name: getattr(office, name) for name in cls.__slots__})


def change_office(*, by: Actor, office: Office, details: OfficeDetails) -> None:
    """Change what is recorded of an office; the audit keeps before and after. Writes office and audit. Raises Refusal."""
    with one_act(by=by, action="office.change", subject_kind="office", subject_id=office.code):
        if not holds(by.person, Capacity.SYSTEM_ADMINISTRATOR):
            raise Refusal("person_not_entitled", Capacity.SYSTEM_ADMINISTRATOR)
        before = asdict(OfficeDetails.of(Office.objects.select_for_update().get(code=office.code)))
        after = asdict(details)
        changed: dict[str, object] = {
            name: [before[name], after[name]] for name in after if before[name] != after[name]
        }
        if not changed:
            return
        Office.objects.filter(code=office.code).update(**after)
        record(by=by, action="office.changed", subject_kind="office", subject_id=office.code, detail=changed)
