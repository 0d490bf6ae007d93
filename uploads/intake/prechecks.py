"""预检: a file checked before it is sent, by the worker, for its own office alone; gone after KEEP_UNSENT_HOURS."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import connection, connections, transaction
from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from certificates.models import Office
from certlookup.calendar.periods import Period
from certlookup.spreadsheets.filerules import Severity, SpreadsheetError
from uploads import jobs
from uploads.actor import Actor
from uploads.intake.findings import Problem
from uploads.intake.precheck import FileReport, check_without_storing
from uploads.intake.storage import discarded_on_error, path_of, shown_name, store
from uploads.models import AttemptState, BatchKind, Campaign, Capacity, ImportProfile, Precheck
from uploads.models.intake import UNCHECKED
from uploads.oversight.audit import one_act, record
from uploads.refusals import Refusal
from uploads.signoff.permissions import holds

ADVISORY_CLASS = 7304
# What one person may have lying here: many tries of a file, and not the disk.
KEPT_AT_MOST = 60
BYTES_AT_MOST = 2 * 1024**3
BY_CITIES = (Capacity.CITY_OPERATOR, Capacity.CITY_DIRECTOR)
PROBLEM_COLUMNS: dict[str, str] = {
    "precheck_id": "int8", "row_number": "int4", '"column"': "text", "field": "text", "rule": "text",
    "severity": "text", "message": "text",
}  # fmt: skip


def visible_prechecks(*, offices: Iterable[str], is_provincial_operator: bool) -> "QuerySet[Precheck]":
    """A city's for the city's own people, the province's for its operators."""
    seen = Q(capacity__in=BY_CITIES, office__in=list(offices))
    if is_provincial_operator:
        seen |= Q(capacity=Capacity.PROVINCIAL_OPERATOR)
    return Precheck.objects.filter(seen, expires_at__gt=timezone.now()).select_related(
        "office", "asked_by", "campaign", "profile"
    )


def request_precheck(
    *,
    by: Actor,
    office: Office,
    period: Period,
    kind: BatchKind,
    content: Iterable[bytes],
    name: str,
    campaign: Campaign | None = None,
    profile: ImportProfile | None = None,
) -> Precheck:
    """Lay the file down and queue its check; no batch, no attempt. Writes precheck and audit.

    Raises Refusal and FileTooLarge.
    """
    stored = store(content, settings.UNSENT_DIR, by=by)
    now = timezone.now()
    with (
        discarded_on_error(stored, folder=settings.UNSENT_DIR),
        one_act(by=by, action="precheck.run", subject_kind="office", subject_id=office.code),
    ):
        if by.capacity not in {*BY_CITIES, Capacity.PROVINCIAL_OPERATOR} or not holds(
            by.person, by.capacity, office.code
        ):
            raise Refusal("person_not_entitled", by.capacity)
        _require_room(by, stored.byte_count)
        precheck = Precheck.objects.create(
            office=office,
            period_code=period.code,
            kind=kind,
            campaign=campaign,
            profile=profile,
            asked_by=by.person,
            capacity=by.capacity,
            original_name=shown_name(name),
            stored_name=stored.name,
            byte_count=stored.byte_count,
            file_digest=stored.digest,
            asked_at=now,
            expires_at=now + timedelta(hours=settings.KEEP_UNSENT_HOURS),
        )
        jobs.enqueue(jobs.RUN_PRECHECK, priority=jobs.AFTER_ALL_ELSE, precheck_id=precheck.id)
        jobs.enqueue(jobs.FORGET_UNSENT, at=precheck.expires_at, person_id=by.person.id)
        record(
            by=by,
            action="precheck.run",
            subject_kind="office",
            subject_id=office.code,
            detail={"precheck": precheck.id, "period": period.code, "kind": kind, "file": stored.digest.hex()},
        )
    return precheck


def _require_room(by: Actor, byte_count: int) -> None:
    present = Precheck.objects.filter(asked_by=by.person).aggregate(count=Count("id"), size=Sum("byte_count"))
    if present["count"] >= KEPT_AT_MOST or (present["size"] or 0) + byte_count > BYTES_AT_MOST:
        raise Refusal("too_many_prechecks")


