"""The database that is measured against: an embedded server with the settings of a real one, in a folder that goes again."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from certlookup.postgres import EmbeddedServer, Running
from certlookup.postgres.server import ROLE_VARIABLES, default_folder, remove_data

PROJECT = Path(__file__).resolve().parents[2]
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

    def connect(self, database: str = "certlookup") -> "psycopg.Connection[tuple[object, ...]]":
        """A superuser's connection, which the caller closes."""
        url = self.running.url_for("postgres", database)
        return psycopg.connect(url, autocommit=True, options="-c search_path=certlookup")


@contextmanager
def bench_site() -> Iterator[BenchSite]:
    """A fresh database with the project's schema and rights; afterwards nothing of it is left."""
    default_folder().mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=default_folder()))
    folder.chmod(0o755)
    server = EmbeddedServer(folder)
    try:
        running = server.start()
        environment = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
        environment |= running.urls() | {"VAR_DIR": str(folder), "DEMO": "1"}
        set_up = environment | {"DATABASE_SUPERUSER_URL": running.superuser_url}
        subprocess.run(
            [sys.executable, "manage.py", "set_up_database"],
            cwd=PROJECT,
            env=set_up,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        assert set(ROLE_VARIABLES) <= set(environment)
        yield BenchSite(folder, running, environment)
    finally:
        server.stop()
        remove_data(folder)
        shutil.rmtree(folder, ignore_errors=True)
