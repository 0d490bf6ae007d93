"""Hits and misses per day, and nothing else: neither who asked nor for what."""

import threading

import pytest
from django.db import connection, connections
from django.db.models import Sum
from django.test import Client
from django.utils import timezone

from certificates.load import Tally, tally, tell_now
from certificates.models import LookupCount
from certlookup.databases import current_connection, public_site
from tests.certificates_pages.reading import ABSENT_ID, ABSENT_NUMBER, look_up, publish, read
from tests.databases import Copy, acting_as


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
