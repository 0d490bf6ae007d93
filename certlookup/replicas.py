"""Where a lookup reads: which replicas are near enough to the primary, and whether the primary is there at all.

Each web process has a thread per server that asks once a second, so that no lookup has to: a server that is gone, cut
off or behind is passed over before a visitor meets it, and at worst one visitor waits once for one that has just failed.

How near a replica is can't be told by the time of its last commit alone: on an idle primary that is long ago and still
all there is. So the primary's thread commits something every second, a bare transaction number, and the time of the last
commit that a replica has replayed says up to when its data are complete: `as_of`. A replica that is cut off shows it too,
whatever it believes of its connection. Times are the primary's; clocks of other machines don't come into it.
"""

import logging
import os
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from django.conf import settings
from django.db import connections

from certlookup.patience import WatchingConnection

log = logging.getLogger(__name__)

_SECONDS_BETWEEN = 1.0
# A server that fails lookups though it answers here is left alone for so long, doubled with each failure in a row.
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0
_AT_THE_PRIMARY = "SELECT pg_current_xact_id()::text, clock_timestamp(), system_identifier FROM pg_control_system()"
# After a restart nothing has been replayed yet; then everything up to its last checkpoint is there.
_AT_A_REPLICA = """
SELECT greatest(pg_last_xact_replay_timestamp(), (SELECT checkpoint_time FROM pg_control_checkpoint())),
    system_identifier FROM pg_control_system()
"""
Connection = psycopg.Connection[Any]


@dataclass(slots=True)
class _Replica:
    """What is known of a replica; as_of is None while it doesn't answer, or is no copy of this primary."""

    as_of: datetime | None = None
    told: str = ""
    failures: int = 0
    passed_over_until: float = 0.0


