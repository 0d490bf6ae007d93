"""The limits' counters in Redis or Valkey, for several nodes (CACHE_URL): exact, as all keys of a request are counted in
one script that nothing comes between.

Where they can't be reached, CountersGone is raised, a DatabaseError, so that whoever counts does what it does without
counters: strict limits of its own or nothing, never no limit. After a failure nobody waits again for a second.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import redis
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.retry import Retry

from certlookup.ratecache import CountersGone, Noted, RateCache

log = logging.getLogger(__name__)

# A counter takes well under a millisecond. Tried twice: a connection that a restart has closed is no reason for less.
_OPTIONS = {
    "socket_connect_timeout": 0.5,
    "socket_timeout": 0.5,
    "retry": Retry(NoBackoff(), 1),
}
_LEFT_ALONE_SECONDS = 1.0
_COUNT_TOGETHER = """
local counts = {}
for place, key in ipairs(KEYS) do
    local uses = tonumber(ARGV[2 * place - 1])
    counts[place] = redis.call('INCRBY', key, uses)
    if counts[place] == uses then
        redis.call('EXPIRE', key, ARGV[2 * place])
    end
end
return counts
"""


class Numbers:
    """What Django's backend keeps values by: numbers only. Nothing that stands in the server is ever unpickled."""

    def dumps(self, value: int) -> int:
        """As it is; the server counts it on."""
        return int(value)

    def loads(self, stored: bytes) -> int:
        """As a number again."""
        return int(stored)


class _Health:
    """Whether this process has lately waited for the server in vain."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._gone_until = 0.0
        self._gone = False

    def require(self) -> None:
        """Raise CountersGone for a while after a failure."""
        if self._gone and time.monotonic() < self._gone_until:
            raise CountersGone("The counters could not be reached a moment ago.")

    def failed(self, error: Exception) -> None:
        """It couldn't be reached."""
        with self._lock:
            if not self._gone:
                log.error("The shared counters can't be reached; strict local limits apply: %s", error)
            self._gone, self._gone_until = True, time.monotonic() + _LEFT_ALONE_SECONDS

    def answered(self) -> None:
        """It answered."""
        if self._gone:
            with self._lock:
                self._gone = False
            log.warning("The shared counters answer again.")


_health = _Health()


@contextmanager
def _asking() -> Iterator[None]:
    _health.require()
    try:
        yield
    except redis.RedisError as error:
        _health.failed(error)
        raise CountersGone("The counters can't be reached.") from error
    _health.answered()


class RedisRateCache(RateCache, RedisCache):
    """Django's Redis backend, restricted to counters, that counts several at once; for RATELIMIT_USE_CACHE."""

    needs_primary = False

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, {**params, "OPTIONS": {**_OPTIONS, "serializer": Numbers}})
        self._script: Callable[..., list[int]] | None = None

    def count(self, noted: Sequence[Noted]) -> dict[str, int]:
        """Count what was noted, all in one script."""
        wanted = {one.key: one for one in noted}
        arguments = [number for one in wanted.values() for number in (one.uses, one.seconds)]
        with _asking():
            if self._script is None:
                self._script = self._cache.get_client(write=True).register_script(_COUNT_TOGETHER)
            counts = self._script(keys=list(wanted), args=arguments)
        return dict(zip(wanted, map(int, counts), strict=True))

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Begin a counter; False when it runs already."""
        if self._noted is not None:
            return self.note(self.make_key(key, version=version), value, timeout)
        with _asking():
            return bool(super().add(key, int(value), self.seconds(timeout), version=version))

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Count on; ValueError when there is no such counter."""
        with _asking():
            return int(super().incr(key, delta, version=version))

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """The count, or the default."""
        with _asking():
            return super().get(key, default, version=version)

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Put a counter in place of whatever there was."""
        with _asking():
            super().set(key, int(value), self.seconds(timeout), version=version)

    def delete(self, key: str, version: int | None = None) -> bool:
        """Forget a counter; False when there was none."""
        with _asking():
            return bool(super().delete(key, version=version))

    def require(self) -> None:
        """Raise CountersGone unless the server answers now."""
        try:
            self._cache.get_client(write=True).ping()
        except redis.RedisError as error:
            raise CountersGone(str(error)) from error
