"""The second factor: a time-based code (RFC 6238) from the person's own device, each code good for one confirmation."""

import math
import time
from base64 import b32encode
from dataclasses import dataclass
from enum import StrEnum

import segno
from django.db import transaction
from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp_webauthn.models import WebAuthnCredential

from certlookup.databases import current_alias
from uploads.models import Person

ISSUER = "certlookup"
DIGITS = 6


class CodeOutcome(StrEnum):
    """What came of a code."""

    ACCEPTED = "accepted"
    WRONG = "wrong"
    USED = "used"
    TOO_SOON = "too_soon"
    NO_DEVICE = "no_device"


@dataclass(frozen=True, slots=True)
class CodeCheck:
    """A code's outcome, and in how many seconds it is worth trying again."""

    outcome: CodeOutcome
    wait_seconds: int = 0

    @property
    def accepted(self) -> bool:
        return self.outcome is CodeOutcome.ACCEPTED

    @property
    def sentence(self) -> str:
        """What the page says beside the field; nothing when the code was accepted."""
        match self.outcome:
            case CodeOutcome.USED:
                return f"这个动态码已经用过。下一个动态码 {self.wait_seconds} 秒后出现，请到时输入新的。"
            case CodeOutcome.TOO_SOON:
                return f"动态码多次不正确，请在 {self.wait_seconds} 秒后再输入。"
            case CodeOutcome.WRONG:
                return (
                    f"动态码不正确。请核对身份验证器上本系统的动态码，{self.wait_seconds} 秒后可以再输入；"
                    "一直不正确的，请检查手机的时间是否准确。"
                )
            case CodeOutcome.NO_DEVICE:
                return "该账号没有登记身份验证器，请联系系统管理员重新邀请。"
            case CodeOutcome.ACCEPTED:
                return ""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a person needs to put the secret into an authenticator: by scanning (inline SVG) or by typing."""

    secret: str
    url: str
    qr_svg: str

    @property
    def secret_in_fours(self) -> str:
        return " ".join(self.secret[i : i + 4] for i in range(0, len(self.secret), 4))


def new_device(person: Person) -> TOTPDevice:
    """A fresh secret, not yet confirmed; earlier unconfirmed ones of the person go."""
    devices = TOTPDevice.objects.using(current_alias())
    devices.filter(user=person, confirmed=False).delete()
    return devices.create(user=person, name="身份验证器", confirmed=False, digits=DIGITS)


def remove_devices(person: Person) -> None:
    """No code of the person counts any more, recovery codes and security keys neither."""
    TOTPDevice.objects.filter(user=person).delete()
    StaticDevice.objects.filter(user=person).delete()
    WebAuthnCredential.objects.filter(user=person).delete()


def unconfirmed_device(person: Person) -> TOTPDevice | None:
    """The device whose enrolment isn't finished."""
    return TOTPDevice.objects.filter(user=person, confirmed=False).order_by("-id").first()


def confirmed_device(person: Person) -> TOTPDevice | None:
    """The device whose codes count."""
    return TOTPDevice.objects.filter(user=person, confirmed=True).order_by("-id").first()


def secret_of(device: TOTPDevice) -> str:
    """The secret as authenticators write it (Base32)."""
    return b32encode(device.bin_key).decode().rstrip("=")


def enrolment(device: TOTPDevice) -> Enrolment:
    """The device's secret in its three forms."""
    account = device.user.staff_number
    url = f"otpauth://totp/{ISSUER}:{account}?secret={secret_of(device)}&issuer={ISSUER}&digits={DIGITS}&period=30"
    drawn = segno.make(url, error="m").svg_inline(scale=5, border=3, light="#fff", dark="#000", omitsize=False)
    return Enrolment(secret=secret_of(device), url=url, qr_svg=drawn)


def _step_of(device: TOTPDevice, code: str) -> int | None:
    """The 30-second step within tolerance that the code belongs to."""
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits, device.drift)
    totp.time = time.time()
    return totp.t() if code.isdecimal() and totp.verify(int(code), device.tolerance) else None


def _seconds_until_unused(device: TOTPDevice) -> int:
    first_free = int(device.t0) + (int(device.last_t) + 1) * int(device.step)
    return max(0, math.ceil(first_free - time.time()))


def seconds_until_next_code(person: Person) -> int:
    """In how many seconds the authenticator shows a code that still counts; 0 if the one shown now does."""
    device = confirmed_device(person)
    return 0 if device is None else _seconds_until_unused(device)


def _check(device: TOTPDevice, code: str) -> CodeCheck:
    """Check and spend a code on a locked device."""
    allowed, why = device.verify_is_allowed()
    if not allowed:
        wait = math.ceil((why["locked_until"] - timezone.now()).total_seconds())
        return CodeCheck(CodeOutcome.TOO_SOON, max(1, wait))
    step = _step_of(device, code)
    if step is not None and step <= device.last_t:
        return CodeCheck(CodeOutcome.USED, max(1, _seconds_until_unused(device)))
    if device.verify_token(code):
        return CodeCheck(CodeOutcome.ACCEPTED)
    _, why = device.verify_is_allowed()
    wait = math.ceil((why["locked_until"] - timezone.now()).total_seconds()) if why else 1
    return CodeCheck(CodeOutcome.WRONG, max(1, wait))


def verify_code(*, person: Person, code: str) -> CodeCheck:
    """Check a code of the person's confirmed device and spend it.

    Writes the step used, or one more failure (each doubles the wait, from one second); locks the device, so that of two
    requests with one code one wins. Call it before an action's transaction and not inside: a code that was shown stays
    spent when the action is refused.
    """
    with transaction.atomic(using=current_alias()):
        device = TOTPDevice.objects.select_for_update().filter(user=person, confirmed=True).order_by("-id").first()
        if device is None:
            return CodeCheck(CodeOutcome.NO_DEVICE)
        return _check(device, code)


def confirm_device(*, person: Person, code: str) -> CodeCheck:
    """Finish an enrolment by a first code; the device then replaces the person's earlier ones."""
    with transaction.atomic(using=current_alias()):
        devices = TOTPDevice.objects.select_for_update().filter(user=person)
        device = devices.filter(confirmed=False).order_by("-id").first()
        if device is None:
            return CodeCheck(CodeOutcome.NO_DEVICE)
        check = _check(device, code)
        if check.accepted:
            devices.exclude(pk=device.pk).delete()
            device.confirmed = True
            device.save(update_fields=["confirmed"])
        return check
