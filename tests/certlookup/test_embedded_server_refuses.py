import os
import subprocess
from pathlib import Path

import psycopg
import pytest

from certlookup.postgres import EmbeddedServer, PostgresError
from certlookup.postgres.account import Account
from tests.certlookup.machine import USE_SERVER, copy_for, ordinary_account


def start(folder: Path) -> None:
    with EmbeddedServer(folder):
        pass


def start_as(account: Account, folder: Path, var: Path) -> subprocess.CompletedProcess[str]:
    """Start and stop a server as `account`, from copies in `folder` that it can reach."""
    python, environment = copy_for(account, folder)
    return subprocess.run(
        [python, "-c", USE_SERVER, var],
        cwd="/",
        env=environment,
        input="",
        capture_output=True,
        text=True,
        check=False,
        **account.popen_user(),
    )


def test_a_folder_that_is_no_data_folder_is_refused_in_one_sentence_and_left_alone(folder: Path) -> None:
    start(folder)
    (folder / "postgres" / "data" / "PG_VERSION").unlink()
    with pytest.raises(PostgresError, match="is not a complete PostgreSQL data folder"):
        start(folder)
    assert (folder / "postgres" / "data" / "base").exists()


def test_a_first_start_that_was_killed_half_way_is_done_again(folder: Path) -> None:
    leftover = folder / "postgres" / "data-new-x"
    leftover.mkdir(parents=True)
    (leftover / "PG_VERSION").write_text("18\n")
    (folder / "postgres" / "data-new-x.password").write_text("secret")
    start(folder)
    assert not list((folder / "postgres").glob("data-new-*"))


def test_data_of_another_version_are_refused(folder: Path) -> None:
    start(folder)
    (folder / "postgres" / "data" / "PG_VERSION").write_text("9\n")
    with pytest.raises(PostgresError, match=r"was made by PostgreSQL 9, but the programs in .* are version"):
        start(folder)


def test_a_note_that_names_another_program_by_now_does_not_block_the_start(folder: Path) -> None:
    start(folder)
    data = folder / "postgres" / "data"
    note = [str(os.getpid()), str(data), "1700000000", "5432", str(folder), "", "1 1", "ready"]
    (data / "postmaster.pid").write_text("\n".join(note) + "\n")
    start(folder)


def test_a_place_where_no_folder_can_be_made_is_refused(folder: Path) -> None:
    (folder / "file").touch()
    with pytest.raises(PostgresError, match="can't be made by user"):
        start(folder / "file" / "var")


def test_a_program_folder_without_programs_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PG_BIN", str(folder))
    with pytest.raises(PostgresError, match="can't run postgres and initdb from there"):
        start(folder / "var")


def test_an_ordinary_user_runs_the_server_as_itself(folder: Path) -> None:
    account = ordinary_account()
    home = folder / "home"
    home.mkdir()
    account.own(home)
    answer = start_as(account, folder, home / "var")
    assert answer.returncode == 0, answer.stderr
    assert (home / "var" / "postgres" / "data").stat().st_uid == account.uid


def test_an_ordinary_user_who_may_not_write_the_folder_is_told_so(folder: Path) -> None:
    account = ordinary_account()
    home = folder / "home"
    home.mkdir(mode=0o555)
    answer = start_as(account, folder, home / "var")
    assert answer.returncode == 1
    assert answer.stderr == f"{home / 'var'} can't be made by user {account.uid}: Permission denied.\n"


def test_settings_of_the_starter_go_beyond_ours(folder: Path) -> None:
    with (
        EmbeddedServer(folder, {"fsync": "off"}) as running,
        psycopg.connect(running.superuser_url) as connection,
    ):
        assert connection.execute("SHOW fsync").fetchone() == ("off",)
