import socket
from pathlib import Path

import pytest

from certlookup.postgres import EmbeddedServer
from tests.certlookup.launching import environment, refusal


def test_a_port_that_is_taken_is_named_before_anything_is_made(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = refusal(environment(folder, PORT=str(port)))
    assert said == f"Port {port} is taken by another program; choose another: make run PORT={port + 1}"
    assert not (folder / "var").exists()


@pytest.mark.parametrize("port", ["abc", "0", "70000", "8000.5"])
def test_a_port_that_is_none_is_refused(folder: Path, port: str) -> None:
    said = refusal(environment(folder, PORT=port))
    assert said == f"PORT has to be a number from 1 to 65535, not {port}."


def test_the_number_of_certificates_is_a_number(folder: Path) -> None:
    said = refusal(environment(folder, DEMO_CERTIFICATES="many"))
    assert said == "DEMO_CERTIFICATES has to be a whole number, not many."


def test_demo_is_one_or_zero(folder: Path) -> None:
    assert refusal(environment(folder, DEMO="maybe")) == "DEMO has to be 1 or 0, not maybe."


def test_a_folder_that_cannot_be_made_is_named(folder: Path) -> None:
    (folder / "file").touch()
    said = refusal(environment(folder, VAR_DIR=str(folder / "file" / "var")))
    assert said == f"The folder {folder / 'file' / 'var'} can't be made: Not a directory."


def test_a_half_made_database_is_named(folder: Path) -> None:
    with EmbeddedServer(folder / "var"):
        pass
    (folder / "var" / "postgres" / "data" / "global" / "pg_control").unlink()
    said = refusal(environment(folder))
    assert said.startswith(f"{folder / 'var' / 'postgres' / 'data'} is not a complete PostgreSQL data folder")


def test_a_url_of_another_kind_is_refused(folder: Path) -> None:
    said = refusal(environment(folder, DATABASE_URL="mysql://root@localhost/x"))
    assert said == "DATABASE_URL is no database URL; it looks like postgresql://user:password@host:port/database."


def test_a_url_that_leads_nowhere_is_refused(folder: Path) -> None:
    said = refusal(environment(folder, DATABASE_URL="postgresql://a:b@127.0.0.1:1/x"))
    assert said.startswith("DATABASE_URL leads to no database: connection")


def test_the_owners_url_alone_is_refused(folder: Path) -> None:
    said = refusal(environment(folder, DATABASE_OWNER_URL="postgresql://a:b@127.0.0.1:1/x"))
    assert said == "DATABASE_OWNER_URL is set, but DATABASE_URL isn't; set both, or none to use the embedded server."


def test_a_secret_file_that_is_not_there_is_refused(folder: Path) -> None:
    said = refusal(environment(folder, DATABASE_URL_FILE=str(folder / "nowhere")))
    assert said == "DATABASE_URL_FILE can't be read: No such file or directory."
