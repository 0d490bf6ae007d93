"""A session ends after 15 idle minutes, after 8 hours, and at once when the account or its password changes."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client

from certlookup.calendar.periods import SHANGHAI
from tests.databases import acting_as
from tests.people.make import LOGIN, PASSWORD, code_of, is_in, log_in, make_person, newest_entry
from uploads.actor import Actor
from uploads.models import Capacity, CapacityGrant, PersonState
from uploads.people.accounts import freeze_account, unfreeze_account

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 11, 24, 9, 0, tzinfo=SHANGHAI)


def test_a_session_ends_after_fifteen_idle_minutes(client: Client) -> None:
    person = make_person()
    with time_machine.travel(MORNING, tick=False) as clock:
        log_in(client, person)
        clock.shift(timedelta(minutes=14, seconds=59))
        assert is_in(client)
        clock.shift(timedelta(minutes=14, seconds=59))
        assert is_in(client)
        clock.shift(timedelta(minutes=15))
        assert not is_in(client)
        log_in(client, person)
        assert Session.objects.count() == 1


def test_a_session_ends_after_eight_hours_however_busy_it_is(client: Client) -> None:
    person = make_person()
    with time_machine.travel(MORNING, tick=False) as clock:
        log_in(client, person)
        for _ in range(47):
            clock.shift(timedelta(minutes=10))
            assert is_in(client)
        clock.shift(timedelta(minutes=10))
        assert not is_in(client)
        assert "登录" in client.get(LOGIN).content.decode()


def test_a_half_finished_login_lasts_five_minutes(client: Client) -> None:
    person = make_person()
    with time_machine.travel(MORNING, tick=False) as clock:
        client.post(LOGIN, {"staff_number": "370901", "password": PASSWORD})
        clock.shift(timedelta(minutes=5, seconds=1))
        client.post(LOGIN, {"otp": code_of(person)})
        assert not is_in(client)


def test_cookies_are_for_the_staff_site_alone_and_out_of_reach_of_scripts(client: Client) -> None:
    log_in(client, make_person())
    assert set(client.cookies) == {"sessionid", "csrftoken", "known_browser"}
    for cookie in client.cookies.values():
        assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/staff/", True, "Strict")
    assert not client.cookies["sessionid"]["max-age"]
    assert bool(client.cookies["sessionid"]["secure"]) == settings.SITE_ADDRESS.startswith("https://")


def test_public_pages_set_no_cookie_even_for_someone_signed_in(client: Client) -> None:
    log_in(client, make_person())
    assert not client.get("/").cookies
    assert not Client().get("/").cookies


def test_forms_tell_their_own_site_where_they_come_from(client: Client) -> None:
    """With no-referrer, browsers send "Origin: null", and every form would be refused."""
    assert client.get(LOGIN)["Referrer-Policy"] == "same-origin"


def test_staff_pages_are_not_kept_by_caches(client: Client) -> None:
    log_in(client, make_person())
    assert "no-store" in client.get("/staff/account/")["Cache-Control"]


def test_freezing_an_account_ends_its_sessions_for_good(client: Client) -> None:
    person = make_person()
    guard = make_person("370902", "张伟", [Capacity.SECURITY_ADMINISTRATOR])
    by = Actor(guard, Capacity.SECURITY_ADMINISTRATOR)
    log_in(client, person)
    freeze_account(person=person, reason="手机遗失", by=by)
    assert not is_in(client)
    assert newest_entry("account.frozen").detail == {"reason": "手机遗失", "sessions_ended": 1}
    unfreeze_account(person=person, reason="已找回", by=by)
    person.refresh_from_db()
    assert person.state == PersonState.ACTIVE
    assert not is_in(client)


def test_changing_the_password_ends_every_other_session(client: Client) -> None:
    person = make_person()
    elsewhere = Client()
    log_in(elsewhere, person)
    log_in(client, person, code=code_of(person, steps=1))
    new = "sechs-gelbe-regenschirme"
    data = {"password": PASSWORD, "new_password": new, "new_password_again": new}
    assert client.post("/staff/account/password/", data).status_code == 302
    assert is_in(client)
    assert not is_in(elsewhere)
    person.refresh_from_db()
    assert person.check_password(new)
    assert person.password.startswith("argon2$argon2id$")
    assert newest_entry("password.changed").detail == {"sessions_ended": 1}


def test_a_person_can_end_all_sessions(client: Client) -> None:
    person = make_person()
    elsewhere = Client()
    log_in(elsewhere, person)
    log_in(client, person, code=code_of(person, steps=1))
    client.post("/staff/account/leave-everywhere/")
    assert not is_in(client)
    assert not is_in(elsewhere)


def test_a_capacity_that_ends_is_gone_with_the_next_request(client: Client) -> None:
    person = make_person()
    log_in(client, person)
    assert "网络管理专员" in client.get("/staff/account/").content.decode()
    grant = CapacityGrant.objects.get(person=person)
    with acting_as("owner"):
        grant.valid_to = grant.granted_at
        grant.save(update_fields=["valid_to"])
    assert "网络管理专员" not in client.get("/staff/account/").content.decode()
