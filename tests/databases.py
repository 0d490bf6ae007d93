"""The tests' own PostgreSQL server and databases, under the real roles; loaded before Django reads its settings.

One embedded server per test session, one template database that set_up_database made, one copy of it per test process.
Django's own set-up serves badly here: an application role can't create a database, and flush would truncate tables that
only grow. So nothing is ever flushed: a test runs in one transaction that is rolled back, or on a copy of its own.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.pq import TransactionStatus

from certlookup.keys import write_new_keys
from certlookup.postgres import EmbeddedServer, Running
from certlookup.postgres.server import ROLE_VARIABLES, remove_data

PROJECT = Path(__file__).resolve().parents[1]
FOLDER_VARIABLE = "CERTLOOKUP_TEST_FOLDER"
TEMPLATE = "certlookup_template"
ROLES: Mapping[str, str] = {
    "staff": "certlookup_staff",
    "public": "certlookup_public",
    "owner": "certlookup_owner",
    "rekey": "certlookup_rekey",
    "backup": "certlookup_backup",
    "superuser": "postgres",
}
# What a test's data are worth: no power cut matters, and several test processes connect at once.
SERVER_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}
# What the caller's shell may hold and the tests must not see.
FOREIGN_VARIABLES = (
    *ROLE_VARIABLES,
    *(f"{name}_FILE" for name in ROLE_VARIABLES),
    "DATABASE_REPLICA_URL",
    "DATABASE_SUPERUSER_URL",
    "DATABASE_POOL",
    "SECRET_KEY",
    "CERTLOOKUP_KEYS",
    "BACKUP_RECIPIENT",
    "BACKUP_PLACES",
    "SITE",
    "SITE_ADDRESS",
    "ALLOWED_HOSTS",
    "TRUSTED_PROXIES",
    "CACHE_URL",
    # Hundreds of programs are started here, and each would compile the whole project for itself.
    "PYTHONDONTWRITEBYTECODE",
)

_acting_role: ContextVar[str | None] = ContextVar("acting_role", default=None)


def _prepare_environment() -> bool:
    """Point this process's settings at the session's folder; True if this process made the folder.

    The server starts with the first test that wants a database; until then the URL in the settings leads nowhere.
    """
    for name in FOREIGN_VARIABLES:
        os.environ.pop(name, None)
    made = FOLDER_VARIABLE not in os.environ
    if made:
        folder = Path(tempfile.mkdtemp(prefix="certlookup-tests-"))
        folder.chmod(0o755)
        (folder / "static").mkdir()
        write_new_keys(folder / "keys")
        os.environ[FOLDER_VARIABLE] = str(folder)
    os.environ["VAR_DIR"] = os.environ[FOLDER_VARIABLE]
    os.environ["DEMO"] = "1"
    os.environ["DATABASE_URL"] = "postgresql://postgres@/no-database-yet?host=/nonexistent"
    return made


MADE_FOLDER = _prepare_environment()
SERVER = EmbeddedServer(Path(os.environ[FOLDER_VARIABLE]), SERVER_SETTINGS)


def pytest_unconfigure() -> None:
    """Leave the server, and, in the process that made it, remove its folder."""
    SERVER.stop()
    if MADE_FOLDER:
        remove_data(SERVER.folder)
        shutil.rmtree(SERVER.folder, ignore_errors=True)


@cache
def running_server() -> Running:
    """The session's server with the template database in it; the first process that asks makes both."""
    running = SERVER.start()
    urls = environment_of(running, TEMPLATE) | {"DATABASE_SUPERUSER_URL": running.superuser_url}
    _once("template", ["set_up_database"], urls)
    return running


def collect_static_files() -> None:
    """Put the session's static files where its web servers look for them."""
    _once("static", ["collectstatic", "--no-input"], {})


def _once(name: str, command: list[str], variables: Mapping[str, str]) -> None:
    """Run a manage.py command once in the session; processes that come meanwhile wait. Its words show if it fails."""
    done = SERVER.folder / f"{name}.done"
    with (SERVER.folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if done.exists():
            return
        answer = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=PROJECT,
            env=os.environ | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if answer.returncode != 0:
            pytest.exit(f"manage.py {' '.join(command)} failed:\n{answer.stdout}", returncode=1)
        done.touch()


def environment_of(running: Running, database: str) -> dict[str, str]:
    """The variables with which a program works on `database` under the real logins."""
    return {variable: running.url_for(role, database) for variable, role in ROLE_VARIABLES.items()}


def create_copy(database: str) -> None:
    """Make `database` a copy of the template, closed to all but our roles, as set_up_database leaves it."""
    running = running_server()
    name = sql.Identifier(database)
    roles = sql.SQL(", ").join(sql.Identifier(role) for role in ROLE_VARIABLES.values())
    with psycopg.connect(running.superuser_url, autocommit=True) as connection:
        # Without fsync files are copied in half the time that it takes to write every page into the log as well.
        statement = "CREATE DATABASE {} OWNER {} TEMPLATE {} STRATEGY FILE_COPY"
        owner = sql.Identifier(ROLES["owner"])
        connection.execute(sql.SQL(statement).format(name, owner, sql.Identifier(TEMPLATE)))
        connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
        connection.execute(sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(name, roles))


def drop(database: str) -> None:
    """Remove a copy, whoever is still connected."""
    with psycopg.connect(running_server().superuser_url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))


class Copy:
    """A database of one test's own, with real logins for each role."""

    def __init__(self) -> None:
        self.name = f"fresh_{uuid4().hex[:12]}"
        self.running = running_server()
        create_copy(self.name)

    def url(self, role: str) -> str:
        """The URL of 'staff', 'public', 'owner', 'rekey', 'backup' or 'superuser'."""
        return self.running.url_for(ROLES[role], self.name)

    def connect(self, role: str, **options: Any) -> psycopg.Connection[Any]:
        """A connection under `role`, which the caller closes; our tables are found without their schema's name."""
        return psycopg.connect(self.url(role), options="-c search_path=certlookup", **options)

    def environment(self) -> dict[str, str]:
        """The environment of a program that works on this copy, such as manage.py."""
        return dict(os.environ) | environment_of(self.running, self.name)


@contextmanager
def acting_as(role: str) -> Iterator[None]:
    """Inside, the test's one connection has the rights of `role`: staff, public, owner, rekey, backup or superuser.

    Without it, what runs inside certlookup.databases.public_site() is public's, and everything else staff's.
    """
    token = _acting_role.set(ROLES[role])
    try:
        yield
    finally:
        _acting_role.reset(token)


def switch_role(public_site: Callable[[], bool]) -> Callable[..., Any]:
    """A wrapper for Django's connection that gives each statement the rights of whoever would really send it.

    PostgreSQL tells the present role with every change, so that a rollback, which takes the change back, is noticed.
    """

    def wrapper(execute: Callable[..., Any], statement: str, parameters: Any, many: bool, context: Any) -> Any:
        connection = context["connection"].connection
        wanted = _acting_role.get() or ROLES["public" if public_site() else "staff"]
        if connection.info.transaction_status != TransactionStatus.INERROR:
            present = connection.info.parameter_status("session_authorization")
            if present != wanted:
                connection.execute(sql.SQL("SET SESSION AUTHORIZATION {}").format(sql.Identifier(wanted)))
        return execute(statement, parameters, many, context)

    return wrapper


def worker_name() -> str:
    """The name of this process's database; test processes that run side by side have one each."""
    return f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
