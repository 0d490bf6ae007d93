"""Letting Django in this process work on a database of one test's own, under the real logins."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connections

from certlookup import env
from tests.databases import Copy

ALIASES = {"default": "staff", "public": "public", "owner": "owner", "rekey": "rekey", "backup": "backup"}


def describe(url: str) -> dict[str, object]:
    """Django's full description of a database, its defaults filled in."""
    described = {"default": env.database(url, name="DATABASE_URL")}
    return dict(connections.configure_settings(described)["default"])


def close_all() -> None:
    """Close this thread's connections."""
    for alias in list(settings.DATABASES):
        connections[alias].close()


@contextmanager
def working_on(copy: Copy) -> Iterator[None]:
    """Inside, every alias of Django, in every thread, leads to the copy; afterwards to where it led before."""
    saved_databases = dict(settings.DATABASES)
    saved_connection = connections["default"]
    saved_connection.close()
    del connections["default"]
    settings.DATABASES.update({alias: describe(copy.url(role)) for alias, role in ALIASES.items()})
    try:
        yield
        close_all()
    finally:
        for alias in ALIASES:
            if alias in settings.DATABASES:
                del connections[alias]
        settings.DATABASES.clear()
        settings.DATABASES.update(saved_databases)
        connections["default"] = saved_connection
