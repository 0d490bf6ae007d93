"""Five failures shut a staff number for the address they came from; the colleague at the own desk isn't touched."""

from datetime import datetime, timedelta

import pytest
import time_machine
from axes.models import AccessAttempt
from django.http import HttpResponse
from django.test import Client

from certlookup.calendar.periods import SHANGHAI
from tests.people.make import LOGIN, PASSWORD, code_of, is_in, make_person, newest_entry

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 11, 24, 9, 0, tzinfo=SHANGHAI)
WRONG = "wrong-guess-1"
GUESSER, DESK = "198.51.100.7", "203.0.113.9"


def guess(client: Client, number: str = "370901", address: str = GUESSER, password: str = WRONG) -> HttpResponse:
    return client.post(LOGIN, {"staff_number": number, "password": password}, REMOTE_ADDR=address)


def test_after_five_failures_even_the_right_password_waits_from_that_address(client: Client) -> None:
    make_person()
    with time_machine.travel(MORNING, tick=False) as clock:
        answers = [guess(client).status_code for _ in range(5)]
        assert answers == [200, 200, 200, 200, 429]
        shut = guess(client, password=PASSWORD)
        assert shut.status_code == 429
        assert 590 <= int(shut["Retry-After"]) <= 600
        assert "10 分钟后再试" in shut.content.decode()
        assert newest_entry("login").detail["reason"] == "locked_out"
        clock.shift(timedelta(minutes=10, seconds=1))
        assert guess(client, password=PASSWORD).status_code == 302


def test_guessing_during_the_lock_does_not_prolong_it(client: Client) -> None:
    make_person()
    with time_machine.travel(MORNING, tick=False) as clock:
        for _ in range(5):
            guess(client)
        clock.shift(timedelta(minutes=9))
        assert guess(client)["Retry-After"] == "60"


def test_the_colleague_at_the_own_desk_still_gets_in(client: Client) -> None:
    person = make_person()
    guesser = Client()
    for _ in range(6):
        guess(guesser)
    client.post(LOGIN, {"staff_number": "370901", "password": PASSWORD}, REMOTE_ADDR=DESK)
    client.post(LOGIN, {"otp": code_of(person)}, REMOTE_ADDR=DESK)
    assert is_in(client)


def test_the_colleague_who_shares_the_guessers_address_gets_in_with_the_own_browser(client: Client) -> None:
    person = make_person()
    guess(client, password=PASSWORD, address=DESK)
    client.post(LOGIN, {"otp": code_of(person)}, REMOTE_ADDR=DESK)
    client.post("/staff/logout/")
    guesser = Client()
    for _ in range(6):
        guess(guesser, address=DESK)
    assert guess(guesser, address=DESK, password=PASSWORD).status_code == 429
    assert guess(client, address=DESK, password=PASSWORD).status_code == 302


def test_a_known_browser_has_its_own_five_failures_and_is_known_for_one_person_only(client: Client) -> None:
    person = make_person()
    make_person("370902", "张伟")
    guess(client, password=PASSWORD)
    client.post(LOGIN, {"otp": code_of(person)}, REMOTE_ADDR=GUESSER)
    client.post("/staff/logout/")
    assert [guess(client).status_code for _ in range(5)][-1] == 429
    assert 590 <= int(guess(client, password=PASSWORD)["Retry-After"]) <= 600
    for _ in range(5):
        guess(Client(), "370902")
    assert guess(client, "370902", password=PASSWORD).status_code == 429


def test_an_altered_mark_of_a_known_browser_counts_for_nothing(client: Client) -> None:
    make_person()
    client.cookies["known_browser"] = "370901:xyz"
    for _ in range(5):
        guess(Client())
    assert guess(client, password=PASSWORD).status_code == 429


def test_another_person_at_the_guessers_address_still_gets_in(client: Client) -> None:
    make_person()
    make_person("370902", "张伟")
    for _ in range(6):
        guess(client)
    assert guess(client, "370902", password=PASSWORD).status_code == 302


def test_another_browser_at_the_same_address_is_no_way_round(client: Client) -> None:
    make_person()
    for number in range(5):
        data = {"staff_number": "370901", "password": WRONG}
        Client().post(LOGIN, data, REMOTE_ADDR=GUESSER, HTTP_USER_AGENT=f"browser {number}")
    assert guess(client, password=PASSWORD).status_code == 429


def test_addresses_of_one_network_in_ipv6_count_as_one(client: Client) -> None:
    make_person()
    for number in range(5):
        guess(client, address=f"2001:db8:0:7::{number + 1:x}")
    assert guess(client, address="2001:db8:0:7::ff", password=PASSWORD).status_code == 429
    assert guess(client, address="2001:db8:0:8::1", password=PASSWORD).status_code == 302


def test_wrong_codes_count_too(client: Client) -> None:
    person = make_person()
    with time_machine.travel(MORNING, tick=False) as clock:
        guess(client, password=PASSWORD)
        wrong = f"{(int(code_of(person)) + 1) % 1_000_000:06d}"
        statuses = []
        for _ in range(5):
            statuses.append(client.post(LOGIN, {"otp": wrong}, REMOTE_ADDR=GUESSER).status_code)
            clock.shift(timedelta(seconds=20))
        assert statuses == [200, 200, 200, 200, 429]
        assert guess(client, password=PASSWORD).status_code == 429


def test_a_login_forgets_the_failures_before_it(client: Client) -> None:
    person = make_person()
    for _ in range(4):
        guess(client)
    guess(client, password=PASSWORD)
    client.post(LOGIN, {"otp": code_of(person)}, REMOTE_ADDR=GUESSER)
    assert not AccessAttempt.objects.exists()


def test_what_is_kept_of_a_failure_holds_no_password_and_no_stray_text(client: Client) -> None:
    make_person()
    guess(client)
    guess(client, number="Typed-My-Password-Here!")
    kept = str(list(AccessAttempt.objects.values()))
    assert WRONG not in kept
    assert "PASSWORD-HERE" not in kept.upper()
