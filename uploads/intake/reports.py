"""核对报告 as a file: made once per attempt when first asked for, kept some days, handed out with an entry in the audit."""

import contextlib
import hashlib
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection, connections, transaction
from django.utils import timezone

from certlookup.calendar.periods import Period
from certlookup.spreadsheets.filerules import Severity, SpreadsheetError
from uploads import jobs
from uploads.actor import Actor
from uploads.intake.comparison import comparison_of
from uploads.intake.differences import show_changes
from uploads.intake.disclosure import Handout
from uploads.intake.findings import Problem
from uploads.intake.reportbook import ReportHead, write_report
from uploads.intake.savedprofiles import layout_for
from uploads.intake.stagedrows import rows_of
from uploads.intake.storage import path_of
from uploads.intake.tables import open_table
from uploads.models import Attempt, AttemptState, ReportFile, ReportState
from uploads.oversight.audit import one_act, record
from uploads.oversight.retention import deletions_are_suspended

ADVISORY_CLASS = 7305
# A second's work; more goes to the worker.
ROWS_MADE_AT_ONCE = 5_000
KEPT_FOR = timedelta(days=7)
LEFT_BEHIND_AFTER = timedelta(days=1)
_FILE_IS_GONE = "原文件已不在服务器上，不能生成核对报告。检查结果仍可在页面上查看。"


def has_report(attempt: Attempt) -> bool:
    """Whether there can be a report: of a file that could be read, and not of one still being checked."""
    return attempt.state == AttemptState.CHECKED


def ask_for_report(attempt: Attempt, *, again: bool = True) -> ReportFile:
    """The attempt's report: as it stands, made at once where that takes a moment, else put into the worker's queue.

    One that failed is tried again, unless the caller only waits for it. Writes report_file, audit, a file. Safe to call
    again and again.
    """
    report, _ = ReportFile.objects.get_or_create(attempt=attempt, defaults={"asked_at": timezone.now()})
    gone = report.state == ReportState.READY and not is_there(report)
    if gone or (again and report.state == ReportState.FAILED):
        ReportFile.objects.filter(pk=report.pk).update(state=ReportState.WAITING, progress_done=0)
        report.refresh_from_db()
    if report.state != ReportState.WAITING:
        return report
    if max(attempt.read_count, attempt.problems.count()) <= ROWS_MADE_AT_ONCE:
        make_report(attempt.id)
        report.refresh_from_db()
    elif not jobs.is_queued(jobs.MAKE_REPORT, attempt_id=attempt.id):
        jobs.enqueue(jobs.MAKE_REPORT, attempt_id=attempt.id)
    return report


