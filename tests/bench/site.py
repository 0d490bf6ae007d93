"""The database that is measured against: an embedded server with the settings of a real one, in a folder that goes again."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from certlookup.postgres import EmbeddedServer, Running
from certlookup.postgres.server import DATABASE, ROLE_VARIABLES, default_folder, remove_data

PROJECT = Path(__file__).resolve().parents[2]
# Nothing else is ever filled or emptied: bench_site() sets the mark in the server that it made itself.
MARK = "certlookup bench"
# The same in every run, so that rows and indexes are the same to the byte; they protect nothing.
_KEYS = f"1:sm:{'5b' * 32}"
# What the caller's shell may hold and the measured programs must not see.
_FOREIGN = (
    "DATABASE_REPLICA_URL",
    "DATABASE_POOL",
    "SECRET_KEY",
    "CERTLOOKUP_KEYS",
    "SITE",
    "SITE_ADDRESS",
    "CACHE_URL",
)


@dataclass(frozen=True, slots=True)
class BenchSite:
    """A folder for files, a running server, and the environment of programs that work on its database."""

    folder: Path
    running: Running
    environment: dict[str, str]
    database: str = DATABASE

    def connect(self, database: str = "") -> "psycopg.Connection[tuple[object, ...]]":
        """A superuser's connection to the site's database or another one, which the caller closes."""
        url = self.running.url_for("postgres", database or self.database)
        return psycopg.connect(url, autocommit=True, options="-c search_path=certlookup")

    def url_for(self, role: str) -> str:
        """The URL by which a role logs in to the site's database."""
        return self.running.url_for(role, self.database)

    @contextmanager
    def copied(self, database: str) -> "Iterator[BenchSite]":
        """A site on a copy of this one's database, in the same server and under the same keys, closed as it is."""
        name, roles = sql.Identifier(database), sql.SQL(", ").join(map(sql.Identifier, ROLE_VARIABLES.values()))
        with self.connect("postgres") as connection:
            for statement in (
                sql.SQL("CREATE DATABASE {name} OWNER certlookup_owner TEMPLATE {template}"),
                sql.SQL("REVOKE ALL ON DATABASE {name} FROM PUBLIC"),
                sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {name} TO {roles}"),
                sql.SQL("COMMENT ON DATABASE {name} IS {mark}"),
            ):
                connection.execute(
                    statement.format(name=name, roles=roles, template=sql.Identifier(self.database), mark=MARK)
                )
        urls = {variable: self.running.url_for(role, database) for variable, role in ROLE_VARIABLES.items()}
        try:
            yield replace(self, database=database, environment=self.environment | urls)
        finally:
            with self.connect("postgres") as connection:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def require_mark(connection: "psycopg.Connection[Any]") -> None:
    """Raises SystemExit where the database isn't one that bench_site() made."""
    row = connection.execute(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
    ).fetchone()
    if row is None or row[0] != MARK:
        raise SystemExit("This database isn't marked for the bench; nothing was written.")


def server_settings() -> dict[str, str]:
    """What docs/deployment.md gives a server of this machine's memory; the embedded one's own is for trying out."""
    megabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1024**2
    return {
        "shared_buffers": f"{megabytes // 4}MB",
        "effective_cache_size": f"{megabytes * 2 // 3}MB",
        "work_mem": "16MB",
        "random_page_cost": "1.1",
        "wal_buffers": "64MB",
        "wal_writer_delay": "20ms",
        "wal_writer_flush_after": "64MB",
        "min_wal_size": "1GB",
        "max_wal_size": "2GB",
        "checkpoint_timeout": "15min",
    }


@contextmanager
def bench_site() -> Iterator[BenchSite]:
    """A fresh database with the project's schema and rights; afterwards nothing of it is left."""
    default_folder().mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=default_folder()))
    folder.chmod(0o755)
    server = EmbeddedServer(folder, server_settings())
    try:
        running = server.start()
        environment = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
        environment |= running.urls() | {"VAR_DIR": str(folder), "DEMO": "1", "CERTLOOKUP_KEYS": _KEYS}
        set_up = environment | {"DATABASE_SUPERUSER_URL": running.superuser_url}
        subprocess.run(
            [sys.executable, "manage.py", "set_up_database"],
            cwd=PROJECT,
            env=set_up,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        assert set(ROLE_VARIABLES) <= set(environment)
        site = BenchSite(folder, running, environment)
        with site.connect() as connection:
            connection.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(site.database), MARK))
        yield site
    finally:
        server.stop()
        remove_data(folder)
        shutil.rmtree(folder, ignore_errors=True)
