"""事件: opening, acknowledging, revising, closing (R13). The database's functions check, write and record; a refusal is recorded here."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from uploads import jobs
from uploads.actor import Actor
from uploads.functions import call
from uploads.models import AuditEntry, Capacity, Incident, IncidentKind, Person
from uploads.oversight.audit import one_act

# Who is told in red until it is closed; the first two are the leaders of R13.
NOTIFIED = (Capacity.DEPARTMENT_HEAD, Capacity.DEPUTY_DIRECTOR, Capacity.SECURITY_ADMINISTRATOR)
HANDLES = Capacity.SECURITY_ADMINISTRATOR
# What an account did before its loss was noticed, where nobody has said since when.
LOOKED_BACK = timedelta(days=7)


def open_incident(
    *, by: Actor, kind: IncidentKind, account: Person | None, since: datetime, description: str, suspected_crime: bool
) -> Incident:
    """Begin an incident by hand, the security administrator's part. Writes incident and audit. Raises Refusal."""
    with one_act(by=by, action="incident.open", subject_kind="incident"):
        opened = begin_incident(
            by=by, kind=kind, account=account, since=since, description=description, suspected_crime=suspected_crime
        )
    return Incident.objects.get(id=opened)


def begin_incident(
    *, by: Actor, kind: IncidentKind, account: Person | None, since: datetime, description: str, suspected_crime: bool
) -> int:
    """Inside another act, such as a freeze: the incident's number. Writes incident and audit. Raises DatabaseError."""
    arguments = [
        str(kind),
        suspected_crime,
        account.pk if account else None,
        since,
        description.strip(),
        by.person.pk,
        str(by.capacity),
        by.address,
    ]
    return int(call("open_incident", arguments))


def acknowledge_incident(*, by: Actor, incident: Incident) -> None:
    """Say that one has read of it. Writes incident_acknowledgement and audit. Raises Refusal."""
    with one_act(by=by, action="incident.acknowledge", **_subject(incident)):
        call("acknowledge_incident", [incident.pk, by.person.pk, str(by.capacity), by.address])


def revise_incident(*, by: Actor, incident: Incident, since: datetime, suspected_crime: bool) -> None:
    """Another beginning, or the suspicion of a crime, which then stays. Writes incident and audit. Raises Refusal."""
    with one_act(by=by, action="incident.revise", **_subject(incident)):
        call("revise_incident", [incident.pk, since, suspected_crime, by.person.pk, by.address])


def close_incident(*, by: Actor, incident: Incident, report: str) -> None:
    """End it with a report; deletions that waited for it are made up for. Writes incident and audit. Raises Refusal."""
    with one_act(by=by, action="incident.close", **_subject(incident)):
        jobs.enqueue(jobs.RESUME_DELETIONS, incident_id=incident.pk)
        call("close_incident", [incident.pk, report.strip(), by.person.pk, by.address])


def _subject(incident: Incident) -> Mapping[str, str]:
    return {"subject_kind": "incident", "subject_id": str(incident.pk)}


def deeds_of(person: Person, since: datetime) -> "QuerySet[AuditEntry]":
    """Everything the account did from then on, and every try to get into it, in order."""
    named = Q(subject_kind="person", subject_id__in=[person.staff_number, str(person.pk)])
    return AuditEntry.objects.filter(Q(person_id=person.pk) | named, recorded_at__gte=since).order_by("number")


def open_incidents() -> "QuerySet[Incident]":
    """Those that aren't closed, the newest first."""
    return Incident.objects.open().select_related("account", "opened_by")
