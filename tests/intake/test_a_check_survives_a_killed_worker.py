"""A worker that is killed while it checks a file leaves no row behind, and the next one checks it whole."""

import random
import signal
import time

import pytest

from certificates.models import Office
from tests.cases import KILLS
from tests.databases import Copy
from tests.make import Cast, make_period, make_rows, make_workbook
from tests.workers import PATIENCE, start_worker, wait_until
from uploads.intake.receive import receive_file
from uploads.models import Attempt, AuditEntry, Batch, Origin, StagedRow

ROWS = 4000


def state_of(attempt: Attempt) -> str:
    attempt.refresh_from_db()
    return attempt.state


@pytest.mark.parametrize("seed", range(KILLS))
def test_a_killed_check_leaves_nothing_and_is_done_by_the_next_worker(fresh_database: Copy, seed: int) -> None:
    cast = Cast()
    attempt = receive_file(
        by=cast.operator,
        office=Office.objects.get(code=cast.office),
        period=make_period(),
        content=[make_workbook(make_rows(ROWS))],
        name="大文件.xlsx",
        origin=Origin.EXAM_SYSTEM,
    )
    worker = start_worker(fresh_database)
    wait_until(lambda: state_of(attempt) != "received", "the check")
    time.sleep(random.Random(seed).uniform(0, 0.6))
    worker.send_signal(signal.SIGKILL)
    worker.wait()

    assert StagedRow.objects.count() == (ROWS if state_of(attempt) == "checked" else 0)

    second = start_worker(fresh_database, "--once")
    assert second.wait(PATIENCE) == 0
    assert state_of(attempt) == "checked"
    assert (attempt.read_count, attempt.accepted_count, attempt.refused_count) == (ROWS, ROWS, 0)
    assert StagedRow.objects.count() == ROWS
    assert Batch.objects.get().state == "checked"
    assert AuditEntry.objects.filter(action="file.checked").count() == 1
