"""Which database role answers, and which server: the public site's pages read as `public`, everything else as `staff`.

One process may serve both sites (SITE=both). The middleware in sitemiddleware.py says for each request which site it
is in; without a request (commands, worker) it is the staff site.

What only reads the register, a lookup above all, is marked @reads_register: it may be answered by a replica.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import ParamSpec, TypeVar

from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")

_in_public_site: ContextVar[bool] = ContextVar("in_public_site", default=False)
_owner_at_work: ContextVar[bool] = ContextVar("owner_at_work", default=False)


def in_public_site() -> bool:
    """Whether the present work is the public site's."""
    return _in_public_site.get()


def current_alias() -> str:
    """The alias that the present work reads and writes through."""
    if _owner_at_work.get():
        return "owner"
    return "public" if in_public_site() and "public" in settings.DATABASES else "default"


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
    return False


def reads_register(work: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
    """A function that only reads, and may be run again: inside it every query, the ORM's too, goes to one server.

    That is a replica where there is one near enough, or the primary where that one fails.
    """

    @wraps(work)
    def where_it_is_read(*args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
        return work(*args, **kwargs)

    return where_it_is_read


@contextmanager
def public_site() -> Iterator[None]:
    """Everything inside runs under the public role."""
    token = _in_public_site.set(True)
    try:
        yield
    finally:
        _in_public_site.reset(token)


@contextmanager
def as_owner() -> Iterator[None]:
    """Everything inside runs as the database's owner: set-up, and the first accounts, which nobody else can give."""
    token = _owner_at_work.set(True)
    try:
        yield
    finally:
        _owner_at_work.reset(token)


class SiteRouter:
    """Django's database router over current_alias()."""

    def db_for_read(self, model: object, **hints: object) -> str:
        return current_alias()

    def db_for_write(self, model: object, **hints: object) -> str:
        return current_alias()

    def allow_relation(self, first: object, second: object, **hints: object) -> bool:
        return True
