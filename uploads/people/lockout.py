"""How long a staff number is shut for one address after failed logins (django-axes).

Only the pair is shut: guessing from outside never keeps the person from logging in from the own desk.
"""

import ipaddress
import math
from datetime import datetime, timedelta

from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from uploads.actor import Actor
from uploads.models import Capacity, Person
from uploads.oversight.audit import one_act, record
from uploads.people.entitlement import require


def address_for_lockout(address: str) -> str | None:
    """The client address as a column of type inet without mask takes it: a network by its first address."""
    try:
        return str(ipaddress.ip_network(address, strict=False).network_address)
    except ValueError:
        return None


def seconds_until_open(counted_as: str, address: str) -> int:
    """In how many seconds the pair may try again, by the name it is counted under; 0 if it may now."""
    attempts = AccessAttempt.objects.filter(username=counted_as, ip_address=address_for_lockout(address))
    newest: datetime | None = attempts.aggregate(newest=Max("attempt_time"))["newest"]
    if newest is None:
        return 0
    cool_off: timedelta = settings.AXES_COOLOFF_TIME
    return max(0, math.ceil((newest + cool_off - timezone.now()).total_seconds()))


def lockouts_of(person: Person) -> QuerySet[AccessAttempt]:
    """From where the person's staff number can't log in now."""
    return _attempts_of(person).filter(
        failures_since_start__gte=settings.AXES_FAILURE_LIMIT,
        attempt_time__gt=timezone.now() - settings.AXES_COOLOFF_TIME,
    )


def lift_lockouts(*, person: Person, reason: str, by: Actor) -> int:
    """Let the person try again everywhere, by a security administrator; returns how many places were shut."""
    with one_act(by=by, action="lockouts.lifted", subject_kind="person", subject_id=person.staff_number):
        require(by, timezone.now(), Capacity.SECURITY_ADMINISTRATOR)
        lifted = lockouts_of(person).count()
        _attempts_of(person).delete()
        record(
            by=by,
            action="lockouts.lifted",
            subject_kind="person",
            subject_id=person.staff_number,
            detail={"reason": reason, "places": lifted},
        )
    return int(lifted)


def _attempts_of(person: Person) -> QuerySet[AccessAttempt]:
    """A known browser counts by itself, under the staff number and its own mark."""
    number = person.staff_number
    attempts: QuerySet[AccessAttempt] = AccessAttempt.objects.filter(
        Q(username=number) | Q(username__startswith=f"{number} ")
    )
    return attempts
