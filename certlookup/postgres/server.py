"""Starting, joining and leaving the embedded server of one folder (usually the project's var/).

FOLDER/postgres/    data, socket (both the server's user's), the lock files, `elsewhere` if the data can't lie here
FOLDER/keys/        the passwords of the superuser and of each login role, readable by their owner alone
FOLDER/log/         postgres.log
"""

import atexit
import fcntl
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from urllib.parse import quote, urlencode

from certlookup.postgres.account import Account, PostgresError, can_enter, closed_parent, server_account
from certlookup.postgres.binaries import SYSTEM_FOLDER, Binaries, find_binaries
from certlookup.postgres.cluster import create_cluster, read_postmaster, server_settings
from certlookup.postgres.keeper import Plan, open_lock

PROJECT = Path(__file__).resolve().parents[2]
DATABASE = "certlookup"
SUPERUSER = "postgres"
# The variable that carries each login role's URL, and the role's name in the database.
ROLE_VARIABLES: Mapping[str, str] = {
    "DATABASE_URL": "certlookup_staff",
    "DATABASE_PUBLIC_URL": "certlookup_public",
    "DATABASE_OWNER_URL": "certlookup_owner",
    "DATABASE_REKEY_URL": "certlookup_rekey",
    "DATABASE_BACKUP_URL": "certlookup_backup",
}
# Recovery after a power cut replays the log; that is minutes at the very worst.
START_SECONDS = 300
STOP_SECONDS = 90
LINGER_SECONDS = 30
LEAVE_SECONDS = 5
LINGERING_CHILDREN = "pre-existing shared memory block"
POLL_SECONDS = 0.02
# With the name of the socket after it, a longer folder breaks the system's limit of 107 bytes.
LONGEST_SOCKET_FOLDER = 85
LOG_BYTES = 10_000_000


def default_folder() -> Path:
    """The project's var/, or VAR_DIR."""
    return Path(os.environ.get("VAR_DIR") or PROJECT / "var")


@dataclass(frozen=True, slots=True)
class Running:
    """A running server: where its socket is, who its superuser is, and where its programs (pg_dump ...) are."""

    socket_folder: Path
    port: int
    pid: int
    keys: Path
    binaries: Binaries

    def url_for(self, role: str, database: str = DATABASE) -> str:
        """The URL by which `role` logs in to `database`; the role's password is made and stored at its first asking.

        Raises PostgresError where the folder of keys can't be written.
        """
        # The socket's folder stands in the query: as the URL's host, programs may turn it into lower case.
        place = urlencode({"host": str(self.socket_folder), "port": self.port})
        password = stored_password(self.keys, role)
        return f"postgresql://{quote(role)}:{quote(password)}@/{quote(database)}?{place}"

    @property
    def superuser_url(self) -> str:
        """The superuser's URL, to the database that every server has."""
        return self.url_for(SUPERUSER, "postgres")

    def urls(self) -> dict[str, str]:
        """The URL of every role by the name of its environment variable; the superuser's isn't among them."""
        return {variable: self.url_for(role) for variable, role in ROLE_VARIABLES.items()}


