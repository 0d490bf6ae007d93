"""Where a dump is made and tried: a scratch database and a closed folder, both gone afterwards, even after kill -9.

One backup at a time per database: whoever holds the lock knows that every scratch database and work folder he finds
was left behind by a run that was killed.
"""

import logging
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from psycopg import sql

from uploads.backup.tools import ALIAS
from uploads.oversight.verification import open_connection

logger = logging.getLogger(__name__)

ADVISORY_CLASS = 7303
PREFIX = "certlookup_scratch"


@dataclass(frozen=True, slots=True)
class Workshop:
    """The lock on making backups, held as long as `connection` lives; autocommit, under the backup role."""

    connection: psycopg.Connection[Any]
    folder: Path
    prefix: str

    @contextmanager
    def scratch_database(self) -> Iterator[str]:
        """The name of an empty database that only the backup role may enter; dropped afterwards."""
        name = f"{self.prefix}{secrets.token_hex(4)}"
        self.connection.execute(
            sql.SQL("CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0").format(sql.Identifier(name))
        )
        try:
            self.connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
            yield name
        finally:
            self.drop(name)

    def drop(self, name: str) -> None:
        """Drop a scratch database, ending what we left in it; what can't be dropped now is left to the next sweep."""
        # Not WITH (FORCE): it wants to end autovacuum too, which DROP by itself may and this role may not.
        try:
            self.connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename = current_user",
                [name],
            )
            self.connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
        except (psycopg.errors.ObjectInUse, psycopg.errors.InsufficientPrivilege) as error:
            logger.warning("The scratch database %s is still there: %s", name, error)

    def sweep(self) -> None:
        """Remove what killed runs left of this database's backups."""
        left = self.connection.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [self.prefix]
        ).fetchall()
        for (name,) in left:
            self.drop(name)
        for folder in self.folder.parent.glob(f"{self.prefix}*"):
            if folder != self.folder:
                shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def workshop() -> Iterator[Workshop]:
    """Wait until no other backup of this database is being made, sweep, and give a work folder that nobody else reads."""
    with open_connection(ALIAS) as connection:
        connection.read_only = False
        connection.autocommit = True
        connection.execute("SELECT pg_advisory_lock(%s, 0)", [ADVISORY_CLASS])
        (oid,) = connection.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone() or (0,)
        # Several databases on one server, or several installations beside one var/, don't sweep each other's.
        prefix = f"{PREFIX}_{oid}_"
        parent = settings.VAR / "backups" / "work"
        parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=prefix, dir=parent, ignore_cleanup_errors=True) as folder:
            made = Workshop(connection, Path(folder), prefix)
            made.sweep()
            yield made
