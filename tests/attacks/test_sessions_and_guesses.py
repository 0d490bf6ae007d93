"""Attacks on the way in: a planted or kept session, somebody else's code in a half-finished login, guesses side by side."""

import threading

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client

from tests.databases import Copy
from tests.make import make_actor
from tests.people.make import LOGIN, PASSWORD, code_of, is_in, log_in, make_person, open_account
from uploads.actor import Actor
from uploads.models import AuditEntry, Capacity
from uploads.people.accounts import freeze_account

COOKIE = settings.SESSION_COOKIE_NAME
GUESSES = 8


def client_with(cookie: str) -> Client:
    client = Client()
    client.cookies[COOKIE] = cookie
    return client


@pytest.mark.django_db
def test_a_session_id_that_somebody_planted_or_saw_on_the_way_never_gets_in() -> None:
    person, client = make_person(), client_with("a" * 32)
    seen = ["a" * 32]
    client.post(LOGIN, {"staff_number": person.staff_number, "password": PASSWORD})
    seen.append(client.cookies[COOKIE].value)
    client.post(LOGIN, {"otp": code_of(person)})
    assert is_in(client)
    assert client.cookies[COOKIE].value not in seen
    assert not any(is_in(client_with(cookie)) for cookie in seen)


@pytest.mark.django_db
def test_a_cookie_that_was_kept_opens_nothing_after_the_person_has_left(client: Client) -> None:
    person = make_person()
    log_in(client, person)
    kept = client.cookies[COOKIE].value
    assert is_in(client_with(kept))
    client.post("/staff/logout/")
    assert not is_in(client_with(kept))


@pytest.mark.django_db
def test_a_stolen_password_is_not_completed_with_a_colleagues_code_nor_after_a_freeze(client: Client) -> None:
    person, thief = make_person(), make_person("370902", "张伟")
    client.post(LOGIN, {"staff_number": person.staff_number, "password": PASSWORD})
    client.post(LOGIN, {"otp": code_of(thief), "staff_number": thief.staff_number, "password": PASSWORD})
    assert not is_in(client)
    other = Client()
    other.post(LOGIN, {"staff_number": thief.staff_number, "password": PASSWORD})
    freeze_account(person=thief, reason="报失", by=Actor(thief))
    other.post(LOGIN, {"otp": code_of(thief)})
    assert not is_in(other)


def test_guesses_sent_side_by_side_are_counted_one_by_one(fresh_database: Copy) -> None:
    person = make_actor(Capacity.KEEPER).person
    open_account(person)
    start = threading.Barrier(GUESSES)

    def guess() -> None:
        start.wait()
        try:
            Client().post(LOGIN, {"staff_number": person.staff_number, "password": "no-such-password-1"})
        finally:
            connections.close_all()

    threads = [threading.Thread(target=guess) for _ in range(GUESSES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    answer = Client().post(LOGIN, {"staff_number": person.staff_number, "password": PASSWORD})
    assert answer.status_code == 429
    refused = AuditEntry.objects.filter(action="login", outcome="refused", subject_id=person.staff_number)
    assert refused.count() == GUESSES + 1
