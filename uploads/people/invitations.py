"""Invitations: a signed link by which a person sets the own password and device, so that nobody else ever knows them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core import signing
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from uploads.actor import Actor
from uploads.functions import call
from uploads.models import Person, PersonState
from uploads.oversight.audit import one_act
from uploads.people import twofactor
from uploads.people.accounts import AccountRefusal
from uploads.people.passwordhistory import was_used_before
from uploads.people.passwords import password_problems
from uploads.refusals import Refusal

LASTS = timedelta(days=7)
_SALT = "uploads.people.invitation"


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link's token and the time until which it can be used."""

    token: str
    valid_until: datetime

    @property
    def url(self) -> str:
        return f"{settings.SITE_ADDRESS}/staff/invitations/{self.token}/"


def _mark(person: Person) -> str:
    """Changes with the stored password: a newer invitation or an accepted one makes a link void."""
    return salted_hmac(_SALT, f"{person.pk}:{person.password}:{person.state}").hexdigest()[:32]


def invite(*, person: Person, by: Actor | None) -> Invitation:
    """Make a link, good for seven days and one use; earlier links of the person are void from now on.

    by is a system administrator, or None for the command line. Writes a new unusable password and a device to confirm.
    """
    with one_act(by=by, action="person.invited", subject_kind="person", subject_id=person.staff_number):
        named = (by.person.pk, str(by.capacity), by.address) if by else (None, "", "")
        call("invite_person", [person.pk, *named])
        invited = Person.objects.get(pk=person.pk)
        twofactor.new_device(invited)
    token = signing.dumps({"person": invited.pk, "mark": _mark(invited)}, salt=_SALT)
    return Invitation(token=token, valid_until=timezone.now() + LASTS)


def invited_person(token: str) -> Person | None:
    """Whom a link invites, or None if it is void: altered, expired, used or replaced."""
    try:
        content = signing.loads(token, salt=_SALT, max_age=LASTS)
    except signing.BadSignature:
        return None
    person = Person.objects.filter(pk=content["person"], state=PersonState.NO_ACCOUNT).first()
    if person is None or not constant_time_compare(content["mark"], _mark(person)):
        return None
    return person


def accept_invitation(*, token: str, password: str, code: str, address: str = "") -> Person:
    """Open the account: password set, device confirmed by its first code. Raises AccountRefusal.

    The code is checked in a transaction before, so that a failure counts.
    """
    person = invited_person(token)
    number = person.staff_number if person else ""
    with one_act(by=None, action="account.opened", subject_kind="person", subject_id=number, address=address):
        if person is None:
            raise Refusal("invitation_is_void")
        if problems := password_problems(password, person):
            raise AccountRefusal("password_is_refused", " ".join(problems))
        if was_used_before(person, password):
            raise AccountRefusal("password_was_used_before")
    check = twofactor.confirm_device(person=person, code=code)
    with one_act(by=None, action="account.opened", subject_kind="person", subject_id=number, address=address):
        if not check.accepted:
            raise AccountRefusal("code_is_refused", check.sentence)
        call("open_account", [person.pk, person.password, make_password(password), address])
    return Person.objects.get(pk=person.pk)
