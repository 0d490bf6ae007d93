"""Accounts: a named person each, with a staff number; made by a system administrator, frozen by those who watch.

The database's functions check who may, write person and record it; sessions and devices are ended here.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from certificates.models import Office
from uploads.actor import Actor
from uploads.functions import call
from uploads.models import Capacity, IncidentKind, Person, PersonState
from uploads.oversight.audit import one_act, record
from uploads.oversight.incidents import LOOKED_BACK, begin_incident
from uploads.people import twofactor
from uploads.people.entitlement import require
from uploads.people.passwordhistory import remember_password
from uploads.people.sessions import end_sessions
from uploads.refusals import Refusal

SENTENCES = {
    "password_is_wrong": "现在的密码不正确。",
    "password_is_refused": "新密码不符合要求。",
    "password_is_the_same": "新密码不能与现在的相同。",
    "password_was_used_before": "这个密码以前用过，请换一个没有用过的。最近五次用过的都不能再用。",
    "security_key_is_refused": "安全密钥没有通过，没有登记。请再试一次。",
    "too_many_security_keys": "安全密钥最多 5 个，请先移除不用的。",
    "code_is_refused": "动态码没有通过。",
}

# Beside the person, who may always; the leaders of R13 and whoever watches over accounts.
WHO_FREEZES = (Capacity.SECURITY_ADMINISTRATOR, Capacity.DEPARTMENT_HEAD, Capacity.DEPUTY_DIRECTOR)


class AccountRefusal(Refusal):
    """A refusal of this room; detail may be the sentence itself."""

    def sentence(self) -> str:
        return self.detail or SENTENCES[self.key]


@dataclass(frozen=True, slots=True)
class Freezing:
    """An account that was just frozen: what an incident begins with. entry is the number of its line in the audit."""

    person: Person
    by: Actor
    reason: str
    at: datetime
    sessions_ended: int
    entry: int
    incident: int


def create_person(
    *, staff_number: str, name: str, office: Office | None = None, phone: str = "", by: Actor | None
) -> Person:
    """A person without an account: invited next, or only ever signing on paper.

    by is a system administrator, or None for the command line, which works as the database's owner.
    """
    with one_act(by=by, action="person.created", subject_kind="person", subject_id=staff_number):
        person = Person(staff_number=staff_number, name=name, office=office, phone=phone)
        person.full_clean(exclude=["password", "office"], validate_unique=False)
        added = call("add_person", [staff_number, name, office.code if office else None, phone, *_named(by)])
    return Person.objects.get(pk=added)


def change_person(*, person: Person, name: str, office: Office | None, phone: str, by: Actor) -> None:
    """Correct what is recorded of a person, by a system administrator. A name that stands under acts stays."""
    with one_act(by=by, action="person.changed", subject_kind="person", subject_id=person.staff_number):
        changed = Person(pk=person.pk, staff_number=person.staff_number, name=name, office=office, phone=phone)
        changed.full_clean(exclude=["password", "office"], validate_unique=False)
        call("change_person", [person.pk, name, office.code if office else None, phone, *_named(by)])


def freeze_account(
    *,
    person: Person,
    reason: str,
    by: Actor,
    since: datetime | None = None,
    suspected_crime: bool = False,
    incident: int | None = None,
) -> Freezing:
    """Shut an account, end its sessions, open an incident: by the person, a security administrator or a leader (R13).

    since is the time from which on what the account did is in question; a week ago, where nobody says. incident is one
    that is open already, and then no other is opened.
    The password stays as it is, and so do devices and capacities: all of it counts for nothing while frozen.
    """
    with one_act(by=by, action="account.frozen", subject_kind="person", subject_id=person.staff_number):
        _lock(person)
        at = timezone.now()
        ended = end_sessions(person)
        entry = call("freeze_account", [person.pk, reason.strip(), *_named(by), ended])
        incident = incident or begin_incident(
            by=by,
            kind=IncidentKind.ACCOUNT_LOSS,
            account=person,
            since=since or at - LOOKED_BACK,
            description=reason,
            suspected_crime=suspected_crime,
        )
    person.state = PersonState.FROZEN
    return Freezing(person=person, by=by, reason=reason, at=at, sessions_ended=ended, entry=entry, incident=incident)


def unfreeze_account(*, person: Person, reason: str, by: Actor) -> None:
    """Open a frozen account again, by a security administrator other than its owner."""
    with one_act(by=by, action="account.unfrozen", subject_kind="person", subject_id=person.staff_number):
        call("unfreeze_account", [person.pk, reason.strip(), *_named(by)])
    person.state = PersonState.ACTIVE


def withdraw_credentials(*, person: Person, reason: str, by: Actor) -> None:
    """A lost phone or forgotten password: password and devices go, sessions end; a system administrator invites anew.

    By a security administrator, so that it takes two people to hand out an account that is in use.
    """
    with one_act(by=by, action="account.withdrawn", subject_kind="person", subject_id=person.staff_number):
        remember_password(_lock(person))
        twofactor.remove_devices(person)
        ended = end_sessions(person)
        call("withdraw_account", [person.pk, reason.strip(), *_named(by), ended])
    person.state = PersonState.NO_ACCOUNT


def log_out_everywhere(*, person: Person, by: Actor, reason: str = "") -> int:
    """End every session of the person, by the person or a security administrator; returns how many there were."""
    with one_act(by=by, action="sessions.ended", subject_kind="person", subject_id=person.staff_number):
        if by.person.pk != person.pk:
            require(by, timezone.now(), Capacity.SECURITY_ADMINISTRATOR)
        ended = end_sessions(person)
        record(
            by=by,
            action="sessions.ended",
            subject_kind="person",
            subject_id=person.staff_number,
            detail={"reason": reason, "sessions_ended": ended} if reason else {"sessions_ended": ended},
        )
    return ended


def _lock(person: Person) -> Person:
    """The person as it is now: a login in the same moment waits, and finds what was decided."""
    return Person.objects.select_for_update(no_key=True).get(pk=person.pk)


def _named(by: Actor | None) -> tuple[int | None, str, str]:
    """By whom, in which capacity, from where: as the functions take it."""
    return (by.person.pk, str(by.capacity), by.address) if by else (None, "", "")
