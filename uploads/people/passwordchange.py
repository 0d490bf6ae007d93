"""Changing a password: by its owner, who has to when it is old or when a leader orders it (R13)."""

from django.contrib.auth.hashers import make_password

from uploads.actor import Actor
from uploads.functions import call
from uploads.models import Person
from uploads.oversight.audit import one_act
from uploads.people.accounts import AccountRefusal
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
            raise Refusal("account_is_not_active")
        if not locked.check_password(present):
            raise AccountRefusal("password_is_wrong")
        if present == new:
            raise AccountRefusal("password_is_the_same")
        if problems := password_problems(new, locked):
            raise AccountRefusal("password_is_refused", " ".join(problems))
        if was_used_before(locked, new):
            raise AccountRefusal("password_was_used_before")
        remember_password(locked)
        ended = end_sessions(locked, but=keep_session)
        arguments = [locked.pk, locked.password, make_password(new), str(by.capacity), by.address, ended]
        call("change_password", arguments)
    person.refresh_from_db(fields=["password", "password_set_at", "password_change_ordered_at"])


def order_password_change(*, person: Person, reason: str, by: Actor) -> int:
    """Have one person choose a new password at once: sessions end, the next login asks for it. Returns how many ended."""
    with one_act(by=by, action="password.change_ordered", subject_kind="person", subject_id=person.staff_number):
        ended = end_sessions(person)
        call("order_password_change", [person.pk, reason.strip(), by.person.pk, str(by.capacity), by.address, ended])
    return ended


def order_password_change_of_all(*, reason: str, by: Actor) -> int:
    """The same for every account, the orderer's own and frozen ones included; returns how many accounts."""
    with one_act(by=by, action="password.change_ordered", subject_kind="installation"):
        ended = end_all_sessions()
        accounts: int = call(
            "order_password_change", [None, reason.strip(), by.person.pk, str(by.capacity), by.address, ended]
        )
    return accounts
