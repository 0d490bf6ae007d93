"""Hits and misses per day, and nothing else: neither who asked nor for what."""

import threading
from urllib.parse import urlencode

import pytest
from django.db import connection, connections, transaction
from django.db.models import Sum
from django.test import Client
from django.utils import timezone

from certificates.load import Tally, tally, tell_beside
from certificates.models import LookupCount
from certlookup.databases import current_connection, public_site
from tests.certificates_pages.reading import ABSENT_ID, ABSENT_NUMBER, look_up, publish
from tests.databases import Copy, acting_as, collect_static_files
from tests.deployment.processes import ask, running_gunicorn, variables_of
from tests.workers import wait_until


def counted() -> tuple[int, int]:
    sums = LookupCount.objects.filter(day=timezone.localdate()).aggregate(hits=Sum("hits"), misses=Sum("misses"))
    return sums["hits"] or 0, sums["misses"] or 0


@pytest.mark.django_db
def test_each_answer_is_a_hit_or_a_miss_and_a_form_that_is_wrong_is_neither() -> None:
    (pair,) = publish()
    tally.forget()
    look_up(Client(), pair.id_number, pair.certificate_number)
    look_up(Client(), pair.id_number, pair.certificate_number)
    look_up(Client(), ABSENT_ID, ABSENT_NUMBER)
    look_up(Client(), "12", ABSENT_NUMBER)
    tell_beside()
    assert counted() == (2, 1)
    columns = {field.name for field in LookupCount._meta.get_fields()}
    assert columns == {"pk", "day", "shard", "hits", "misses"}


@pytest.mark.django_db
def test_a_lookup_tells_nothing_itself_and_what_is_told_beside_is_told_once() -> None:
    (pair,) = publish()
    tally.forget()
    look_up(Client(), pair.id_number, pair.certificate_number)
    assert counted() == (0, 0)
    tell_beside()
    tell_beside()
    assert counted() == (1, 0)


def test_the_last_lookups_are_counted_with_nobody_after_them_and_at_the_latest_when_the_process_ends(
    fresh_database: Copy,
) -> None:
    collect_static_files()
    (pair,) = publish()
    sent = urlencode({"id_number": pair.id_number, "certificate_number": pair.certificate_number}).encode()
    with running_gunicorn(variables_of(fresh_database, "public", WEB_WORKERS="1")) as port:
        for _ in range(3):
            assert ask(f"http://127.0.0.1:{port}/lookup/", body=sent)[0] == 200
        wait_until(lambda: counted() == (3, 0), "the counts of lookups that nobody came after")
        assert ask(f"http://127.0.0.1:{port}/lookup/", body=sent)[0] == 200
    assert counted() == (4, 0)


@pytest.mark.django_db
def test_a_count_that_cannot_be_written_is_logged_and_the_next_is_written(caplog: pytest.LogCaptureFixture) -> None:
    tally.forget()
    with acting_as("owner"), connection.cursor() as cursor:
        cursor.execute("ALTER FUNCTION note_lookups(jsonb, jsonb) RENAME TO note_nothing")
    tally.found()
    with transaction.atomic():
        tell_beside()
        transaction.set_rollback(True)
    assert "The counts of lookups could not be written" in caplog.text
    with acting_as("owner"), connection.cursor() as cursor:
        cursor.execute("ALTER FUNCTION note_nothing(jsonb, jsonb) RENAME TO note_lookups")
    tally.found()
    tell_beside()
    assert counted() == (1, 0)


@pytest.mark.django_db
def test_a_count_that_the_database_refuses_ends_nothing() -> None:
    tally.forget()
    with acting_as("owner"), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE lookup_count ADD CONSTRAINT nothing CHECK (hits < 0)")
    tally.found()
    tell_beside()
    assert counted() == (0, 0)


def test_many_at_once_are_all_counted(fresh_database: Copy) -> None:
    def count() -> None:
        with public_site():
            for _ in range(20):
                own = Tally()
                own.found()
                own.missed("192.0.2.1", ABSENT_NUMBER)
                own.missed("192.0.2.1", ABSENT_NUMBER)
                taken = own.take()
                assert taken is not None
                with current_connection().cursor() as cursor:
                    cursor.execute(*taken)
            connections.close_all()

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counted() == (160, 320)
