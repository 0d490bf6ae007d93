"""A streaming standby of a test's own server, made the way docs/deployment.md makes a replica."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from certlookup.postgres import EmbeddedServer
from certlookup.postgres.account import server_account
from certlookup.postgres.server import remove_data
from tests.databases import Copy
from tests.ownserver import OwnCopy, OwnServer, own_server

SECONDS = 20


class Standby:
    """The standby in a folder of its own, with the primary's passwords."""

    def __init__(self, primary: OwnServer, folder: Path, slot: str) -> None:
        running = primary.running
        data = folder / "postgres" / "data"
        data.parent.mkdir(parents=True)
        command = ["-D", data, "-R", "-C", "-S", slot, "--checkpoint=fast", "-d", running.superuser_url]
        subprocess.run([running.binaries.program("pg_basebackup"), *command], check=True)
        account = server_account(primary.server.home / "data")
        for path in (data, *data.rglob("*")):
            account.own(path)
        shutil.copytree(running.keys, folder / "keys")
        self.server = EmbeddedServer(folder)
        self.running = self.server.start()

    def connect(self, database: str, **options: Any) -> psycopg.Connection[Any]:
        """As superuser; the caller closes."""
        return psycopg.connect(self.running.url_for("postgres", database), autocommit=True, **options)

    def run(self, statement: str) -> Any:
        """The one value that a superuser's statement gives."""
        with self.connect("postgres") as connection:
            row = connection.execute(statement).fetchone()  # type: ignore[call-overload]
        assert row is not None
        return row[0]

    def stop(self) -> None:
        """As if the machine were gone."""
        self.server.stop()

    def start(self) -> None:
        """Again, where it was."""
        self.running = self.server.start()

    def processes(self) -> list[int]:
        """All of the server's processes."""
        return processes_of(self.running.pid)

    def receiver(self) -> int:
        """The process that receives the primary's log."""
        return int(self.run("SELECT pid FROM pg_stat_wal_receiver"))

    def promote(self) -> None:
        """It becomes a primary."""
        assert self.run("SELECT pg_promote()")


class StandbyCopy(Copy):
    """A database as the standby has it."""

    def __init__(self, name: str, standby: Standby) -> None:
        self.name = name
        self.running = standby.running


class Pair:
    """A primary with a copy of the template, and its standby."""

    def __init__(self, primary: OwnServer, standby: Standby, copy: OwnCopy) -> None:
        self.primary, self.standby, self.copy = primary, standby, copy

    @property
    def at_standby(self) -> StandbyCopy:
        """The copy as the standby has it."""
        return StandbyCopy(self.copy.name, self.standby)

    def wait_until_all_is_replayed(self) -> None:
        """Until the standby has what the primary has now."""
        with self.copy.connect("superuser", autocommit=True) as connection:
            row = connection.execute("SELECT pg_current_wal_flush_lsn()").fetchone()
        assert row is not None
        wait_until(lambda: self.standby.run(f"SELECT pg_last_wal_replay_lsn() >= '{row[0]}'"))


def processes_of(server: int) -> list[int]:
    """A server's first process and all below it."""
    return [server, *map(int, Path(f"/proc/{server}/task/{server}/children").read_text().split())]


@contextmanager
def hanging(processes: list[int]) -> Iterator[None]:
    """Inside, the processes do nothing, as on a machine that the network has lost."""
    for pid in processes:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in processes:
            os.kill(pid, signal.SIGCONT)


def wait_until(holds: Any, seconds: float = SECONDS) -> None:
    """Ask again and again; the test fails if it doesn't come true."""
    patience = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < patience, "it did not come true in time"
        time.sleep(0.2)


@contextmanager
def standby_of(primary: OwnServer, slot: str = "one") -> Iterator[Standby]:
    """A standby in a folder that goes with it."""
    folder = Path(tempfile.mkdtemp(prefix="certlookup-standby-"))
    folder.chmod(0o755)
    standby = None
    try:
        standby = Standby(primary, folder, slot)
        yield standby
    finally:
        if standby is not None:
            standby.server.stop()
        remove_data(folder)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def primary_and_standby() -> Iterator[Pair]:
    """Both, with one copy of the template."""
    with own_server() as primary:
        copy = OwnCopy(primary)
        with standby_of(primary) as standby:
            yield Pair(primary, standby, copy)
