"""The operating system's user that the server runs as, and running programs as that user."""

import os
import pwd
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

# What a child of PostgreSQL sees: no PG* variable of the caller may redirect it, and its messages are English.
SERVER_ENVIRONMENT: Mapping[str, str] = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_MESSAGES": "C"}


class PostgresError(Exception):
    """The embedded server can't do what was asked; the text is one sentence for whoever typed the command."""


class PopenUser(TypedDict, total=False):
    """The arguments of subprocess.Popen that change the user."""

    user: int
    group: int
    extra_groups: Sequence[int]


@dataclass(frozen=True, slots=True)
class Account:
    """A user that PostgreSQL runs as; `changes` says whether this process has to change to it."""

    name: str
    uid: int
    gid: int
    changes: bool

    def popen_user(self) -> PopenUser:
        """Arguments for subprocess that start a program as this user, without the caller's other groups."""
        if not self.changes:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Give a file or folder to this user; raises OSError where the file system doesn't allow it."""
        if self.changes:
            os.chown(path, self.uid, self.gid)


def server_account(data: Path) -> Account:
    """The user for the server whose data folder is `data`.

    An ordinary user runs it as itself. Root, as whom PostgreSQL refuses to run, takes the owner of existing data, else
    postgres, else nobody: initdb looks its user up in the list of users, a bare number won't do.
    """
    uid = os.geteuid()
    if uid != 0:
        try:
            entry = pwd.getpwuid(uid)
        except KeyError:
            raise PostgresError(
                f"PostgreSQL needs a named user, but user number {uid} has no entry in /etc/passwd; "
                "add one or set DATABASE_URL to a server elsewhere."
            ) from None
        return Account(entry.pw_name, uid, entry.pw_gid, changes=False)
    if data.exists() and (owner := data.stat().st_uid) != 0:
        try:
            entry = pwd.getpwuid(owner)
        except KeyError:
            raise PostgresError(
                f"The database in {data} belongs to user number {owner}, who has no entry in /etc/passwd."
            ) from None
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, changes=True)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, changes=True)
    raise PostgresError(
        "PostgreSQL refuses to run as root, and this machine has neither a user postgres nor a user nobody to run it."
    )


def run_as(account: Account, command: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
    """Run a program to its end as `account`, in /, with a bare environment; its output comes back as text.

    A program that can't be reached or executed comes back with status 126, as a shell reports it.
    """
    try:
        return subprocess.run(
            [str(part) for part in command],
            cwd="/",
            env=SERVER_ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            **account.popen_user(),
        )
    except OSError as error:
        return subprocess.CompletedProcess(list(command), 126, "", str(error))


def can_enter(account: Account, folder: Path) -> bool:
    """Whether `account` may enter `folder`, asked of the kernel by trying it."""
    return run_as(account, ["/bin/sh", "-c", 'cd -- "$1"', "sh", folder]).returncode == 0


def closed_parent(account: Account, folder: Path) -> Path:
    """The uppermost folder on the way to `folder` that `account` can't enter; for the message only."""
    for parent in [*reversed(folder.parents), folder]:
        if not can_enter(account, parent):
            return parent
    return folder
