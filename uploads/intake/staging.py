"""Checking a file: read, parse, seal, COPY into staged_row, check across rows and against the world.

One transaction, so that a killed worker leaves nothing; the advisory lock keeps two workers off one attempt.
"""

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import chain
from time import monotonic

from django.conf import settings
from django.db import connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Count
from django.utils import timezone

from certlookup.calendar.periods import Period
from certlookup.spreadsheets.filerules import Severity, SpreadsheetError
from uploads.intake.blocks import BlockParser, StagedBlock
from uploads.intake.changes import ChangeColumns
from uploads.intake.checks import problems_in_rows
from uploads.intake.columns import ColumnMap
from uploads.intake.comparing import RefusedRow, add_staged, begin_comparing, keep_refused, keys_of_rows
from uploads.intake.comparison import compare_with_previous
from uploads.intake.copying import copy_into
from uploads.intake.digesting import RunningDigest
from uploads.intake.fields import RowContext
from uploads.intake.findings import Problem
from uploads.intake.parsing import parse_beside, parser_count
from uploads.intake.rowkeys import key_of_number
from uploads.intake.savedprofiles import layout_for
from uploads.intake.stagedchanges import (
    changes_by_chunk,
    copy_changes,
    problems_in_changes,
    problems_of_numbers_twice,
)
from uploads.intake.stagedcopy import PROBLEM_COLUMNS, STAGED_COLUMNS, encode_problems
from uploads.intake.storage import path_of
from uploads.intake.tables import Table, no_rows_problem, open_table
from uploads.models import Attempt, AttemptState, Batch, RowProblem
from uploads.models.intake import UNCHECKED, BatchState
from uploads.oversight.audit import record

# Rows and seconds before the progress is shown, again.
PROGRESS_EVERY, PROGRESS_SECONDS = 2_000, 0.5
ADVISORY_CLASS = 7301

# Rows between two COPYs, and findings kept before they are written: memory doesn't grow with the file.
ROWS_PER_COPY = 10_000
# From this size on a file is worth processes of its own for its parsing: some thousand rows.
BESIDE_FROM_BYTES = 200_000
PROBLEMS_KEPT = 2_000


@dataclass(slots=True)
class Staging:
    """What one file came to: every row read is either accepted or refused. Findings go into row_problem.

    refused is the number of rows with an error, known once everything is staged; digest the staged rows', where it was
    taken while they came.
    """

    attempt_id: int
    read: int = 0
    staged: int = 0
    refused: int = 0
    severities: Counter[Severity] = field(default_factory=Counter)
    file_is_refused: bool = False
    digest: bytes | None = None
    _kept: list[Problem] = field(default_factory=list)
    _keys: dict[int, bytes] = field(default_factory=dict)

    def add_problems(self, problems: Iterable[Problem]) -> None:
        """Note the findings; a row with an error is refused. Not while a COPY is under way."""
        for problem in problems:
            self._kept.append(problem)
            if len(self._kept) >= PROBLEMS_KEPT:
                self.write_problems()

    def keep_keys(self, keys: Mapping[int, bytes]) -> None:
        """Note by what the next file's rows can be compared with these, before their findings are added."""
        self._keys |= keys

    def write_problems(self) -> None:
        """Write what is noted."""
        self.severities.update(problem.severity for problem in self._kept)
        self.file_is_refused |= any(
            problem.field == "file" and problem.severity is Severity.ERROR for problem in self._kept
        )
        rows = {problem.row_number for problem in self._kept if problem.field != "file"}
        keys = keys_of_rows(self.attempt_id, rows, self._keys)
        copy_into("row_problem", PROBLEM_COLUMNS, encode_problems(self.attempt_id, self._kept, keys))
        self._kept.clear()
        self._keys.clear()

    def count_refused(self) -> None:
        """Write what is still noted and count the rows with an error."""
        self.write_problems()
        if self.read and self.severities[Severity.ERROR]:
            errors = RowProblem.objects.filter(attempt=self.attempt_id, severity=Severity.ERROR).exclude(field="file")
            self.refused = errors.aggregate(rows=Count("row_number", distinct=True))["rows"]

    def problems(self) -> Iterator[Problem]:
        """All findings, those of the file first, then row by row, then those across rows."""
        for found in RowProblem.objects.filter(attempt=self.attempt_id).order_by("id").iterator():
            yield Problem(
                found.row_number, found.column, found.field, found.rule, Severity(found.severity), found.message
            )


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
    staging = Staging(attempt.id)
    begin_comparing()
    staging.add_problems(table.problems)
    if table.columns is not None:
        with _progress(attempt.id, show_progress) as show:
            if isinstance(table.columns, ChangeColumns):
                _stage_changes(attempt, table, table.columns, context, staging, show)
            else:
                _stage_rows(attempt, table, table.columns, context, staging, show)
        if staging.read == 0:
            staging.add_problems([no_rows_problem(table.columns)])
    staging.count_refused()
    return staging