class Watch:
    """What one process knows of its servers, by their aliases."""

    def __init__(self, primary: str, replicas: tuple[str, ...], lag_at_most: timedelta) -> None:
        self.primary = primary
        self.primary_is_away = False
        self._replicas = {alias: _Replica() for alias in replicas}
        self._lag_at_most = lag_at_most
        # With a short lag allowed, a second between two looks would use it up.
        self._pause = min(_SECONDS_BETWEEN, lag_at_most.total_seconds() / 5)
        self._clock: tuple[datetime, float] | None = None
        self._identifier: int | None = None
        self._process = 0
        self._starting = threading.Lock()

    def start(self) -> None:
        """Begin to watch, once in a process; a process that was forked begins for itself."""
        if self._process == os.getpid():
            return
        with self._starting:
            if self._process == os.getpid():
                return
            self._process = os.getpid()
            self._look_after(self.primary, self._look_at_primary, self._lost_primary)
            for alias in self._replicas:
                self._look_after(alias, self._look_at_replica, self._lost_replica)

    def order(self) -> list[str]:
        """The aliases to read from, one after the other until one answers: a near replica first, then the primary."""
        now = time.monotonic()
        known = {
            alias: replica.as_of
            for alias, replica in self._replicas.items()
            if replica.as_of is not None and replica.passed_over_until <= now
        }
        newest = max(known.values(), default=None)
        if newest is None:
            return [self.primary]
        # Without a primary, replicas are compared with each other.
        least = (newest if self.primary_is_away else self._primary_clock(now)) - self._lag_at_most
        near = [alias for alias, as_of in known.items() if as_of >= least]
        first = [random.choice(near)] if near else []  # noqa: S311 - where a lookup goes is no secret
        others = sorted((alias for alias in known if alias not in first), key=lambda alias: known[alias], reverse=True)
        return [*first, *([] if self.primary_is_away else [self.primary]), *others]

    def can_do_without_primary(self) -> bool:
        """Whether a replica can answer while the primary doesn't, however old its data are."""
        return any(replica.as_of is not None for replica in self._replicas.values())

    def as_of(self, alias: str) -> datetime | None:
        """Up to when the data of a replica are complete, at least; None for the primary, whose data are present."""
        replica = self._replicas.get(alias)
        return replica.as_of if replica else None

    def answered(self, alias: str) -> None:
        """A lookup was answered by this server."""
        if (replica := self._replicas.get(alias)) and replica.failures:
            replica.failures = 0

    def failed(self, alias: str, error: Exception) -> None:
        """A lookup was not answered by this server: a replica is passed over for a while."""
        replica = self._replicas.get(alias)
        if replica is None:
            return
        replica.failures += 1
        pause = min(_FIRST_PAUSE * 2 ** (replica.failures - 1), _LONGEST_PAUSE)
        replica.passed_over_until = time.monotonic() + pause
        log.warning("%s did not answer a lookup and is passed over for %.0f s: %s", alias, pause, _first_line(error))

    def _primary_clock(self, now: float) -> datetime:
        """What the primary's clock says now; this machine's where it never answered."""
        if self._clock is None:
            return datetime.now(UTC)
        told, at = self._clock
        return told + timedelta(seconds=now - at)

    def _look_after(
        self, alias: str, look: Callable[[str, Connection], None], lost: Callable[[str, Exception], None]
    ) -> None:
        arguments = (alias, look, lost)
        threading.Thread(target=self._watch, args=arguments, name=f"watch {alias}", daemon=True).start()

    def _watch(
        self, alias: str, look: Callable[[str, Connection], None], lost: Callable[[str, Exception], None]
    ) -> None:
        connection: Connection | None = None
        while True:
            began = time.monotonic()
            is_new = connection is None
            try:
                connection = connection or _connect(alias)
                look(alias, connection)
            except psycopg.Error as error:
                if connection is not None:
                    connection.close()
                    connection = None
                # A connection that was shut from the other side says nothing of the server; one that hangs does.
                if not is_new and time.monotonic() - began < self._pause:
                    continue
                lost(alias, error)
            time.sleep(max(0.0, self._pause - (time.monotonic() - began)))

    def _look_at_primary(self, alias: str, connection: Connection) -> None:
        _, clock, identifier = _one(connection, _AT_THE_PRIMARY)
        self._clock = clock, time.monotonic()
        self._identifier = identifier
        if self.primary_is_away:
            log.warning("The primary answers again.")
            self.primary_is_away = False

    def _lost_primary(self, alias: str, error: Exception) -> None:
        if not self.primary_is_away:
            log.error("The primary doesn't answer; replicas answer lookups alone: %s", _first_line(error))
            self.primary_is_away = True

    def _look_at_replica(self, alias: str, connection: Connection) -> None:
        as_of, identifier = _one(connection, _AT_A_REPLICA)
        if self._identifier not in (None, identifier):
            self._tell(alias, None, "is no copy of this primary")
        else:
            self._tell(alias, as_of, "")

    def _lost_replica(self, alias: str, error: Exception) -> None:
        self._tell(alias, None, f"doesn't answer: {_first_line(error)}")

    def _tell(self, alias: str, as_of: datetime | None, problem: str) -> None:
        replica = self._replicas[alias]
        replica.as_of = as_of
        if bool(replica.told) != bool(problem):
            log.warning("%s %s", alias, problem or "answers again.")
        replica.told = problem


def _connect(alias: str) -> Connection:
    """A connection outside the pool, which lookups need for themselves."""
    given = connections[alias].get_connection_params()
    for name in ("cursor_factory", "context", "prepare_threshold"):
        given.pop(name, None)
    return WatchingConnection.connect(**given, autocommit=True)


def _one(connection: Connection, statement: str) -> tuple[Any, ...]:
    row = connection.execute(statement).fetchone()
    assert row is not None
    return tuple(row)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__


# None where no replica is configured, and in processes that don't answer lookups.
watch: Watch | None = None


def set_up() -> None:
    """Have a watch where there are replicas; it starts with the web process or with the first lookup."""
    global watch  # noqa: PLW0603 - asked for with every lookup, so that it has to cost nothing
    if settings.LOOKUP_REPLICAS:
        primary = "public" if "public" in settings.DATABASES else "default"
        watch = Watch(primary, tuple(settings.LOOKUP_REPLICAS), timedelta(seconds=settings.REPLICA_LAG_SECONDS))
