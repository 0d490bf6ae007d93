"""Hits and misses per day, and nothing else: neither who asked nor for what."""

import threading
import time
from urllib.parse import urlencode

import pytest
from django.db import connection, connections
from django.db.models import Sum
from django.test import Client
from django.utils import timezone

from certificates.load import Tally, tally, tell_now, tell_what_is_due, tell_what_is_left_over
from certificates.models import LookupCount
from certlookup.databases import current_connection, public_site
from tests.certificates_pages.reading import ABSENT_ID, ABSENT_NUMBER, look_up, publish, read
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
    # What the last second counted comes with the next lookup.
    tell_now()
    assert counted() == (2, 1)
    columns = {field.name for field in LookupCount._meta.get_fields()}
    assert columns == {"pk", "day", "shard", "hits", "misses"}


@pytest.mark.django_db
def test_what_no_lookup_comes_to_tell_is_told_beside_once_the_next_had_its_chance() -> None:
    tally.forget()
    tell_what_is_left_over(last=False)
    moment = time.time()
    tally.found()
    tell_what_is_due(moment)
    tally.found()
    assert [tally.is_left_over(moment + seconds) for seconds in (0, 1, 4)] == [False, False, True]
    assert counted() == (1, 0)
    tell_what_is_left_over(last=True)
    assert counted() == (2, 0)
    assert not tally.is_left_over(moment + 60)


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
def test_a_count_that_cannot_be_written_keeps_no_answer_back() -> None:
    (pair,) = publish()
    with acting_as("owner"), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE lookup_count ADD CONSTRAINT nothing CHECK (hits < 0)")
    for _ in range(2):
        tally.forget()
        tally.found()
        assert read(look_up(Client(), pair.id_number, pair.certificate_number)).outcome == "found"
    assert counted() == (0, 0)


def test_many_at_once_are_all_counted(fresh_database: Copy) -> None:
    def count() -> None:
        with public_site():
            for turn in range(20):
                own = Tally()
                own.found()
                own.missed("192.0.2.1", ABSENT_NUMBER)
                own.missed("192.0.2.1", ABSENT_NUMBER)
                due = own.due(turn + 1)
                assert due is not None
                with current_connection().cursor() as cursor:
                    cursor.execute(*due)
            connections.close_all()

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counted() == (160, 320)
