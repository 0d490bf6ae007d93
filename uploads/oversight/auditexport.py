"""The trail on its way out, as JSON lines and csv: every entry with its hash and the one before, so that anyone can check the chain.

docs/verify_audit_export.py does so with Python's standard library alone.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum

from django.db.models import OuterRef, QuerySet, Subquery, TextField
from django.db.models.functions import Cast

from uploads.actor import Actor
from uploads.models import AuditEntry, AuditHead, Capacity
from uploads.oversight.audit import one_act, record
from uploads.oversight.auditchain import GENESIS, content_hash
from uploads.refusals import Refusal
from uploads.signoff.permissions import holds

# What an entry's hash covers, in that order.
HASHED = (
    "number", "recorded_at", "person_id", "staff_number", "capacity", "address", "action", "subject_kind",
    "subject_id", "outcome", "detail", "database_role",
)  # fmt: skip
COLUMNS = (*HASHED, "content", "previous", "hash")
_AT_A_TIME = 2_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")

Line = dict[str, str | None]


class ExportFormat(StrEnum):
    """How the trail is written."""

    JSON_LINES = "jsonl"
    CSV = "csv"


def lines_of(entries: "QuerySet[AuditEntry]", *, first: int = 0, last: int) -> Iterator[Line]:
    """The entries up to a number that exists by now, in order, every value as the text that is hashed.

    Entries never change, so that reading block by block gives one state.
    """
    before = AuditEntry.objects.filter(number=OuterRef("number") - 1).values("hash")[:1]
    asked = entries.annotate(detail_text=Cast("detail", TextField()), previous=Subquery(before)).order_by("number")
    names = [name if name != "detail" else "detail_text" for name in HASHED]
    after = first - 1
    while True:
        block = list(
            asked.filter(number__gt=after, number__lte=last).values_list(*names, "previous", "hash")[:_AT_A_TIME]
        )
        for *content, previous, own in block:
            values = [_as_text(value) for value in content]
            of_content = content_hash(values).hex()
            found = dict(zip(HASHED, values, strict=True))
            yield found | {
                "content": of_content,
                "previous": bytes(previous if previous is not None else GENESIS).hex(),
                "hash": bytes(own).hex(),
            }
        if len(block) < _AT_A_TIME:
            return
        after = block[-1][0]


def _as_text(value: object) -> str | None:
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    return None if value is None else str(value)


def chain_lines(*, first: int, last: int) -> Iterator[Line]:
    """The chain alone: of each entry the hash of its content, not the content; whose entries they are stays unsaid."""
    for line in lines_of(AuditEntry.objects.all(), first=first, last=last):
        yield {name: line[name] for name in ("number", "content", "previous", "hash")}


def as_json_line(line: Line) -> str:
    """One line of JSON; every value a text, detail exactly as it was hashed."""
    return json.dumps(line, ensure_ascii=False) + "\n"


def as_csv(lines: Iterator[Line]) -> Iterator[str]:
    """The lines as csv with a head, for a spreadsheet: what a program would take for a formula gets a ' in front."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    # So that Excel reads it as UTF-8.
    buffer.write("\ufeff")
    writer.writerow(COLUMNS)
    for line in lines:
        writer.writerow([_harmless(line[name] or "") for name in COLUMNS])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def export_audit(
    *, by: Actor, entries: "QuerySet[AuditEntry]", written_as: ExportFormat, asked: Mapping[str, str]
) -> Iterator[str]:
    """The entries that were asked for, up to this moment; asked says by which filter, for the audit. Raises Refusal.

    Recorded before the first byte goes out.
    """
    with one_act(by=by, action="audit.export", subject_kind="audit"):
        if by.capacity != Capacity.AUDIT_ADMINISTRATOR or not holds(by.person, Capacity.AUDIT_ADMINISTRATOR):
            raise Refusal("person_not_entitled", by.capacity)
        last = AuditHead.objects.get().number
        count = entries.filter(number__lte=last).count()
        record(
            by=by,
            action="audit.exported",
            subject_kind="audit",
            detail={"format": str(written_as), "entries": count, "until": last, **asked},
        )
    lines = lines_of(entries, last=last)
    return as_csv(lines) if written_as is ExportFormat.CSV else map(as_json_line, lines)
