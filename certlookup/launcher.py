"""`make run`: database, demo data, web server and worker in the foreground; one Ctrl-C ends all.

Everything that can be told at once (port, folder, database) is checked before anything slow. A failure is one sentence
and exit status 1. However this process ends, its children and the embedded server end with it.
"""

import contextlib
import errno
import json
import math
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import psycopg

from certlookup.postgres import EmbeddedServer, PostgresError, Running, default_folder
from certlookup.postgres.keeper import die_with_parent, end_with_parent

PROJECT = Path(__file__).resolve().parent.parent
DATABASE_VARIABLES = (
    "DATABASE_URL",
    "DATABASE_PUBLIC_URL",
    "DATABASE_OWNER_URL",
    "DATABASE_REKEY_URL",
    "DATABASE_BACKUP_URL",
    "DATABASE_REPLICA_URL",
    "DATABASE_SUPERUSER_URL",
)
# Hosts that a browser on this machine reaches as localhost.
LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "0.0.0.0", "::1", "::"})  # noqa: S104 - only compared with
READY_SECONDS = 60
PORT_SECONDS = 2
STOP_SECONDS = 15
# Without a database nobody can finish what was begun; the worker would only wait for it.
STOP_SECONDS_WITHOUT_DATABASE = 1
POLL_SECONDS = 0.1


class LaunchError(Exception):
    """Why the site doesn't run; one sentence for whoever typed `make run`."""


class StopRequested(BaseException):
    """Ctrl-C or a request to end; not an Exception, so that nothing on the way takes it for a failure."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the caller asked for by variables."""

    host: str
    port: int
    demo: bool

    @property
    def address(self) -> str:
        """The site's address as a person types it."""
        host = "localhost" if self.host in LOCAL_HOSTS else self.host
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


def read_wanted(environ: os._Environ[str] | dict[str, str]) -> Wanted:
    """HOST, PORT and DEMO, and whether DEMO_CERTIFICATES is a number; raises LaunchError on a value that can't be meant."""
    text = environ.get("PORT") or "8000"
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise LaunchError(f"PORT has to be a number from 1 to 65535, not {text}.")
    demo = environ.get("DEMO") or "1"
    if demo not in {"0", "1"}:
        raise LaunchError(f"DEMO has to be 1 or 0, not {demo}.")
    certificates = environ.get("DEMO_CERTIFICATES") or "100"
    if not certificates.isascii() or not certificates.isdigit():
        raise LaunchError(f"DEMO_CERTIFICATES has to be a whole number, not {certificates}.")
    return Wanted(environ.get("HOST") or "127.0.0.1", int(text), demo == "1")


def check_port(wanted: Wanted) -> None:
    """Refuse a port that somebody else listens on, or that this user may not open.

    Waits a moment first: the web server of a killed launcher may still be on its way out.
    """
    patience = time.monotonic() + PORT_SECONDS
    while True:
        try:
            _bind(wanted)
        except socket.gaierror:
            raise LaunchError(f"HOST is {wanted.host}, which is no address of this machine.") from None
        except PermissionError:
            raise LaunchError(
                f"Port {wanted.port} may only be opened by root; choose another: make run PORT=8000"
            ) from None
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise LaunchError(f"{wanted.host} port {wanted.port} can't be opened: {error.strerror}.") from None
            if time.monotonic() > patience:
                raise LaunchError(
                    f"Port {wanted.port} is taken by another program; choose another: make run PORT={wanted.port + 1}"
                ) from None
            time.sleep(POLL_SECONDS)
        else:
            return


def _bind(wanted: Wanted) -> None:
    """Open the port as the web server will, and close it again."""
    family, kind, protocol, _, address = socket.getaddrinfo(wanted.host, wanted.port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address)


