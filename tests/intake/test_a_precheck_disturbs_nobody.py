"""While a pre-check runs, a real upload, its check and another pre-check of the same half-month go their way."""

import threading
from pathlib import Path
from typing import Self

import pytest
from django.db import connection, connections

from certificates.models import Office
from tests.databases import Copy
from tests.make import Cast, make_attempt, make_period, make_rows, make_workbook
from uploads.intake.precheck import FileReport, check_without_storing
from uploads.models import Batch, BatchKind, StagedRow

ROWS = 2_500
PATIENCE = 60


class Halted:
    """A pre-check that stops in the middle until it is let go."""

    def __init__(self, path: Path, office: str) -> None:
        self.path, self.office = path, office
        self.in_the_middle, self.go_on = threading.Event(), threading.Event()
        self.report: FileReport | None = None
        self.thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        try:
            self.report = check_without_storing(
                self.path,
                office=Office.objects.get(code=self.office),
                period=make_period(),
                kind=BatchKind.REGULAR,
                show_progress=self._halt,
            )
        finally:
            self.in_the_middle.set()
            connections.close_all()

    def _halt(self, _: int) -> None:
        self.in_the_middle.set()
        self.go_on.wait(PATIENCE)

    def __enter__(self) -> Self:
        self.thread.start()
        assert self.in_the_middle.wait(PATIENCE)
        return self

    def __exit__(self, *_: object) -> None:
        self.go_on.set()
        self.thread.join(PATIENCE)


def fail_instead_of_waiting() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '3s'")


@pytest.mark.parametrize("batch_is_open", [False, True])
def test_an_upload_and_another_precheck_go_on_beside_it(
    fresh_database: Copy, tmp_path: Path, batch_is_open: bool
) -> None:
    cast = Cast()
    path = tmp_path / "十一月.xlsx"
    path.write_bytes(make_workbook(make_rows(ROWS)))
    if batch_is_open:
        make_attempt(by=cast.operator, office="3702", rows=make_rows(2))
    fail_instead_of_waiting()
    with Halted(path, "3702") as first, Halted(path, "3702") as second:
        assert first.report is None
        attempt = make_attempt(by=cast.operator, office="3702", rows=make_rows(5, first=9_000))
        assert (attempt.state, attempt.refused_count) == ("checked", 0)
    for halted in (first, second):
        assert halted.report is not None
        assert (halted.report.rows, halted.report.acceptable) == (ROWS, True)
    assert Batch.objects.count() == 1
    assert StagedRow.objects.count() == 5 + 2 * batch_is_open
