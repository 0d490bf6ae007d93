"""COPY in the binary format: psycopg's own, behind Django's connection, which has no name for it."""

from collections.abc import Iterable, Sequence

from django.db import connection

from uploads.intake.stagedcopy import COPY_END, COPY_START


def copy_into(table: str, columns: Sequence[str], rows: Iterable[bytes]) -> None:
    """Append encoded rows to a table; each item may hold any number of rows. Holds the connection meanwhile."""
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)"
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.cursor.copy(statement) as copy:
        copy.write(COPY_START)
        for encoded in rows:
            copy.write(encoded)
        copy.write(COPY_END)
