"""本期工作: what waits for whoever is signed in, then the matrix of offices by step."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from certlookup.calendar.periods import Period, PeriodError, current_period
from uploads.backup.copies import proof_age
from uploads.backup.todos import backup_todos
from uploads.intake.overview import Target, Todo, overview, todos_of
from uploads.intake.periods import holidays
from uploads.intake.steps import STEP_NAMES
from uploads.models import Capacity
from uploads.oversight.verifying import is_publication_stopped
from uploads.pages.frame import Staff, StaffRequest, render_staff, staff_required
from uploads.pages.incidents import notices_for

CARDS_AT_MOST = 8
SIGNATURES = ("待您签字", "待您提交")


@dataclass(frozen=True, slots=True)
class Card:
    """One thing to do, with the address where it is done and the words of the link."""

    title: str
    text: str
    url: str
    urgent: bool = False


def period_asked_for(code: str) -> Period:
    """The period of an address, or the current one. Raises Http404."""
    if not code:
        return current_period(timezone.localdate(), holidays())
    try:
        period = Period.parse(code)
        # The page links to both neighbours.
        period.previous()
        period.next()
        return period
    except PeriodError as error:
        raise Http404 from error


@require_safe
@staff_required
def home(request: StaffRequest) -> HttpResponse:
    """The work of this half-month, or of the one asked for."""
    staff, now, today = request.staff, timezone.now(), timezone.localdate()
    offices = None if staff.is_provincial else staff.office_codes
    period = period_asked_for(request.GET.get("period", ""))
    shown = overview(period, now, today, offices)
    current = shown if shown.dates.is_current else overview(period_asked_for(""), now, today, offices)
    todos = todos_of(staff.person, staff.grants, current)
    cards = [_card(todo) for todo in sorted(todos, key=lambda todo: not todo.urgent)]
    cards = sorted([*cards, *_backup_cards(staff, now)], key=lambda card: not card.urgent)
    context = {
        "overview": shown,
        "period": period,
        "cards": cards[:CARDS_AT_MOST],
        "signs_several": sum(todo.title in SIGNATURES for todo in todos) > 1,
        "more_cards": len(cards[CARDS_AT_MOST:]),
        "step_names": STEP_NAMES,
        "sees_all": staff.is_provincial,
        "may_upload": staff.holds(Capacity.CITY_OPERATOR, Capacity.PROVINCIAL_OPERATOR),
        "incidents": notices_for(staff),
        "publication_stopped": staff.is_provincial and is_publication_stopped(),
        "proof": proof_age(now) if staff.is_provincial else None,
        "may_import": staff.holds(Capacity.PROVINCIAL_OPERATOR),
    }
    return render_staff(request, "uploads/dashboard.html", context)


def _backup_cards(staff: Staff, now: datetime) -> list[Card]:
    return [
        Card(
            todo.title,
            todo.text,
            reverse(todo.page, args=[] if todo.subject is None else [todo.subject]),
            todo.urgent,
        )
        for todo in backup_todos(staff.person, staff.capacities, now)
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
