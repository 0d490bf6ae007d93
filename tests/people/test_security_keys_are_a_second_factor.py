"""A security key stands beside the authenticator: its answer counts once, for its own person, at this site alone."""

import html
import json
import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django_otp_webauthn.models import WebAuthnCredential

from tests.people.make import LOGIN, PASSWORD, code_of, is_in, log_in, make_person, newest_entry
from tests.people.softkey import SoftKey
from uploads.actor import Actor
from uploads.models import Capacity, Person
from uploads.people.accounts import withdraw_credentials

pytestmark = pytest.mark.django_db
PAGE = "/staff/account/keys/"


def options_of(answer: HttpResponse) -> dict[str, Any]:
    """What the page asks a key."""
    found = re.search(r'data-options="([^"]*)"', answer.content.decode())
    assert found, answer.content.decode()
    return dict(json.loads(html.unescape(found[1])))


def register(client: Client, person: Person, key: SoftKey, name: str = "蓝色密钥") -> HttpResponse:
    options = options_of(client.get(PAGE))
    person.totpdevice_set.update(last_t=-1)
    return client.post(PAGE, {"name": name, "otp": code_of(person), "key_answer": key.created(options)})


def with_key(number: str = "370901") -> tuple[Person, SoftKey]:
    person, key, client = make_person(number), SoftKey(), Client()
    log_in(client, person)
    assert register(client, person, key).status_code == 302
    client.post("/staff/logout/")
    return person, key


def show_password(client: Client, person: Person) -> dict[str, Any]:
    client.post(LOGIN, {"staff_number": person.staff_number, "password": PASSWORD})
    return options_of(client.get(LOGIN))


def test_a_registered_key_opens_the_site_beside_the_password(client: Client) -> None:
    person, key = with_key()
    assert newest_entry("security_key.registered").detail == {"name": "蓝色密钥"}
    answer = client.post(LOGIN, {"key_answer": key.signed(show_password(client, person))})
    assert answer.status_code == 302
    assert is_in(client)
    assert newest_entry("login").detail == {"factor": "security_key"}
    assert "1 个" in client.get("/staff/account/").content.decode()


def test_an_answer_counts_once(client: Client) -> None:
    person, key = with_key()
    options = show_password(client, person)
    answer = key.signed(options)
    client.post(LOGIN, {"key_answer": answer})
    client.post("/staff/logout/")
    show_password(client, person)
    assert "安全密钥没有通过" in client.post(LOGIN, {"key_answer": answer}).content.decode()
    assert newest_entry("login").detail["reason"] == "security_key_refused"
    assert not is_in(client)


def test_an_answer_to_an_earlier_page_does_not_count(client: Client) -> None:
    person, key = with_key()
    early = show_password(client, person)
    late = options_of(client.get(LOGIN))
    client.post(LOGIN, {"key_answer": key.signed(early)})
    assert not is_in(client)
    client.post(LOGIN, {"key_answer": key.signed(late)})
    assert not is_in(client)


def test_without_the_password_before_it_a_key_opens_nothing(client: Client) -> None:
    person, key = with_key()
    other = Client()
    answer = key.signed(show_password(other, person))
    client.post(LOGIN, {"key_answer": answer})
    assert not is_in(client)


def test_a_colleagues_key_and_another_sites_answer_are_refused(client: Client) -> None:
    person, key = with_key()
    _, foreign = with_key("370902")
    options = show_password(client, person)
    client.post(LOGIN, {"key_answer": foreign.signed(options)})
    assert not is_in(client)
    key.origin = "https://certlookup.example.org"
    client.post(LOGIN, {"key_answer": key.signed(options_of(client.get(LOGIN)))})
    assert not is_in(client)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "x",
        "[]",
        "null",
        '"a"',
        "{}",
        '{"id": 1}',
        '{"id": "a", "rawId": "!", "response": {}, "type": "public-key"}',
    ],
)
def test_what_is_no_answer_is_refused_in_words(client: Client, answer: str) -> None:
    person, _ = with_key()
    show_password(client, person)
    page = client.post(LOGIN, {"key_answer": answer})
    assert page.status_code == 200
    assert "再试一次" in page.content.decode()
    assert not is_in(client)
    person.totpdevice_set.update(last_t=-1)
    log_in(client, person)
    client.get(PAGE)
    person.totpdevice_set.update(last_t=-1)
    page = client.post(PAGE, {"name": "x", "otp": code_of(person), "key_answer": answer})
    assert "再试一次" in page.content.decode()
    assert WebAuthnCredential.objects.count() == 1


def test_five_refused_answers_shut_the_address_out(client: Client) -> None:
    person, _ = with_key()
    show_password(client, person)
    statuses = [client.post(LOGIN, {"key_answer": "{}"}).status_code for _ in range(5)]
    assert statuses[-1] == 429


def test_registering_asks_for_the_code_and_takes_an_answer_once(client: Client) -> None:
    person, key = make_person(), SoftKey()
    log_in(client, person)
    options = options_of(client.get(PAGE))
    answer = key.created(options)
    assert "动态码" in client.post(PAGE, {"name": "x", "otp": "", "key_answer": answer}).content.decode()
    assert not WebAuthnCredential.objects.exists()
    person.totpdevice_set.update(last_t=-1)
    again = client.post(PAGE, {"name": "x", "otp": code_of(person), "key_answer": answer})
    assert "没有登记" in again.content.decode()
    assert not WebAuthnCredential.objects.exists()


def test_a_key_is_removed_with_the_code_and_opens_nothing_any_more(client: Client) -> None:
    person, _ = with_key()
    log_in(client, person, code=code_of(person, steps=1))
    kept = WebAuthnCredential.objects.get()
    page = f"{PAGE}{kept.pk}/remove/"
    assert client.post(page, {"otp": ""}).status_code == 200
    person.totpdevice_set.update(last_t=-1)
    assert client.post(page, {"otp": code_of(person)}).status_code == 302
    assert not WebAuthnCredential.objects.exists()
    assert newest_entry("security_key.removed").detail == {"name": "蓝色密钥"}
    assert client.get(page).status_code == 404
    client.post("/staff/logout/")
    client.post(LOGIN, {"staff_number": person.staff_number, "password": PASSWORD})
    assert "安全密钥" not in client.get(LOGIN).content.decode()


def test_nobody_removes_a_colleagues(client: Client) -> None:
    with_key()
    other = make_person("370902", "张伟")
    log_in(client, other)
    assert client.get(f"{PAGE}{WebAuthnCredential.objects.get().pk}/remove/").status_code == 404


def test_withdrawing_an_accounts_credentials_takes_the_keys_too() -> None:
    person, _ = with_key()
    guard = make_person("370902", "张伟", [Capacity.SECURITY_ADMINISTRATOR])
    withdraw_credentials(person=person, reason="遗失", by=Actor(guard, Capacity.SECURITY_ADMINISTRATOR))
    assert not WebAuthnCredential.objects.exists()


def test_where_the_address_is_neither_https_nor_localhost_the_page_says_so(client: Client, settings: Any) -> None:
    settings.SECURITY_KEYS = False
    log_in(client, make_person())
    assert "浏览器只接受 https" in client.get(PAGE).content.decode()
