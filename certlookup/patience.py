"""How long the public site waits for its database before it says that it can't answer (503).

The server itself ends a statement that takes too long (statement_timeout). A server that hangs, or a machine that is gone
from the network, ends nothing: then the waiting ends here. One wait that was in vain is enough for a request.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import psycopg
from psycopg import errors
from psycopg.abc import RV, PQGen

# Longer than the server's own limit, so that usually the server says why; with what else an answer needs, under three.
SECONDS = 2.3


class _Patience:
    """One request's: lost once something was waited for in vain."""

    lost = False


_patience: ContextVar[_Patience | None] = ContextVar("patience", default=None)


@contextmanager
def little_patience() -> Iterator[None]:
    """Inside, no single wait for the database is longer than SECONDS, and none follows one that was in vain."""
    token = _patience.set(_Patience())
    try:
        yield
    finally:
        _patience.reset(token)


class PatientConnection(psycopg.Connection[Any]):
    """A connection that obeys little_patience(); after waiting in vain it is closed, and the pool replaces it."""

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """What psycopg calls for every exchange with the server. Raises OperationalError."""
        patience = _patience.get()
        if patience is None:
            return super().wait(gen, interval, timeout)
        if patience.lost:
            self.pgconn.finish()
            raise errors.OperationalError("the database did not answer this request before")
        try:
            return super().wait(gen, interval, SECONDS if timeout is None else min(timeout, SECONDS))
        except errors._WaitTimeout as error:
            patience.lost = True
            self.pgconn.finish()
            raise errors.OperationalError(f"the database did not answer within {SECONDS} seconds") from error
