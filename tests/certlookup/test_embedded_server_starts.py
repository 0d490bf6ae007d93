import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from certlookup.postgres import EmbeddedServer, ensure_urls
from certlookup.postgres.server import ROLE_VARIABLES, SYSTEM_FOLDER
from tests.certlookup.machine import PROJECT, lives

ASK_FOR_URLS = """
import sys
from pathlib import Path
from certlookup.postgres import ensure_urls
environ = {}
print(ensure_urls(environ, Path(sys.argv[1])).pid, *environ)
"""


def test_a_new_server_takes_connections_over_a_socket_that_only_its_user_may_enter(folder: Path) -> None:
    with EmbeddedServer(folder) as running, psycopg.connect(running.superuser_url) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert running.socket_folder.stat().st_mode & 0o777 == 0o700


def test_a_new_server_checks_its_pages_writes_to_disk_and_sorts_alike_everywhere(folder: Path) -> None:
    with EmbeddedServer(folder) as running, psycopg.connect(running.superuser_url) as connection:
        assert connection.execute("SHOW data_checksums").fetchone() == ("on",)
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
        assert connection.execute("SELECT 'Z' < 'a', lower('Ä') = 'ä'").fetchone() == (True, True)


def test_the_superuser_needs_the_stored_password(folder: Path) -> None:
    with EmbeddedServer(folder) as running:
        key = folder / "keys" / "database_postgres"
        assert key.stat().st_mode & 0o777 == 0o600
        url = running.superuser_url.replace(key.read_text(), "another")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(url)


def test_the_server_never_runs_as_root(folder: Path) -> None:
    with EmbeddedServer(folder) as running:
        assert Path(f"/proc/{running.pid}").stat().st_uid != 0


def test_a_second_start_finds_the_data_of_the_first(folder: Path) -> None:
    with EmbeddedServer(folder) as running, psycopg.connect(running.superuser_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    with EmbeddedServer(folder) as running, psycopg.connect(running.superuser_url) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (7,)


def test_every_role_has_a_url_with_a_password_that_stays(folder: Path) -> None:
    with EmbeddedServer(folder) as running:
        urls = running.urls()
        assert urls.keys() == ROLE_VARIABLES.keys()
        assert running.urls() == urls


def test_a_process_without_urls_gets_those_of_a_server_for_its_own_lifetime_and_no_superuser(folder: Path) -> None:
    command = [sys.executable, "-c", ASK_FOR_URLS, str(folder)]
    answer = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout.split()
    assert answer[1:] == list(ROLE_VARIABLES)
    assert not lives(int(answer[0]))


def test_a_process_with_a_url_starts_no_server(folder: Path) -> None:
    environ = {"DATABASE_URL": "postgresql://somebody@elsewhere/certlookup"}
    assert ensure_urls(environ, folder) is None
    assert environ == {"DATABASE_URL": "postgresql://somebody@elsewhere/certlookup"}
    assert not list(folder.iterdir())


def test_below_a_closed_folder_roots_server_keeps_its_data_elsewhere(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    var = folder / "closed" / "var"
    var.parent.mkdir(mode=0o700)
    with EmbeddedServer(var) as running, psycopg.connect(running.superuser_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
        assert running.socket_folder.is_relative_to(SYSTEM_FOLDER) == (os.geteuid() == 0)
        assert ("as PostgreSQL's user" in capsys.readouterr().out) == (os.geteuid() == 0)


def test_a_folder_with_a_long_path_gets_a_socket_with_a_short_one(folder: Path) -> None:
    var = folder / ("long" * 25) / "var"
    with EmbeddedServer(var) as running, psycopg.connect(running.superuser_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
        assert len(str(running.socket_folder)) < 85
    assert not running.socket_folder.exists()


def test_the_log_holds_no_statement_and_no_row(folder: Path) -> None:
    with EmbeddedServer(folder) as running, psycopg.connect(running.superuser_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE people (id text PRIMARY KEY)")
        connection.execute("INSERT INTO people VALUES (%s)", ["379901199001010018"])
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO people VALUES ('379901199001010018')")
    log = (folder / "log" / "postgres.log").read_text()
    assert "duplicate key" in log
    assert "379901199001010018" not in log
