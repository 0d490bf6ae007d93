"""Checking a file: read, parse, seal, COPY into staged_row, check across rows and against the world.

One transaction, so that a killed worker leaves nothing; the advisory lock keeps two workers off one attempt.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from django.conf import settings
from django.db import connection, connections, transaction
from django.utils import timezone
from psycopg import Cursor

from certlookup.calendar.periods import Period
from certlookup.sealing import seal_id
from certlookup.spreadsheets.filerules import Severity, SpreadsheetError
from uploads.intake.changes import ChangeColumns
from uploads.intake.checks import problems_in_rows
from uploads.intake.columns import ColumnMap
from uploads.intake.comparison import compare_with_previous
from uploads.intake.fields import RowContext
from uploads.intake.findings import Problem
from uploads.intake.refusedrows import RefusedRow, keep_refused
from uploads.intake.rowkeys import RowKeys, key_of_number, keys_of_staged_rows
from uploads.intake.rows import RowFields, parse_row
from uploads.intake.savedprofiles import layout_for
from uploads.intake.stagedchanges import (
    changes_by_chunk,
    copy_changes,
    problems_in_changes,
    problems_of_numbers_twice,
)
from uploads.intake.storage import path_of
from uploads.intake.tables import Table, no_rows_problem, open_table
from uploads.models import Attempt, AttemptState, Batch
from uploads.models.intake import UNCHECKED, BatchState
from uploads.oversight.audit import record

PROGRESS_EVERY = 2_000
ADVISORY_CLASS = 7301

STAGED_COLUMNS: dict[str, str] = {
    "attempt_id": "int8", "row_number": "int4", "kind": "text", "certificate_number": "text", "holder_name": "text",
    "sex": "text", "id_type": "text", "id_commitment": "bytea", "birth_date": "date", "occupation": "text",
    "occupation_code": "text", "level": "int2", "level_text": "text", "theory_score": "text", "skill_score": "text",
    "overall_score": "text", "result": "text", "processed_date": "date", "issue_date": "date",
    "issuing_authority": "text", "assessment_office": "text", "changed_fields": "varchar[]", "id_sealed": "bytea",
    "id_index": "bytea", "key_version": "int2",
}  # fmt: skip
PROBLEM_COLUMNS: dict[str, str] = {
    "attempt_id": "int8", "row_number": "int4", '"column"': "text", "field": "text", "rule": "text",
    "severity": "text", "message": "text", "row_key": "bytea",
}  # fmt: skip


@dataclass(slots=True)
class Staging:
    """What one file came to: every row read is either accepted or refused."""

    read: int = 0
    refused_rows: set[int] = field(default_factory=set)
    staged: int = 0
    problems: list[Problem] = field(default_factory=list)
    refused_keys: list[RefusedRow] = field(default_factory=list)
    # Of rows with findings, so that the next file's can be compared with them.
    row_keys: dict[int, bytes] = field(default_factory=dict)

    def add_problems(self, problems: "tuple[Problem, ...] | list[Problem]") -> None:
        """Note the findings; a row with an error is refused."""
        self.problems.extend(problems)
        self.refused_rows.update(problem.row_number for problem in problems if problem.severity is Severity.ERROR)


def check_attempt(attempt_id: int) -> None:
    """Check a received file: from received to checked or unreadable. Run again, it does nothing more.

    Writes staged_row, row_problem, attempt, batch and audit.
    """
    claimed = Attempt.objects.filter(id=attempt_id, state__in=UNCHECKED).update(
        state=AttemptState.CHECKING, progress_done=0
    )
    if not claimed:
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [ADVISORY_CLASS, attempt_id])
        attempt = Attempt.objects.select_related("batch__office", "profile").get(id=attempt_id)
        if attempt.state != AttemptState.CHECKING:
            return
        try:
            with open_table(
                path_of(attempt.stored_name),
                kind=attempt.batch.kind,
                name=attempt.original_name,
                layout=layout_for(attempt.profile, attempt.batch.office),
            ) as table:
                staging = stage_table(attempt, table, row_context(attempt.batch))
        except SpreadsheetError as error:
            _close_unreadable(attempt, error)
        else:
            _close_checked(attempt, staging)


def row_context(batch: Batch) -> RowContext:
    """What the batch's rows are judged by."""
    return RowContext(
        kind=batch.kind,
        period=Period.parse(batch.period_id),
        today=timezone.localdate(),
        office_code=batch.office_id,
        own_issuer_code=settings.OWN_ISSUER_CODE,
        campaign=batch.campaign.name if batch.campaign else "",
        years=batch.campaign.years if batch.campaign else None,
    )


