"""Changing a password: by its owner, who has to when it is old or when a leader orders it (R13)."""

from datetime import datetime

from django.utils import timezone

from uploads.actor import Actor
from uploads.models import Person, PersonState
from uploads.oversight.audit import one_act, record
from uploads.people.accounts import WHO_FREEZES, AccountRefusal
from uploads.people.entitlement import require
from uploads.people.passwordhistory import remember_password, was_used_before
from uploads.people.passwords import password_problems
from uploads.people.sessions import end_all_sessions, end_sessions
from uploads.refusals import Refusal


def change_password(*, person: Person, present: str, new: str, by: Actor, keep_session: str | None = None) -> None:
    """The person's own change; every other session of the person ends. Writes the Argon2id hash, keeps the former one."""
    with one_act(by=by, action="password.changed", subject_kind="person", subject_id=person.staff_number):
        locked = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
        if by.person.pk != person.pk:
            raise Refusal("person_not_entitled")
        if not locked.is_active:
            raise AccountRefusal("account_is_not_active")
        if not locked.check_password(present):
            raise AccountRefusal("password_is_wrong")
        if present == new:
            raise AccountRefusal("password_is_the_same")
        if problems := password_problems(new, locked):
            raise AccountRefusal("password_is_refused", " ".join(problems))
        if was_used_before(locked, new):
            raise AccountRefusal("password_was_used_before")
        remember_password(locked)
        locked.set_password(new)
        locked.password_change_ordered_at = None
        locked.save(update_fields=["password", "password_set_at", "password_change_ordered_at"])
        ended = end_sessions(locked, but=keep_session)
        record(
            by=by,
            action="password.changed",
            subject_kind="person",
            subject_id=person.staff_number,
            detail={"sessions_ended": ended},
        )
    person.password = locked.password
    person.password_set_at = locked.password_set_at
    person.password_change_ordered_at = None


def order_password_change(*, person: Person, reason: str, by: Actor) -> int:
    """Have one person choose a new password at once: sessions end, the next login asks for it. Returns how many ended."""
    with one_act(by=by, action="password.change_ordered", subject_kind="person", subject_id=person.staff_number):
        at = _require_order(by, reason)
        changed = Person.objects.filter(pk=person.pk, state=PersonState.ACTIVE).update(password_change_ordered_at=at)
        if not changed:
            raise AccountRefusal("account_is_not_active")
        ended = end_sessions(person)
        record(
            by=by,
            action="password.change_ordered",
            subject_kind="person",
            subject_id=person.staff_number,
            detail={"reason": reason, "sessions_ended": ended},
        )
    return ended


def order_password_change_of_all(*, reason: str, by: Actor) -> int:
    """The same for every account, the orderer's own and frozen ones included; returns how many accounts."""
    with one_act(by=by, action="password.change_ordered", subject_kind="installation"):
        at = _require_order(by, reason)
        with_account = Person.objects.exclude(state=PersonState.NO_ACCOUNT)
        accounts = with_account.update(password_change_ordered_at=at)
        ended = end_all_sessions()
        record(
            by=by,
            action="password.change_ordered",
            subject_kind="installation",
            detail={"reason": reason, "accounts": accounts, "sessions_ended": ended},
        )
    return accounts


def _require_order(by: Actor, reason: str) -> datetime:
    """Leaders and security administrators order a change, with a reason; returns the time."""
    at = timezone.now()
    require(by, at, *WHO_FREEZES)
    if not reason.strip():
        raise AccountRefusal("reason_is_missing")
    return at
