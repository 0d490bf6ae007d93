"""Which database role answers, and which server: the public site's pages read as `public`, everything else as `staff`.

One process may serve both sites (SITE=both). The middleware in sitemiddleware.py says for each request which site it
is in; without a request (commands, worker) it is the staff site.

What only reads the register, a lookup above all, is marked @reads_register: it may be answered by a replica.
"""

from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from datetime import datetime
from functools import wraps
from typing import ParamSpec, TypeVar

from django.conf import settings
from django.db import Error, InterfaceError, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from certlookup import replicas
from certlookup.holding import Holding
from certlookup.replicas import Watch

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")

_in_public_site: ContextVar[bool] = ContextVar("in_public_site", default=False)
_owner_at_work: ContextVar[bool] = ContextVar("owner_at_work", default=False)
_reading: ContextVar[str | None] = ContextVar("reading", default=None)
_as_of: ContextVar[datetime | None] = ContextVar("as_of", default=None)


def in_public_site() -> bool:
    """Whether the present work is the public site's."""
    return _in_public_site.get()


def current_alias() -> str:
    """The alias that the present work reads and writes through.

    Raises OperationalError in the public site while the primary is known to be away, so that nobody waits for it.
    """
    if (alias := _reading.get()) is not None:
        return alias
    if _owner_at_work.get():
        return "owner"
    if not in_public_site():
        return "default"
    if primary_is_away():
        raise OperationalError("The primary is known to be away.")
    return "public" if "public" in settings.DATABASES else "default"


def current_connection() -> BaseDatabaseWrapper:
    """The connection behind current_alias()."""
    return connections[current_alias()]


def reading_alias() -> str:
    """The alias that a lookup reads the register through now: a replica's, or current_alias()."""
    return current_alias()


def reading_connection() -> BaseDatabaseWrapper:
    """The connection behind reading_alias()."""
    return connections[reading_alias()]


def reads_elsewhere() -> bool:
    """Whether lookups may be read from another server than counters are written to: no statement can then do both."""
    return replicas.watch is not None


def watch_replicas() -> None:
    """Begin to watch the servers before the first visitor comes, where there are replicas."""
    if replicas.watch is not None:
        replicas.watch.start()


def primary_is_away() -> bool:
    """Whether the primary is known not to answer while a replica may: then nothing but lookups can be answered."""
    return replicas.watch is not None and replicas.watch.primary_is_away


def can_do_without_primary() -> bool:
    """Whether a replica could answer a lookup now."""
    return replicas.watch is not None and replicas.watch.can_do_without_primary()


def data_as_of() -> datetime | None:
    """Up to when the data are complete that the last @reads_register call read; None: they are the primary's own."""
    return _as_of.get()


def reads_register(work: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
    """A function that only reads, and may be run again: inside it every query, the ORM's too, goes to one server.

    That is a replica where there is one near enough, and another server where that one fails.
    """

    @wraps(work)
    def where_it_is_read(*args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
        if replicas.watch is None or _reading.get() is not None or not in_public_site():
            return work(*args, **kwargs)
        return _read(replicas.watch, lambda: work(*args, **kwargs))

    return where_it_is_read


def _read(watch: Watch, work: Callable[[], Answer]) -> Answer:
    watch.start()
    last_error: Error | None = None
    for alias in watch.order():
        as_of = watch.as_of(alias)
        _as_of.set(as_of)
        token = _reading.set(alias)
        try:
            answer = work()
        except Error as error:
            # Of the primary, only that it can't answer leads elsewhere.
            if as_of is None and not isinstance(error, OperationalError | InterfaceError):
                raise
            watch.failed(alias, error)
            with suppress(Error):
                connections[alias].close()
            last_error = error
        else:
            watch.answered(alias)
            return answer
        finally:
            _reading.reset(token)
    raise last_error or OperationalError("Neither the primary nor a replica answers.")


def public_site() -> Holding[bool]:
    """Everything inside runs under the public role."""
    return Holding(_in_public_site, value=True)


def as_owner() -> Holding[bool]:
    """Everything inside runs as the database's owner: set-up, and the first accounts, which nobody else can give."""
    return Holding(_owner_at_work, value=True)


class SiteRouter:
    """Django's database router over current_alias()."""

    def db_for_read(self, model: object, **hints: object) -> str:
        return current_alias()

    def db_for_write(self, model: object, **hints: object) -> str:
        return current_alias()

    def allow_relation(self, first: object, second: object, **hints: object) -> bool:
        return True
