"""Refused rows in the checks across rows: what could be read of them, in a table that ends with the transaction.

Without them a sender would learn of a double number only after mending the row's other mistakes.
"""

from collections.abc import Sequence
from typing import NamedTuple, Self

from django.db import connection

from certlookup.sealing import index_id
from uploads.intake.rows import RefusedKeys

COLUMNS: dict[str, str] = {
    "row_number": "int4", "certificate_number": "text", "id_index": "bytea", "holder_name": "text",
    "occupation": "text", "level": "int2", "assessment_office": "text",
}  # fmt: skip
CREATE = f"""CREATE TEMPORARY TABLE IF NOT EXISTS refused_row (
    {", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())}) ON COMMIT DROP"""


class RefusedRow(NamedTuple):
    """One refused row's keys as they are compared: the ID number by its index alone."""

    row_number: int
    certificate_number: str | None
    id_index: bytes | None
    holder_name: str | None
    occupation: str | None
    level: int | None
    assessment_office: str | None

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
        )


def keep_refused(rows: Sequence[RefusedRow]) -> None:
    """COPY the rows where problems_in_rows() finds them; nothing is done where there are none."""
    if not rows:
        return
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.execute(CREATE)
        cursor.execute("DELETE FROM refused_row")
        with cursor.cursor.copy(f"COPY refused_row ({', '.join(COLUMNS)}) FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(list(COLUMNS.values()))
            for row in rows:
                copy.write_row(row)
        cursor.execute("ANALYZE refused_row")
