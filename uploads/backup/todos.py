"""What waits for somebody about media and restores, for the list of 'to do'."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from uploads.backup.custody import is_late, keeper_state, open_hand_overs
from uploads.backup.restores import REQUEST_LASTS
from uploads.models import KEEPING, Capacity, Medium, Person, Restoration, RestoreRequest


@dataclass(frozen=True, slots=True)
class BackupTodo:
    """One thing to do; page is the name of its address, subject that address's argument, if it takes one."""

    title: str
    text: str
    page: str
    subject: int | None = None
    urgent: bool = False


def backup_todos(person: Person, capacities: Collection[str], now: datetime) -> list[BackupTodo]:
    """What the person has to do now in the capacities held."""
    found: list[BackupTodo] = []
    if set(capacities) & set(KEEPING):
        found += _of_custody(person, now)
    if Capacity.NETWORK_ADMINISTRATOR in capacities:
        state = keeper_state(now)
        if state is not None and state.medium is None:
            text = f"{state.release.number} 的备份还没有介质由机要人员保管"
            found.append(BackupTodo("待交机要人员", text, "staff-media", urgent=state.is_late))
    if Capacity.DEPUTY_DIRECTOR in capacities:
        found += [
            BackupTodo(
                "恢复待决定", f"{request.file_name}：{request.order_text}", "staff-restore", request.pk, urgent=True
            )
            for request in RestoreRequest.objects.filter(decided_at=None, requested_at__gt=now - REQUEST_LASTS)
        ]
        found += [
            BackupTodo("恢复待确认", f"已恢复到 {done.file_name}", "staff-restoration", done.pk, urgent=True)
            for done in Restoration.objects.filter(confirmed_at=None)
        ]
    return found


def _of_custody(person: Person, now: datetime) -> list[BackupTodo]:
    received = open_hand_overs().filter(given_to=person)
    held = Medium.objects.filter(
        holder=person, due_back_on__lt=timezone.localdate(now), lost_at=None, retired_at=None
    ).exclude(hand_overs__answer="")
    return [
        *(
            BackupTodo(
                "待您接收介质",
                f"{hand_over.medium.number}，{hand_over.given_by.name}交出",
                "staff-hand-over",
                hand_over.pk,
                urgent=is_late(hand_over, now),
            )
            for hand_over in received
        ),
        *(
            BackupTodo(
                "介质待归还",
                f"{medium.number}，应于 {medium.due_back_on:%Y-%m-%d} 归还",
                "staff-medium",
                medium.pk,
                urgent=True,
            )
            for medium in held
        ),
    ]