def check_folder(folder: Path) -> None:
    """Refuse a folder for generated files that can't be made or written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LaunchError(f"The folder {folder} can't be made: {error.strerror}.") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise LaunchError(f"The folder {folder} can't be written by this user.")


def check_given_databases(environ: dict[str, str]) -> None:
    """Refuse URLs that lead nowhere; a role that set_up_database has yet to make is not expected to log in."""
    given = [name for name in DATABASE_VARIABLES if environ.get(name) or environ.get(f"{name}_FILE")]
    if "DATABASE_URL" not in given:
        raise LaunchError(f"{given[0]} is set, but DATABASE_URL isn't; set both, or none to use the embedded server.")
    makes_roles = "DATABASE_SUPERUSER_URL" in given
    for name in given:
        if makes_roles and name != "DATABASE_SUPERUSER_URL":
            continue
        for url in _value(environ, name).split(","):
            try:
                psycopg.connect(url, connect_timeout=5).close()
            except psycopg.ProgrammingError:
                raise LaunchError(
                    f"{name} is no database URL; it looks like postgresql://user:password@host:port/database."
                ) from None
            except psycopg.OperationalError as error:
                reason = str(error).strip().splitlines()[0].strip()
                raise LaunchError(f"{name} leads to no database: {reason}") from None


def _value(environ: dict[str, str], name: str) -> str:
    """A variable's value, or the content of the file that NAME_FILE names."""
    if environ.get(name):
        return environ[name]
    try:
        return Path(environ[f"{name}_FILE"]).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise LaunchError(f"{name}_FILE can't be read: {error.strerror}.") from None


