"""PostgreSQL's own pg_dump and pg_restore, of the server's major version; passwords never stand in their arguments."""

import os
import re
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.db import connections
from psycopg.conninfo import make_conninfo

from certlookup.postgres.account import SERVER_ENVIRONMENT
from certlookup.postgres.binaries import program_folders
from certlookup.postgres.keeper import die_with_parent
from certlookup.roles import SCHEMA

ALIAS = "backup"
# What a scratch database or a dump is worth after a power cut: nothing, it is made anew.
SCRATCH_OPTIONS = "-c synchronous_commit=off -c maintenance_work_mem=128MB"
_CONNECTING = ("host", "port", "user", "connect_timeout", "sslmode", "sslrootcert")


class BackupError(Exception):
    """A backup that was not made or not proven; the text is one Chinese sentence for the network administrator."""


@dataclass(frozen=True, slots=True)
class Tools:
    """The two programs, and what they say their version is."""

    folder: Path
    version: str

    def dump(self, target: Path, *, snapshot: str) -> None:
        """Write our schema, as of an exported snapshot, to `target` in pg_dump's custom format. Raises BackupError."""
        # Level 1: age can't compress afterwards, and a higher level costs more time than it saves space.
        self._run(
            "pg_dump",
            [
                *("--format=custom", "--compress=1", f"--schema={SCHEMA}", f"--snapshot={snapshot}"),
                *("--no-unlogged-table-data", "--no-password", f"--file={target}"),
            ],
            failed="导出数据库没有成功",
        )

    def restore(self, source: Path, database: str) -> None:
        """Restore a dump into an empty database of the backup role's. Raises BackupError."""
        self._run(
            "pg_restore",
            ["--exit-on-error", "--no-owner", "--no-privileges", "--no-password", str(source)],
            database=database,
            failed="恢复到临时数据库没有成功",
        )

    def write_script(self, source: Path, target: Path) -> None:
        """Write a dump as the SQL that makes it, for run_scripts(). Raises BackupError."""
        options = ["--no-owner", "--no-privileges", f"--file={target}"]
        answer = _answer([self.folder / "pg_restore", *options, str(source)], SERVER_ENVIRONMENT)
        if answer.returncode != 0:
            raise BackupError(f"备份文件无法展开：{_last_line(answer.stderr)}")

    def run_scripts(self, scripts: Sequence[Path], *, alias: str) -> None:
        """Run SQL files under the login of a Django alias, all of them in one transaction or none. Raises BackupError."""
        if not os.access(self.folder / "psql", os.X_OK):
            raise BackupError(f"{self.folder} 中没有 psql，请安装与数据库同一大版本的客户端程序。")
        options = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null"]
        files = [f"--file={script}" for script in scripts]
        self._run("psql", [*options, *files], failed="恢复没有成功", alias=alias)

    def _run(
        self, program: str, arguments: Sequence[str], *, failed: str, database: str = "", alias: str = ALIAS
    ) -> None:
        described = connections[alias].get_connection_params()
        parameters = {name: described[name] for name in _CONNECTING if name in described}
        conninfo = make_conninfo(**parameters | {"dbname": database or described["dbname"]})
        environment = dict(SERVER_ENVIRONMENT) | {"PGPASSWORD": str(described.get("password", ""))}
        if database:
            environment |= {"PGOPTIONS": SCRATCH_OPTIONS}
        # Only a restore's: the worker forks beside its other threads, where a hook before exec isn't safe.
        answer = _answer(
            [self.folder / program, f"--dbname={conninfo}", *arguments], environment, ends_with_us=alias != ALIAS
        )
        if answer.returncode != 0:
            raise BackupError(f"{failed}：{_last_line(answer.stderr) or f'{program}: {answer.returncode}'}")


def _last_line(said: str) -> str:
    """PostgreSQL's own error; it names objects, never contents."""
    return (said.strip().splitlines() or [""])[-1]


def find_tools(server_version: int) -> Tools:
    """The tools for a server of that version (as 180006). Raises BackupError: others' dumps may not restore cleanly."""
    major = server_version // 10_000
    for folder in program_folders():
        version = _version(folder)
        if version.partition(".")[0] == str(major):
            return Tools(folder, version)
    raise BackupError(
        f"服务器上没有 PostgreSQL {major} 的 pg_dump 和 pg_restore，请安装与数据库同一大版本的客户端程序。"
    )


@cache
def _version(folder: Path) -> str:
    """The version of the tools in a folder, or nothing if one of them is missing there."""
    versions = set()
    for program in ("pg_dump", "pg_restore"):
        if not os.access(folder / program, os.X_OK):
            return ""
        answer = _answer([folder / program, "--version"], SERVER_ENVIRONMENT)
        found = re.search(r"\(PostgreSQL\) (\S+)", answer.stdout)
        versions.add(found.group(1) if found else "")
    return versions.pop() if len(versions) == 1 else ""


def _answer(
    command: Sequence[Path | str], environment: Mapping[str, str], *, ends_with_us: bool = False
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=die_with_parent(signal.SIGKILL) if ends_with_us else None,
    )
