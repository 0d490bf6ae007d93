"""待办: one list of everything that waits for whoever is signed in, whatever room it comes from, urgent things first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.urls import reverse

from uploads.backup.todos import backup_todos
from uploads.enquiries.todos import enquiry_todos
from uploads.intake.overview import Overview, Target, Todo, todos_of
from uploads.oversight.duties import duties_of
from uploads.pages.frame import Staff

SIGNATURES = ("待您签字", "待您提交")


@dataclass(frozen=True, slots=True)
class Card:
    """One thing to do, with the address where it is done and the words of the link."""

    title: str
    text: str
    url: str
    urgent: bool = False


class Waiting(Protocol):
    """What the rooms' own lists hold; page is the name of an address, subject its argument, if it takes one."""

    @property
    def title(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def page(self) -> str: ...
    @property
    def subject(self) -> int | None: ...
    @property
    def urgent(self) -> bool: ...


def cards_for(staff: Staff, current: Overview, now: datetime) -> list[Card]:
    """Everything that waits for this person now; current is this half-month's overview."""
    cards = [_card(todo) for todo in todos_of(staff.person, staff.grants, current)]
    cards += _by_name(backup_todos(staff.person, staff.capacities, now))
    cards += _by_name(duties_of(staff.person, staff.capacities, current, now))
    cards += _by_name(enquiry_todos(staff.capacities, staff.office_codes))
    return sorted(cards, key=lambda card: not card.urgent)


def _by_name(found: Iterable[Waiting]) -> list[Card]:
    return [
        Card(
            each.title,
            each.text,
            reverse(each.page, args=[] if each.subject is None else [each.subject]),
            each.urgent,
        )
        for each in found
    ]


def _card(todo: Todo) -> Card:
    addresses: Mapping[Target, str] = {
        Target.BATCH: "staff-batch",
        Target.UPLOAD: "staff-batch-upload",
        Target.ASSEMBLE: "staff-release-new",
        Target.REPLACE: "staff-release-new",
        Target.RELEASE: "staff-release",
        Target.REVIEW: "staff-review",
    }
    name = addresses[todo.target]
    if todo.target in {Target.BATCH, Target.RELEASE, Target.REVIEW}:
        return Card(todo.title, todo.text, reverse(name, args=[todo.subject]), todo.urgent)
    parameter = "office" if todo.target is Target.UPLOAD else "period"
    if todo.target is Target.REPLACE:
        parameter = "kind=replacement&period"
    return Card(todo.title, todo.text, f"{reverse(name)}?{parameter}={todo.subject}")
