"""What waits for people beside batches, releases and backups: incidents, hazards, the calendar, checks, the own account."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from axes.models import AccessAttempt
from django.conf import settings
from django.utils import timezone

from certificates.models import Coverage, Office
from uploads.intake.overview import Overview
from uploads.intake.periods import holidays
from uploads.models import Campaign, Capacity, Incident, Person, Release
from uploads.models.release import IS_PUBLIC, ReleaseKind
from uploads.oversight.incidents import NOTIFIED, open_incidents
from uploads.oversight.upkeep import hazards_waiting_for, is_overdue
from uploads.oversight.verifying import newest
from uploads.people.passwords import password_ends_at
from uploads.people.recovery import codes_left

PASSWORD_ENDS_WITHIN = timedelta(days=14)
CODES_LEFT_AT_LEAST = 3
HOLIDAYS_KNOWN_FOR = timedelta(days=365)
HOLIDAYS_URGENT_WITHIN = timedelta(days=31)
VERIFIED_AT_LEAST_EVERY = timedelta(days=2)
CAMPAIGN_ENDS_WITHIN = timedelta(days=7)
_VERIFIERS = {Capacity.SYSTEM_ADMINISTRATOR, Capacity.AUDIT_ADMINISTRATOR, Capacity.NETWORK_ADMINISTRATOR}
_LEADERS = {Capacity.DEPARTMENT_HEAD, Capacity.DEPUTY_DIRECTOR}


@dataclass(frozen=True, slots=True)
class Duty:
    """One thing to do; page is the name of its address, subject that address's argument, if it takes one."""

    title: str
    text: str
    page: str
    subject: int | None = None
    urgent: bool = False


def duties_of(person: Person, capacities: Sequence[Capacity], current: Overview, now: datetime) -> list[Duty]:
    """What the person has to see to in the capacities held now; current is this half-month's overview."""
    held = set(capacities)
    found: list[Duty] = []
    if held & set(NOTIFIED):
        found += _of_incidents(person, held)
    found += _of_hazards(person, capacities)
    if held & _VERIFIERS:
        found += _of_verifications(now)
    if Capacity.SYSTEM_ADMINISTRATOR in held:
        found += _of_settings(now)
    if Capacity.SECURITY_ADMINISTRATOR in held:
        found += _of_lockouts(now)
    if Capacity.NETWORK_ADMINISTRATOR in held:
        found += _of_the_day(current)
    if held & {Capacity.NETWORK_ADMINISTRATOR, Capacity.DEPARTMENT_HEAD}:
        found += _of_late_offices(held, current)
    if Capacity.DEPARTMENT_HEAD in held:
        found += _of_campaigns(now)
    found += _of_the_account(person, now)
    return found


def _of_incidents(person: Person, held: set[Capacity]) -> Iterator[Duty]:
    """A suspected crime has to be read of by the leaders; whatever is open, the security administrator brings to an end."""
    for incident in open_incidents().exclude(account=person).prefetch_related("acknowledgements"):
        name = f"{incident.get_kind_display()}，{timezone.localtime(incident.opened_at):%Y-%m-%d} 立"
        if held & _LEADERS and _is_unread(incident, person):
            yield Duty("事件待阅知", name, "staff-incident", incident.pk, urgent=incident.suspected_crime)
        elif Capacity.SECURITY_ADMINISTRATOR in held:
            yield Duty("事件待处理", name, "staff-incident", incident.pk, urgent=incident.suspected_crime)


def _is_unread(incident: Incident, person: Person) -> bool:
    return all(read.person_id != person.pk for read in incident.acknowledgements.all())


def _of_hazards(person: Person, capacities: Sequence[Capacity]) -> Iterator[Duty]:
    for hazard in hazards_waiting_for(person, capacities):
        state = str(hazard.get_state_display())
        yield Duty(f"隐患{state}", hazard.description[:40], "staff-hazard", hazard.pk, urgent=is_overdue(hazard))


def _of_verifications(now: datetime) -> Iterator[Duty]:
    runs = newest().values()
    if any(not run.is_clean for run in runs):
        yield Duty("核对不一致", "已停止上网，请查明原因", "staff-verification", urgent=True)
    elif not runs or any(now - run.ended_at > VERIFIED_AT_LEAST_EVERY for run in runs):
        yield Duty("核对已过期", "超过两天没有完整核对，请要求核对", "staff-verification")


def _of_settings(now: datetime) -> Iterator[Duty]:
    known, today = holidays(), timezone.localdate(now)
    for year in range(today.year, (today + HOLIDAYS_KNOWN_FOR).year + 1):
        if known.is_provisional(year):
            begins_soon = (today + HOLIDAYS_URGENT_WITHIN).year >= year
            text = f"{year} 年的日期都是暂定的；通知公布后请登记"
            yield Duty("放假安排待登记", text, "staff-holidays", urgent=begins_soon)
    without = Office.objects.in_force(today).exclude(code__in=Coverage.objects.values("office_id")).count()
    if without:
        yield Duty("收录情况待登记", f"{without} 个单位没有登记", "staff-coverage")


def _of_lockouts(now: datetime) -> Iterator[Duty]:
    shut = AccessAttempt.objects.filter(
        failures_since_start__gte=settings.AXES_FAILURE_LIMIT, attempt_time__gt=now - settings.AXES_COOLOFF_TIME
    )
    names = shut.values("username").distinct().count()
    if names:
        yield Duty("登录被锁定", f"{names} 个工号多次登录失败", "staff-people")


def _of_the_day(current: Overview) -> Iterator[Duty]:
    """The publication day has come, and nothing of the period is public yet."""
    dates = current.dates
    regular = Release.objects.filter(period_id=dates.period.code, kind=ReleaseKind.REGULAR, state__in=IS_PUBLIC)
    if dates.days_to_publication <= 0 and not regular.exists():
        yield Duty("今天上网", f"{dates.period.short_label}还没有上网", "staff-releases", urgent=True)


def _of_late_offices(held: Collection[Capacity], current: Overview) -> Iterator[Duty]:
    late = current.late
    if not late:
        return
    names = "、".join(line.office.name for line in late[:4]) + ("等" if len(late) > 4 else "")
    text = f"{names}，共 {len(late)} 个单位，联系人和电话见下"
    if Capacity.DEPARTMENT_HEAD in held:
        yield Duty("逾期未上报", f"{text}；需要的可以延期", "staff-extension-new", urgent=True)
    else:
        yield Duty("逾期未上报", f"{text}，请催报", "staff-home", urgent=True)


def _of_campaigns(now: datetime) -> Iterator[Duty]:
    today = timezone.localdate(now)
    for campaign in Campaign.objects.filter(closed_at=None, deadline__lte=today + CAMPAIGN_ENDS_WITHIN):
        left = (campaign.deadline - today).days
        text = f"{campaign.name}，" + (f"还有 {left} 天截止" if left >= 0 else "已截止，可延期或关闭")
        yield Duty("补录任务到期", text, "staff-campaign", campaign.pk, urgent=left < 0)


def _of_the_account(person: Person, now: datetime) -> Iterator[Duty]:
    ends = password_ends_at(person)
    if ends - now <= PASSWORD_ENDS_WITHIN:
        yield Duty("密码快到期", f"{timezone.localtime(ends):%Y-%m-%d} 起登录时须更换", "staff-password")
    left = codes_left(person)
    if 0 < left < CODES_LEFT_AT_LEAST:
        yield Duty("恢复码快用完", f"还剩 {left} 个", "staff-recovery-codes")
