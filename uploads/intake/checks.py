"""Checks across a file's rows and against batches, register and bodies: set-based, on what was just staged.

Refused rows count too, as far as they could be read (comparing.py).
"""

from collections.abc import Iterator

from django.conf import settings
from django.db import connection

from uploads.intake.celltext import shown
from uploads.intake.columns import ColumnMap
from uploads.intake.comparing import compare_staged, look_up_holders
from uploads.intake.findings import Problem
from uploads.intake.rules import RULES, severity_in
from uploads.models import Attempt

# The rows of a group by number; of a long one the first, the last and how many: a message has to fit its column.
ROWS_NAMED = 20
FINDINGS_AT_A_TIME = 2_000
ROW_LIST = f"""array_to_string((array_agg(row_number ORDER BY row_number))[1:{ROWS_NAMED}], '、')
            || CASE WHEN count(*) > {ROWS_NAMED} THEN '、…、' || max(row_number) || '（共 ' || count(*) || '）' ELSE '' END"""

# Each query gives (row_number, detail ...) for one rule; the details fill the rule's placeholders of the names below.
# They read what comparing.py makes: compared_row, the rows that were staged and what could be read of those that were
# refused; of it repeated_person and named_body; held_certificate.
# Most files hold no doubles, so what is double is found out first, and only then where.
TWICE_IN_FILE = f"""
    SELECT s.row_number, g.list FROM compared_row s JOIN (
        SELECT certificate_number, {ROW_LIST} AS list FROM compared_row r WHERE certificate_number IN (
            SELECT certificate_number FROM compared_row GROUP BY certificate_number HAVING count(*) > 1)
        GROUP BY certificate_number) g USING (certificate_number)
    ORDER BY s.row_number"""
SAME_PERSON_OCCUPATION_LEVEL = f"""
    SELECT s.row_number, g.list FROM repeated_person s JOIN (
        SELECT id_index, occupation, level, {ROW_LIST} AS list FROM repeated_person r
        WHERE occupation IS NOT NULL AND level IS NOT NULL
        GROUP BY id_index, occupation, level HAVING count(*) > 1) g USING (id_index, occupation, level)
    ORDER BY s.row_number"""
TWO_NAMES_IN_FILE = f"""
    SELECT s.row_number, g.list FROM repeated_person s JOIN (
        SELECT id_index, {ROW_LIST} AS list FROM repeated_person r
        WHERE holder_name IS NOT NULL
        GROUP BY id_index HAVING min(holder_name) <> max(holder_name)) g USING (id_index)
    WHERE s.holder_name IS NOT NULL ORDER BY s.row_number"""
# OFFSET 0 and LIMIT 1 hold the planner to one look into the index per row: with statistics from before the last
# publication it may read a register of ten million certificates from end to end instead. The rows come in the index's
# order: see comparing.py.
IN_ANOTHER_OPEN_BATCH = """
    SELECT s.row_number, min(o.name || ' ' || b.period_id) FROM compared_row s
    CROSS JOIN LATERAL (
        SELECT staged.attempt_id FROM staged_row staged
        WHERE staged.certificate_number = s.certificate_number AND staged.attempt_id <> %(attempt)s OFFSET 0) other
    JOIN batch b ON b.attempt_id = other.attempt_id AND b.id <> %(batch)s AND b.state <> 'published'
    JOIN office o ON o.code = b.office_id
    WHERE EXISTS (SELECT FROM batch WHERE id <> %(batch)s AND state <> 'published' AND attempt_id IS NOT NULL)
    GROUP BY s.row_number ORDER BY s.row_number"""
IN_THE_REGISTER = """
    SELECT s.row_number FROM (
        SELECT row_number, certificate_number FROM compared_row WHERE certificate_number IS NOT NULL
        ORDER BY certificate_number COLLATE "C" OFFSET 0) s
    CROSS JOIN LATERAL (SELECT FROM certificate c WHERE c.certificate_number = s.certificate_number LIMIT 1) c
    ORDER BY s.row_number"""
ANOTHER_NAME_IN_THE_REGISTER = """
    SELECT DISTINCT s.row_number FROM compared_row s JOIN held_certificate c USING (row_number)
    WHERE c.holder_name <> s.holder_name ORDER BY s.row_number"""
# A revoked certificate may well be followed by a new one.
SAME_CERTIFIED_IN_THE_REGISTER = """
    SELECT s.row_number, min(c.certificate_number) FROM compared_row s JOIN held_certificate c USING (row_number)
    WHERE c.occupation = s.occupation AND c.level = s.level AND c.kind <> 'revoked'
        AND c.certificate_number IS DISTINCT FROM s.certificate_number
    GROUP BY s.row_number ORDER BY s.row_number"""
# Every office's own centre assesses too, and needs no entry among the bodies.
KNOWN_BODIES = """(SELECT name, office_id FROM assessment_body
        UNION SELECT full_name, code FROM office WHERE full_name NOT IN (SELECT name FROM assessment_body))"""
