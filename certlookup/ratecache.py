"""A cache of counters in an unlogged PostgreSQL table, exact across threads, processes and nodes.

django-ratelimit asks a cache key by key, add first and incr after; here the keys of one request are counted together
in one statement (together()), and single calls are atomic as well. Nothing but counters is kept.
"""

import random
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache

from certlookup.databases import current_connection

Result = TypeVar("Result")

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


class PostgresRateCache(BaseCache):
    """django.core.cache backend over rate_counter; one instance per thread, as Django's cache handler makes them."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        # While work is learnt: each key with its seconds and how many uses at once it is counted for.
        self._wanted: dict[str, tuple[int, int]] | None = None
        self.uses_at_once = 1
        self._counted: dict[str, int] = {}

    def together(self, work: Callable[[], Result], *, say: tuple[str, list[str]] | None = None) -> Result:
        """Run work with every key it adds counted once, or uses_at_once times, all in one statement.

        work runs twice: first to learn its keys (every key then looks new), then for its result. It must do nothing
        but ask this cache. say is a SELECT, with its parameters, that is run along. Raises what the database raises.
        """
        self._wanted = {}
        try:
            work()
            wanted = self._wanted
        finally:
            self._wanted = None
        self._counted = self._count(wanted, say)
        try:
            return work()
        finally:
            self._counted = {}

    def _count(self, wanted: dict[str, tuple[int, int]], say: tuple[str, list[str]] | None) -> dict[str, int]:
        seconds, uses = [second for second, _ in wanted.values()], [use for _, use in wanted.values()]
        statement = _COUNT_TOGETHER
        parameters: list[Any] = [list(wanted), seconds, uses]
        if say is not None:
            statement = _COUNT_AND_SAY.format(count=_COUNT_TOGETHER, said=say[0])
            parameters += say[1]
        with current_connection().cursor() as cursor:
            cursor.execute(statement, parameters)
            counted = dict(cursor.fetchall())
            if random.randrange(_SWEEP_ONE_IN) == 0:  # noqa: S311 - when to sweep is no secret
                cursor.execute(_SWEEP)
        return counted

    def _seconds(self, timeout: float | object | None) -> int:
        if timeout is DEFAULT_TIMEOUT:
            timeout = self.default_timeout
        if not isinstance(timeout, int | float):
            raise TypeError("A counter needs an end.")
        return int(timeout)

    def _one(self, statement: str, parameters: list[str | int]) -> int | None:
        with current_connection().cursor() as cursor:
            cursor.execute(statement, parameters)
            row = cursor.fetchone()
        return None if row is None else int(row[0])

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Begin a counter; False when it runs already."""
        name = self.make_and_validate_key(key, version=version)
        if self._wanted is not None:
            self._wanted[name] = (self._seconds(timeout), int(value) * self.uses_at_once)
            return True
        if name in self._counted:
            return False
        return self._one(_ADD, [name, int(value), self._seconds(timeout)]) is not None

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Count on; ValueError when there is no such counter."""
        name = self.make_and_validate_key(key, version=version)
        if name in self._counted:
            return self._counted[name]
        count = self._one(_INCREMENT, [delta, name])
        if count is None:
            raise ValueError("There is no such counter.")
        return count

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """The count, or the default."""
        name = self.make_and_validate_key(key, version=version)
        if name in self._counted:
            return self._counted[name]
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
