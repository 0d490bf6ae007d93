"""Checks across a file's rows and against batches, register and bodies: set-based, on what was just staged."""

from collections.abc import Iterator

from django.db import connection

from uploads.intake.columns import ColumnMap
from uploads.intake.findings import Problem
from uploads.intake.rules import RULES
from uploads.models import Attempt

# The rows of a group by number; of a long one the first, the last and how many: a message has to fit its column.
ROWS_NAMED = 20
ROW_LIST = f"""array_to_string((array_agg(row_number ORDER BY row_number))[1:{ROWS_NAMED}], '、')
            || CASE WHEN count(*) > {ROWS_NAMED} THEN '、…、' || max(row_number) || '（共 ' || count(*) || '）' ELSE '' END"""
# Each query gives (row_number, detail) for one rule; the detail fills the rule's placeholder of the same name.
TWICE_IN_FILE = f"""
    SELECT s.row_number, g.rows FROM staged_row s JOIN (
        SELECT certificate_number, {ROW_LIST} AS rows FROM staged_row
        WHERE attempt_id = %(attempt)s GROUP BY certificate_number HAVING count(*) > 1) g USING (certificate_number)
    WHERE s.attempt_id = %(attempt)s ORDER BY s.row_number"""
SAME_PERSON_OCCUPATION_LEVEL = f"""
    SELECT s.row_number, g.rows FROM staged_row s JOIN (
        SELECT id_index, occupation, level, {ROW_LIST} AS rows
        FROM staged_row WHERE attempt_id = %(attempt)s GROUP BY id_index, occupation, level HAVING count(*) > 1
        ) g USING (id_index, occupation, level)
    WHERE s.attempt_id = %(attempt)s ORDER BY s.row_number"""
TWO_NAMES_IN_FILE = f"""
    SELECT s.row_number, g.rows FROM staged_row s JOIN (
        SELECT id_index, {ROW_LIST} AS rows FROM staged_row
        WHERE attempt_id = %(attempt)s GROUP BY id_index HAVING count(DISTINCT holder_name) > 1) g USING (id_index)
    WHERE s.attempt_id = %(attempt)s ORDER BY s.row_number"""
IN_ANOTHER_OPEN_BATCH = """
    SELECT s.row_number, min(o.name || ' ' || b.period_id) FROM staged_row s
    JOIN staged_row other ON other.certificate_number = s.certificate_number AND other.attempt_id <> s.attempt_id
    JOIN batch b ON b.attempt_id = other.attempt_id AND b.id <> %(batch)s AND b.state <> 'published'
    JOIN office o ON o.code = b.office_id
    WHERE s.attempt_id = %(attempt)s GROUP BY s.row_number ORDER BY s.row_number"""
IN_THE_REGISTER = """
    SELECT s.row_number, '' FROM staged_row s JOIN certificate c USING (certificate_number)
    WHERE s.attempt_id = %(attempt)s ORDER BY s.row_number"""
ANOTHER_NAME_IN_THE_REGISTER = """
    SELECT s.row_number, '' FROM staged_row s
    WHERE s.attempt_id = %(attempt)s AND EXISTS (
        SELECT FROM certificate c WHERE c.id_index = s.id_index AND c.holder_name <> s.holder_name)
    ORDER BY s.row_number"""
UNKNOWN_BODY = """
    SELECT s.row_number, s.assessment_office FROM staged_row s
    WHERE s.attempt_id = %(attempt)s AND NOT EXISTS (
        SELECT FROM assessment_body b WHERE b.name = s.assessment_office)
    ORDER BY s.row_number"""
ANOTHER_OFFICES_BODY = """
    SELECT s.row_number, s.assessment_office, o.name FROM staged_row s
    JOIN assessment_body b ON b.name = s.assessment_office AND b.office_id <> %(office)s
    JOIN office o ON o.code = b.office_id
    WHERE s.attempt_id = %(attempt)s ORDER BY s.row_number"""

QUERIES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("R-301", TWICE_IN_FILE, ("rows",)),
    ("R-302", SAME_PERSON_OCCUPATION_LEVEL, ("rows",)),
    ("R-303", TWO_NAMES_IN_FILE, ("rows",)),
    ("R-401", IN_ANOTHER_OPEN_BATCH, ("batch",)),
    ("R-402", IN_THE_REGISTER, ()),
    ("R-403", ANOTHER_NAME_IN_THE_REGISTER, ()),
    ("R-411", UNKNOWN_BODY, ("value",)),
    ("R-412", ANOTHER_OFFICES_BODY, ("value", "office")),
)


def problems_in_rows(attempt: Attempt, columns: ColumnMap) -> list[Problem]:
    """Every finding of QUERIES for the attempt's staged rows, in the order of the rules."""
    return [problem for rule, query, names in QUERIES for problem in _findings(attempt, columns, rule, query, names)]


def _findings(
    attempt: Attempt,
    columns: ColumnMap,
    number: str,
    query: str,
    names: tuple[str, ...],
) -> Iterator[Problem]:
    rule = RULES[number]
    parameters: dict[str, int | str] = {
        "attempt": attempt.id,
        "batch": attempt.batch_id,
        "office": attempt.batch.office_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        for row_number, *details in cursor.fetchall():
            message = rule.message(**dict(zip(names, details, strict=False)))
            yield Problem(
                row_number,
                columns.header_of(rule.field),
                rule.field,
                number,
                rule.severity,
                message,
            )
