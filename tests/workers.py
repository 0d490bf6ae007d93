"""A real worker in a process of its own, for tests that wait for it or kill it."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import IO

from certlookup.postgres.keeper import die_with_parent
from tests.databases import PROJECT, Copy

PATIENCE = 60


def start_worker(copy: Copy, *arguments: str, log: IO[bytes] | None = None) -> subprocess.Popen[bytes]:
    """`manage.py work` on the test's own database, under the real logins; `log` takes what it says."""
    return subprocess.Popen(
        [sys.executable, "manage.py", "work", *arguments],
        cwd=PROJECT,
        env=copy.environment(),
        stderr=log,
        # As a service has one.
        start_new_session=True,
        preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509 - no lock of another thread is needed there
    )


def wait_until(true: Callable[[], bool], what: str) -> None:
    """Look again and again until it is so; fails after PATIENCE seconds."""
    patience = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < patience, f"{what} did not come within {PATIENCE} seconds"
        time.sleep(0.01)
