"""One statement of its own, planned once per connection: for the few that every lookup runs.

Django takes a connection from its pool and returns it once per request, and PostgreSQL plans each of its statements anew.
That costs several times what the statements of a lookup do.
"""

import time
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import psycopg
from django.db.backends.base.base import BaseDatabaseWrapper

Row = tuple[Any, ...]


class Select(NamedTuple):
    """A SELECT that has not run yet."""

    statement: str
    parameters: Sequence[Any]


_PREPARE_AT_ONCE = 0
_SECONDS_FOR_A_CONNECTION = 0.1
_SECONDS_TO_TRY_AGAIN = 0.3


def array_text(values: Iterable[object]) -> str:
    """An array as PostgreSQL reads it from text; psycopg takes longer to make one than the server takes to answer."""
    quoted = (str(value).replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return "{" + ",".join([f'"{value}"' for value in quoted]) + "}"


def run_prepared(connection: BaseDatabaseWrapper, statement: str, parameters: Sequence[Any]) -> list[Row]:
    """Run it and return its rows, on a connection of the pool for as long as that takes.

    Inside a transaction, or without a pool, it runs as any other on the connection that there is. The text is the key to
    the plan, so it must not contain values. Where the server has just thrown the session out, it is run again on another,
    perhaps for the second time: so it must be one that may be. Raises Django's database errors.
    """
    pool = getattr(connection, "pool", None)
    if pool is None or connection.connection is not None:
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return list(cursor.fetchall())
    with connection.wrap_database_errors:
        pool.open()
        began = time.monotonic()
        while True:
            pooled = pool.getconn()
            try:
                # Django sets it to None, which forbids it, for the sake of poolers between us and the server.
                pooled.prepare_threshold = _PREPARE_AT_ONCE
                with psycopg.Cursor(pooled) as prepared:
                    prepared.execute(statement, parameters, prepare=True)
                    return prepared.fetchall()
            except psycopg.OperationalError:
                if not pooled.broken or time.monotonic() - began > _SECONDS_TO_TRY_AGAIN:
                    raise
            finally:
                pool.putconn(pooled)


def still_answers(connection: BaseDatabaseWrapper) -> bool:
    """After an error: whether the server answers nevertheless, without waiting for it to come back."""
    pool = getattr(connection, "pool", None)
    if pool is None or connection.connection is not None:
        return connection.connection is not None and connection.is_usable()
    try:
        pooled = pool.getconn(timeout=_SECONDS_FOR_A_CONNECTION)
    except psycopg.Error:
        return False
    try:
        psycopg.Cursor(pooled).execute("SELECT 1")
    except psycopg.Error:
        return False
    finally:
        pool.putconn(pooled)
    return True
