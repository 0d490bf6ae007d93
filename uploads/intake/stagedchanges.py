"""The rows of a correction, revocation or reinstatement, each laid over the certificate as the register has it now."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from django.db import connection

from certificates.models import Certificate
from certificates.models.places import of_holder
from certlookup.sealing import SealedId, seal_id, unseal_id
from certlookup.spreadsheets.reading import Row
from uploads.intake.changes import (
    ACTS,
    CORRECTION,
    REINSTATEMENT,
    REVOCATION,
    Change,
    ChangeColumns,
    Present,
    read_change,
)
from uploads.intake.checks import (
    IN_ANOTHER_OPEN_BATCH,
    ROWS_NAMED,
    TWO_NAMES_IN_FILE,
    find_problems_by,
)
from uploads.intake.columns import ColumnMap
from uploads.intake.comparing import compare_staged
from uploads.intake.fields import RowContext
from uploads.intake.findings import Problem
from uploads.intake.rows import RowFields
from uploads.intake.rules import RULES
from uploads.models import Attempt, BatchKind, WayIn

ROWS_AT_A_TIME = 2_000
STAGED_AS = {CORRECTION: "corrected", REVOCATION: "revoked", REINSTATEMENT: "reinstated"}
CHANGE_COLUMNS: dict[str, str] = {
    "attempt_id": "int8", "row_number": "int4", "kind": "text", "certificate_number": "text", "holder_name": "text",
    "sex": "text", "id_type": "text", "birth_date": "date", "occupation": "text", "occupation_code": "text",
    "level": "int2", "level_text": "text", "theory_score": "text", "skill_score": "text", "overall_score": "text",
    "result": "text", "processed_date": "date", "issue_date": "date", "issuing_authority": "text",
    "assessment_office": "text", "id_commitment": "bytea", "id_sealed": "bytea", "id_index": "bytea",
    "key_version": "int2", "changed_fields": "varchar[]", "change_reason": "text", "document_number": "text",
    "base_revision": "int4",
}  # fmt: skip
_PLAIN = (
    "holder_name", "sex", "id_type", "birth_date", "occupation", "occupation_code", "level", "level_text",
    "theory_score", "skill_score", "overall_score", "result", "processed_date", "issue_date", "issuing_authority",
    "assessment_office",
)  # fmt: skip

# Of another office that reported it: an error for a city, a warning where the province does it. Present is the name.
_OF_ANOTHER_OFFICE = """
    SELECT s.row_number, o.name FROM staged_row s JOIN office o ON o.code = reporting_office(s.certificate_number)
    WHERE s.attempt_id = %(attempt)s AND NOT answers_for(%(office)s, o.code) ORDER BY s.row_number"""
_ANOTHER_NAME_IN_THE_REGISTER = f"""
    SELECT s.row_number FROM staged_row s
    WHERE s.attempt_id = %(attempt)s AND s.changed_fields && ARRAY['holder_name', 'id_number']::varchar[] AND EXISTS (
        SELECT FROM ({of_holder("holder_name, certificate_number", "s.id_index")}) c
        WHERE c.holder_name <> s.holder_name AND c.certificate_number <> s.certificate_number)
    ORDER BY s.row_number"""
_UNKNOWN_BODY = """
    SELECT s.row_number, s.assessment_office FROM staged_row s
    WHERE s.attempt_id = %(attempt)s AND 'assessment_office' = ANY (s.changed_fields)
        AND NOT EXISTS (SELECT FROM assessment_body b WHERE b.name = s.assessment_office)
    ORDER BY s.row_number"""
_ANOTHER_OFFICES_BODY = """
    SELECT s.row_number, s.assessment_office, o.name FROM staged_row s
    JOIN assessment_body b ON b.name = s.assessment_office AND b.office_id <> %(office)s
    JOIN office o ON o.code = b.office_id
    WHERE s.attempt_id = %(attempt)s AND 'assessment_office' = ANY (s.changed_fields) ORDER BY s.row_number"""


def changes_by_chunk(
    rows: Iterable[Row], columns: ChangeColumns, context: RowContext, attempt_id: int
) -> Iterator[list[tuple[Change, tuple[object, ...] | None]]]:
    """Each row's outcome, with the values of CHANGE_COLUMNS where it is acceptable; in pieces, for COPY and progress."""
    pending = iter(rows)
    while piece := list(islice(pending, ROWS_AT_A_TIME)):
        read = [read_change(row_number, cells, columns, context) for row_number, cells in piece]
        present = Certificate.objects.in_bulk([row.number for row in read if row.number is not None])
        outcomes: list[tuple[Change, tuple[object, ...] | None]] = []
        for row in read:
            certificate = present.get(row.number or "")
            state = _present(certificate) if certificate is not None else None
            change = row.finish(state)
            staged = None
            if certificate is not None and change.fields is not None:
                staged = _staged(attempt_id, columns.kind, change, change.fields, certificate)
            outcomes.append((change, staged))
        yield outcomes


