"""A worker that is killed while it writes leaves no row, and the next one finishes; one that is told to end, ends.

Kills at random moments, of the database too: tests/release/test_a_publication_survives_kills.py.
"""

import signal
import time

import pytest
from django.db import connection

from certificates.models import Certificate, Publication
from tests.databases import Copy, acting_as
from tests.make import Cast, make_rows, make_signed_release
from tests.workers import PATIENCE, start_worker, wait_until
from uploads.models import Release
from uploads.release.assemble import order_publication
from uploads.release.progress import CHECKED, PublicationProgress, publication_progress
from uploads.signoff.sign import digest_of_release, sign_release


def make_ordered_release(rows: int) -> Release:
    """A release whose publication is in the queue."""
    cast = Cast()
    release = make_signed_release(cast, rows=make_rows(rows))
    order_publication(by=cast.deputy_director, period=release.period, reason="测试提前")
    sign_release(by=cast.network_administrator, release=release, digest=digest_of_release(release))
    return release


def is_published(release: Release) -> bool:
    release.refresh_from_db()
    return release.state in {"published", "backed_up"}


def test_a_worker_killed_in_the_middle_of_the_rows_leaves_none_of_them(fresh_database: Copy) -> None:
    release = make_ordered_release(20)
    with fresh_database.connect("superuser") as other:
        # Holds publish() up between its checks and its last row.
        other.execute("LOCK TABLE certificate IN SHARE MODE")
        worker = start_worker(fresh_database)
        wait_until(lambda: waits_for_a_lock("publish"), "publish() at the locked table")
        assert publication_progress(release.id) == PublicationProgress(CHECKED, 20)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        assert Certificate.objects.count() == 0
    wait_until(lambda: publication_progress(release.id) is None, "the end of the killed transaction")
    second = start_worker(fresh_database, "--once")
    assert second.wait(PATIENCE) == 0
    assert is_published(release)
    assert (Certificate.objects.count(), Publication.objects.count()) == (20, 1)


@pytest.mark.django_db
def test_the_rows_of_one_file_are_told_while_they_are_checked() -> None:
    batch = make_signed_release(Cast(), rows=make_rows(20)).items.get().batch
    with acting_as("superuser"), connection.cursor() as cursor:
        cursor.execute("SELECT c.* FROM batch b CROSS JOIN LATERAL batch_content(b) c WHERE b.id = %s", [batch.id])
        untold = cursor.fetchone()
        cursor.execute(
            "SELECT c.* FROM batch b CROSS JOIN LATERAL batch_content(b, 77, 1000) c WHERE b.id = %s", [batch.id]
        )
        assert cursor.fetchone() == untold
        assert publication_progress(77) == PublicationProgress(CHECKED, 1020)


def waits_for_a_lock(function: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE %s AND usename = "
            "current_user",
            [f"SELECT {function}(%"],
        )
        return bool(cursor.fetchone()[0])


def test_a_worker_told_to_end_ends_at_once_when_it_has_nothing_to_do(fresh_database: Copy) -> None:
    worker = start_worker(fresh_database)
    wait_until(lambda: workers() == 1, "the worker")
    begun = time.monotonic()
    worker.terminate()
    assert worker.wait(PATIENCE) == 0
    assert time.monotonic() - begun < 10
    assert workers() == 0


def workers() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_workers")
        return int(cursor.fetchone()[0])
