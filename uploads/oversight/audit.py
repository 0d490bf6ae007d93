"""The audit trail's one pen: record(), over the database's function of that name, which sets clock, order and hash."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.db import transaction

from certlookup.databases import current_alias, current_connection
from uploads.actor import Actor
from uploads.models import Outcome
from uploads.refusals import Refusal, refusals

Detail = Mapping[str, object]


def record(
    *,
    by: Actor | None,
    action: str,
    subject_kind: str = "",
    subject_id: str = "",
    outcome: str = Outcome.DONE,
    detail: Detail | None = None,
    address: str = "",
) -> int:
    """Add an entry to the trail, as an action's last statement; returns its number.

    by is None when nobody is known to act (a failed login, a command); address then says from where. detail never
    holds a password, a code or an ID number. Locks the head of the chain until the transaction ends. An entry that
    can't be written raises DatabaseError, so that the act around it doesn't happen either.
    """
    with current_connection().cursor() as cursor:
        cursor.execute(
            "SELECT record(%s, %s, %s, %s, %s, %s, %s, %s::jsonb)",
            [
                by.person.pk if by else None,
                str(by.capacity) if by else "",
                by.address if by else address,
                action,
                subject_kind,
                subject_id,
                str(outcome),
                json.dumps(dict(detail or {}), ensure_ascii=False),
            ],
        )
        return int(cursor.fetchone()[0])


@contextmanager
def one_act(
    *, by: Actor | None, action: str, subject_kind: str = "", subject_id: str = "", address: str = ""
) -> Iterator[None]:
    """One action's transaction. A Refusal inside, the database's own included, is rolled back, then recorded, then raised.

    The refusal's entry has a transaction of its own, so don't open this inside another one.
    """
    try:
        with transaction.atomic(using=current_alias()), refusals():
            yield
    except Refusal as refusal:
        record(
            by=by,
            action=action,
            subject_kind=subject_kind,
            subject_id=subject_id,
            outcome=Outcome.REFUSED,
            detail={"reason": refusal.key},
            address=address,
        )
        raise
