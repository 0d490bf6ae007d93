"""巡检与安全隐患: recording an inspection, reporting a hazard and taking its steps. The database's functions check, write and record."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from certlookup.databases import current_connection
from uploads.actor import Actor
from uploads.models import HAZARD_MOVES, Capacity, Hazard, HazardGrade, HazardState, HazardStepKind, Inspection, Person
from uploads.oversight.audit import one_act
from uploads.oversight.system import Finding

INSPECTORS = (Capacity.SYSTEM_ADMINISTRATOR, Capacity.NETWORK_ADMINISTRATOR)
REPORTERS = (
    Capacity.SYSTEM_ADMINISTRATOR,
    Capacity.SECURITY_ADMINISTRATOR,
    Capacity.NETWORK_ADMINISTRATOR,
    Capacity.KEEPER,
)
LEADERS = (Capacity.DEPARTMENT_HEAD, Capacity.DEPUTY_DIRECTOR)
ACTORS = (Capacity.SYSTEM_ADMINISTRATOR, Capacity.SECURITY_ADMINISTRATOR, Capacity.NETWORK_ADMINISTRATOR)
TAKERS = {
    HazardStepKind.INSTRUCTION: LEADERS,
    HazardStepKind.ACTION: ACTORS,
    HazardStepKind.CLOSING: LEADERS,
}


def record_inspection(
    *,
    by: Actor,
    inspected_at: datetime,
    all_well: bool,
    seen: str,
    virus_data_on: date | None,
    checks: Sequence[Finding],
) -> Inspection:
    """Enter an inspection with what check_system saw. Writes inspection and audit. Raises Refusal."""
    kept = json.dumps(
        [{"name": check.name, "condition": str(check.condition), "told": check.told} for check in checks],
        ensure_ascii=False,
    )
    with one_act(by=by, action="inspection.record", subject_kind="inspection"):
        number = _call(
            "record_inspection",
            [inspected_at, all_well, seen.strip(), virus_data_on, kept, by.person.pk, str(by.capacity), by.address],
        )
    return Inspection.objects.get(id=number)


def report_hazard(
    *, by: Actor, grade: HazardGrade, description: str, measure: str, inspection: Inspection | None = None
) -> Hazard:
    """Report a hazard with the measure proposed. Writes hazard and audit. Raises Refusal."""
    with one_act(by=by, action="hazard.report", subject_kind="hazard"):
        number = _call(
            "report_hazard",
            [
                str(grade),
                description.strip(),
                measure.strip(),
                inspection.pk if inspection else None,
                by.person.pk,
                str(by.capacity),
                by.address,
            ],
        )
    return Hazard.objects.get(id=number)


def take_hazard_step(
    *, by: Actor, hazard: Hazard, seen: str, step: HazardStepKind, text: str, due_on: date | None = None
) -> None:
    """Instruct, act or close; seen is the state that the person saw. Writes hazard, hazard_step and audit. Raises Refusal."""
    with one_act(by=by, action="hazard.take_step", subject_kind="hazard", subject_id=str(hazard.pk)):
        _call(
            "take_hazard_step",
            [hazard.pk, seen, str(step), text.strip(), due_on, by.person.pk, str(by.capacity), by.address],
        )


def _call(function: str, arguments: Sequence[Any]) -> int:
    with current_connection().cursor() as cursor:
        casts = [
            "%s::jsonb" if function == "record_inspection" and place == 4 else "%s" for place in range(len(arguments))
        ]
        cursor.execute(f"SELECT {function}({', '.join(casts)})", arguments)
        answer = cursor.fetchone()[0]
        return int(answer) if answer else 0


def steps_open_to(hazard: Hazard, person: Person, capacities: Sequence[Capacity]) -> list[HazardStepKind]:
    """What somebody with these capacities may do next, the best first; the database decides again."""
    last_action = hazard.steps.filter(kind=HazardStepKind.ACTION).last()
    own = hazard.reported_by_id == person.pk or (last_action is not None and last_action.person_id == person.pk)
    found = [
        step
        for (state, step) in HAZARD_MOVES
        if state == hazard.state
        and set(capacities) & set(TAKERS[step])
        and not (step == HazardStepKind.CLOSING and own)
    ]
    return sorted(found, key=lambda step: step != HazardStepKind.CLOSING)


def hazards_waiting_for(person: Person, capacities: Sequence[Capacity]) -> "QuerySet[Hazard]":
    """The open hazards in which the next step is this person's, the most urgent first."""
    wanted = Q(pk__in=[])
    if set(capacities) & set(LEADERS):
        wanted |= Q(state=HazardState.REPORTED) | Q(state=HazardState.ACTED)
    if set(capacities) & set(ACTORS):
        wanted |= Q(state=HazardState.INSTRUCTED)
    return Hazard.objects.filter(wanted).order_by("due_on", "id")


def is_overdue(hazard: Hazard) -> bool:
    """Whether the day that a leader set is over."""
    return hazard.is_open and hazard.due_on is not None and hazard.due_on < timezone.localdate()