def _stage_changes(  # noqa: PLR0917 - one call, inside this module
    attempt: Attempt,
    table: Table,
    columns: ChangeColumns,
    context: RowContext,
    staging: Staging,
    show: Callable[[int], None],
) -> None:
    """Rows that change published certificates, each laid over its certificate; then across rows and beyond."""
    numbers: dict[str, list[int]] = {}
    for piece in changes_by_chunk(table.rows, columns, context, attempt.id):
        for change, _ in piece:
            staging.read += 1
            if change.problems and change.certificate_number is not None:
                staging.keep_keys({change.row_number: key_of_number(change.certificate_number)})
            staging.add_problems(change.problems)
            if change.certificate_number is not None:
                numbers.setdefault(change.certificate_number, []).append(change.row_number)
        accepted = [staged for _, staged in piece if staged is not None]
        staging.staged += len(accepted)
        copy_changes(accepted)
        show(staging.read)
    staging.add_problems(problems_of_numbers_twice(numbers, columns))
    staging.add_problems(problems_in_changes(attempt, columns))


def _stage_rows(  # noqa: PLR0917 - one call, inside this module
    attempt: Attempt,
    table: Table,
    columns: ColumnMap,
    context: RowContext,
    staging: Staging,
    show: Callable[[int], None],
) -> None:
    """Every row into staged_row or among the findings, piece by piece: COPY holds the connection meanwhile."""
    parser = BlockParser(attempt.id, columns, context, table.converter)
    digest = RunningDigest()
    problems: list[Problem] = []
    keys: dict[int, bytes] = {}
    refused: list[RefusedRow] = []

    def rows_of_one_copy(first: StagedBlock) -> Iterator[bytes]:
        parsed = 0
        for block in chain([first], blocks):
            parsed += block.read
            digest.add(block)
            staging.read += block.read
            staging.staged += block.accepted
            problems.extend(block.problems)
            keys.update(block.keys)
            refused.extend(RefusedRow.of(row.row_number, row.keys) for row in block.refused if row.keys is not None)
            show(staging.read)
            yield block.rows
            if parsed >= ROWS_PER_COPY or len(problems) >= PROBLEMS_KEPT:
                return

    with closing(_parsed(attempt, table, parser)) as blocks:
        for first in blocks:
            above = digest.last_row
            copy_into("staged_row", STAGED_COLUMNS, rows_of_one_copy(first))
            # Piece by piece, while the parsers are at the next rows.
            add_staged(attempt.id, above=above)
            keep_refused(refused)
            staging.keep_keys(keys)
            staging.add_problems(problems)
            refused.clear()
            keys.clear()
            problems.clear()
    staging.digest = digest.value()
    staging.add_problems(problems_in_rows(attempt, columns, compared=digest.last_row))


def _parsed(attempt: Attempt, table: Table, parser: BlockParser) -> Generator[StagedBlock]:
    """The table's rows, parsed and sealed: those of a long file in processes of their own."""
    parsers = parser_count() if attempt.byte_count >= BESIDE_FROM_BYTES else 0
    if not parsers:
        yield from map(parser.parse, table.blocks)
        return

    def parse(packed: bytes) -> StagedBlock:
        return parser.parse(table.unpack(packed))

    reading = table.reading
    yield from parse_beside(reading.packed, parse, parsers=parsers, stop_reading=reading.stop)


@contextmanager
def _progress(attempt_id: int, show_progress: Callable[[int], None] | None) -> Iterator[Callable[[int], None]]:
    """Tells how many rows are read, now and then: the given function, or the attempt itself.

    On a connection of its own, so that others see it before the transaction ends.
    """
    shown_at = 0.0
    beside: BaseDatabaseWrapper | None = None

    def show(done: int) -> None:
        nonlocal shown_at, beside
        if done < PROGRESS_EVERY or monotonic() - shown_at < PROGRESS_SECONDS:
            return
        shown_at = monotonic()
        if show_progress is not None:
            show_progress(done)
            return
        beside = beside or connections.create_connection("default")
        with beside.cursor() as cursor:
            cursor.execute(
                "UPDATE attempt SET progress_done = %s WHERE id = %s AND state = 'checking'",
                [done, attempt_id],
            )

    try:
        yield show
    finally:
        if beside is not None:
            beside.close()


def _close_unreadable(attempt: Attempt, error: SpreadsheetError) -> None:
    Attempt.objects.filter(id=attempt.id).update(
        state=AttemptState.UNREADABLE,
        checked_at=timezone.now(),
        unreadable_rule=error.rule,
        unreadable_message=error.message_zh,
    )
    record(
        by=None, action="file.unreadable", subject_kind="batch", subject_id=str(attempt.batch_id),
        detail={"attempt": attempt.id, "rule": error.rule},
    )  # fmt: skip


def _digest_of(attempt: Attempt) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute("SELECT attempt_digest(%s)", [attempt.id])
        return bytes(cursor.fetchone()[0])


def _close_checked(attempt: Attempt, staging: Staging) -> None:
    refused, severities = staging.refused, staging.severities
    compare_with_previous(attempt)
    digest = staging.digest or _digest_of(attempt)
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
    if staging.read and not refused and not staging.file_is_refused and not severities[Severity.ERROR]:
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
