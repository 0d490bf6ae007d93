"""The worker takes what processors the site leaves: it and its session are nicer than whatever answers visitors."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.databases import Copy
from tests.workers import start_worker, wait_until
from uploads.management.commands.work import NICENESS, step_back


@contextmanager
def running_worker(copy: Copy) -> Iterator[int]:
    """Its process number."""
    worker = start_worker(copy)
    try:
        yield worker.pid
        assert worker.poll() is None, "the worker has ended by itself"
    finally:
        worker.terminate()
        worker.wait(60)


def session_weight(process: int) -> str:
    """What Linux weighs its session by, as /proc tells it; what the worker would have, where the kernel groups nothing."""
    told = Path(f"/proc/{process}/autogroup")
    return told.read_text(encoding="ascii").split(" ", 1)[1].strip() if told.exists() else f"nice {NICENESS}"


def test_the_worker_and_its_session_are_nicer_than_the_site(fresh_database: Copy) -> None:
    site = os.getpriority(os.PRIO_PROCESS, 0)
    with running_worker(fresh_database) as process:
        wait_until(lambda: os.getpriority(os.PRIO_PROCESS, process) == NICENESS, "the worker's niceness")
        wait_until(lambda: session_weight(process) == f"nice {NICENESS}", "its session's")
    assert site < NICENESS
    assert os.getpriority(os.PRIO_PROCESS, 0) == site, "nobody else steps back with it"


def test_a_worker_that_was_started_nicer_stays_so() -> None:
    # Only root may be less nice again; a service's own user would have been refused, and the worker had ended there.
    nicer = NICENESS + 5
    if not (child := os.fork()):
        try:
            os.nice(nicer - os.getpriority(os.PRIO_PROCESS, 0))
            step_back()
            os._exit(os.getpriority(os.PRIO_PROCESS, 0))
        finally:
            # Nothing of the tests may go on in here.
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == nicer
