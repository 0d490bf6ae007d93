"""Views of people's records, which are recorded once a day for each person and subject: paging through isn't more than looking."""

from datetime import datetime, time

from django.utils import timezone

from uploads.actor import Actor
from uploads.models import AuditEntry, Outcome
from uploads.oversight.audit import one_act, record


def record_view(*, by: Actor, action: str, subject_kind: str, subject_id: str) -> None:
    """Note that the person has looked at these records today, if that isn't noted yet. Writes audit."""
    today = datetime.combine(timezone.localdate(), time(), timezone.get_current_timezone())
    noted = AuditEntry.objects.filter(
        person_id=by.person.pk,
        action=action,
        subject_kind=subject_kind,
        subject_id=subject_id,
        outcome=Outcome.DONE,
        recorded_at__gte=today,
    )
    if noted.exists():
        return
    with one_act(by=by, action=action, subject_kind=subject_kind, subject_id=subject_id):
        record(by=by, action=action, subject_kind=subject_kind, subject_id=subject_id)
