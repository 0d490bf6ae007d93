"""Changing the keys: every ID number sealed and indexed anew under the newest one, while lookups go on.

Only the three key columns change, so no leaf, digest or root does. Batches are committed one by one; whatever is left
after an interruption is still under the old key, is found by its index, and is done by the next run.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from certlookup.sealing import Key, SealedId, SealingError, live_keys, reseal

ROWS_AT_A_TIME = 1_000

Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class SealedTable:
    """A table with sealed ID numbers: its name and its primary key's columns with their types."""

    name: str
    keys: tuple[tuple[str, str], ...]

    @property
    def key_columns(self) -> sql.Composed:
        return sql.SQL(", ").join(sql.Identifier(name) for name, _ in self.keys)


TABLES = (
    SealedTable("certificate", (("certificate_number", "text"),)),
    SealedTable("revision", (("certificate_number", "text"), ("revision_number", "int4"))),
    SealedTable("staged_row", (("attempt_id", "int8"), ("row_number", "int4"))),
    SealedTable("enquiry", (("id", "int8"),)),
    SealedTable("forgery_report", (("id", "int8"),)),
)


class RekeyError(Exception):
    """A row doesn't open under its key: it was altered, or the key is wrong. Nothing of it was changed."""


def rotate_keys(connection: psycopg.Connection[Any], progress: Progress) -> int:
    """Reseal whatever isn't under the newest key; returns how many rows were. Then older keys are retired.

    In: a connection of the rekey role, in autocommit; progress hears a table's name and rows done so far. Again and
    again over the tables until nothing is left, for a worker may have sealed under the old key meanwhile. Raises
    RekeyError and database errors.
    """
    newest = live_keys()[0]
    total = 0
    while done := sum(_reseal_table(connection, table, newest, progress) for table in TABLES):
        total += done
    connection.execute("SELECT retire_keys(%s)", [newest.version])
    return total


def _reseal_table(connection: psycopg.Connection[Any], table: SealedTable, newest: Key, progress: Progress) -> int:
    done = 0
    for rows in _old_rows(connection, table, newest.version):
        done += _reseal_rows(connection, table, rows, newest)
        progress(table.name, done)
    return done


def _old_rows(connection: psycopg.Connection[Any], table: SealedTable, newest: int) -> Iterator[list[tuple[Any, ...]]]:
    """The rows under older keys by primary key, a block at a time."""
    after: tuple[Any, ...] | None = None
    while True:
        condition = sql.Composed([])
        if after is not None:
            marks = sql.SQL(", ").join(sql.Placeholder() * len(after))
            condition = sql.SQL("AND ({}) > ({})").format(table.key_columns, marks)
        statement = sql.SQL(
            "SELECT id_commitment, id_sealed, id_index, key_version, {keys} FROM {table} "
            "WHERE key_version <> %s {condition} ORDER BY {keys} LIMIT {limit}"
        ).format(
            keys=table.key_columns,
            table=sql.Identifier(table.name),
            condition=condition,
            limit=sql.Literal(ROWS_AT_A_TIME),
        )
        rows = connection.execute(statement, [newest, *(after or ())], binary=True).fetchall()
        if not rows:
            return
        yield rows
        after = rows[-1][4:]


def _reseal_rows(
    connection: psycopg.Connection[Any], table: SealedTable, rows: list[tuple[Any, ...]], newest: Key
) -> int:
    """One block in one statement; a row that somebody else has resealed meanwhile is left as it is."""
    sealed = []
    for commitment, old, index, version, *key in rows:
        try:
            sealed.append(reseal(SealedId(commitment, old, index, version), newest))
        except SealingError as error:
            raise RekeyError(f"{table.name} {' '.join(map(str, key))}: {error}") from error
    columns = list(zip(*(row[4:] for row in rows), strict=True))
    arrays = sql.SQL(", ").join(sql.SQL("%s::{}[]").format(sql.SQL(kind)) for _, kind in table.keys)
    same = sql.SQL(" AND ").join(sql.SQL("t.{0} = n.{0}").format(sql.Identifier(name)) for name, _ in table.keys)
    statement = sql.SQL(
        "UPDATE {table} t SET id_sealed = n.sealed, id_index = n.index, key_version = {newest} "
        "FROM unnest({arrays}, %s::bytea[], %s::bytea[], %s::bytea[]) AS n({keys}, old, sealed, index) "
        "WHERE {same} AND t.id_sealed = n.old"
    ).format(
        table=sql.Identifier(table.name),
        newest=sql.Literal(newest.version),
        arrays=arrays,
        keys=table.key_columns,
        same=same,
    )
    parameters = [
        *(list(column) for column in columns),
        [row[1] for row in rows],
        [new.sealed for new in sealed],
        [new.index for new in sealed],
    ]
    return connection.execute(statement, parameters).rowcount
