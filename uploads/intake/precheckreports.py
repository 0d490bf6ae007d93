"""核对报告 of a pre-checked file: made when asked for and kept nowhere, for the file itself goes within a day."""

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.utils import timezone

from certlookup.calendar.periods import Period
from certlookup.spreadsheets.filerules import Severity
from uploads.actor import Actor
from uploads.intake.findings import Problem
from uploads.intake.reportbook import ReportHead, write_report
from uploads.intake.savedprofiles import layout_for
from uploads.intake.storage import path_of
from uploads.intake.tables import open_table
from uploads.models import AttemptState, Precheck
from uploads.oversight.audit import one_act, record

# What a page can wait for; a bigger file has its report once it is uploaded.
MOST_ROWS = 20_000


def has_report(precheck: Precheck) -> bool:
    """Whether there can be a report: of a file that was read, is still there, and isn't too big to wait for."""
    return precheck.state == AttemptState.CHECKED and precheck.read_count <= MOST_ROWS and _source(precheck).is_file()


def hand_out_precheck_report(*, by: Actor, precheck: Precheck) -> BinaryIO:
    """The report as an open file that is gone when it is closed. Writes audit; raises SpreadsheetError."""
    made = settings.UNSENT_DIR / f"report-{secrets.token_hex(8)}"
    try:
        with open_table(
            _source(precheck),
            kind=precheck.kind,
            name=precheck.original_name,
            layout=layout_for(precheck.profile, precheck.office),
        ) as table:
            write_report(made, head=_head_of(precheck), table=table, problems=_problems_of(precheck))
        opened = made.open("rb")
    finally:
        made.unlink(missing_ok=True)
    with one_act(by=by, action="report.handed_out", subject_kind="office", subject_id=precheck.office_id):
        record(
            by=by,
            action="report.handed_out",
            subject_kind="office",
            subject_id=precheck.office_id,
            detail={"precheck": precheck.id},
        )
    return opened


def _source(precheck: Precheck) -> Path:
    return path_of(precheck.stored_name, settings.UNSENT_DIR)


def _problems_of(precheck: Precheck) -> Iterator[Problem]:
    for found in precheck.problems.order_by("row_number", "id").iterator(chunk_size=5_000):
        yield Problem(found.row_number, found.column, found.field, found.rule, Severity(found.severity), found.message)


def _head_of(precheck: Precheck) -> ReportHead:
    checked_at = precheck.checked_at or timezone.now()
    facts = (
        ("上报单位", f"{precheck.office.name}（{precheck.office_id}）"),
        ("期次", Period.parse(precheck.period_code).label),
        ("种类", str(precheck.get_kind_display())),
        ("文件", f"{precheck.original_name}（预检，没有上报）"),
        ("文件校验值", bytes(precheck.file_digest).hex()),
        ("检查时间", f"{timezone.localtime(checked_at):%Y-%m-%d %H:%M}"),
    )
    return ReportHead(facts, precheck.read_count, precheck.accepted_count, precheck.refused_count)
