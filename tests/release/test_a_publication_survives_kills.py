"""kill -9 of the worker, of its database backend or of the whole database, at random moments of a publication.

Afterwards all rows are public or none, the state says which, and a second try finishes. Each case has a copy on a server
of this module's own; what goes down with it is nobody else's.
"""

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress

import psycopg
import pytest
from pytest_django.plugin import DjangoDbBlocker

from tests.bench.released import make_ordered_release
from tests.cases import KILLS
from tests.ownserver import OwnCopy, OwnServer, own_server
from tests.switching import close_all, working_on
from tests.workers import PATIENCE, start_worker, wait_until

ROWS = 12_000
VICTIMS = ("worker", "backend", "database")


@pytest.fixture(scope="module")
def server() -> Iterator[OwnServer]:
    with own_server() as own:
        yield own


def asked(copy: OwnCopy, query: str) -> tuple[object, ...]:
    """The row that answers, as soon as the database does."""
    patience = time.monotonic() + PATIENCE
    while True:
        try:
            with copy.connect("superuser", connect_timeout=5) as connection:
                return connection.execute(query).fetchone() or ()
        except psycopg.OperationalError:
            assert time.monotonic() < patience, "the database did not come back"
            time.sleep(0.05)


def publishing_backend(copy: OwnCopy) -> int:
    """The process of the database that runs publish(); 0 where none does."""
    (pid,) = asked(
        copy,
        "SELECT coalesce(max(pid), 0) FROM pg_stat_activity WHERE query LIKE 'SELECT publish(%' AND state = 'active'"
        " AND datname = current_database()",
    )
    return int(str(pid))


def is_public(copy: OwnCopy) -> bool:
    """Whether the release says that it is."""
    return asked(copy, "SELECT state IN ('published', 'backed_up') FROM release") == (True,)


def require_all_or_nothing(copy: OwnCopy) -> None:
    """Release, rows, publication, bulletin, audit and batches tell the same: everything, or nothing."""
    public, *counts = asked(
        copy,
        """SELECT (SELECT state IN ('published', 'backed_up') FROM release),
            (SELECT count(*) FROM release WHERE state = 'publishing'),
            (SELECT count(*) FROM certificate), (SELECT coalesce(sum(issued_count), 0) FROM bulletin_line),
            (SELECT count(*) FROM publication), (SELECT count(*) FROM batch WHERE state = 'published'),
            (SELECT count(*) FROM audit_entry WHERE action = 'release.published')""",
    )
    assert counts == ([0, ROWS, ROWS, 1, 5, 1] if public else [1, 0, 0, 0, 0, 0])


def kill(victim: str, copy: OwnCopy, worker: subprocess.Popen[bytes], server: OwnServer) -> subprocess.Popen[bytes]:
    """Kill it and bring it back as its operator would; out: the worker that goes on."""
    if victim == "worker":
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        require_all_or_nothing(copy)
        return start_worker(copy)
    if victim == "backend":
        pid = publishing_backend(copy)
        if pid:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    else:
        server.kill()
        server.start_again()
    require_all_or_nothing(copy)
    return worker


@pytest.mark.parametrize("seed", range(KILLS))
def test_all_rows_or_none_are_public_and_a_second_try_finishes(
    server: OwnServer, django_db_blocker: DjangoDbBlocker, seed: int
) -> None:
    copy = OwnCopy(server)
    chance = random.Random(seed)
    victim = VICTIMS[seed % len(VICTIMS)]
    with working_on(copy), django_db_blocker.unblock():
        make_ordered_release(ROWS)
        close_all()
        worker = start_worker(copy)
        try:
            wait_until(lambda: bool(publishing_backend(copy)) or is_public(copy), "the publication's begin")
            time.sleep(chance.uniform(0, 0.4))
            worker = kill(victim, copy, worker, server)
            wait_until(lambda: is_public(copy), f"the publication after the killed {victim}")
        finally:
            # What follows a publication, its backup, has tests of its own.
            worker.kill()
            worker.wait()
    require_all_or_nothing(copy)
    copy.remove()