def _present(certificate: Certificate) -> Present:
    plain = {name: getattr(certificate, name) for name in _PLAIN}
    fields = RowFields(
        certificate_number=certificate.certificate_number, id_number=unseal_id(_sealed(certificate)), **plain
    )
    return Present(fields, certificate.kind, certificate.revision_number)


def _sealed(certificate: Certificate) -> SealedId:
    return SealedId(
        bytes(certificate.id_commitment),
        bytes(certificate.id_sealed),
        bytes(certificate.id_index),
        certificate.key_version,
    )


def _staged(
    attempt_id: int, kind: str, change: Change, fields: RowFields, certificate: Certificate
) -> tuple[object, ...]:
    """The row as it is staged; an ID number that stays keeps its seal, so that its commitment stays too."""
    sealed = seal_id(fields.id_number) if "id_number" in change.changed else _sealed(certificate)
    return (
        attempt_id, change.row_number, STAGED_AS[kind], fields.certificate_number,
        *(getattr(fields, name) for name in _PLAIN),
        sealed.commitment, sealed.sealed, sealed.index, sealed.key_version,
        list(change.changed), change.reason, change.document, certificate.revision_number,
    )  # fmt: skip


def problems_of_numbers_twice(numbers: dict[str, list[int]], columns: ColumnMap) -> list[Problem]:
    """R-301 for every row whose certificate number stands in the file more than once, refused rows included."""
    rule, header = RULES["R-301"], columns.header_of("certificate_number")
    found = []
    for rows in numbers.values():
        if len(rows) > 1:
            message = rule.message(rows=_listed(rows))
            found += [Problem(row, header, "certificate_number", rule.number, rule.severity, message) for row in rows]
    return sorted(found, key=lambda problem: problem.row_number)


def _listed(rows: Sequence[int]) -> str:
    if len(rows) <= ROWS_NAMED:
        return "、".join(map(str, rows))
    return f"{'、'.join(map(str, rows[:ROWS_NAMED]))}、…、{rows[-1]}（共 {len(rows)}）"


def problems_in_changes(attempt: Attempt, columns: ColumnMap) -> list[Problem]:
    """What the staged changes contradict: another open batch, another office, names and bodies."""
    compare_staged(attempt.id)
    kind = str(attempt.batch.kind)
    office_rule = "R-507" if attempt.batch.way_in == WayIn.PROVINCE else "R-506"
    queries: list[tuple[str, str, tuple[str, ...]]] = [
        ("R-401", IN_ANOTHER_OPEN_BATCH, ("batch",)),
        (office_rule, _OF_ANOTHER_OFFICE, ("office",)),
    ]
    if kind == BatchKind.CORRECTION:
        queries += [
            ("R-303", TWO_NAMES_IN_FILE, ("rows",)),
            ("R-403", _ANOTHER_NAME_IN_THE_REGISTER, ()),
            ("R-411", _UNKNOWN_BODY, ("value",)),
            ("R-412", _ANOTHER_OFFICES_BODY, ("value", "office")),
        ]
    return [
        problem
        for rule, query, names in queries
        for problem in find_problems_by(attempt, columns, rule, query, names, act=ACTS[kind], times="")
    ]


def copy_changes(accepted: Iterable[tuple[object, ...]]) -> None:
    """COPY the values of CHANGE_COLUMNS into staged_row."""
    with connection.cursor() as cursor, connection.wrap_database_errors:
        statement = f"COPY staged_row ({', '.join(CHANGE_COLUMNS)}) FROM STDIN (FORMAT BINARY)"
        with cursor.cursor.copy(statement) as copy:
            copy.set_types(list(CHANGE_COLUMNS.values()))
            for values in accepted:
                copy.write_row(values)
