"""介质保管 (R12): who has each medium; every hand-over is given by one side and confirmed by the other."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from uploads.actor import Actor
from uploads.models import (
    KEEPING,
    BackupCopy,
    Capacity,
    CapacityGrant,
    HandOver,
    HandOverAnswer,
    Medium,
    Person,
    Release,
)
from uploads.models.backup import CopyState
from uploads.oversight.audit import one_act


def register_medium(*, by: Actor, serial_number: str, place: str) -> int:
    """Take a medium into use, held by whoever registers it; its id. Raises Refusal."""
    asked = "SELECT register_medium(%s, %s, %s, %s)"
    return _act(by, "medium.register", "", asked, [serial_number.strip(), place, by.person.pk, by.address])


def place_medium(*, by: Actor, medium: Medium, place: str) -> None:
    """Say where it is plugged in, or nowhere (''). Raises Refusal."""
    _act(by, "medium.place", medium.number, "SELECT place_medium(%s, %s, %s, %s)", [medium.pk, place, *_who(by)])


def hand_over_medium(
    *, by: Actor, medium: Medium, to: Person, taken_as: str, due_back_on: date | None, remark: str
) -> int:
    """Give it to another; it stays the giver's until the other confirms. Raises Refusal."""
    asked = "SELECT hand_over_medium(%s, %s, %s, %s, %s, %s, %s, %s)"
    values = [medium.pk, to.pk, taken_as, due_back_on, remark.strip(), by.person.pk, by.capacity, by.address]
    return _act(by, "medium.hand_over", medium.number, asked, values)


def answer_hand_over(*, by: Actor, hand_over: HandOver, answer: HandOverAnswer, reason: str = "") -> None:
    """Confirm it (the other side), decline it, or withdraw it (the giver). Raises Refusal."""
    asked = "SELECT answer_hand_over(%s, %s, %s, %s, %s)"
    _act(by, "medium.answer", hand_over.medium.number, asked, [hand_over.pk, str(answer), reason.strip(), *_who(by)])


def report_lost_medium(*, by: Actor, medium: Medium, reason: str) -> int:
    """It is lost: leaders see it at once as an incident, whose id this gives. Raises Refusal."""
    asked = "SELECT report_lost_medium(%s, %s, %s, %s, %s)"
    values = [medium.pk, reason.strip(), by.person.pk, by.capacity, by.address]
    return _act(by, "medium.report_lost", medium.number, asked, values)


def note_found_medium(*, by: Actor, medium: Medium, reason: str) -> None:
    """It is there again, in the hands of whoever notes it. Raises Refusal."""
    asked = "SELECT note_found_medium(%s, %s, %s, %s)"
    _act(by, "medium.note_found", medium.number, asked, [medium.pk, reason.strip(), *_who(by)])


def retire_medium(*, by: Actor, medium: Medium, reason: str) -> None:
    """It is used no more. Raises Refusal, if a good copy would be the last."""
    asked = "SELECT retire_medium(%s, %s, %s, %s)"
    _act(by, "medium.retire", medium.number, asked, [medium.pk, reason.strip(), *_who(by)])


def _who(by: Actor) -> list[Any]:
    return [by.person.pk, by.address]


def _act(by: Actor, action: str, number: str, asked: str, values: list[Any]) -> int:
    """One function of the database, which writes the audit entry itself."""
    with one_act(by=by, action=action, subject_kind="medium", subject_id=number), connection.cursor() as cursor:
        cursor.execute(asked, values)
        return int(cursor.fetchone()[0] or 0)


def receivers(by: Person, at: datetime) -> list[CapacityGrant]:
    """Who may be handed a medium: network administrators and keepers, but not the giver."""
    held = CapacityGrant.objects.valid(at).filter(capacity__in=KEEPING, person__state="active").exclude(person=by)
    found = {(grant.person_id, grant.capacity): grant for grant in held.select_related("person").order_by("id")}
    return sorted(found.values(), key=lambda grant: (grant.capacity != Capacity.KEEPER, grant.person.name))


