"""A PostgreSQL server of a test's own, for tests that kill it: the session's is everybody's."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql

from certlookup.postgres import EmbeddedServer, Running
from certlookup.postgres.server import ROLE_VARIABLES, remove_data
from certlookup.roles import Login, create_database, create_roles
from tests.databases import ROLES, TEMPLATE, Copy, running_server


class OwnServer:
    """The server, with the session's template database in it, under the same roles with passwords of their own."""

    def __init__(self, folder: Path) -> None:
        self.server = EmbeddedServer(folder)
        self.running = self.server.start()
        self._copy_template()

    def _copy_template(self) -> None:
        theirs = running_server()
        logins = {
            work: Login(name, self._password(name)) for work, name in ROLES.items() if name in ROLE_VARIABLES.values()
        }
        with psycopg.connect(self.running.superuser_url, autocommit=True) as connection:
            create_roles(connection, logins)
            create_database(connection, TEMPLATE, ROLES["owner"])
        dump = [
            theirs.binaries.program("pg_dump"),
            "--format=custom",
            f"--dbname={theirs.url_for('postgres', TEMPLATE)}",
        ]
        restore = [
            self.running.binaries.program("pg_restore"), "--exit-on-error",
            f"--dbname={self.running.url_for('postgres', TEMPLATE)}",
        ]  # fmt: skip
        content = subprocess.run(dump, check=True, capture_output=True).stdout
        subprocess.run(restore, check=True, input=content)

    def _password(self, role: str) -> str:
        """The one that the server's URLs for the role carry."""
        password = psycopg.conninfo.conninfo_to_dict(self.running.url_for(role))["password"]
        return str(password)

    def children(self) -> list[int]:
        """The server's processes beside the first one."""
        pid = self.running.pid
        with suppress(OSError):
            return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        return []

    def kill(self) -> None:
        """kill -9 of the database, all its processes at once."""
        for pid in (self.running.pid, *self.children()):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def start_again(self) -> None:
        """As whoever runs it would: it recovers from its log."""
        self.server.stop()
        self.running = self.server.start()


class OwnCopy(Copy):
    """A copy of the template on a server of the test's own."""

    def __init__(self, own: OwnServer) -> None:
        self.name = f"own_{uuid4().hex[:12]}"
        self.own = own
        with psycopg.connect(own.running.superuser_url, autocommit=True) as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
                    sql.Identifier(self.name), sql.Identifier(ROLES["owner"]), sql.Identifier(TEMPLATE)
                )
            )

    def remove(self) -> None:
        """Once nobody needs it: a server that recovers goes through the files of all its databases."""
        with psycopg.connect(self.own.running.superuser_url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(self.name)))

    @property
    def running(self) -> Running:  # type: ignore[override]
        """The server as it runs now: after a kill it is another process, at the same place."""
        return self.own.running


@contextmanager
def own_server() -> Iterator[OwnServer]:
    """The server, in a folder of its own that goes with it."""
    # Not below pytest's folder: each session of pytest closes that to others, the server's user among them.
    folder = Path(tempfile.mkdtemp(prefix="certlookup-own-"))
    folder.chmod(0o755)
    own = OwnServer(folder)
    try:
        yield own
    finally:
        own.server.stop()
        remove_data(folder)
        shutil.rmtree(folder, ignore_errors=True)
