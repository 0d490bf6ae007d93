"""抽样核对: before the first signature, a random sample of the file is compared with the archive (R8).

The database draws the rows from the content's digest: nobody can choose them, and nobody can draw again. Whoever
compares sees the whole ID number, for the archive is found by it; each look is recorded.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection

from certlookup.sealing import SealedId, unseal_id
from uploads.actor import Actor
from uploads.intake.stagedrows import ShownRow, show_rows
from uploads.models import Attempt, Batch, StagedRow
from uploads.oversight.audit import one_act, record


@dataclass(frozen=True, slots=True)
class SampleRow:
    """One row of the sample, with its whole ID number."""

    row: ShownRow
    id_number: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether a row agrees with the archive, and what differs."""

    agrees: bool
    remark: str = ""


def sample_numbers(attempt: Attempt) -> list[int]:
    """The rows to compare, in the file's order: SAMPLE_ROWS of them, or all if there are fewer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sample_of(%s, %s)", [attempt.id, settings.SAMPLE_ROWS])
        return sorted(int(row[0]) for row in cursor.fetchall())


def show_sample(*, by: Actor, batch: Batch, attempt: Attempt) -> Sequence[SampleRow]:
    """The sample with whole ID numbers, for whoever compares it. Writes audit."""
    with one_act(by=by, action="rows.sample_shown", subject_kind="batch", subject_id=str(batch.id)):
        listed = list(StagedRow.objects.filter(attempt=attempt, row_number__in=sample_numbers(attempt)))
        listed.sort(key=lambda row: row.row_number)
        record(
            by=by,
            action="rows.sample_shown",
            subject_kind="batch",
            subject_id=str(batch.id),
            detail={"attempt": attempt.id, "rows": len(listed)},
        )
    return [SampleRow(shown, _id_number(row)) for row, shown in zip(listed, show_rows(listed, attempt), strict=True)]


def _id_number(row: StagedRow) -> str:
    return unseal_id(SealedId(bytes(row.id_commitment), bytes(row.id_sealed), bytes(row.id_index), row.key_version))


def compare_sample(
    *,
    by: Actor,
    batch: Batch,
    digest: bytes,
    findings: Mapping[int, Finding],
    effective_at: datetime | None = None,
) -> None:
    """Record the comparison of the whole sample, by row number, once for a file. Raises Refusal.

    A row that differs keeps the file from being signed for good.
    """
    results = [
        {"row": number, "agrees": finding.agrees, "remark": finding.remark.strip()}
        for number, finding in sorted(findings.items())
    ]
    with (
        one_act(by=by, action="batch.compare_sample", subject_kind="batch", subject_id=str(batch.id)),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "SELECT compare_sample(%s, %s, %s, %s::jsonb, %s, %s)",
            [batch.id, by.person.id, digest, json.dumps(results, ensure_ascii=False), by.address, effective_at],
        )


def agree_to_all(*, by: Actor, batch: Batch, digest: bytes, effective_at: datetime | None = None) -> None:
    """Record that every row of the sample agrees with the archive. Raises Refusal."""
    assert batch.attempt is not None
    agreed = dict.fromkeys(sample_numbers(batch.attempt), Finding(agrees=True))
    compare_sample(by=by, batch=batch, digest=digest, findings=agreed, effective_at=effective_at)