def stage_table(
    attempt: Attempt, table: Table, context: RowContext, *, show_progress: Callable[[int], None] | None = None
) -> Staging:
    """COPY the acceptable rows, then look across them and into the register; problems are written too.

    The attempt has to be in 'checking'; show_progress is told how many rows are read, where it isn't the attempt that
    shows it. Raises SpreadsheetError when the file breaks off in the middle.
    """
    show = show_progress or partial(_show_progress, attempt.id)
    staging = Staging()
    file_problems = list(table.problems)
    if isinstance(table.columns, ChangeColumns):
        _stage_changes(attempt, table, table.columns, context, staging, show_progress=show)
        if staging.read == 0:
            file_problems.append(no_rows_problem(table.columns))
    elif table.columns is not None:
        with connection.cursor() as cursor, connection.wrap_database_errors:
            names = ", ".join(STAGED_COLUMNS)
            with _psycopg(cursor).copy(f"COPY staged_row ({names}) FROM STDIN (FORMAT BINARY)") as copy:
                copy.set_types(list(STAGED_COLUMNS.values()))
                for fields, row_number in _acceptable_rows(table, table.columns, context, staging, show):
                    copy.write_row(_staged(attempt.id, row_number, fields))
        if staging.read == 0:
            file_problems.append(no_rows_problem(table.columns))
        keep_refused(staging.refused_keys)
        staging.add_problems(problems_in_rows(attempt, table.columns, refused=bool(staging.refused_keys)))
    staging.problems = file_problems + staging.problems
    row_keys = _row_keys(attempt, staging)
    with connection.cursor() as cursor, connection.wrap_database_errors:
        names = ", ".join(PROBLEM_COLUMNS)
        with _psycopg(cursor).copy(f"COPY row_problem ({names}) FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(list(PROBLEM_COLUMNS.values()))
            for problem in staging.problems:
                copy.write_row(
                    (
                        attempt.id, problem.row_number, problem.column[:60], problem.field, problem.rule,
                        problem.severity.value, problem.message[:500],
                        None if problem.field == "file" else row_keys.get(problem.row_number),
                    )
                )  # fmt: skip
    return staging


def _stage_changes(
    attempt: Attempt,
    table: Table,
    columns: ChangeColumns,
    context: RowContext,
    staging: Staging,
    *,
    show_progress: Callable[[int], None],
) -> None:
    """The same for rows that change published certificates, piece by piece: COPY holds the connection meanwhile."""
    numbers: dict[str, list[int]] = {}
    for piece in changes_by_chunk(table.rows, columns, context, attempt.id):
        for change, _ in piece:
            staging.read += 1
            staging.add_problems(change.problems)
            if change.problems and change.certificate_number is not None:
                staging.row_keys[change.row_number] = key_of_number(change.certificate_number)
            if change.certificate_number is not None:
                numbers.setdefault(change.certificate_number, []).append(change.row_number)
        accepted = [staged for _, staged in piece if staged is not None]
        staging.staged += len(accepted)
        copy_changes(accepted)
        show_progress(staging.read)
    staging.add_problems(problems_of_numbers_twice(numbers, columns))
    staging.add_problems(problems_in_changes(attempt, columns))


def _acceptable_rows(
    table: Table,
    columns: ColumnMap,
    context: RowContext,
    staging: Staging,
    show_progress: Callable[[int], None],
) -> Iterator[tuple[RowFields, int]]:
    keys = RowKeys.of(columns)
    for row_number, cells in table.rows:
        if table.converter is None:
            parsed = parse_row(row_number, cells, columns, context)
        else:
            parsed = table.converter.parse(row_number, cells, context)
        staging.read += 1
        if parsed.problems:
            staging.add_problems(parsed.problems)
            staging.row_keys[row_number] = keys.key_of(cells)
        if parsed.fields is not None:
            staging.staged += 1
            yield parsed.fields, row_number
        elif parsed.keys is not None:
            staging.refused_keys.append(RefusedRow.of(row_number, parsed.keys))
        if staging.read % PROGRESS_EVERY == 0:
            show_progress(staging.read)


def _row_keys(attempt: Attempt, staging: Staging) -> Mapping[int, bytes]:
    """The keys of all rows with findings, those included that only a look across the rows found."""
    found = {problem.row_number for problem in staging.problems if problem.field != "file"}
    missing = sorted(found - staging.row_keys.keys())
    return {**staging.row_keys, **keys_of_staged_rows(attempt.id, missing)} if missing else staging.row_keys


def _staged(attempt_id: int, row_number: int, fields: RowFields) -> tuple[object, ...]:
    sealed = seal_id(fields.id_number)
    return (
        attempt_id, row_number, "issued", fields.certificate_number, fields.holder_name, fields.sex, fields.id_type,
        sealed.commitment, fields.birth_date, fields.occupation, fields.occupation_code, fields.level,
        fields.level_text, fields.theory_score, fields.skill_score, fields.overall_score, fields.result,
        fields.processed_date, fields.issue_date, fields.issuing_authority, fields.assessment_office, [],
        sealed.sealed, sealed.index, sealed.key_version,
    )  # fmt: skip


def _psycopg(cursor: object) -> "Cursor[tuple[object, ...]]":
    """psycopg's own cursor behind Django's wrapper: COPY isn't in Django's interface."""
    return cursor.cursor  # type: ignore[attr-defined, no-any-return]


def _show_progress(attempt_id: int, done: int) -> None:
    """On a connection of its own, so that others see it before the transaction ends."""
    beside = connections.create_connection("default")
    try:
        with beside.cursor() as cursor:
            cursor.execute(
                "UPDATE attempt SET progress_done = %s WHERE id = %s AND state = 'checking'",
                [done, attempt_id],
            )
    finally:
        beside.close()


def _close_unreadable(attempt: Attempt, error: SpreadsheetError) -> None:
    Attempt.objects.filter(id=attempt.id).update(
        state=AttemptState.UNREADABLE,
        checked_at=timezone.now(),
        unreadable_rule=error.rule,
        unreadable_message=error.message_zh[:500],
    )
    record(
        by=None, action="file.unreadable", subject_kind="batch", subject_id=str(attempt.batch_id),
        detail={"attempt": attempt.id, "rule": error.rule},
    )  # fmt: skip


def _close_checked(attempt: Attempt, staging: Staging) -> None:
    refused_file = any(problem.field == "file" and problem.severity is Severity.ERROR for problem in staging.problems)
    refused = len(staging.refused_rows) if staging.read else 0
    severities = Counter(problem.severity for problem in staging.problems)
    compare_with_previous(attempt)
    with connection.cursor() as cursor:
        cursor.execute("SELECT attempt_digest(%s)", [attempt.id])
        digest = bytes(cursor.fetchone()[0])
    Attempt.objects.filter(id=attempt.id).update(
        state=AttemptState.CHECKED,
        checked_at=timezone.now(),
        progress_done=staging.read,
        read_count=staging.read,
        accepted_count=staging.read - refused,
        refused_count=refused,
        warning_count=severities[Severity.WARNING],
        digest=digest,
    )
    if staging.read and not refused and not refused_file and not severities[Severity.ERROR]:
        Batch.objects.filter(id=attempt.batch_id, attempt_id=attempt.id, state=BatchState.DRAFT).update(
            state=BatchState.CHECKED, state_since=timezone.now()
        )
    record(
        by=None, action="file.checked", subject_kind="batch", subject_id=str(attempt.batch_id),
        detail={
            "attempt": attempt.id, "read": staging.read, "refused": refused,
            "warnings": severities[Severity.WARNING], "digest": digest.hex(),
        },
    )  # fmt: skip
