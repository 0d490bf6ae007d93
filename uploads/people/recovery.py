"""Recovery codes: ten, shown once, each good for one login when the phone isn't there (django-otp's static tokens).

What is stored is a keyed hash of each code, so that neither a page nor a backup gives one away. They open the site and
confirm nothing: signing and every other grave act ask for the authenticator.
"""

import math
import secrets
from base64 import b32encode
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken

from certlookup.databases import current_alias
from uploads.actor import Actor
from uploads.models import Person
from uploads.oversight.audit import one_act, record
from uploads.people.twofactor import CodeOutcome
from uploads.refusals import Refusal

COUNT = 10
# No letter that looks like a digit; fifty bits in ten of them.
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
_LENGTH = 10
_SALT = "uploads.people.recovery"


@dataclass(frozen=True, slots=True)
class RecoveryCheck:
    """A recovery code's outcome, how many are left, and in how many seconds it is worth trying again."""

    outcome: CodeOutcome
    left: int = 0
    wait_seconds: int = 0
    device: StaticDevice | None = None

    @property
    def accepted(self) -> bool:
        return self.outcome is CodeOutcome.ACCEPTED

    @property
    def sentence(self) -> str:
        """What the page says beside the field; nothing when the code was accepted."""
        if self.accepted:
            return ""
        if self.outcome is CodeOutcome.TOO_SOON:
            return f"恢复码多次不正确，请在 {self.wait_seconds} 秒后再输入。"
        return "恢复码不正确，或已经用过：每个恢复码只能用一次。没有恢复码的，请联系安全管理员。"


def codes_left(person: Person) -> int:
    """How many unused codes the person has."""
    return int(StaticToken.objects.filter(device__user=person).count())


def renew_recovery_codes(*, person: Person, by: Actor) -> list[str]:
    """Ten new codes, the earlier ones void; by the person, who has just shown the second factor. Shown once: keep none."""
    with one_act(by=by, action="recovery_codes.renewed", subject_kind="person", subject_id=person.staff_number):
        if by.person.pk != person.pk:
            raise Refusal("person_not_entitled")
        Person.objects.select_for_update(no_key=True).get(pk=person.pk)
        StaticDevice.objects.filter(user=person).delete()
        device = StaticDevice.objects.create(user=person, name="恢复码", confirmed=True)
        codes = ["".join(secrets.choice(_LETTERS) for _ in range(_LENGTH)) for _ in range(COUNT)]
        StaticToken.objects.bulk_create(StaticToken(device=device, token=_kept(person, code)) for code in codes)
        record(
            by=by,
            action="recovery_codes.renewed",
            subject_kind="person",
            subject_id=person.staff_number,
            detail={"codes": COUNT},
        )
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def verify_recovery_code(*, person: Person, code: str) -> RecoveryCheck:
    """Check a code and spend it; a failure doubles the wait. Locks the device, so that one code opens one session."""
    with transaction.atomic(using=current_alias()):
        device = StaticDevice.objects.select_for_update().filter(user=person, confirmed=True).order_by("-id").first()
        if device is None:
            return RecoveryCheck(CodeOutcome.NO_DEVICE)
        allowed, why = device.verify_is_allowed()
        if not allowed:
            wait = math.ceil((why["locked_until"] - timezone.now()).total_seconds())
            return RecoveryCheck(CodeOutcome.TOO_SOON, wait_seconds=max(1, wait))
        if not device.verify_token(_kept(person, code)):
            return RecoveryCheck(CodeOutcome.WRONG)
        return RecoveryCheck(CodeOutcome.ACCEPTED, left=device.token_set.count(), device=device)


def note_recovery_code(*, person: Person, left: int, by: Actor) -> None:
    """Record a login with a recovery code, and keep it to be told at the next login."""
    with one_act(by=by, action="login", subject_kind="person", subject_id=person.staff_number):
        Person.objects.filter(pk=person.pk).update(recovery_code_used_at=timezone.now())
        record(by=by, action="login", detail={"factor": "recovery_code", "codes_left": left})


def forget_recovery_code(person: Person) -> None:
    """The person has been told."""
    if person.recovery_code_used_at is not None:
        Person.objects.filter(pk=person.pk).update(recovery_code_used_at=None)


def _kept(person: Person, code: str) -> str:
    """What is stored of a code: eighty bits of a keyed hash, which a token's sixteen characters hold."""
    plain = code.casefold().replace("-", "")
    return b32encode(salted_hmac(_SALT, f"{person.pk}:{plain}", algorithm="sha256").digest()[:10]).decode()
