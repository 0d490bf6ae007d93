"""How often a lookup may be made: per client address, per ID number and per certificate number.

Counters stand in the cache (certlookup/ratecache.py). Where they can't be reached though the register can, strict
counters of this process stand in: the lookup is never open without a limit.
"""

import logging
import threading
import time
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import caches
from django.db import DatabaseError
from django_ratelimit.core import get_usage

from certlookup.databases import current_connection
from certlookup.env import read_rate
from certlookup.ratecache import PostgresRateCache

log = logging.getLogger(__name__)

# Without the shared counters a process allows this share of each limit, at least one.
_STRICT_SHARE = 20
_LOCAL_COUNTERS_AT_MOST = 50_000


@dataclass(frozen=True, slots=True)
class Limited:
    """Beyond a limit; retry_after is in seconds."""

    retry_after: int


@dataclass(frozen=True, slots=True)
class _Limit:
    group: str
    value: str
    rate: str


class LocalCounters:
    """Counters of this process alone, by fixed windows; full, they refuse whoever is new until windows end."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._windows: dict[tuple[str, str], tuple[float, int]] = {}

    def count(self, limit: _Limit, now: float) -> Limited | None:
        """Count one use; Limited beyond the strict share of the limit's rate."""
        allowed, seconds = read_rate(limit.rate)
        strict = max(1, allowed // _STRICT_SHARE)
        key = (limit.group, limit.value)
        with self._lock:
            if key not in self._windows and len(self._windows) >= _LOCAL_COUNTERS_AT_MOST:
                self._windows = {k: window for k, window in self._windows.items() if window[0] > now}
                if len(self._windows) >= _LOCAL_COUNTERS_AT_MOST:
                    return Limited(seconds)
            ends, used = self._windows.get(key, (now + seconds, 0))
            if ends <= now:
                ends, used = now + seconds, 0
            self._windows[key] = (ends, used + 1)
        return Limited(max(1, round(ends - now))) if used + 1 > strict else None


_local = LocalCounters()


def count_lookup(*, address: str, id_index: bytes, certificate_number: str) -> Limited | None:
    """Count one lookup under its three keys; Limited if any of them is beyond its threshold.

    The ID number comes as its keyed index and all keys are hashed: no counter names a person. Raises OperationalError
    when the database itself is gone, since then there is nothing to look up either.
    """
    limits = (
        _Limit("address", address, settings.RATE_ADDRESS),
        _Limit("id", id_index.hex(), settings.RATE_ID),
        _Limit("certificate", certificate_number, settings.RATE_CERTIFICATE),
    )
    try:
        return _count_shared(limits)
    except DatabaseError:
        connection = current_connection()
        if connection.connection is None or not connection.is_usable():
            raise
        log.exception("The shared counters of lookups can't be reached; strict local limits apply.")
        return _count_locally(limits)


def _count_shared(limits: tuple[_Limit, ...]) -> Limited | None:
    cache = caches[settings.RATELIMIT_USE_CACHE]
    assert isinstance(cache, PostgresRateCache)
    usages = cache.together(lambda: [_usage(limit) for limit in limits])
    beyond = [usage["time_left"] for usage in usages if usage["should_limit"]]
    return Limited(max(1, *beyond)) if beyond else None


def _usage(limit: _Limit) -> dict[str, int]:
    usage: dict[str, int] = get_usage(
        None, group=limit.group, key=lambda _group, _request: limit.value, rate=limit.rate, increment=True
    )
    return usage


def _count_locally(limits: tuple[_Limit, ...]) -> Limited | None:
    now = time.monotonic()
    beyond = [limited for limit in limits if (limited := _local.count(limit, now))]
    return max(beyond, key=lambda limited: limited.retry_after) if beyond else None
