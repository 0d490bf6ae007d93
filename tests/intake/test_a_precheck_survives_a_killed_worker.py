"""A worker killed while it pre-checks leaves neither findings nor rows, and the next one checks the file whole."""

import random
import signal
import time

import pytest

from certificates.models import Office
from tests.cases import KILLS
from tests.databases import Copy
from tests.make import Cast, make_period, make_row, make_rows, make_workbook
from tests.workers import PATIENCE, start_worker, wait_until
from uploads.intake.prechecks import request_precheck
from uploads.models import Attempt, AuditEntry, Batch, BatchKind, Person, Precheck, PrecheckProblem, StagedRow

ROWS = 6000


def state_of(precheck: Precheck) -> str:
    precheck.refresh_from_db()
    return precheck.state


@pytest.mark.parametrize("seed", range(KILLS))
def test_a_killed_precheck_leaves_nothing_and_is_done_by_the_next_worker(fresh_database: Copy, seed: int) -> None:
    precheck = request_precheck(
        by=Cast().operator,
        office=Office.objects.get(code="3702"),
        period=make_period(),
        kind=BatchKind.REGULAR,
        content=[make_workbook([*make_rows(ROWS - 1), make_row(seed=ROWS, 性别="女")])],
        name="大文件.xlsx",
    )
    people = Person.objects.count()
    worker = start_worker(fresh_database)
    wait_until(lambda: state_of(precheck) == "checking" and precheck.progress_done > 0, "progress")
    time.sleep(random.Random(seed).uniform(0, 0.6))
    worker.send_signal(signal.SIGKILL)
    worker.wait()

    assert PrecheckProblem.objects.exists() == (state_of(precheck) == "checked")
    for model in (StagedRow, Attempt, Batch):
        assert not model.objects.exists(), model

    second = start_worker(fresh_database, "--once")
    assert second.wait(PATIENCE) == 0
    assert state_of(precheck) == "checked"
    assert (precheck.read_count, precheck.accepted_count, precheck.refused_count) == (ROWS, ROWS - 1, 1)
    assert PrecheckProblem.objects.filter(severity="error").count() == 1
    for model in (StagedRow, Attempt, Batch):
        assert not model.objects.exists(), model
    assert Person.objects.count() == people
    assert AuditEntry.objects.filter(action="precheck.done").count() == 1