class EmbeddedServer:
    """The server of one folder. start() joins the running one or starts it; it stops when its last user has left."""

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        """`settings` are server settings beyond ours (such as fsync=off for tests); only who starts it decides them."""
        self.folder = folder.resolve()
        self.home = self.folder / "postgres"
        self.settings = dict(settings or {})
        self._users_lock: int | None = None
        self._keeper: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Running:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> Running:
        """Join the folder's server, starting and, the first time, creating it; returns when it takes connections.

        Locks `users` shared until stop() or this process's end, and `start` exclusively while it works.
        Raises PostgresError with one sentence if there is no server to be had.
        """
        _make_folder(self.folder)
        _make_folder(self.home)
        _make_folder(self.folder / "keys", mode=0o700)
        _make_folder(self.folder / "log")
        if not os.access(self.home, os.W_OK):
            raise PostgresError(f"{self.home} can't be written by {_user_name()}.")
        try:
            self._users_lock = open_lock(self.home / "users.lock")
            _lock(self._users_lock, fcntl.LOCK_SH, STOP_SECONDS, "the server that is stopping")
            start_lock = open_lock(self.home / "start.lock")
            try:
                _lock(start_lock, fcntl.LOCK_EX, START_SECONDS, "another process that is starting the server")
                return self._start_alone()
            finally:
                os.close(start_lock)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Leave the server; the last one to leave waits until it has stopped. Does nothing if not started."""
        if self._users_lock is None:
            return
        alone = _try_lock(self._users_lock, fcntl.LOCK_EX)
        os.close(self._users_lock)
        self._users_lock = None
        if alone:
            self._wait_for_keeper()
        if self._keeper is not None and self._keeper.poll() is not None:
            self._keeper = None

    def _start_alone(self) -> Running:
        """Join or start, while the start lock keeps every other starter out."""
        place = self._place()
        account = server_account(place / "data")
        binaries = find_binaries(account)
        if self._keeper_lives():
            return self._wait_until_ready(place, binaries)
        self._wait_for_orphan(place)
        create_cluster(place / "data", account, binaries, stored_password(self.folder / "keys", SUPERUSER))
        socket_folder = _socket_folder(place, account)
        settings = server_settings(socket_folder) | self.settings
        command = [str(binaries.program("postgres")), "-D", str(place / "data")]
        command += [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        locks = (str(self.home / "users.lock"), str(self.home / "keeper.lock"))
        plan = Plan(command, account, str(socket_folder), *locks)
        patience = time.monotonic() + LINGER_SECONDS
        while True:
            self._start_keeper(plan)
            try:
                return self._wait_until_ready(place, binaries)
            except PostgresError as error:
                # Children of a server that was killed hold its memory until they notice.
                if LINGERING_CHILDREN not in str(error) or time.monotonic() > patience:
                    raise
                time.sleep(10 * POLL_SECONDS)

    def _start_keeper(self, plan: Plan) -> None:
        """Start the keeper in a session of its own, so that Ctrl-C doesn't reach it; its output goes to the log."""
        log = self.folder / "log" / "postgres.log"
        if log.exists() and log.stat().st_size > LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
        with log.open("ab") as output:
            self._keeper = subprocess.Popen(
                [sys.executable, "-m", "certlookup.postgres.keeper", plan.to_json()],
                cwd=PROJECT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def _place(self) -> Path:
        """The folder that holds data and socket: our own, or one below SYSTEM_FOLDER if the server's user can't come.

        A place elsewhere gets a new random name, noted in our folder: whoever removes var/ never meets old data again.
        """
        note = self.home / "elsewhere"
        if note.exists():
            return Path(note.read_text().strip()).resolve()
        account = server_account(self.home / "data")
        if can_enter(account, self.home):
            return self.home
        closed = closed_parent(account, self.home)
        if (self.home / "data").exists():
            raise PostgresError(
                f"The database in {self.home} can't be used, as {account.name} can't enter {closed}; open that folder "
                "(chmod o+x) or move the project."
            )
        place = SYSTEM_FOLDER / f"data-{self.folder.parent.name}-{secrets.token_hex(4)}"
        try:
            place.mkdir(parents=True, mode=0o755)
            note.write_text(f"{place}\n")
        except OSError as error:
            raise PostgresError(
                f"PostgreSQL's user {account.name} can't enter {closed}, and {place} can't be made: {error.strerror}."
            ) from None
        print(f"The database lies in {place}, as PostgreSQL's user {account.name} can't enter {closed}.", flush=True)
        return place

    def _keeper_lives(self) -> bool:
        """Whether a keeper runs for this folder."""
        lock = open_lock(self.home / "keeper.lock")
        try:
            return not _try_lock(lock, fcntl.LOCK_EX)
        finally:
            os.close(lock)

    def _wait_for_keeper(self) -> None:
        """Wait until the keeper has gone, or until somebody else turns out to use the server meanwhile."""
        patience = time.monotonic() + STOP_SECONDS
        while time.monotonic() < patience and self._keeper_lives():
            if self._keeper is not None:
                self._keeper.poll()
            time.sleep(POLL_SECONDS)

    def _wait_for_orphan(self, place: Path) -> None:
        """Wait for a server whose keeper was killed to finish stopping; drop the note of one that is long gone.

        The note's process number may be another program's by now, so only a process in the data folder counts.
        """
        data = place / "data"
        patience = time.monotonic() + STOP_SECONDS
        while (found := read_postmaster(data)) is not None and found.alive(data):
            if time.monotonic() > patience:
                raise PostgresError(
                    f"A PostgreSQL server that this program didn't start uses {data} (process {found.pid}); stop it."
                )
            time.sleep(POLL_SECONDS)
        (data / "postmaster.pid").unlink(missing_ok=True)

    def _wait_until_ready(self, place: Path, binaries: Binaries) -> Running:
        """Wait until the server takes connections; raises PostgresError with its last words if it ended."""
        data = place / "data"
        patience = time.monotonic() + START_SECONDS
        while time.monotonic() < patience:
            found = read_postmaster(data)
            if found is not None and found.ready and found.alive(data):
                return Running(found.socket_folder, found.port, found.pid, self.folder / "keys", binaries)
            ended = self._keeper.poll() is not None if self._keeper else not self._keeper_lives()
            if ended:
                raise PostgresError(f"The embedded PostgreSQL server did not start: {self._last_words()}")
            time.sleep(POLL_SECONDS)
        raise PostgresError(f"The embedded PostgreSQL server was not ready after {START_SECONDS} seconds.")

    def _last_words(self) -> str:
        """The reason in the log, without time and process number."""
        log = self.folder / "log" / "postgres.log"
        lines = log.read_text(errors="replace").splitlines()[-30:]
        for mark in ("FATAL:", "PANIC:", "ERROR:", "Error:"):
            for line in reversed(lines):
                if mark in line:
                    return f"{line.split(mark, 1)[1].strip()} ({log})"
        return f"see {log}"


def ensure_urls(environ: MutableMapping[str, str], folder: Path | None = None) -> Running | None:
    """Give this process the URLs of its database: those it has, else the embedded server's of the project's var/.

    In: the environment, changed in place if it names no database. The server runs at least as long as this process.
    Out: the embedded server, or None if the environment names one. Raises PostgresError.
    """
    # The public site's process has DATABASE_PUBLIC_URL and no other.
    named = ("DATABASE_URL", "DATABASE_PUBLIC_URL", "DATABASE_OWNER_URL")
    if any(environ.get(name) or environ.get(f"{name}_FILE") for name in named):
        return None
    server = EmbeddedServer(folder or default_folder())
    running = server.start()
    atexit.register(server.stop)
    environ.update(running.urls())
    return running


def remove_data(folder: Path) -> None:
    """Remove what the server of `folder` keeps outside it; `make clean` calls this before it removes the folder.

    Raises PostgresError while the server runs.
    """
    server = EmbeddedServer(folder)
    note = server.home / "elsewhere"
    if not server.home.exists():
        return
    patience = time.monotonic() + LEAVE_SECONDS
    while server._keeper_lives():
        if time.monotonic() < patience:
            time.sleep(POLL_SECONDS)
            continue
        raise PostgresError("The embedded PostgreSQL server is running; stop `make run` first.")
    if note.exists():
        place = Path(note.read_text().strip())
        if place.parent == SYSTEM_FOLDER:
            shutil.rmtree(place, ignore_errors=True)


def stored_password(keys: Path, role: str) -> str:
    """The password of `role` in the folder of keys, made at its first asking; raises PostgresError if unreadable."""
    path = keys / f"database_{role}"
    try:
        if not path.exists():
            descriptor, temporary = tempfile.mkstemp(dir=keys)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(24))
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(temporary, path)
            except FileExistsError:
                # Another process made it in the meantime; its password counts.
                return path.read_text()
            finally:
                os.unlink(temporary)
        return path.read_text()
    except OSError as error:
        raise PostgresError(f"The database's password in {path} can't be read or made: {error.strerror}.") from None


