"""How long a staff number is shut for one address after failed logins (django-axes).

Only the pair is shut: guessing from outside never keeps the person from logging in from the own desk.
"""

import ipaddress
import math
from datetime import datetime, timedelta

from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Max
from django.utils import timezone


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
