"""What the signers of a release read beside its summary: who is missing, what was explained, what was compared."""

from collections.abc import Sequence
from dataclasses import dataclass

from certificates.models import Office
from uploads.models import Batch, BatchKind, PeriodDays, SampleComparison, WarningExplanation
from uploads.models.intake import REPORTED


@dataclass(frozen=True, slots=True)
class MissingOffice:
    """An office that hasn't reported for a period: how far it came, and whom to call."""

    code: str
    name: str
    state: str
    responsible_person: str
    responsible_phone: str


def missing_offices(period: PeriodDays) -> list[MissingOffice]:
    """The offices in force on the period's last day whose regular batch isn't submitted."""
    batches = Batch.objects.filter(period=period, kind=BatchKind.REGULAR)
    reported = set(batches.filter(state__in=REPORTED).values_list("office_id", flat=True))
    begun = {batch.office_id: batch.get_state_display() for batch in batches}
    return [
        MissingOffice(
            office.code,
            office.name,
            begun.get(office.code, "未上报"),
            office.responsible_person,
            office.responsible_phone,
        )
        for office in Office.objects.in_force(period.last_day).order_by("code")
        if office.code not in reported
    ]


def explanations_by_batch(batch_ids: Sequence[int]) -> dict[int, tuple[WarningExplanation, ...]]:
    """Why warnings of the batches' present files are right, as their operators said before signing."""
    found: dict[int, tuple[WarningExplanation, ...]] = {}
    batches = Batch.objects.filter(id__in=batch_ids).values_list("attempt_id", "id")
    batch_of = {attempt_id: batch_id for attempt_id, batch_id in batches if attempt_id is not None}
    for said in WarningExplanation.objects.filter(attempt_id__in=batch_of).select_related("explained_by"):
        batch_id = batch_of[said.attempt_id]
        found[batch_id] = (*found.get(batch_id, ()), said)
    return found


def samples_by_batch(batch_ids: Sequence[int]) -> dict[int, SampleComparison]:
    """Who compared a sample of the batches' present files with the archive, and what came of it."""
    batches = Batch.objects.filter(id__in=batch_ids, declares_no_data=False).values_list("attempt_id", "id")
    batch_of = {attempt_id: batch_id for attempt_id, batch_id in batches if attempt_id is not None}
    compared = SampleComparison.objects.filter(attempt_id__in=batch_of).select_related("compared_by")
    return {batch_of[comparison.attempt_id]: comparison for comparison in compared}
