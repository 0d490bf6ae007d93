"""Checking a file without storing anything: the same rules by the same code, in a transaction that is rolled back."""

import uuid
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from certificates.models import Office
from certlookup.calendar.periods import Period
from uploads.intake.findings import Problem
from uploads.intake.periods import fix_period
from uploads.intake.staging import row_context, stage_table
from uploads.intake.tables import open_table
from uploads.models import Attempt, AttemptState, Batch, BatchKind, Origin, Person, WayIn
from uploads.models.intake import BatchState


@dataclass(frozen=True, slots=True)
class FileReport:
    """What a check found; rows, accepted and refused count data rows and add up."""

    rows: int
    accepted: int
    refused: int
    problems: tuple[Problem, ...]

    @property
    def acceptable(self) -> bool:
        """Whether a batch of this file could be signed."""
        return self.rows > 0 and not any(problem.severity == "error" for problem in self.problems)


def check_without_storing(path: Path, *, office: Office, period: Period, kind: BatchKind) -> FileReport:
    """Check the file as a new attempt of the office's batch would be checked. Raises SpreadsheetError."""
    with transaction.atomic():
        attempt = _throwaway_attempt(office, period, kind)
        with open_table(path, kind=kind, name=path.name) as table:
            staging = stage_table(attempt, table, row_context(attempt.batch))
        transaction.set_rollback(True)
    refused = len(staging.refused_rows) if staging.read else 0
    return FileReport(staging.read, staging.read - refused, refused, tuple(staging.problems))


def _throwaway_attempt(office: Office, period: Period, kind: BatchKind) -> Attempt:
    """An attempt that ends with the transaction, of the open batch if there is one: its rows aren't another batch's."""
    now = timezone.now()
    nobody = Person.objects.create(staff_number=f"CHECK-{uuid.uuid4().hex[:12].upper()}", name="预检")
    days = fix_period(period)
    batch = Batch.objects.filter(office=office, period=days, kind=kind).exclude(state=BatchState.PUBLISHED).last()
    batch = batch or Batch.objects.create(
        office=office, period=days, kind=kind, way_in=WayIn.ACCOUNT, created_by=nobody, created_at=now, state_since=now
    )
    return Attempt.objects.create(
        batch=batch,
        number=batch.attempts.count() + 1,
        state=AttemptState.CHECKING,
        original_name="",
        byte_count=0,
        file_digest=b"",
        origin=Origin.HAND_MADE,
        uploaded_by=nobody,
        received_at=now,
    )
