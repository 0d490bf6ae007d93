"""Ten recovery codes, shown once: each opens one session when the phone isn't there, and confirms nothing."""

import re
import threading

import pytest
from django.db import connection
from django.test import Client
from django_otp.plugins.otp_static.models import StaticToken

from tests.databases import Copy
from tests.people.make import LOGIN, PASSWORD, code_of, enrol, is_in, log_in, make_person, newest_entry
from uploads.actor import Actor
from uploads.models import Person
from uploads.people.recovery import renew_recovery_codes, verify_recovery_code
from uploads.people.twofactor import CodeOutcome
from uploads.refusals import Refusal

PAGE = "/staff/account/recovery-codes/"


def log_in_with(client: Client, person: Person, code: str) -> str:
    client.post(LOGIN, {"staff_number": person.staff_number, "password": PASSWORD})
    return client.post(LOGIN, {"recovery_code": code}).content.decode()


@pytest.mark.django_db
def test_they_are_made_with_the_second_factor_and_shown_once(client: Client) -> None:
    person = make_person()
    log_in(client, person)
    assert "生成 10 个恢复码" in client.get(PAGE).content.decode()
    assert "动态码不正确" in client.post(PAGE, {"otp": "000000"}).content.decode()
    person.totpdevice_set.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    answer = client.post(PAGE, {"otp": code_of(person, steps=1)})
    shown = re.findall(r'"number">([a-z2-9]{5}-[a-z2-9]{5})<', answer.content.decode())
    assert len(set(shown)) == 10
    assert "no-store" in answer["Cache-Control"]
    assert newest_entry("recovery_codes.renewed").detail == {"codes": 10}
    again = client.get(PAGE).content.decode()
    assert not any(code in again for code in shown)
    assert "还有 10 个没有用过" in client.get("/staff/account/").content.decode()
    kept = list(StaticToken.objects.values_list("token", flat=True))
    assert not {code.replace("-", "") for code in shown} & set(kept)


@pytest.mark.django_db
def test_one_opens_one_session_and_the_use_is_recorded_and_told(client: Client) -> None:
    person = make_person()
    codes = renew_recovery_codes(person=person, by=Actor(person))
    log_in_with(client, person, f" {codes[0].upper().replace('-', ' ')} ")
    assert "还剩 9 个" in client.get("/staff/").content.decode()
    assert is_in(client)
    assert newest_entry("login").detail == {"factor": "recovery_code", "codes_left": 9}
    elsewhere = Client()
    assert "已经用过" in log_in_with(elsewhere, person, codes[0])
    assert not is_in(elsewhere)
    assert newest_entry("login").detail["reason"] == "recovery_code_wrong"
    log_in(elsewhere, person)
    assert "有人用恢复码登录过您的账号" in elsewhere.get("/staff/").content.decode()
    elsewhere.post("/staff/logout/")
    log_in(elsewhere, person, code=code_of(person, steps=1))
    assert "恢复码登录过" not in elsewhere.get("/staff/").content.decode()


@pytest.mark.django_db
def test_new_ones_make_the_old_ones_void() -> None:
    person = make_person()
    old = renew_recovery_codes(person=person, by=Actor(person))
    new = renew_recovery_codes(person=person, by=Actor(person))
    assert verify_recovery_code(person=person, code=old[0]).outcome is CodeOutcome.WRONG
    person.staticdevice_set.update(throttling_failure_count=0)
    assert verify_recovery_code(person=person, code=new[0]).accepted


@pytest.mark.django_db
def test_nobody_makes_or_uses_a_colleagues() -> None:
    first, second = make_person(), make_person("370902", "张伟")
    with pytest.raises(Refusal, match="person_not_entitled"):
        renew_recovery_codes(person=first, by=Actor(second))
    renew_recovery_codes(person=first, by=Actor(first))
    codes = renew_recovery_codes(person=second, by=Actor(second))
    assert verify_recovery_code(person=first, code=codes[0]).outcome is CodeOutcome.WRONG


@pytest.mark.django_db
def test_guessing_waits_longer_each_time_and_shuts_the_address_out(client: Client) -> None:
    person = make_person()
    renew_recovery_codes(person=person, by=Actor(person))
    assert "不正确" in log_in_with(client, person, "aaaaa-aaaaa")
    assert verify_recovery_code(person=person, code="aaaaa-aaaab").outcome is CodeOutcome.TOO_SOON
    for _ in range(4):
        client.post(LOGIN, {"recovery_code": "aaaaa-aaaaa"})
    assert client.post(LOGIN, {"staff_number": "370901", "password": PASSWORD}).status_code == 429


@pytest.mark.django_db
def test_a_recovery_code_is_no_code_for_a_grave_act(client: Client) -> None:
    person = make_person()
    codes = renew_recovery_codes(person=person, by=Actor(person))
    log_in_with(client, person, codes[0])
    answer = client.post(PAGE, {"otp": codes[1]})
    assert "动态码是 6 位数字" in answer.content.decode()


def test_of_eight_requests_with_one_code_at_once_one_gets_in(fresh_database: Copy) -> None:
    with fresh_database.connect("owner") as owner:
        owner.execute(
            "INSERT INTO person (staff_number, name, password, phone, state) VALUES ('370901', '王丽华', '!', '', 'active')"
        )
    person = Person.objects.get()
    enrol(person)
    code = renew_recovery_codes(person=person, by=Actor(person))[0]
    outcomes = []
    barrier = threading.Barrier(8)

    def use() -> None:
        barrier.wait()
        try:
            outcomes.append(verify_recovery_code(person=person, code=code).accepted)
        finally:
            connection.close()

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(outcomes) == 1
