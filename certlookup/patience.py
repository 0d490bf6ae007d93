"""How long the public site waits for its database before it says that it can't answer (503).

The server itself ends a statement that takes too long (statement_timeout). A server that hangs, or a machine that is gone
from the network, ends nothing: then the waiting ends here. One wait that was in vain is enough for a request.
"""

import select
from contextvars import ContextVar
from functools import cached_property
from typing import Any

import psycopg
from psycopg import errors
from psycopg.abc import RV, Params, PQGen, Query
from psycopg.pq import ConnStatus

from certlookup.holding import Holding

# Longer than the server's own limit (settings.py), so that usually the server says why; with what else an answer needs,
# under three. Beside replicas the wait for the primary may be followed by one for a replica.
SECONDS = 2.3
SECONDS_BESIDE_REPLICAS = 1.6
SECONDS_FOR_REPLICA = 0.9
SECONDS_OF_WATCH = 1.5


class _Patience:
    """One request's: lost for a kind of server once one of them was waited for in vain."""

    def __init__(self) -> None:
        self.lost: set[str] = set()


_patience: ContextVar[_Patience | None] = ContextVar("patience", default=None)
_goes_on_elsewhere: ContextVar[bool] = ContextVar("goes_on_elsewhere", default=False)


def little_patience() -> Holding[_Patience | None]:
    """Inside, no single wait for the database is longer than SECONDS, and none follows one that was in vain."""
    return Holding(_patience, _Patience())


def going_on_elsewhere() -> Holding[bool]:
    """Inside, a pool hands its connections out untried: whoever asks goes on with another one where the server ended one.

    Looking at the socket lets go of the interpreter's lock, and in a busy process it takes a while to get it back.
    """
    return Holding(_goes_on_elsewhere, value=True)


class PatientConnection(psycopg.Connection[Any]):
    """A connection that obeys little_patience(); after waiting in vain it is closed, and the pool replaces it."""

    seconds = SECONDS
    kind = "primary"

    def execute(self, query: Query, params: Params | None = None, **options: Any) -> psycopg.Cursor[Any]:  # noqa: ANN401 - psycopg's
        """As psycopg's, but that the pool's trial costs no round trip.

        The pool tries a connection by an empty statement before it hands it out. A server that ended, failed over or
        threw this session out has closed the socket, and whoever listens sees that at once. One that hangs shows nothing,
        and would keep the trial waiting as it does what comes after.
        """
        is_trial = query == "" and params is None
        if is_trial and self.pgconn.status == ConnStatus.OK and (_goes_on_elsewhere.get() or self._is_quiet()):
            return self._tried
        return super().execute(query, params, **options)  # type: ignore[arg-type]

    @cached_property
    def _tried(self) -> psycopg.Cursor[Any]:
        """Who tries a connection doesn't use it."""
        return self.cursor()

    @cached_property
    def _poll(self) -> select.poll:
        poll = select.poll()
        poll.register(self.pgconn.socket, select.POLLIN)
        return poll

    def _is_quiet(self) -> bool:
        """Whether nothing, an end least of all, has arrived."""
        return not self._poll.poll(0)

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """What psycopg calls for every exchange with the server. Raises OperationalError."""
        patience = _patience.get()
        if patience is None:
            return super().wait(gen, interval, timeout)
        if self.kind in patience.lost:
            self.pgconn.finish()
            raise errors.OperationalError("the database did not answer this request before")
        try:
            return super().wait(gen, interval, self.seconds if timeout is None else min(timeout, self.seconds))
        except errors._WaitTimeout as error:
            patience.lost.add(self.kind)
            self.pgconn.finish()
            raise errors.OperationalError(f"the database did not answer within {self.seconds} seconds") from error


class BesideReplicasConnection(PatientConnection):
    """To a primary that replicas can stand in for."""

    seconds = SECONDS_BESIDE_REPLICAS


class ReplicaConnection(PatientConnection):
    """To a replica, which other servers can stand in for."""

    seconds = SECONDS_FOR_REPLICA
    kind = "replica"


class WatchingConnection(psycopg.Connection[Any]):
    """Outside any request: to see whether a server answers."""

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Raises OperationalError after waiting in vain, and is closed then."""
        try:
            return super().wait(gen, interval, SECONDS_OF_WATCH if timeout is None else min(timeout, SECONDS_OF_WATCH))
        except errors._WaitTimeout as error:
            self.pgconn.finish()
            raise errors.OperationalError(f"no answer within {SECONDS_OF_WATCH} seconds") from error