class Children:
    """The programs this process has started; each in a session of its own, so that Ctrl-C reaches only this one."""

    def __init__(self, environ: dict[str, str]) -> None:
        self.environ = environ
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.stop_seconds = STOP_SECONDS

    def start(
        self,
        name: str,
        arguments: Sequence[str],
        *,
        orphaned: signal.Signals = signal.SIGTERM,
        variables: Mapping[str, str] | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start a program of this virtual environment; if this process dies, it gets the signal `orphaned`."""
        child = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=PROJECT,
            env=self.environ | dict(variables or {}),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent(orphaned),  # noqa: PLW1509 - no other thread runs
        )
        self.running[name] = child
        return child

    def run(self, name: str, arguments: Sequence[str], variables: Mapping[str, str] | None = None) -> None:
        """Run a step to its end; raises LaunchError if it fails (it has said why itself)."""
        status = self.start(name, arguments, variables=variables).wait()
        del self.running[name]
        if status != 0:
            # A command that refuses says why itself, in a sentence.
            raise LaunchError("" if status == 1 else f"The step '{name}' failed (status {status}); nothing is served.")

    def ended(self) -> str | None:
        """The name of a program that has ended by itself, if any."""
        return next((name for name, child in self.running.items() if child.poll() is not None), None)

    def stop(self) -> None:
        """End all: politely first, then, past the patience, at once."""
        for child in self.running.values():
            if child.poll() is None:
                child.terminate()
        patience = time.monotonic() + self.stop_seconds
        for child in self.running.values():
            if not _has_ended(child, patience):
                child.kill()
                _has_ended(child, math.inf)
        self.running.clear()


def _has_ended(child: subprocess.Popen[bytes], until: float) -> bool:
    """Wait for a child until then, by the clock of time.monotonic().

    Not by Popen.wait(): where Ctrl-C came in the midst of an earlier wait or poll, its lock is held for ever.
    """
    while child.returncode is None:
        try:
            pid, status = os.waitpid(child.pid, os.WNOHANG)
        except ChildProcessError:
            return True
        if pid:
            child.returncode = os.waitstatus_to_exitcode(status)
        elif time.monotonic() >= until:
            return False
        else:
            time.sleep(POLL_SECONDS / 2)
    return True


def prepare(children: Children, wanted: Wanted, running: Running | None) -> None:
    """Database, static files and demo data, each step in a process of its own; quick when all is there already."""
    superuser = {"DATABASE_SUPERUSER_URL": running.superuser_url} if running else {}
    children.run("set up the database", ["manage.py", "set_up_database"], superuser)
    children.run("collect static files", ["manage.py", "collectstatic", "--no-input", "--verbosity", "0"])
    if wanted.demo:
        children.run("set up the demo", ["manage.py", "set_up_demo"])


def serve(children: Children, wanted: Wanted, running: Running | None, folder: Path) -> None:
    """Start web server and worker, say where they are, and watch them until one ends; raises LaunchError then."""
    children.start("web server", ["-m", "gunicorn", "-c", "python:certlookup.gunicorn", "certlookup.wsgi"])
    # An orphaned worker would wait for a database that is going too; every job may be killed and run again.
    children.start(
        "worker", ["manage.py", "work"], orphaned=signal.SIGKILL, variables=worker_variables(children.environ)
    )
    patience = time.monotonic() + READY_SECONDS
    while not _answers(wanted):
        if (name := children.ended()) is not None:
            raise LaunchError(f"The {name} ended while starting; what it said stands above.")
        if time.monotonic() > patience:
            raise LaunchError(f"The web server did not answer within {READY_SECONDS} seconds.")
        time.sleep(POLL_SECONDS)
    print(announcement(wanted, folder / "keys"), flush=True)
    while True:
        if (name := children.ended()) is not None:
            raise LaunchError(f"The {name} ended, so everything was stopped; start again with make run.")
        if running is not None and not _process_lives(running.pid):
            children.stop_seconds = STOP_SECONDS_WITHOUT_DATABASE
            raise LaunchError(
                f"The database server ended, so everything was stopped; its log is {folder / 'log' / 'postgres.log'}."
            )
        time.sleep(POLL_SECONDS)


def worker_variables(environ: Mapping[str, str]) -> dict[str, str]:
    """The worker's metrics stand on the port after the web server's."""
    port = environ.get("METRICS_PORT", "")
    return {"METRICS_PORT": str(int(port) + 1)} if port.isdecimal() and int(port) else {}


def announcement(wanted: Wanted, keys: Path) -> str:
    """What the terminal shows, line by line, for scripts too: the address, one pair to look up, and the demo's accounts, one a line."""
    lines = [wanted.address]
    sample = keys / "demo_sample.json"
    accounts = keys / "demo_accounts.json"
    if wanted.demo and sample.exists() and accounts.exists():
        pair = json.loads(sample.read_text(encoding="utf-8"))
        lines.append(f"{pair['id_number']} {pair['certificate_number']}")
        rows = [
            [str(account[name]) for name in ("capacity", "office", "staff_number", "password", "totp_secret")]
            for account in json.loads(accounts.read_text(encoding="utf-8"))
        ]
        widths = [max(len(row[column]) for row in rows) for column in range(5)] if rows else []
        lines += [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
        ]
    return "\n".join(lines)


def _answers(wanted: Wanted) -> bool:
    """Whether the web server answers, be it with an error."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}.get(wanted.host, wanted.host)  # noqa: S104
    try:
        urllib.request.urlopen(f"http://{host}:{wanted.port}/healthz", timeout=5).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def _process_lives(pid: int) -> bool:
    """Whether a process has this number; the server's own parent, the keeper, takes it away when it ends."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def launch(environ: dict[str, str]) -> None:
    """Check, prepare and serve until Ctrl-C; raises LaunchError or PostgresError."""
    wanted = read_wanted(environ)
    folder = default_folder()
    check_port(wanted)
    check_folder(folder)
    environ.setdefault("SITE_ADDRESS", wanted.address)
    environ |= {"HOST": wanted.host, "PORT": str(wanted.port), "DEMO": "1" if wanted.demo else "0"}
    environ.setdefault("ALLOWED_HOSTS", ",".join(sorted({"localhost", "127.0.0.1", "[::1]", wanted.host} - {"::"})))
    server: EmbeddedServer | None = None
    running: Running | None = None
    children = Children(environ)
    try:
        if any(environ.get(name) or environ.get(f"{name}_FILE") for name in DATABASE_VARIABLES):
            check_given_databases(environ)
        else:
            server = EmbeddedServer(folder)
            running = server.start()
            environ |= running.urls()
        prepare(children, wanted, running)
        serve(children, wanted, running, folder)
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        children.stop()
        if server is not None:
            server.stop()


def _request_stop(number: int, frame: FrameType | None) -> None:
    """A signal's handler."""
    raise StopRequested


def main() -> int:
    """Returns the exit status: 0 after Ctrl-C, 1 with a sentence on standard error otherwise.

    --end-with-parent, which make passes, ends everything when make is killed.
    """
    if "--end-with-parent" in sys.argv[1:]:
        end_with_parent()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _request_stop)
    try:
        launch(dict(os.environ))
    except StopRequested:
        with contextlib.suppress(OSError):
            print("Stopped.", flush=True)
        return 0
    except (LaunchError, PostgresError) as error:
        if str(error):
            print(error, file=sys.stderr, flush=True)
    return 1


if __name__ == "__main__":
    sys.exit(main())
