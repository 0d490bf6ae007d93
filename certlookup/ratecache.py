"""A cache of counters in an unlogged PostgreSQL table, exact across threads, processes and nodes.

django-ratelimit asks a cache key by key, add first and incr after; here the keys of one request are noted first and
then counted together in one statement, and single calls are atomic as well. Nothing but counters is kept.
"""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import DatabaseError

from certlookup.databases import current_connection
from certlookup.statements import run_prepared


class Noted(NamedTuple):
    """One key that is to be counted, so many uses of it at once, and in how many seconds its counter ends."""

    key: str
    seconds: int
    uses: int


# Sorted, so that two requests with the same keys never wait for each other crosswise.
_COUNT_TOGETHER = """
INSERT INTO rate_counter AS counter (key, count, expires_at)
SELECT wanted.key, wanted.uses, now() + make_interval(secs => wanted.seconds)
FROM unnest(%s::text[], %s::int[], %s::int[]) AS wanted (key, seconds, uses) ORDER BY wanted.key
ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN counter.expires_at <= now() THEN excluded.count ELSE counter.count + excluded.count END,
    expires_at = CASE WHEN counter.expires_at <= now() THEN excluded.expires_at ELSE counter.expires_at END
RETURNING key, count
"""
# A statement of the caller's that is to cost no round trip of its own.
_COUNT_AND_SAY = "WITH counted AS ({count}) SELECT key, count FROM counted UNION ALL SELECT '', 0 FROM ({said}) AS said"
_ADD = """
INSERT INTO rate_counter AS counter (key, count, expires_at)
VALUES (%s, %s, now() + make_interval(secs => %s))
ON CONFLICT (key) DO UPDATE SET count = excluded.count, expires_at = excluded.expires_at
    WHERE counter.expires_at <= now()
RETURNING count
"""
_INCREMENT = "UPDATE rate_counter SET count = count + %s WHERE key = %s AND expires_at > now() RETURNING count"
_GET = "SELECT count FROM rate_counter WHERE key = %s AND expires_at > now()"
_DELETE = "DELETE FROM rate_counter WHERE key = %s"
_SWEEP = """
DELETE FROM rate_counter WHERE key IN (
    SELECT key FROM rate_counter WHERE expires_at <= now() LIMIT 2000 FOR UPDATE SKIP LOCKED)
"""
_SWEEP_ONE_IN = 1000


class CountersGone(DatabaseError):
    """The counters can't be reached, wherever they stand; the register may well be."""


class RateCache(BaseCache):
    """A cache of counters that can count several at once; one instance per thread, as Django's cache handler makes them.

    needs_primary: the counters are gone where the primary is.
    """

    needs_primary = True
    uses_at_once = 1
    _noted: list[Noted] | None = None

    @contextmanager
    def noting(self) -> Iterator[list[Noted]]:
        """Inside, what is added is only noted, as if it were new; in the order in which it was added."""
        noted = self._noted = []
        try:
            yield noted
        finally:
            self._noted = None

    def note(self, name: str, value: Any, timeout: float | object | None) -> bool:
        """Note what is added, inside noting()."""
        assert self._noted is not None
        self._noted.append(Noted(name, self.seconds(timeout), int(value) * self.uses_at_once))
        return True

    def seconds(self, timeout: float | object | None) -> int:
        """In how many seconds a counter ends."""
        if timeout is DEFAULT_TIMEOUT:
            timeout = self.default_timeout
        if not isinstance(timeout, int | float):
            raise TypeError("A counter needs an end.")
        return int(timeout)

    def count(self, noted: Sequence[Noted], say: tuple[str, list[str]] | None = None) -> dict[str, int]:
        """Count what was noted, all at once: each key with its count after that.

        say is a SELECT, with its parameters, for the primary. Raises DatabaseError where it can't be counted.
        """
        raise NotImplementedError

    def require(self) -> None:
        """Raise DatabaseError unless the counters can be reached now."""


class PostgresRateCache(RateCache):
    """django.core.cache backend over rate_counter."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def count(self, noted: Sequence[Noted], say: tuple[str, list[str]] | None = None) -> dict[str, int]:
        """Count what was noted, all in one statement: each key with its count after that.

        say is a SELECT, with its parameters, that is run along. Raises what the database raises.
        """
        wanted = {one.key: one for one in noted}
        keys, seconds, uses = zip(*wanted.values(), strict=True)
        parameters: list[Any] = [list(keys), list(seconds), list(uses)]
        statement = _COUNT_TOGETHER
        if say is not None:
            statement = _COUNT_AND_SAY.format(count=_COUNT_TOGETHER, said=say[0])
            parameters += say[1]
        connection = current_connection()
        counted = dict(run_prepared(connection, statement, parameters))
        if random.randrange(_SWEEP_ONE_IN) == 0:  # noqa: S311 - when to sweep is no secret
            with connection.cursor() as cursor:
                cursor.execute(_SWEEP)
        return counted

    def _one(self, statement: str, parameters: list[str | int]) -> int | None:
        with current_connection().cursor() as cursor:
            cursor.execute(statement, parameters)
            row = cursor.fetchone()
        return None if row is None else int(row[0])

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Begin a counter; False when it runs already."""
        name = self.make_and_validate_key(key, version=version)
        if self._noted is not None:
            return self.note(name, value, timeout)
        return self._one(_ADD, [name, int(value), self.seconds(timeout)]) is not None

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Count on; ValueError when there is no such counter."""
        name = self.make_and_validate_key(key, version=version)
        count = self._one(_INCREMENT, [delta, name])
        if count is None:
            raise ValueError("There is no such counter.")
        return count

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """The count, or the default."""
        name = self.make_and_validate_key(key, version=version)
        count = self._one(_GET, [name])
        return default if count is None else count

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Put a counter in place of whatever there was."""
        self.delete(key, version=version)
        self.add(key, value, timeout, version=version)

    def delete(self, key: str, version: int | None = None) -> bool:
        """Forget a counter; False when there was none."""
        name = self.make_and_validate_key(key, version=version)
        with current_connection().cursor() as cursor:
            cursor.execute(_DELETE, [name])
            return bool(cursor.rowcount > 0)
