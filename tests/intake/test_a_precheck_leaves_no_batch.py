"""预检: the same findings as a real attempt's, kept for the own office for a day; no batch, no rows, no ID number."""

import hashlib
import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from certificates.models import Office
from tests.databases import acting_as
from tests.make import Cast, make_actor, make_attempt, make_id_number, make_period, make_row, make_rows, make_workbook
from tests.people.make import newest_entry
from uploads.actor import Actor
from uploads.intake.prechecks import request_precheck, run_precheck, visible_prechecks
from uploads.intake.unsent import forget_expired
from uploads.models import (
    Attempt,
    AuditEntry,
    Batch,
    BatchKind,
    Capacity,
    PeriodDays,
    Precheck,
    PrecheckProblem,
    RowProblem,
    StagedRow,
)
from uploads.refusals import Refusal

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folder(settings: object, tmp_path: Path) -> None:
    """Tests that run beside this one lay files down, too."""
    settings.UNSENT_DIR = tmp_path / "unsent"  # type: ignore[attr-defined]


def make_precheck(*, by: Actor, rows: list[dict[str, object]], office: str = "3702") -> Precheck:
    """A file asked for and checked."""
    return precheck_of(make_workbook(rows), by=by, office=office)


def precheck_of(content: bytes, *, by: Actor, office: str = "3702", name: str = "十一月.xlsx") -> Precheck:
    precheck = request_precheck(
        by=by,
        office=Office.objects.get(code=office),
        period=make_period(),
        kind=BatchKind.REGULAR,
        content=[content],
        name=name,
    )
    run_precheck(precheck.id)
    precheck.refresh_from_db()
    return precheck


def told(problems: object) -> list[tuple[object, ...]]:
    names = ("row_number", "column", "field", "rule", "severity", "message")
    return list(problems.order_by("row_number", "id").values_list(*names))  # type: ignore[attr-defined]


def test_a_precheck_finds_what_a_real_attempt_finds_and_counts_alike() -> None:
    cast = Cast()
    rows = [*make_rows(3), make_row(seed=9, 性别="女"), make_row(seed=9, 等级="六级"), make_row(seed=2)]
    precheck = make_precheck(by=cast.operator, rows=rows)
    attempt = make_attempt(by=cast.operator, office="3702", rows=rows)
    assert told(precheck.problems) == told(attempt.problems)
    for count in ("read_count", "accepted_count", "refused_count", "warning_count"):
        assert getattr(precheck, count) == getattr(attempt, count)
    assert (precheck.state, precheck.read_count, precheck.acceptable) == ("checked", 6, False)


def test_an_acceptable_file_has_its_rows_by_level_and_its_digest() -> None:
    content = make_workbook([*make_rows(3), make_row(seed=50, level=4)])
    precheck = precheck_of(content, by=Cast().operator)
    assert precheck.acceptable
    assert precheck.level_counts == {"5": 0, "4": 1, "3": 3, "2": 0, "1": 0}
    assert bytes(precheck.file_digest) == hashlib.sha256(content).digest()


def test_nothing_but_counts_and_findings_is_kept() -> None:
    make_precheck(by=Cast().operator, rows=[*make_rows(3), make_row(seed=9, 性别="女")])
    for model in (Batch, Attempt, StagedRow, RowProblem, PeriodDays):
        assert not model.objects.exists(), model
    with acting_as("superuser"), connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(p)::text FROM precheck p")
        kept = cursor.fetchall()
        cursor.execute("SELECT row_to_json(p)::text FROM precheck_problem p")
        kept += cursor.fetchall()
        cursor.execute("SELECT row_to_json(j)::text FROM procrastinate_jobs j")
        kept += cursor.fetchall()
    assert not any(make_id_number(seed=seed) in text for (text,) in kept for seed in (0, 1, 2, 9))


def test_a_file_that_cannot_be_read_says_why() -> None:
    precheck = precheck_of(b"<html></html>", by=Cast().operator)
    assert (precheck.state, precheck.acceptable) == ("unreadable", False)
    assert precheck.unreadable_rule.startswith("R-0")
    assert precheck.unreadable_message


def test_the_senders_name_of_the_file_counts_as_it_does_for_an_attempt() -> None:
    cast = Cast()
    content = "证书编号,姓名\n1,2\n".encode()
    precheck = precheck_of(content, by=cast.operator, name="十一月.xlsx")
    attempt = make_attempt(by=cast.operator, office="3702", content=content)
    assert told(precheck.problems) == told(attempt.problems)


