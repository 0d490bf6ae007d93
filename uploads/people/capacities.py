"""Capacities: given and ended by a security administrator, delegated by their holders. The database's functions decide.

Whoever gains or loses one logs in anew: every session of that person ends.
"""

from datetime import datetime, timedelta

from django.utils import timezone

from certificates.models import Office
from uploads.actor import Actor
from uploads.functions import call
from uploads.models import Capacity, CapacityGrant, Person
from uploads.oversight.audit import one_act
from uploads.people.sessions import end_sessions

LONGEST_DELEGATION = timedelta(days=30)
# What an absent person's work waits for; a test holds it equal to the database's own list.
DELEGATED = (
    Capacity.CITY_OPERATOR,
    Capacity.CITY_DIRECTOR,
    Capacity.PROVINCIAL_OPERATOR,
    Capacity.DEPARTMENT_HEAD,
    Capacity.DEPUTY_DIRECTOR,
    Capacity.NETWORK_ADMINISTRATOR,
)


def grant_capacity(
    *,
    person: Person,
    capacity: Capacity,
    office: Office | None = None,
    valid_from: datetime | None = None,
    valid_to: datetime | None = None,
    by: Actor | None,
) -> None:
    """Let a person act in a capacity; the database asks for a security administrator (or the owner) and records it."""
    act = one_act(by=by, action="capacity.granted", subject_kind="person", subject_id=person.staff_number)
    with act:
        call(
            "grant_capacity",
            [
                person.pk,
                str(capacity),
                office.code if office else None,
                valid_from or timezone.now(),
                valid_to,
                by.person.pk if by else None,
                by.address if by else "",
            ],
        )
        end_sessions(person)


def end_grant(*, grant: CapacityGrant, reason: str, by: Actor) -> None:
    """End a grant now, and with a capacity all that was delegated of it. Raises Refusal."""
    act = one_act(by=by, action="capacity.end", subject_kind="person", subject_id=grant.person.staff_number)
    with act:
        ended = call("end_grant", [grant.pk, reason.strip(), by.person.pk, str(by.capacity), by.address])
        for person in Person.objects.filter(pk__in=ended):
            end_sessions(person)


def delegate_capacity(
    *,
    holder: Person,
    capacity: Capacity,
    office: Office | None,
    to: Person,
    valid_from: datetime | None = None,
    valid_to: datetime,
    by: Actor,
) -> None:
    """Let somebody of the same office act for the holder: by the holder in that capacity, or by the department head."""
    act = one_act(by=by, action="capacity.delegate", subject_kind="person", subject_id=to.staff_number)
    with act:
        call(
            "delegate_capacity",
            [
                holder.pk,
                str(capacity),
                office.code if office else None,
                to.pk,
                valid_from or timezone.now(),
                valid_to,
                by.person.pk,
                str(by.capacity),
                by.address,
            ],
        )
        end_sessions(to)