def make_report(attempt_id: int) -> None:
    """Make the workbook of a waiting report; run again, it does nothing more. Writes report_file, audit, a file."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [ADVISORY_CLASS, attempt_id])
        report = (
            ReportFile.objects.select_related("attempt__batch__office", "attempt__profile")
            .filter(attempt_id=attempt_id)
            .first()
        )
        if report is None or report.state != ReportState.WAITING:
            return
        attempt = report.attempt
        source = path_of(attempt.stored_name)
        if not source.is_file():
            _close_failed(report, _FILE_IS_GONE)
            return
        _remove_leftovers()
        target = settings.UPLOADS_DIR / f"report-{secrets.token_hex(8)}"
        try:
            with open_table(
                source,
                kind=attempt.batch.kind,
                name=attempt.original_name,
                layout=layout_for(attempt.profile, attempt.batch.office),
            ) as table:
                write_report(
                    target,
                    head=_head_of(attempt),
                    table=table,
                    problems=_problems_of(attempt),
                    progress=_progress_of(attempt_id),
                    changes=show_changes(rows_of(attempt), attempt) if attempt.batch.is_change else (),
                )
        except SpreadsheetError as error:
            _close_failed(report, error.message_zh)
        else:
            _close_ready(report, target)
        finally:
            target.unlink(missing_ok=True)


def _remove_leftovers() -> None:
    """What a report left half made when its process was killed; a living one writes to its own every moment."""
    settings.UPLOADS_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    if deletions_are_suspended():
        return
    oldest = time.time() - LEFT_BEHIND_AFTER.total_seconds()
    for path in settings.UPLOADS_DIR.glob("report-*"):
        # Another process may take its own away meanwhile.
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime < oldest:
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def _problems_of(attempt: Attempt) -> Iterator[Problem]:
    for found in attempt.problems.order_by("row_number", "id").iterator(chunk_size=5_000):
        yield Problem(found.row_number, found.column, found.field, found.rule, Severity(found.severity), found.message)


def _head_of(attempt: Attempt) -> ReportHead:
    batch = attempt.batch
    compared = comparison_of(attempt)
    checked_at = attempt.checked_at or timezone.now()
    facts = (
        ("上报单位", f"{batch.office.name}（{batch.office_id}）"),
        ("期次", Period.parse(batch.period_id).label),
        ("种类", str(batch.get_kind_display())),
        ("文件", f"{attempt.original_name}（第 {attempt.number} 次上传）"),
        ("导入方案", str(attempt.profile) if attempt.profile else "上报格式"),
        ("文件校验值", bytes(attempt.file_digest).hex()),
        ("检查时间", f"{timezone.localtime(checked_at):%Y-%m-%d %H:%M}"),
    )
    return ReportHead(
        facts,
        attempt.read_count,
        attempt.accepted_count,
        attempt.refused_count,
        (compared.gone, compared.new, compared.left) if compared is not None and compared.readable else None,
    )


def _progress_of(attempt_id: int) -> Callable[[int], None]:
    """Says how far it is on a connection of its own, so that the page sees it before the transaction ends."""

    def show(done: int) -> None:
        beside = connections.create_connection("default")
        try:
            with beside.cursor() as cursor:
                cursor.execute("UPDATE report_file SET progress_done = %s WHERE attempt_id = %s", [done, attempt_id])
        finally:
            beside.close()

    return show


def _close_ready(report: ReportFile, made: Path) -> None:
    stored_name, made_at = secrets.token_hex(16), timezone.now()
    with made.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
    made.chmod(0o600)
    ReportFile.objects.filter(pk=report.pk).update(
        state=ReportState.READY,
        made_at=made_at,
        stored_name=stored_name,
        byte_count=made.stat().st_size,
        digest=digest,
        problem="",
    )
    made.rename(path_of(stored_name))
    jobs.enqueue(jobs.DELETE_REPORT, at=made_at + KEPT_FOR, attempt_id=report.attempt_id)
    record(
        by=None, action="report.made", subject_kind="batch", subject_id=str(report.attempt.batch_id),
        detail={"attempt": report.attempt_id, "digest": digest.hex()},
    )  # fmt: skip


def _close_failed(report: ReportFile, problem: str) -> None:
    ReportFile.objects.filter(pk=report.pk).update(state=ReportState.FAILED, problem=problem)


def hand_out_report(*, by: Actor, report: ReportFile) -> Handout:
    """A finished report, on its way out. Writes audit."""
    attempt = report.attempt
    batch = attempt.batch
    with one_act(by=by, action="report.handed_out", subject_kind="batch", subject_id=str(batch.id)):
        record(
            by=by,
            action="report.handed_out",
            subject_kind="batch",
            subject_id=str(batch.id),
            detail={"attempt": attempt.id, "digest": bytes(report.digest or b"").hex()},
        )
    return Handout(
        path_of(report.stored_name), f"{batch.office_id}-{batch.period_id}-{batch.id}-{attempt.number}-report.xlsx"
    )


def is_there(report: ReportFile) -> bool:
    """Whether the report can be handed out."""
    return report.state == ReportState.READY and path_of(report.stored_name).is_file()


def delete_report(attempt_id: int) -> None:
    """Delete a report whose days are over; a younger one stays. Writes report_file, audit, deletes the file.

    Nothing while deletions are suspended; the end of the incident makes up for it.
    """
    if deletions_are_suspended():
        return
    report = (
        ReportFile.objects.select_related("attempt")
        .filter(attempt_id=attempt_id, made_at__lte=timezone.now() - KEPT_FOR)
        .first()
    )
    if report is None:
        return
    if report.stored_name:
        path_of(report.stored_name).unlink(missing_ok=True)
    batch_id = report.attempt.batch_id
    with transaction.atomic():
        report.delete()
        record(
            by=None, action="report.expired", subject_kind="batch", subject_id=str(batch_id),
            detail={"attempt": attempt_id},
        )  # fmt: skip


def delete_overdue_reports() -> None:
    """What was to be deleted while deletions were suspended. Writes report_file, audit, deletes the files."""
    over = ReportFile.objects.filter(made_at__lte=timezone.now() - KEPT_FOR)
    for attempt_id in over.values_list("attempt_id", flat=True):
        delete_report(attempt_id)
