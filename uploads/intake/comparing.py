"""The rows that the checks across rows read: those that were staged, and what could be read of those that were refused.

Without the refused ones a sender would learn of a double number only after mending the row's other mistakes.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple, Self

from django.db import connection

from certificates.models.places import beginning, of_holder
from certlookup.sealing import index_id
from uploads.intake.rowkeys import keys_of_staged_rows
from uploads.intake.rows import RefusedKeys

COLUMNS: dict[str, str] = {
    "row_number": "int4", "certificate_number": "text", "id_index": "bytea", "holder_name": "text",
    "occupation": "text", "level": "int2", "assessment_office": "text", "day": "date",
}  # fmt: skip
# What the queries of checks.py read. A table of its own, for its statistics: of rows that have just come into staged_row
# the planner knows nothing, and may then compare each with each. Dropped first: a transaction may check several files.
_BEGIN = (
    """DROP TABLE IF EXISTS pg_temp.compared_row, pg_temp.keyed_row, pg_temp.held_certificate, pg_temp.repeated_person,
        pg_temp.named_body""",
    f"""CREATE TEMPORARY TABLE compared_row (
        {", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())}) ON COMMIT DROP""",
    "CREATE TEMPORARY TABLE keyed_row (row_number int PRIMARY KEY, key bytea NOT NULL) ON COMMIT DROP",
)
# One look into each index per row, whatever the statistics say (see checks.py); in the indexes' order, so that the next
# row finds what the last one had to fetch into the processor's cache.
_HOLDERS = (
    f"""CREATE TEMPORARY TABLE held_certificate ON COMMIT DROP AS
    SELECT s.row_number, c.certificate_number, c.holder_name, c.occupation, c.level, c.kind
    FROM (SELECT row_number, id_index, {beginning("id_index")} AS begins
        FROM compared_row WHERE id_index IS NOT NULL ORDER BY id_index OFFSET 0) s
    CROSS JOIN LATERAL (
        {of_holder("certificate_number, holder_name, occupation, level, kind", "s.id_index", "s.begins")} OFFSET 0) c""",
    "ANALYZE held_certificate",
)
# Every row of whoever is in the file more than once; each body that is named, and between which days.
_COMPLETE = (
    # A tenth of the usual sample says as much about a table that is used for a second.
    "SET LOCAL default_statistics_target = 10; ANALYZE compared_row; SET LOCAL default_statistics_target TO DEFAULT",
    """CREATE TEMPORARY TABLE repeated_person ON COMMIT DROP AS
    SELECT row_number, id_index, holder_name, occupation, level FROM compared_row WHERE id_index IN (
        SELECT id_index FROM compared_row WHERE id_index IS NOT NULL GROUP BY id_index HAVING count(*) > 1)""",
    """CREATE TEMPORARY TABLE named_body ON COMMIT DROP AS
    SELECT assessment_office, min(day) AS first_day, max(day) AS last_day FROM compared_row
    WHERE assessment_office IS NOT NULL GROUP BY assessment_office""",
    "ANALYZE repeated_person",
    "ANALYZE named_body",
)
_ADD = """INSERT INTO compared_row (
        row_number, certificate_number, id_index, holder_name, occupation, level, assessment_office, day)
    SELECT row_number, certificate_number, id_index, holder_name, occupation, level, assessment_office,
        coalesce(issue_date, processed_date)
    FROM staged_row WHERE attempt_id = %s AND row_number > %s"""


class RefusedRow(NamedTuple):
    """One refused row's keys as they are compared: the ID number by its index alone."""

    row_number: int
    certificate_number: str | None
    id_index: bytes | None
    holder_name: str | None
    occupation: str | None
    level: int | None
    assessment_office: str | None
    # Only of rows that were staged.
    day: None

    @classmethod
    def of(cls, row_number: int, keys: RefusedKeys) -> Self:
        return cls(
            row_number,
            keys.certificate_number,
            index_id(keys.id_number)[0] if keys.id_number else None,
            keys.holder_name or None,
            keys.occupation or None,
            keys.level,
            keys.assessment_office or None,
            None,
        )


def begin_comparing() -> None:
    """Make empty tables."""
    with connection.cursor() as cursor:
        for statement in _BEGIN:
            cursor.execute(statement)


def keep_refused(rows: Sequence[RefusedRow]) -> None:
    """COPY refused rows into compared_row."""
    if not rows:
        return
    statement = f"COPY compared_row ({', '.join(COLUMNS)}) FROM STDIN (FORMAT BINARY)"
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.cursor.copy(statement) as copy:
        copy.set_types(list(COLUMNS.values()))
        for row in rows:
            copy.write_row(row)


def add_staged(attempt_id: int, above: int) -> None:
    """Add the attempt's staged rows above that row number to compared_row."""
    with connection.cursor() as cursor:
        cursor.execute(_ADD, [attempt_id, above])


def compare_staged(attempt_id: int, above: int = 0) -> None:
    """Add the staged rows that weren't added yet to compared_row, which is complete then.

    Of it repeated_person and named_body are made: most rows are in neither, or alike.
    """
    add_staged(attempt_id, above)
    with connection.cursor() as cursor:
        for statement in _COMPLETE:
            cursor.execute(statement)


def look_up_holders() -> None:
    """Make held_certificate: the certificates in the register of everyone in compared_row, by row."""
    with connection.cursor() as cursor:
        for statement in _HOLDERS:
            cursor.execute(statement)


def keys_of_rows(attempt_id: int, rows: Collection[int], read: Mapping[int, bytes]) -> Mapping[int, bytes]:
    """The keys of rows in which something was found.

    Those of `read` are kept, so that a later finding in the same row gets the same key; of the others the key is what
    was kept, or what was staged says.
    """
    missing = sorted(set(rows) - read.keys())
    if not read and not missing:
        return read
    with connection.cursor() as cursor:
        if read:
            cursor.executemany("INSERT INTO keyed_row VALUES (%s, %s) ON CONFLICT DO NOTHING", list(read.items()))
        if not missing:
            return read
        cursor.execute("SELECT row_number, key FROM keyed_row WHERE row_number = ANY(%s)", [missing])
        kept = {row: bytes(key) for row, key in cursor.fetchall()}
    staged = [row for row in missing if row not in kept]
    return {**read, **kept, **(keys_of_staged_rows(attempt_id, staged) if staged else {})}
