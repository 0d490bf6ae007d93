"""Checking a file without storing anything: the same rules by the same code, in a transaction that is rolled back."""

import secrets
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from certificates.models import Office
from certificates.models.offices import OfficeKind
from certlookup.calendar.periods import Period
from uploads.intake.campaigns import only_campaign_open_to
from uploads.intake.differences import ShownChange, show_changes
from uploads.intake.findings import Problem
from uploads.intake.receive import batch_to_fill
from uploads.intake.rules import RULES
from uploads.intake.savedprofiles import layout_for
from uploads.intake.spilled import keep_findings
from uploads.intake.stagedrows import count_by_level, rows_of
from uploads.intake.staging import row_context, stage_table
from uploads.intake.tables import open_table
from uploads.models import Attempt, AttemptState, Batch, BatchKind, Campaign, ImportProfile, Origin, WayIn

# Who checks without storing anything: no person has this id.
NOBODY = 0


@dataclass(frozen=True, slots=True)
class FileReport:
    """What a check found; rows, accepted and refused count data rows and add up. by_level counts the accepted ones;
    changes are those of a correction, revocation or reinstatement, before and after.
    """

    rows: int
    accepted: int
    refused: int
    problems: Collection[Problem]
    by_level: Mapping[int, int]
    changes: tuple[ShownChange, ...] = ()

    @property
    def acceptable(self) -> bool:
        """Whether a batch of this file could be signed."""
        return self.rows > 0 and not any(problem.severity == "error" for problem in self.problems)


def check_without_storing(
    path: Path,
    *,
    office: Office,
    period: Period,
    kind: BatchKind,
    campaign: Campaign | None = None,
    name: str | None = None,
    profile: ImportProfile | None = None,
    show_progress: Callable[[int], None] | None = None,
) -> FileReport:
    """Check the file as a new attempt of the office's batch would be checked. Raises SpreadsheetError.

    A backfill file without a campaign is checked against the only one that is open to the office; where that isn't
    clear, the years of issue aren't checked, and a note says so.
    name is the file's name as its sender gave it, where the path tells another; without profile it is in the required
    layout. Nobody waits for the transaction: it holds no lock that a real upload or another check takes.
    """
    if kind == BatchKind.BACKFILL and campaign is None:
        campaign = only_campaign_open_to(office, timezone.now())
    with transaction.atomic():
        attempt = _throwaway_attempt(office, period, kind, campaign)
        with open_table(path, kind=kind, name=name or path.name, layout=layout_for(profile, office)) as table:
            staging = stage_table(attempt, table, row_context(attempt.batch), show_progress=show_progress)
        by_level = {line.level: line.rows for line in count_by_level(attempt)}
        found: Iterator[Problem] = staging.problems()
        if kind == BatchKind.BACKFILL and campaign is None:
            rule = RULES["R-223"]
            found = chain([Problem(1, "", rule.field, rule.number, rule.severity, rule.message())], found)
        problems = keep_findings(found)
        changes = show_changes(rows_of(attempt), attempt) if kind.is_change else ()
        transaction.set_rollback(True)
    accepted = staging.read - staging.refused
    return FileReport(staging.read, accepted, staging.refused, problems, by_level, changes)


def _throwaway_attempt(office: Office, period: Period, kind: BatchKind, campaign: Campaign | None) -> Attempt:
    """An attempt that ends with the transaction, of the open batch if there is one: its rows aren't another batch's.

    A batch that isn't there is not written, nor is the period: a row under the unique keys would keep a real upload
    for the same half-month waiting. Foreign keys are looked at when a transaction is committed, and this one isn't.
    """
    now = timezone.now()
    batch = None
    if kind != BatchKind.BACKFILL or campaign is not None:
        batch = batch_to_fill(office, period.code, kind, None, campaign).last()
    batch = batch or Batch(
        id=-_unlikely_number(),
        office=office,
        period_id=period.code,
        kind=kind,
        campaign=campaign,
        way_in=WayIn.PROVINCE if office.kind == OfficeKind.PROVINCE else WayIn.ACCOUNT,
        created_by_id=NOBODY,
        created_at=now,
        state_since=now,
    )
    return Attempt.objects.create(
        batch=batch,
        number=-_unlikely_number(),
        state=AttemptState.CHECKING,
        original_name="",
        byte_count=0,
        file_digest=b"",
        origin=Origin.HAND_MADE,
        uploaded_by_id=NOBODY,
        received_at=now,
    )


def _unlikely_number() -> int:
    """A number that no other check takes at the same time; below zero it is no real batch's or attempt's."""
    return 1 + secrets.randbelow(2**31 - 1)
