"""Security keys (WebAuthn) as the second factor of a login, beside the authenticator (django-otp-webauthn).

A ceremony is two requests: the first makes options for the browser and a state for the session, the second checks the
key's answer against that state, which counts once. Grave acts ask for the authenticator's code all the same.
"""

import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django_otp_webauthn.exceptions import OTPWebAuthnApiError
from django_otp_webauthn.helpers import WebAuthnHelper
from django_otp_webauthn.models import WebAuthnCredential
from django_otp_webauthn.utils import rewrite_exceptions

from certlookup.databases import current_alias
from uploads.actor import Actor
from uploads.models import Person
from uploads.oversight.audit import one_act, record
from uploads.people.accounts import AccountRefusal
from uploads.refusals import Refusal

# Whatever the browser sends is somebody's text until it has been checked.
_NOT_AN_ANSWER = (OTPWebAuthnApiError, ValueError, KeyError, TypeError, AttributeError)
MOST = 5


@dataclass(frozen=True, slots=True)
class Ceremony:
    """options go to the browser, state into the session."""

    options: str
    state: dict[str, Any]


@dataclass(frozen=True, slots=True)
class KeyCheck:
    """Which key answered rightly, or none did."""

    device: WebAuthnCredential | None

    @property
    def accepted(self) -> bool:
        return self.device is not None

    @property
    def sentence(self) -> str:
        """What the page says; nothing when the key was accepted."""
        return "" if self.accepted else "安全密钥没有通过。请再试一次，或用身份验证器的动态码登录。"


def keys_of(person: Person) -> list[WebAuthnCredential]:
    """The person's keys, oldest first."""
    return list(WebAuthnCredential.objects.filter(user=person, confirmed=True).order_by("id"))


def begin_registration(person: Person) -> Ceremony | None:
    """Ask a key to make a new pair; None where no browser would (an address that is neither https nor localhost)."""
    if not settings.SECURITY_KEYS:
        return None
    options, state = WebAuthnHelper(None).register_begin(user=person)
    return Ceremony(json.dumps(options), state)


def register_key(*, person: Person, name: str, answer: str, state: dict[str, Any] | None, by: Actor) -> None:
    """Keep the key that answered, under a name; by the person, who has just shown the second factor."""
    with one_act(by=by, action="security_key.registered", subject_kind="person", subject_id=person.staff_number):
        if by.person.pk != person.pk:
            raise Refusal("person_not_entitled")
        Person.objects.select_for_update(no_key=True).get(pk=person.pk)
        if len(keys_of(person)) >= MOST:
            raise AccountRefusal("too_many_security_keys")
        try:
            if state is None:
                raise ValueError("no ceremony has begun")
            with rewrite_exceptions():
                device = WebAuthnHelper(None).register_complete(user=person, state=state, data=json.loads(answer))
        except _NOT_AN_ANSWER as error:
            raise AccountRefusal("security_key_is_refused") from error
        device.name = name
        device.save(update_fields=["name"])
        record(
            by=by,
            action="security_key.registered",
            subject_kind="person",
            subject_id=person.staff_number,
            detail={"name": name},
        )


def remove_key(*, person: Person, key_id: int, by: Actor) -> None:
    """The key opens nothing any more; a session that it opened ends with it."""
    with one_act(by=by, action="security_key.removed", subject_kind="person", subject_id=person.staff_number):
        key = WebAuthnCredential.objects.filter(user=person, pk=key_id).first()
        if key is None or by.person.pk != person.pk:
            raise Refusal("person_not_entitled")
        key.delete()
        record(
            by=by,
            action="security_key.removed",
            subject_kind="person",
            subject_id=person.staff_number,
            detail={"name": key.name},
        )


def begin_check(person: Person) -> Ceremony | None:
    """Ask one of the person's keys to sign; None if there is none."""
    if not settings.SECURITY_KEYS or not keys_of(person):
        return None
    options, state = WebAuthnHelper(None).authenticate_begin(user=person, require_user_verification=False)
    return Ceremony(json.dumps(options), state)


def verify_key(*, person: Person, answer: str, state: dict[str, Any] | None) -> KeyCheck:
    """Check a key's signature over the state's challenge; writes its counter. The caller has taken the state out."""
    if state is None:
        return KeyCheck(None)
    try:
        with transaction.atomic(using=current_alias()), rewrite_exceptions():
            device = WebAuthnHelper(None).authenticate_complete(user=person, state=state, data=json.loads(answer))
    except _NOT_AN_ANSWER:
        return KeyCheck(None)
    return KeyCheck(device if device.user_id == person.pk and device.confirmed else None)