def was_given_up(precheck_id: int) -> bool:
    """Whether no worker will finish the check. Ask before the state is read: a finished job is taken away."""
    return not jobs.is_queued(jobs.RUN_PRECHECK, precheck_id=precheck_id)


def run_precheck(precheck_id: int) -> None:
    """Check a laid-down file: from received to checked or unreadable. Run again, it does nothing more.

    What is staged meanwhile is rolled back to the savepoint; findings and counts come after it in one transaction, so
    that a killed worker leaves neither. Writes precheck, precheck_problem and audit.
    """
    claimed = Precheck.objects.filter(id=precheck_id, state__in=UNCHECKED).update(
        state=AttemptState.CHECKING, progress_done=0
    )
    if not claimed:
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [ADVISORY_CLASS, precheck_id % 2**31])
        prechecks = Precheck.objects.select_related("office", "campaign", "profile")
        precheck = prechecks.filter(id=precheck_id, state=AttemptState.CHECKING).first()
        if precheck is None:
            return
        try:
            report = check_without_storing(
                path_of(precheck.stored_name, settings.UNSENT_DIR),
                office=precheck.office,
                period=Period.parse(precheck.period_code),
                kind=BatchKind(precheck.kind),
                campaign=precheck.campaign,
                profile=precheck.profile,
                name=precheck.original_name,
                show_progress=partial(_show_progress, precheck.id),
            )
        except SpreadsheetError as error:
            _close_unreadable(precheck, error)
        else:
            _close_checked(precheck, report)


def _show_progress(precheck_id: int, done: int) -> None:
    """On a connection of its own: the one that checks will be rolled back."""
    beside = connections.create_connection("default")
    try:
        with beside.cursor() as cursor:
            cursor.execute(
                "UPDATE precheck SET progress_done = %s WHERE id = %s AND state = 'checking'", [done, precheck_id]
            )
    finally:
        beside.close()


def _close_unreadable(precheck: Precheck, error: SpreadsheetError) -> None:
    closed = Precheck.objects.filter(id=precheck.id).update(
        state=AttemptState.UNREADABLE,
        checked_at=timezone.now(),
        unreadable_rule=error.rule,
        unreadable_message=error.message_zh,
    )
    if closed:
        _record(precheck, {"rule": error.rule})


def _close_checked(precheck: Precheck, report: FileReport) -> None:
    severities = Counter(problem.severity for problem in report.problems)
    closed = Precheck.objects.filter(id=precheck.id).update(
        state=AttemptState.CHECKED,
        checked_at=timezone.now(),
        progress_done=report.rows,
        read_count=report.rows,
        accepted_count=report.accepted,
        refused_count=report.refused,
        warning_count=severities[Severity.WARNING],
        acceptable=report.acceptable,
        level_counts=report.by_level,
    )
    if closed:
        _write_problems(precheck.id, report.problems)
        _record(
            precheck,
            {"read": report.rows, "refused": report.refused, "warnings": severities[Severity.WARNING]},
        )


def _write_problems(precheck_id: int, problems: Iterable[Problem]) -> None:
    with connection.cursor() as cursor, connection.wrap_database_errors:
        names = ", ".join(PROBLEM_COLUMNS)
        # COPY isn't in Django's interface: psycopg's own cursor stands behind the wrapper.
        with cursor.cursor.copy(f"COPY precheck_problem ({names}) FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(list(PROBLEM_COLUMNS.values()))
            for problem in problems:
                copy.write_row(
                    (
                        precheck_id, problem.row_number, problem.column[:60], problem.field, problem.rule,
                        problem.severity.value, problem.message,
                    )
                )  # fmt: skip


def _record(precheck: Precheck, detail: dict[str, object]) -> None:
    record(
        by=None, action="precheck.done", subject_kind="office", subject_id=precheck.office_id,
        detail={"precheck": precheck.id} | detail,
    )  # fmt: skip