def _socket_folder(place: Path, account: Account) -> Path:
    """A folder with a short path that only the server's user (and root) may enter."""
    folder = place / "socket"
    if len(os.fsencode(folder)) > LONGEST_SOCKET_FOLDER:
        folder = Path(tempfile.mkdtemp(prefix="certlookup-", dir="/tmp"))
    else:
        folder.mkdir(mode=0o700, exist_ok=True)
    account.own(folder)
    return folder


def _make_folder(folder: Path, mode: int = 0o755) -> None:
    """Make a folder if it isn't there; raises PostgresError if that is refused."""
    try:
        folder.mkdir(mode=mode, parents=True, exist_ok=True)
    except OSError as error:
        raise PostgresError(f"{folder} can't be made by {_user_name()}: {error.strerror}.") from None


def _user_name() -> str:
    """This process's user for a message."""
    return f"user {os.geteuid()}"


def _try_lock(descriptor: int, kind: int) -> bool:
    """Take a lock if it's free, at once."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _lock(descriptor: int, kind: int, seconds: float, holder: str) -> None:
    """Take a lock within `seconds`; raises PostgresError that names the holder."""
    patience = time.monotonic() + seconds
    while not _try_lock(descriptor, kind):
        if time.monotonic() > patience:
            raise PostgresError(f"Waited {seconds:.0f} seconds for {holder}.")
        time.sleep(POLL_SECONDS)
