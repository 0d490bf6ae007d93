"""A data folder: creating it whole or not at all, the settings it runs with, and what it says about its server."""

import locale
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from certlookup.postgres.account import Account, PostgresError, run_as
from certlookup.postgres.binaries import Binaries

# From this version PostgreSQL brings its own C.UTF-8, which sorts alike on every machine.
BUILTIN_LOCALE_SINCE = 17


@dataclass(frozen=True, slots=True)
class Postmaster:
    """What a server's postmaster.pid says."""

    pid: int
    port: int
    socket_folder: Path
    ready: bool

    def alive(self, data: Path) -> bool:
        """Whether the noted process is the server of `data`; its number may meanwhile be another program's."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return False
        try:
            return os.readlink(f"/proc/{self.pid}/cwd") == os.path.realpath(data)
        except OSError:
            # Without /proc, or in the moment of its end: a zombie has no folder any more.
            return not Path("/proc/self").exists()


def read_postmaster(data: Path) -> Postmaster | None:
    """The note in a data folder, or None if there is none or it's still being written."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        return Postmaster(int(lines[0]), int(lines[3]), Path(lines[4]), lines[7].strip() == "ready")
    except IndexError:
        return _unfinished(data)
    except (FileNotFoundError, ValueError):
        return None
    except OSError as error:
        raise PostgresError(f"The database in {data} can't be read: {error.strerror}.") from None


def _unfinished(data: Path) -> Postmaster | None:
    """A note whose later lines aren't written yet: the server is starting."""
    try:
        pid = int((data / "postmaster.pid").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None
    return Postmaster(pid, 0, data, ready=False)


def server_settings(socket_folder: Path) -> dict[str, str]:
    """The settings that every embedded server runs with, given on its command line so that an update changes them.

    No statement, parameter or detail of a row gets into the log: they would carry ID numbers.
    """
    return {
        "listen_addresses": "",
        "unix_socket_directories": str(socket_folder),
        "unix_socket_permissions": "0700",
        "fsync": "on",
        "shared_buffers": "256MB",
        "max_connections": "100",
        "password_encryption": "scram-sha-256",
        "log_timezone": "Asia/Shanghai",
        "timezone": "Asia/Shanghai",
        "log_error_verbosity": "terse",
        "log_min_error_statement": "panic",
        "log_statement": "none",
    }


def create_cluster(data: Path, account: Account, binaries: Binaries, password: str) -> None:
    """Make the data folder if there is none; the caller holds the start lock.

    It is made under another name and renamed when complete, so that a killed start leaves nothing half done. Raises
    PostgresError if a folder is there that is no complete data folder, or another version's.
    """
    for leftover in data.parent.glob("data-new-*"):
        if leftover.is_dir():
            shutil.rmtree(leftover, ignore_errors=True)
        else:
            leftover.unlink()
    if data.exists() and any(data.iterdir()):
        _check_cluster(data, binaries)
        return
    fresh = Path(tempfile.mkdtemp(prefix="data-new-", dir=data.parent))
    secret = fresh.with_name(f"{fresh.name}.password")
    try:
        account.own(fresh)
        secret.touch(mode=0o600)
        secret.write_text(password)
        account.own(secret)
        _run_initdb(fresh, account, binaries, secret)
        if data.exists():
            data.rmdir()
        fresh.rename(data)
    except OSError as error:
        raise PostgresError(f"The database's folder {data} can't be made: {error.strerror}.") from None
    finally:
        secret.unlink(missing_ok=True)
        shutil.rmtree(fresh, ignore_errors=True)


def _run_initdb(fresh: Path, account: Account, binaries: Binaries, secret: Path) -> None:
    """Fill an empty folder: scram passwords for everybody, checksums, UTF-8, an order that is the same everywhere."""
    system_locale = _system_locale()
    command: list[str | Path] = [binaries.program("initdb"), "-D", fresh, "-U", "postgres", "--pwfile", secret]
    command += ["--auth=scram-sha-256", "--encoding=UTF8", "--data-checksums", "--no-instructions"]
    command += [f"--locale={system_locale}"]
    if binaries.major >= BUILTIN_LOCALE_SINCE:
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    answer = run_as(account, command)
    if answer.returncode != 0:
        words = [line for line in answer.stderr.splitlines() if "error:" in line] or answer.stderr.splitlines() or [""]
        raise PostgresError(f"The database's folder {fresh.parent} can't be filled: {words[-1].strip()}")


def _system_locale() -> str:
    """C.UTF-8, or C on a system without it."""
    current = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    except locale.Error:
        return "C"
    finally:
        locale.setlocale(locale.LC_CTYPE, current)
    return "C.UTF-8"


def _check_cluster(data: Path, binaries: Binaries) -> None:
    """Refuse a folder that another version wrote or that isn't complete."""
    version = data / "PG_VERSION"
    try:
        complete = version.exists() and (data / "global" / "pg_control").exists()
        major = version.read_text().strip() if complete else ""
    except OSError as error:
        raise PostgresError(f"The database in {data} can't be read: {error.strerror}.") from None
    if not complete:
        raise PostgresError(
            f"{data} is not a complete PostgreSQL data folder; bring it back from a backup, or start anew without its "
            "data by `make clean`."
        )
    if major != str(binaries.major):
        raise PostgresError(
            f"The database in {data} was made by PostgreSQL {major}, but the programs in {binaries.folder} are "
            f"version {binaries.major}."
        )
