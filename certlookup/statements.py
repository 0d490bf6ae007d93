"""One statement of its own, planned once per connection: for the few that every lookup runs.

Django takes a connection from its pool and returns it once per request, and PostgreSQL plans each of its statements anew.
That costs several times what the statements of a lookup do.
"""

import re
import time
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import psycopg
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import errors, generators
from psycopg.adapt import Transformer
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

from certlookup.patience import going_on_elsewhere

Row = tuple[Any, ...]


class Select(NamedTuple):
    """A SELECT that has not run yet."""

    statement: str
    parameters: Sequence[str]


_SECONDS_FOR_A_CONNECTION = 0.1
_SECONDS_TO_TRY_AGAIN = 0.3
_PLACEHOLDER = re.compile("%[s%]")


def array_text(values: Iterable[object]) -> str:
    """An array as PostgreSQL reads it from text; psycopg takes longer to make one than the server takes to answer."""
    quoted = (str(value).replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return "{" + ",".join([f'"{value}"' for value in quoted]) + "}"


def run_prepared(connection: BaseDatabaseWrapper, statement: str, parameters: Sequence[str]) -> list[Row]:
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
        if pool.closed:
            pool.open()
        began = time.monotonic()
        while True:
            with going_on_elsewhere():
                pooled = pool.getconn()
            try:
                return _run(pooled, statement, parameters)
            except psycopg.OperationalError:
                if not pooled.broken or time.monotonic() - began > _SECONDS_TO_TRY_AGAIN:
                    raise
            finally:
                pool.putconn(pooled)


class _Prepared:
    """What was prepared on one connection, by statement, and how its rows are read."""

    def __init__(self, pooled: psycopg.Connection[Any]) -> None:
        self.names: dict[str, bytes] = {}
        self.transformer = Transformer(pooled)


def _run(pooled: psycopg.Connection[Any], statement: str, parameters: Sequence[str]) -> list[Row]:
    """One exchange with the server, by libpq's own calls: a cursor costs as much as the statement that it runs.

    The connection commits each statement by itself; the pool's all do, between requests.
    """
    pgconn = pooled.pgconn
    prepared: _Prepared | None = getattr(pooled, "_prepared_here", None)
    if prepared is None:
        prepared = pooled._prepared_here = _Prepared(pooled)  # type: ignore[attr-defined] # lives as long as what it tells of
    name = prepared.names.get(statement)
    if name is None:
        name = b"certlookup_%d" % len(prepared.names)
        pgconn.send_prepare(name, _numbered(statement))
        _result(pooled)
        prepared.names[statement] = name
    pgconn.send_query_prepared(name, [parameter.encode() for parameter in parameters])
    result = _result(pooled)
    prepared.transformer.set_pgresult(result)
    return prepared.transformer.load_rows(0, result.ntuples, tuple)


def _result(pooled: psycopg.Connection[Any]) -> PGresult:
    """Wait for what was sent. Raises psycopg's errors."""
    result: PGresult
    [result] = pooled.wait(generators.execute(pooled.pgconn))
    if result.status == ExecStatus.FATAL_ERROR:
        raise errors.error_from_result(result, pooled.info.encoding)
    return result


@lru_cache(maxsize=64)
def _numbered(statement: str) -> bytes:
    """With placeholders as libpq has them."""
    places = iter(range(1, statement.count("%s") + 1))
    return _PLACEHOLDER.sub(lambda found: f"${next(places)}" if found[0] == "%s" else "%", statement).encode()


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
