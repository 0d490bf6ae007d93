"""kill -9 at any moment of a backup: nothing half-written counts, and the next run finishes and clears up."""

import hashlib
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.backup.leftovers import left_behind
from tests.cases import KILLS
from tests.databases import PROJECT, Copy
from uploads.backup.copies import back_up
from uploads.models import BackupCopy, BackupProof, Release

PATIENCE = 60
PROGRAM = "import sys; from uploads.backup.copies import back_up; back_up(int(sys.argv[1]))"


def start_backup(copy: Copy, places: list[Path], release: Release, **variables: str) -> subprocess.Popen[bytes]:
    """A run in a process of its own."""
    program = f"import django; django.setup(); {PROGRAM}"
    environment = copy.environment() | {
        "BACKUP_PLACES": ",".join(map(str, places)),
        "DJANGO_SETTINGS_MODULE": "certlookup.settings",
        **variables,
    }
    return subprocess.Popen([sys.executable, "-c", program, str(release.id)], cwd=PROJECT, env=environment)


def kill_when(true: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    patience = time.monotonic() + PATIENCE
    while not true() and process.poll() is None:
        assert time.monotonic() < patience
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()


def require_that_only_whole_copies_count(release: Release) -> None:
    release.refresh_from_db()
    verified = BackupCopy.objects.filter(state="verified").select_related("proof")
    for copy in verified:
        assert copy.proof is not None
        content = (Path(copy.place) / copy.proof.file_name).read_bytes()
        assert hashlib.sha256(content).digest() == bytes(copy.proof.encrypted_digest)
    assert release.state == "published" or len(verified) == 3


def require_that_the_next_run_finishes(copy: Copy, places: list[Path], release: Release) -> None:
    back_up(release.id)
    release.refresh_from_db()
    assert release.state == "backed_up"
    assert BackupCopy.objects.filter(state="verified").count() == 3
    require_that_only_whole_copies_count(release)
    assert left_behind(copy, places) == []


def scratch_databases(copy: Copy) -> int:
    with copy.connect("superuser") as connection:
        (count,) = connection.execute(
            "SELECT count(*) FROM pg_database WHERE datname LIKE 'certlookup\\_scratch\\_' || "
            "(SELECT oid FROM pg_database WHERE datname = current_database()) || '%'"
        ).fetchone() or (0,)
        return int(count)


def test_a_run_killed_while_restoring_leaves_all_copies_due(
    fresh_database: Copy, places: list[Path], release: Release
) -> None:
    process = start_backup(fresh_database, places, release)
    kill_when(lambda: scratch_databases(fresh_database) > 0, process)
    require_that_only_whole_copies_count(release)
    assert BackupCopy.objects.filter(state="verified").count() == 0
    assert scratch_databases(fresh_database) == 1
    require_that_the_next_run_finishes(fresh_database, places, release)


def test_of_a_run_killed_while_copying_only_whole_copies_count(
    fresh_database: Copy, places: list[Path], release: Release
) -> None:
    process = start_backup(fresh_database, places, release)
    kill_when(lambda: any(places[0].iterdir()), process)
    require_that_only_whole_copies_count(release)
    require_that_the_next_run_finishes(fresh_database, places, release)


def test_a_run_killed_between_proof_and_first_copy_is_finished_by_the_next(
    fresh_database: Copy, places: list[Path], release: Release
) -> None:
    process = start_backup(fresh_database, places, release)
    kill_when(BackupProof.objects.exists, process)
    require_that_only_whole_copies_count(release)
    require_that_the_next_run_finishes(fresh_database, places, release)


@pytest.mark.parametrize("seed", range(KILLS))
def test_a_run_killed_at_any_moment_is_finished_by_the_next(
    fresh_database: Copy, places: list[Path], release: Release, seed: int
) -> None:
    process = start_backup(fresh_database, places, release)
    kill_when(BackupCopy.objects.exists, _delayed(process, seed))
    require_that_only_whole_copies_count(release)
    require_that_the_next_run_finishes(fresh_database, places, release)


def _delayed(process: subprocess.Popen[bytes], seed: int) -> subprocess.Popen[bytes]:
    time.sleep(random.Random(seed).uniform(0.3, 2.5))
    return process