# The office itself, and those that ended and whose successor it is.
OWN_OFFICES = "(SELECT o.code FROM office o WHERE answers_for(%(office)s, o.code))"
# A name in many rows is told once: it is a body that isn't registered yet, not a slip.
UNKNOWN_BODY = f"""
    SELECT row_number, assessment_office,
        CASE WHEN times > {ROWS_NAMED} THEN '（共 ' || times || ' 行，只在第一行列出）' ELSE '' END
    FROM (
        SELECT s.row_number, s.assessment_office, count(*) OVER of_name AS times,
            row_number() OVER (PARTITION BY s.assessment_office ORDER BY s.row_number) AS place
        FROM compared_row s WHERE s.assessment_office IN (
            SELECT assessment_office FROM named_body EXCEPT SELECT name FROM {KNOWN_BODIES} known)
        WINDOW of_name AS (PARTITION BY s.assessment_office)) told
    WHERE times <= {ROWS_NAMED} OR place = 1 ORDER BY row_number"""
ANOTHER_OFFICES_BODY = f"""
    SELECT s.row_number, s.assessment_office, o.name FROM compared_row s
    JOIN {KNOWN_BODIES} b ON b.name = s.assessment_office AND b.office_id NOT IN {OWN_OFFICES}
    JOIN office o ON o.code = b.office_id
    WHERE s.assessment_office IN (
        SELECT assessment_office FROM named_body JOIN {KNOWN_BODIES} known ON known.name = assessment_office
        WHERE known.office_id NOT IN {OWN_OFFICES})
    ORDER BY s.row_number"""
BODY_OUT_OF_FORCE = """
    SELECT s.row_number, s.assessment_office, s.day::text FROM compared_row s
    JOIN assessment_body b ON b.name = s.assessment_office
    WHERE NOT s.day BETWEEN coalesce(b.valid_from, '-infinity') AND coalesce(b.valid_to, 'infinity')
        AND s.assessment_office IN (
            SELECT assessment_office FROM named_body n JOIN assessment_body known ON known.name = n.assessment_office
            WHERE n.first_day < known.valid_from OR n.last_day > known.valid_to)
    ORDER BY s.row_number"""
# Digits 3 to 10; a number of another issuer is R-129's, a short form that was padded with 000 has no body.
CODE_OF_ANOTHER_OFFICE = f"""
    SELECT s.row_number, substr(s.certificate_number, 3, 8),
        coalesce('，而是登记在' || (
            SELECT min(o.name) FROM assessment_body b JOIN office o ON o.code = b.office_id
            WHERE b.code = substr(s.certificate_number, 3, 8)) || '名下', '')
    FROM compared_row s
    WHERE length(s.certificate_number) = 16 AND substr(s.certificate_number, 3, 2) = %(own)s
        AND left(s.certificate_number, 3) <> '000'
        AND EXISTS (SELECT FROM assessment_body b WHERE b.office_id = %(office)s AND b.code <> '')
        AND substr(s.certificate_number, 3, 8) NOT IN (
            SELECT b.code FROM assessment_body b WHERE b.office_id IN {OWN_OFFICES})
    ORDER BY s.row_number"""
NO_CODES_RECORDED = """
    SELECT %(header)s WHERE NOT EXISTS (SELECT FROM assessment_body WHERE office_id = %(office)s AND code <> '')
        AND EXISTS (SELECT FROM compared_row s)"""

QUERIES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("R-301", TWICE_IN_FILE, ("rows",)),
    ("R-302", SAME_PERSON_OCCUPATION_LEVEL, ("rows",)),
    ("R-303", TWO_NAMES_IN_FILE, ("rows",)),
    ("R-401", IN_ANOTHER_OPEN_BATCH, ("batch",)),
    ("R-402", IN_THE_REGISTER, ()),
    ("R-403", ANOTHER_NAME_IN_THE_REGISTER, ()),
    ("R-404", SAME_CERTIFIED_IN_THE_REGISTER, ("number",)),
    ("R-411", UNKNOWN_BODY, ("value", "times")),
    ("R-412", ANOTHER_OFFICES_BODY, ("value", "office")),
    ("R-413", CODE_OF_ANOTHER_OFFICE, ("code", "owner")),
    ("R-414", NO_CODES_RECORDED, ()),
    ("R-415", BODY_OUT_OF_FORCE, ("value", "date")),
)


def problems_in_rows(attempt: Attempt, columns: ColumnMap, *, compared: int = 0) -> Iterator[Problem]:
    """Every finding of QUERIES for the attempt's rows, in the order of the rules.

    compared is the number of the last row that add_staged() has taken already.
    """
    compare_staged(attempt.id, above=compared)
    look_up_holders()
    for rule, query, names in QUERIES:
        yield from find_problems_by(attempt, columns, rule, query, names)


def find_problems_by(
    attempt: Attempt, columns: ColumnMap, number: str, query: str, names: tuple[str, ...], **more: object
) -> Iterator[Problem]:
    """The findings of one rule: a query giving row numbers, and a detail for each placeholder of the sentence."""
    rule = RULES[number]
    severity = severity_in(rule, attempt.batch.kind)
    header = columns.header_of(rule.field) if rule.field != "file" else ""
    parameters: dict[str, int | str] = {
        "attempt": attempt.id,
        "batch": attempt.batch_id,
        "office": attempt.batch.office_id,
        "own": settings.OWN_ISSUER_CODE,
        "header": columns.header_row_number,
    }
    # A cursor in the database: a file may have as many findings as rows, and they don't all fit into memory.
    with connection.chunked_cursor() as cursor:
        cursor.execute(query, parameters)
        while found := cursor.fetchmany(FINDINGS_AT_A_TIME):
            for row_number, *details in found:
                detail = dict(zip(names, details, strict=True))
                if "value" in detail:
                    detail["value"] = shown(detail["value"])
                yield Problem(row_number, header, rule.field, number, severity, rule.message(**detail, **more))