@dataclass(frozen=True, slots=True)
class MediumLine:
    """One medium as pages show it, with what is wrong about it."""

    medium: Medium
    under_way: HandOver | None
    newest_copy: Release | None
    problems: tuple[str, ...]

    @property
    def state(self) -> str:
        if self.medium.retired_at:
            return "已停用"
        if self.medium.lost_at:
            return "遗失"
        return "交接中" if self.under_way else "在用"

    @property
    def tone(self) -> str:
        if self.medium.lost_at and not self.medium.retired_at:
            return "bad"
        if self.medium.retired_at:
            return ""
        return "warn" if self.under_way else "good"


def media_lines(now: datetime) -> list[MediumLine]:
    """Every medium: those in use first, then lost, then retired ones."""
    media = list(Medium.objects.select_related("holder", "lost_by", "retired_by", "registered_by"))
    open_ones = {hand_over.medium_id: hand_over for hand_over in open_hand_overs()}
    newest = dict(
        BackupCopy.objects.filter(state=CopyState.VERIFIED, medium__isnull=False)
        .values_list("medium_id")
        .annotate(Max("release_id"))
        .order_by()
    )
    releases = Release.objects.in_bulk(newest.values())
    lines = [
        MediumLine(
            medium,
            open_ones.get(medium.pk),
            releases.get(newest.get(medium.pk, 0)),
            tuple(_problems(medium, open_ones.get(medium.pk), now)),
        )
        for medium in media
    ]
    return sorted(lines, key=lambda line: (bool(line.medium.retired_at), bool(line.medium.lost_at), line.medium.number))


def open_hand_overs() -> "QuerySet[HandOver]":
    """Those that the other side hasn't confirmed yet."""
    return HandOver.objects.filter(answer=HandOverAnswer.OPEN).select_related("medium", "given_by", "given_to")


def _problems(medium: Medium, under_way: HandOver | None, now: datetime) -> list[str]:
    if not medium.is_in_use:
        return [f"遗失：{medium.lost_reason}"] if medium.lost_at and not medium.retired_at else []
    found = []
    if medium.is_overdue(timezone.localdate(now)):
        found.append(f"逾期未归还，应于 {medium.due_back_on:%Y-%m-%d} 归还")
    if under_way and is_late(under_way, now):
        found.append(f"{under_way.given_at:%Y-%m-%d} 交出，{under_way.given_to.name}尚未确认接收")
    if medium.held_as == Capacity.KEEPER and medium.copies.filter(written_at__gt=medium.held_since).exists():
        found.append("记录由机要人员保管，其后却在服务器上写入过备份，请核对交接记录")
    return found


def is_late(hand_over: HandOver, now: datetime) -> bool:
    """Whether the other side should have confirmed by now."""
    return now - hand_over.given_at > timedelta(days=settings.MEDIUM_DAYS)


@dataclass(frozen=True, slots=True)
class KeeperState:
    """Whether the keeper has a medium with the newest publication's backup; is_late: should have by now (R12)."""

    release: Release
    medium: Medium | None
    is_late: bool


def keeper_state(now: datetime) -> KeeperState | None:
    """About the newest publication that lies on a registered medium; None as long as there is none."""
    on_media = Q(state=CopyState.VERIFIED, medium__isnull=False)
    newest = BackupCopy.objects.filter(on_media).select_related("release").order_by("-release_id", "written_at").first()
    if newest is None or newest.written_at is None:
        return None
    kept = BackupCopy.objects.filter(
        on_media, release=newest.release, medium__held_as=Capacity.KEEPER, medium__lost_at=None, medium__retired_at=None
    ).first()
    late = kept is None and now - newest.written_at > timedelta(days=settings.MEDIUM_DAYS)
    return KeeperState(newest.release, kept.medium if kept else None, late)