def test_the_own_open_batch_is_no_other_batch_and_another_offices_is() -> None:
    cast, other = Cast(), Cast("3703")
    make_attempt(by=cast.operator, office="3702", rows=make_rows(2))
    assert make_precheck(by=cast.operator, rows=make_rows(2)).acceptable
    precheck = make_precheck(by=other.operator, office="3703", rows=make_rows(2))
    assert {problem.rule for problem in precheck.problems.all()} >= {"R-401"}


def test_two_prechecks_of_one_file_are_no_double() -> None:
    first, second = Cast(), Cast("3703")
    assert make_precheck(by=first.operator, rows=make_rows(2)).acceptable
    assert make_precheck(by=first.operator, rows=make_rows(2)).acceptable
    assert make_precheck(by=second.operator, office="3703", rows=make_rows(2)).acceptable


def test_run_again_a_precheck_does_nothing_more() -> None:
    precheck = make_precheck(by=Cast().operator, rows=[make_row(seed=9, 性别="女")])
    run_precheck(precheck.id)
    assert precheck.problems.filter(severity="error").count() == 1
    assert AuditEntry.objects.filter(action="precheck.done").count() == 1


@pytest.mark.parametrize(
    ("actor", "office", "may"),
    [
        (lambda cast: cast.operator, "3702", True),
        (lambda cast: cast.director, "3702", True),
        (lambda cast: cast.operator, "3703", False),
        (lambda cast: cast.provincial_operator, "3703", True),
        (lambda cast: cast.provincial_operator, "3700", True),
        (lambda cast: cast.network_administrator, "3702", False),
    ],
)
def test_whoever_may_have_a_file_checked_for_an_office(actor: Callable[[Cast], Actor], office: str, may: bool) -> None:
    by = actor(Cast())
    if may:
        assert make_precheck(by=by, office=office, rows=make_rows(1)).acceptable
        assert newest_entry("precheck.run").outcome == "done"
        return
    with pytest.raises(Refusal):
        make_precheck(by=by, office=office, rows=make_rows(1))
    assert newest_entry("precheck.run").outcome == "refused"
    assert not Precheck.objects.exists()
    assert not list(settings.UNSENT_DIR.iterdir())


def test_a_precheck_is_seen_by_its_own_office_alone() -> None:
    cast = Cast()
    citys = make_precheck(by=cast.operator, rows=make_rows(1))
    provinces = make_precheck(by=cast.provincial_operator, office="3702", rows=make_rows(1))
    assert list(visible_prechecks(offices=["3702"], is_provincial_operator=False)) == [citys]
    assert not visible_prechecks(offices=["3703"], is_provincial_operator=False).exists()
    assert list(visible_prechecks(offices=[], is_provincial_operator=True)) == [provinces]


def test_file_and_results_are_forgotten_when_their_time_is_over() -> None:
    cast = Cast()
    old = make_precheck(by=cast.operator, rows=[make_row(seed=9, 性别="女")])
    new = make_precheck(by=make_actor(Capacity.CITY_OPERATOR, "3702"), rows=make_rows(1))
    assert ProcrastinateJob.objects.filter(
        task_name="uploads.tasks.forget_unsent", scheduled_at=old.expires_at
    ).exists()
    assert old.expires_at - old.asked_at == timedelta(hours=24)
    Precheck.objects.filter(id=old.id).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert not visible_prechecks(offices=["3702"], is_provincial_operator=False).filter(id=old.id).exists()
    forget_expired()
    assert list(Precheck.objects.all()) == [new]
    assert not PrecheckProblem.objects.filter(precheck_id=old.id).exists()
    assert [path.name for path in settings.UNSENT_DIR.iterdir()] == [new.stored_name]
    assert newest_entry("unsent.forgotten").detail["prechecks"] == [old.id]


def test_a_file_whose_line_was_never_written_goes_by_its_age() -> None:
    settings.UNSENT_DIR.mkdir()
    old, new = settings.UNSENT_DIR / ("0" * 32), settings.UNSENT_DIR / ("1" * 32)
    for path in (old, new):
        path.write_bytes(b"x")
    long_ago = time.time() - 26 * 3600
    os.utime(old, (long_ago, long_ago))
    forget_expired()
    assert not old.exists()
    assert new.exists()
