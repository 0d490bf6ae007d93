"""A code of the second factor counts once, for one person, in its own half minute."""

import threading

import pytest
import time_machine
from django.db import connection
from django.test import Client

from tests.databases import Copy
from tests.people.make import LOGIN, PASSWORD, code_of, is_in, log_in, make_person
from uploads.models import Person
from uploads.people.twofactor import CodeOutcome, seconds_until_next_code, verify_code

NOON = 1_795_492_800  # a full half minute


@pytest.mark.django_db
def test_a_code_that_was_used_is_refused_with_the_seconds_until_the_next_one() -> None:
    person = make_person()
    with time_machine.travel(NOON + 12, tick=False):
        assert seconds_until_next_code(person) == 0
        assert verify_code(person=person, code=code_of(person)).accepted
        again = verify_code(person=person, code=code_of(person))
        assert (again.outcome, again.wait_seconds) == (CodeOutcome.USED, 18)
        assert "18 秒后出现" in again.sentence
        assert seconds_until_next_code(person) == 18
    with time_machine.travel(NOON + 30, tick=False):
        assert seconds_until_next_code(person) == 0
        assert verify_code(person=person, code=code_of(person)).accepted


@pytest.mark.django_db
def test_a_replayed_code_is_no_guess_and_costs_no_waiting() -> None:
    person = make_person()
    with time_machine.travel(NOON + 1, tick=False):
        code = code_of(person)
        verify_code(person=person, code=code)
        for _ in range(5):
            assert verify_code(person=person, code=code).outcome is CodeOutcome.USED
        assert verify_code(person=person, code=code_of(person, steps=1)).accepted


@pytest.mark.django_db
def test_the_code_of_the_login_does_not_log_in_elsewhere(client: Client) -> None:
    person = make_person()
    code = code_of(person)
    log_in(client, person, code=code)
    assert is_in(client)
    elsewhere = Client()
    elsewhere.post(LOGIN, {"staff_number": person.staff_number, "password": PASSWORD})
    assert "已经用过" in elsewhere.post(LOGIN, {"otp": code}).content.decode()
    assert not is_in(elsewhere)


@pytest.mark.django_db
def test_clocks_may_differ_by_half_a_minute_and_not_by_more() -> None:
    with time_machine.travel(NOON + 5, tick=False):
        for number, steps, accepted in (
            ("370911", -1, True),
            ("370912", 1, True),
            ("370913", -2, False),
            ("370914", 2, False),
        ):
            person = make_person(number)
            assert verify_code(person=person, code=code_of(person, steps)).accepted is accepted


@pytest.mark.django_db
def test_each_wrong_code_doubles_the_wait() -> None:
    person = make_person()
    with time_machine.travel(NOON, tick=False) as clock:
        wrong = f"{(int(code_of(person)) + 1) % 1_000_000:06d}"
        waits = []
        for _ in range(4):
            check = verify_code(person=person, code=wrong)
            waits.append(check.wait_seconds)
            assert verify_code(person=person, code=code_of(person)).outcome is CodeOutcome.TOO_SOON
            clock.shift(check.wait_seconds)
        assert waits == [1, 2, 4, 8]
        assert verify_code(person=person, code=code_of(person)).accepted


@pytest.mark.django_db
def test_a_colleagues_code_does_not_count() -> None:
    first, second = make_person(), make_person("370902", "张伟")
    assert verify_code(person=first, code=code_of(second)).outcome is CodeOutcome.WRONG


def test_of_eight_requests_with_one_code_at_once_one_is_accepted(fresh_database: Copy) -> None:
    with fresh_database.connect("owner") as owner:
        owner.execute(
            "INSERT INTO person (staff_number, name, password, phone, state) VALUES ('370901', '王丽华', '!', '', 'active')"
        )
    person = Person.objects.get()
    device = person.totpdevice_set.create(name="x", confirmed=True)
    code = code_of(person)
    outcomes = []
    barrier = threading.Barrier(8)

    def confirm() -> None:
        barrier.wait()
        try:
            outcomes.append(verify_code(person=person, code=code).outcome)
        finally:
            connection.close()

    threads = [threading.Thread(target=confirm) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == sorted([CodeOutcome.ACCEPTED, *[CodeOutcome.USED] * 7])
    device.refresh_from_db()
    assert device.throttling_failure_count == 0
