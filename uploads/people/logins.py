"""A person's last logins, with those that were refused: whoever looks notices a use that wasn't the own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from uploads.models import AuditEntry, Outcome, Person

SHOWN = 10
_ACTIONS = ("login", "login.password_accepted", "confirmation.refused")


@dataclass(frozen=True, slots=True)
class Login:
    """One attempt: reason is a key of the audit's words where it was refused; half: the password alone was right."""

    at: datetime
    address: str
    factor: str
    refused: bool
    half: bool
    reason: str


def last_logins(person: Person) -> Sequence[Login]:
    """The newest first. A login that went through isn't shown a second time as the right password before it."""
    own = Q(person_id=person.pk) | Q(subject_kind="person", subject_id=person.staff_number)
    found: list[Login] = []
    entries = AuditEntry.objects.filter(own, action__in=_ACTIONS).order_by("-number")[: SHOWN * 3]
    for entry in entries:
        half = entry.action == "login.password_accepted"
        if half and found and not found[-1].refused and found[-1].address == entry.address:
            continue
        refused = entry.outcome == Outcome.REFUSED
        detail = entry.detail
        found.append(
            Login(
                entry.recorded_at, entry.address, detail.get("factor", "otp"), refused, half, detail.get("reason", "")
            )
        )
    return found[:SHOWN]
