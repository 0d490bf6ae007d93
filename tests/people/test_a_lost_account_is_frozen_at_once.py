"""The loss of an account: one press, and it is shut everywhere (R13)."""

import pytest
from django.test import Client

from tests.people.make import LOGIN, PASSWORD, code_of, is_in, log_in, make_person, newest_entry
from uploads.actor import Actor
from uploads.models import Capacity, Person, PersonState
from uploads.people.accounts import freeze_account

pytestmark = pytest.mark.django_db
PRESS = "/staff/account/freeze/"


def test_the_person_presses_once_and_every_session_ends(client: Client) -> None:
    person = make_person()
    elsewhere = Client()
    log_in(elsewhere, person)
    log_in(client, person, code=code_of(person, steps=1))
    answer = client.post(PRESS, follow=True)
    assert "账号已冻结" in answer.content.decode()
    assert Person.objects.get(pk=person.pk).state == PersonState.FROZEN
    assert not is_in(client)
    assert not is_in(elsewhere)
    entry = newest_entry("account.frozen")
    assert (entry.person_id, entry.outcome) == (person.pk, "done")
    assert entry.detail == {"reason": "本人报失", "sessions_ended": 2}


def test_nobody_logs_in_to_a_frozen_account(client: Client) -> None:
    person = make_person()
    log_in(client, person)
    client.post(PRESS)
    client.post(LOGIN, {"staff_number": person.staff_number, "password": PASSWORD})
    client.post(LOGIN, {"otp": code_of(person, steps=1)})
    assert not is_in(client)


def test_a_login_that_has_shown_its_password_does_not_go_on_after_the_press(client: Client) -> None:
    person = make_person()
    client.post(LOGIN, {"staff_number": person.staff_number, "password": PASSWORD})
    freeze_account(person=person, reason="手机遗失", by=Actor(person))
    client.post(LOGIN, {"otp": code_of(person)})
    assert not is_in(client)


def test_looking_at_the_address_freezes_nothing(client: Client) -> None:
    person = make_person()
    log_in(client, person)
    assert client.get(PRESS).status_code == 405
    assert Client(enforce_csrf_checks=True).post(PRESS).status_code in {302, 403}
    assert Person.objects.get(pk=person.pk).is_active


def test_what_an_incident_begins_with_is_handed_back() -> None:
    person = make_person()
    head = make_person("370902", "张伟", [Capacity.DEPARTMENT_HEAD])
    by = Actor(head, Capacity.DEPARTMENT_HEAD, "203.0.113.9")
    freezing = freeze_account(person=person, reason="手机遗失", by=by)
    entry = newest_entry("account.frozen")
    assert (freezing.entry, freezing.person, freezing.by, freezing.sessions_ended) == (entry.number, person, by, 0)
    assert entry.address == "203.0.113.9"
