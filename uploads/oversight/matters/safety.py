"""People's second factors, the calendar ahead, the virus scanner, hazards that nobody has looked after."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp_webauthn.models import WebAuthnCredential

from certlookup.clamd import ScannerAway, version
from uploads.intake.periods import holidays
from uploads.models import Hazard, HazardState, Person, PersonState
from uploads.oversight.matters import Seen, failure, warning, well

SIGNATURES_AT_MOST = timedelta(days=7)
MONTHS_AHEAD = timedelta(days=365)
NAMED_AT_MOST = 10


def look_at_holidays() -> Seen:
    """Whether the days off of the next twelve months are known."""
    calendar, today = holidays(), timezone.localdate()
    unknown = [year for year in range(today.year, (today + MONTHS_AHEAD).year + 1) if calendar.is_provisional(year)]
    if unknown:
        years = ", ".join(map(str, unknown))
        return warning(
            f"the days off of {years} are not announced or not entered; due days are provisional",
            f"{years} 年的放假安排还没有公布或录入，上报和上网日期是暂定的",
        )
    return well("known for the next 12 months", "今后 12 个月的放假安排齐全")


def look_at_second_factors() -> Seen:
    """Everyone with an account in use has a second factor; how many hold a security key."""
    active = Person.objects.filter(state=PersonState.ACTIVE)
    with_code = Exists(TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True))
    with_key = Exists(WebAuthnCredential.objects.filter(user=OuterRef("pk"), confirmed=True))
    without = list(active.exclude(with_code | with_key).order_by("staff_number").values_list("staff_number", flat=True))
    count, keys = active.count(), active.filter(with_key).count()
    if without:
        named = ", ".join(without[:NAMED_AT_MOST]) + (" …" if len(without) > NAMED_AT_MOST else "")
        return warning(
            f"{len(without)} of {count} accounts have no second factor: {named}",
            f"{count} 个在用账号中 {len(without)} 个没有第二因素：{named}",
        )
    return well(
        f"{count} accounts, all with a second factor, {keys} with a security key",
        f"{count} 个在用账号都有第二因素，其中 {keys} 个有安全密钥",
    )


def look_at_scanner() -> Seen:
    """clamd and the age of its signatures; without one, that is said and never called well."""
    if not settings.CLAMD_ADDRESS:
        return warning("not configured: uploaded files are not scanned", "未配置：上传的文件没有查毒")
    try:
        found = version(settings.CLAMD_ADDRESS)
    except ScannerAway as error:
        return failure(f"can't be asked ({error}); no file is accepted", f"联系不上（{error}），暂不接收文件")
    if found.signed_at is None:
        return failure(f"{found.engine} has no signatures", f"{found.engine} 没有病毒库")
    # The day as clamd writes it: put into our zone, it would be the next one for signatures of the evening.
    told = f"{found.engine}, signatures {found.signatures} of {found.signed_at:%Y-%m-%d}"
    said = f"{found.engine}，病毒库 {found.signatures}，{found.signed_at:%Y-%m-%d}"
    if timezone.now() - found.signed_at > SIGNATURES_AT_MOST:
        days = SIGNATURES_AT_MOST.days
        return warning(f"{told}, older than {days} days", f"{said}，已超过 {days} 天没有更新")
    return well(told, said)


def look_at_hazards() -> Seen:
    """Hazards that are open, and those past the day that a leader set."""
    open_ones = Hazard.objects.exclude(state=HazardState.CLOSED)
    overdue = open_ones.filter(due_on__lt=timezone.localdate()).count()
    if overdue:
        return failure(f"{overdue} hazards are overdue", f"{overdue} 项隐患超过了完成期限")
    count = open_ones.count()
    if count:
        return warning(f"{count} hazards are open", f"{count} 项隐患尚未消除")
    return well("no hazard is open", "没有未消除的隐患")
