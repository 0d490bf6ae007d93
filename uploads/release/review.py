"""What the signers of a release read beside its summary: who is missing, and how it compares with the last one."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from certificates.models import Office
from uploads.models import Batch, BatchKind, PeriodDays, Release, SampleComparison, WarningExplanation
from uploads.models.intake import REPORTED
from uploads.models.release import IS_PUBLIC, ReleaseKind
from uploads.release.summary import Summary


@dataclass(frozen=True, slots=True)
class MissingOffice:
    """An office that hasn't reported for a period: how far it came, and whom to call."""

    code: str
    name: str
    state: str
    responsible_person: str
    responsible_phone: str


@dataclass(frozen=True, slots=True)
class ComparedOffice:
    """One office's rows in this release and in the one before; None: it wasn't in it."""

    name: str
    before: int | None
    now: int | None

    @property
    def difference(self) -> int:
        return (self.now or 0) - (self.before or 0)

    @property
    def signed_difference(self) -> str:
        return f"{self.difference:+,d}" if self.difference else "0"

    @property
    def is_striking(self) -> bool:
        """Missing on one side, or more than twice or less than half as many."""
        if self.before is None or self.now is None:
            return True
        return self.now > 2 * self.before or 2 * self.now < self.before


@dataclass(frozen=True, slots=True)
class Comparison:
    """This release beside the last regular publication before it."""

    number: str
    offices: tuple[ComparedOffice, ...]
    before: int
    now: int

    @property
    def difference(self) -> int:
        return self.now - self.before

    @property
    def signed_difference(self) -> str:
        return f"{self.difference:+,d}" if self.difference else "0"


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


def compare_with_last(release: Release, summary: Summary) -> Comparison | None:
    """The release's offices beside those of the last regular release published for an earlier period, if any.

    A supplementary release brings the late ones only: those that were on time aren't missing in it.
    """
    last = (
        Release.objects.filter(kind=ReleaseKind.REGULAR, state__in=IS_PUBLIC, period_id__lt=release.period_id)
        .order_by("-period_id", "-id")
        .first()
    )
    if last is None:
        return None
    before = _rows_by_office(last)
    now: dict[tuple[str, str], int] = {}
    for line in summary.offices:
        office = (line.office_code, line.office_name)
        now[office] = now.get(office, 0) + line.total
    if release.kind != ReleaseKind.REGULAR:
        before = {office: rows for office, rows in before.items() if office in now}
    offices = tuple(
        ComparedOffice(office[1], before.get(office), now.get(office)) for office in sorted(before.keys() | now.keys())
    )
    return Comparison(last.number, offices, sum(before.values()), sum(now.values()))


def _rows_by_office(release: Release) -> dict[tuple[str, str], int]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT o.code, o.name, sum((SELECT count(*) FROM staged_row s WHERE s.attempt_id = b.attempt_id))
            FROM release_item i JOIN batch b ON b.id = i.batch_id JOIN office o ON o.code = b.office_id
            WHERE i.release_id = %s AND i.left_at IS NULL GROUP BY o.code, o.name""",
            [release.id],
        )
        return {(code, name): int(rows) for code, name, rows in cursor.fetchall()}
