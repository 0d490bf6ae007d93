"""A cache of counters in an unlogged PostgreSQL table, exact across threads, processes and nodes.

django-ratelimit asks a cache key by key, add first and incr after; here the keys of one request are noted first and
then counted together in one statement, and single calls are atomic as well. Nothing but counters is kept.
"""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import DatabaseError

from certlookup.databases import current_connection
from certlookup.statements import Row, Select, array_text, run_prepared


class Noted(NamedTuple):
    """One key that is to be counted: so many uses of it at once, and in how many seconds its counter ends."""

    key: str
    uses: int
    seconds: int


_COUNT_TOGETHER = """
INSERT INTO rate_counter AS counter (key, count, expires_at)
{wanted}
ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN counter.expires_at <= now() THEN excluded.count ELSE counter.count + excluded.count END,
    expires_at = CASE WHEN counter.expires_at <= now() THEN excluded.expires_at ELSE counter.expires_at END
RETURNING key, count
"""
_WANTED = "(%s, %s::int, now() + make_interval(secs => %s::int))"
# A lookup's few are written out, which is planned and run faster; for lists that would be a statement per length.
_FEW = 6
_WANTED_MANY = """SELECT wanted.key, wanted.uses, now() + make_interval(secs => wanted.seconds)
FROM unnest(%s::text[], %s::int[], %s::int[]) AS wanted (key, uses, seconds)"""
# Each row of the caller's SELECT, which has one at least, with all counts before it, in the order of their keys.
_COUNT_AND_READ = """
WITH counted AS ({count})
SELECT ARRAY(SELECT count FROM counted ORDER BY key COLLATE "C"), along.* FROM ({statement}) AS along
"""
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
        self._noted.append(Noted(name, int(value) * self.uses_at_once, self.seconds(timeout)))
        return True

    def seconds(self, timeout: float | object | None) -> int:
        """In how many seconds a counter ends."""
        if timeout is DEFAULT_TIMEOUT:
            timeout = self.default_timeout
        if not isinstance(timeout, int | float):
            raise TypeError("A counter needs an end.")
        return int(timeout)

    def count(self, noted: Sequence[Noted]) -> dict[str, int]:
        """Count what was noted, all at once: each key with its count after that.

        Raises DatabaseError where it can't be counted.
        """
        raise NotImplementedError

    def count_and_read(self, noted: Sequence[Noted], along: Select) -> tuple[dict[str, int], list[Row] | None]:
        """count(), and the rows of a SELECT for the primary that always has some; None where that is another way."""
        return self.count(noted), None

    def require(self) -> None:
        """Raise DatabaseError unless the counters can be reached now."""


def rate_cache() -> RateCache:
    """The cache that django-ratelimit counts in."""
    cache = caches[settings.RATELIMIT_USE_CACHE]
    assert isinstance(cache, RateCache)
    return cache


class PostgresRateCache(RateCache):
    """django.core.cache backend over rate_counter."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def count(self, noted: Sequence[Noted]) -> dict[str, int]:
        """Count what was noted, all in one statement: each key with its count after that.

        Raises what the database raises.
        """
        wanted = _in_order(noted)
        rows = run_prepared(current_connection(), _count_together(len(wanted)), _parameters(wanted))
        _sweep_at_times()
        return dict(rows)

    def count_and_read(self, noted: Sequence[Noted], along: Select) -> tuple[dict[str, int], list[Row] | None]:
        """count(), and in the same round trip the SELECT's rows, as of before the counting."""
        wanted = _in_order(noted)
        statement = _count_and_read(len(wanted), along.statement)
        rows = run_prepared(current_connection(), statement, [*_parameters(wanted), *along.parameters])
        _sweep_at_times()
        counts = dict(zip([one.key for one in wanted], rows[0][0], strict=True))
        return counts, [row[1:] for row in rows]

    def _one(self, statement: str, parameters: list[str | int]) -> int | None:
        with current_connection().cursor() as cursor:
            cursor.execute(statement, parameters)
            row = cursor.fetchone()
        return None if row is None else int(row[0])

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Begin a counter; False when it runs already."""
        if self._noted is not None:
            return self.note(self.make_key(key, version=version), value, timeout)
        name = self.make_and_validate_key(key, version=version)
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


def _in_order(noted: Sequence[Noted]) -> list[Noted]:
    """Each key once, sorted: two requests with the same keys never wait for each other crosswise."""
    return sorted({one.key: one for one in noted}.values())


def _parameters(wanted: Sequence[Noted]) -> list[str]:
    if len(wanted) > _FEW:
        return [array_text(values) for values in zip(*wanted, strict=True)]
    return [str(value) for one in wanted for value in one]


@lru_cache
def _count_together(keys: int) -> str:
    wanted = _WANTED_MANY if keys > _FEW else "VALUES " + ", ".join([_WANTED] * keys)
    return _COUNT_TOGETHER.format(wanted=wanted)


@lru_cache
def _count_and_read(keys: int, statement: str) -> str:
    return _COUNT_AND_READ.format(count=_count_together(keys), statement=statement)


def _sweep_at_times() -> None:
    if random.randrange(_SWEEP_ONE_IN) == 0:  # noqa: S311 - when to sweep is no secret
        with current_connection().cursor() as cursor:
            cursor.execute(_SWEEP)
