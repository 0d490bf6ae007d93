"""The process that stands between a running server and everybody who uses it.

Each process that uses the server holds a shared lock on the file `users`. The keeper is the server's parent and waits
for an exclusive lock on the same file: it gets it when the last user has gone, however that one ended (the kernel
releases a lock even after kill -9), and stops the server. A killed keeper takes the server with it (PR_SET_PDEATHSIG).
So a second terminal joins a running server, and none outlives its users.

Run as `python -m certlookup.postgres.keeper PLAN`, with the plan as JSON; the server's module starts it.
"""

import contextlib
import ctypes
import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from certlookup.postgres.account import SERVER_ENVIRONMENT, Account

PR_SET_PDEATHSIG = 1
# A fast shutdown writes a checkpoint first; past this it is broken off, and the next start recovers from the log.
SHUTDOWN_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Plan:
    """What the keeper has to start: the server's command, its user, its socket's folder, and the two lock files."""

    command: list[str]
    account: Account
    socket_folder: str
    users_lock: str
    keeper_lock: str

    def to_json(self) -> str:
        """The plan as one argument of a command line; it holds no secret."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Plan":
        """The plan that to_json wrote."""
        fields = json.loads(text)
        return cls(**fields | {"account": Account(**fields["account"])})


def open_lock(path: str | Path) -> int:
    """Open a lock file, creating it if need be; returns the descriptor, which programs started later don't inherit.

    Reading is enough to lock, so that a file made by another user serves too.
    """
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)


def die_with_parent(stop_signal: signal.Signals) -> Callable[[], None]:
    """A function for Popen's preexec_fn that has the kernel send `stop_signal` to the child when its parent dies.

    Popen calls it after the change of user, which would clear the setting. The parent is the thread that calls Popen:
    call it from the main thread. Does nothing where there is no prctl.
    """
    parent = os.getpid()
    try:
        prctl = ctypes.CDLL(None).prctl
    except AttributeError:
        return lambda: None

    def in_child() -> None:
        prctl(PR_SET_PDEATHSIG, int(stop_signal), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return in_child


def end_with_parent() -> None:
    """Have the kernel send SIGTERM to this process when its parent dies; does nothing where there is no prctl."""
    with contextlib.suppress(AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)


def keep(plan: Plan) -> int:
    """Run the server until it ends by itself or its last user has gone; returns its exit status.

    Holds the keeper's lock for its lifetime, and the exclusive users' lock from the decision to stop to its own end, so
    that whoever comes meanwhile waits and then starts anew.
    """
    keeper_lock = open_lock(plan.keeper_lock)
    fcntl.flock(keeper_lock, fcntl.LOCK_EX)
    server = subprocess.Popen(
        plan.command,
        cwd="/",
        env=SERVER_ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=die_with_parent(signal.SIGINT),  # noqa: PLW1509 - no other thread runs yet
        **plan.account.popen_user(),
    )
    signal.signal(signal.SIGTERM, lambda *_: server.send_signal(signal.SIGINT))
    signal.signal(signal.SIGINT, lambda *_: server.send_signal(signal.SIGINT))
    threading.Thread(target=_stop_when_unused, args=(server, open_lock(plan.users_lock)), daemon=True).start()
    status = server.wait()
    with contextlib.suppress(OSError):
        os.rmdir(plan.socket_folder)
    return status


def _stop_when_unused(server: subprocess.Popen[bytes], users_lock: int) -> None:
    """Wait until nobody holds the users' lock, then stop the server: fast first, at once if that takes too long."""
    fcntl.flock(users_lock, fcntl.LOCK_EX)
    server.send_signal(signal.SIGINT)
    time.sleep(SHUTDOWN_SECONDS)
    server.send_signal(signal.SIGQUIT)


if __name__ == "__main__":
    sys.exit(keep(Plan.from_json(sys.argv[1])))
