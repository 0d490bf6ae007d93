"""Accounts: a named person each, with a staff number; made by a system administrator, frozen by those who watch."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from certificates.models import Office
from certlookup.databases import current_alias
from uploads.actor import Actor
from uploads.models import Act, Capacity, IncidentKind, Person, PersonState
from uploads.oversight.audit import one_act, record
from uploads.oversight.incidents import LOOKED_BACK, begin_incident
from uploads.people import twofactor
from uploads.people.entitlement import require
from uploads.people.passwordhistory import remember_password
from uploads.people.sessions import end_sessions
from uploads.refusals import Refusal

SENTENCES = {
    "staff_number_is_taken": "这个工号已经登记。",
    "name_stands_under_acts": "这个人已经以现在的姓名签过字或办理过，姓名不能再改。",
    "account_is_not_active": "该账号不在使用中，不能办理。",
    "account_is_active": "该账号正在使用中，不需要这样办理。",
    "account_is_not_frozen": "该账号没有被冻结。",
    "password_is_wrong": "现在的密码不正确。",
    "password_is_refused": "新密码不符合要求。",
    "password_is_the_same": "新密码不能与现在的相同。",
    "password_was_used_before": "这个密码以前用过，请换一个没有用过的。最近五次用过的都不能再用。",
    "reason_is_missing": "请填写原因。",
    "invitation_is_void": "邀请链接已失效。请联系系统管理员重新邀请。",
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
        if by is not None:
            require(by, timezone.now(), Capacity.SYSTEM_ADMINISTRATOR)
        if Person.objects.filter(staff_number=staff_number).exists():
            raise AccountRefusal("staff_number_is_taken")
        person = Person(staff_number=staff_number, name=name, office=office, phone=phone)
        person.set_unusable_password()
        person.full_clean(exclude=["password", "office"])
        person.save(using=current_alias())
        record(
            by=by,
            action="person.created",
            subject_kind="person",
            subject_id=staff_number,
            detail={"name": name, "office": office.code if office else None},
        )
    return person


def change_person(*, person: Person, name: str, office: Office | None, phone: str, by: Actor) -> None:
    """Correct what is recorded of a person, by a system administrator. A name that stands under acts stays."""
    with one_act(by=by, action="person.changed", subject_kind="person", subject_id=person.staff_number):
        require(by, timezone.now(), Capacity.SYSTEM_ADMINISTRATOR)
        locked = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
        if name != locked.name and Act.objects.filter(person=person).exists():
            raise AccountRefusal("name_stands_under_acts")
        before = {"name": locked.name, "office": locked.office_id, "phone": locked.phone}
        locked.name, locked.office, locked.phone = name, office, phone
        locked.full_clean(exclude=["password", "office"])
        locked.save(update_fields=["name", "office", "phone"])
        after = {"name": name, "office": office.code if office else None, "phone": phone}
        record(
            by=by,
            action="person.changed",
            subject_kind="person",
            subject_id=person.staff_number,
            detail={key: [before[key], after[key]] for key in before if before[key] != after[key]},
        )


def freeze_account(
    *, person: Person, reason: str, by: Actor, since: datetime | None = None, suspected_crime: bool = False
) -> Freezing:
    """Shut an account, end its sessions, open an incident: by the person, a security administrator or a leader (R13).

    since is the time from which on what the account did is in question; a week ago, where nobody says.
    The password stays as it is, and so do devices and capacities: all of it counts for nothing while frozen.
    """
    with one_act(by=by, action="account.frozen", subject_kind="person", subject_id=person.staff_number):
        if by.person.pk != person.pk:
            require(by, timezone.now(), *WHO_FREEZES)
        if not reason.strip():
            raise AccountRefusal("reason_is_missing")
        changed = Person.objects.filter(pk=person.pk, state=PersonState.ACTIVE).update(state=PersonState.FROZEN)
        if not changed:
            raise AccountRefusal("account_is_not_active")
        ended = end_sessions(person)
        at = timezone.now()
        incident = begin_incident(
            by=by,
            kind=IncidentKind.ACCOUNT_LOSS,
            account=person,
            since=since or at - LOOKED_BACK,
            description=reason,
            suspected_crime=suspected_crime,
        )
        entry = record(
            by=by,
            action="account.frozen",
            subject_kind="person",
            subject_id=person.staff_number,
            detail={"reason": reason, "sessions_ended": ended},
        )
    person.state = PersonState.FROZEN
    return Freezing(person=person, by=by, reason=reason, at=at, sessions_ended=ended, entry=entry, incident=incident)


def unfreeze_account(*, person: Person, reason: str, by: Actor) -> None:
    """Open a frozen account again, by a security administrator other than its owner."""
    with one_act(by=by, action="account.unfrozen", subject_kind="person", subject_id=person.staff_number):
        require(by, timezone.now(), Capacity.SECURITY_ADMINISTRATOR)
        if by.person.pk == person.pk:
            raise Refusal("person_not_entitled")
        if not reason.strip():
            raise AccountRefusal("reason_is_missing")
        changed = Person.objects.filter(pk=person.pk, state=PersonState.FROZEN).update(state=PersonState.ACTIVE)
        if not changed:
            raise AccountRefusal("account_is_not_frozen")
        record(
            by=by,
            action="account.unfrozen",
            subject_kind="person",
            subject_id=person.staff_number,
            detail={"reason": reason},
        )
    person.state = PersonState.ACTIVE


def withdraw_credentials(*, person: Person, reason: str, by: Actor) -> None:
    """A lost phone or forgotten password: password and devices go, sessions end; a system administrator invites anew.

    By a security administrator, so that it takes two people to hand out an account that is in use.
    """
    with one_act(by=by, action="account.withdrawn", subject_kind="person", subject_id=person.staff_number):
        require(by, timezone.now(), Capacity.SECURITY_ADMINISTRATOR)
        if by.person.pk == person.pk:
            raise Refusal("person_not_entitled")
        if not reason.strip():
            raise AccountRefusal("reason_is_missing")
        locked = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
        if locked.state == PersonState.NO_ACCOUNT:
            raise AccountRefusal("account_is_not_active")
        locked.state = PersonState.NO_ACCOUNT
        remember_password(locked)
        locked.set_unusable_password()
        locked.save(update_fields=["state", "password"])
        twofactor.remove_devices(locked)
        ended = end_sessions(locked)
        record(
            by=by,
            action="account.withdrawn",
            subject_kind="person",
            subject_id=person.staff_number,
            detail={"reason": reason, "sessions_ended": ended},
        )
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
