"""Two steps, password and code, lead in; nothing else does; and the trail tells of each."""

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from tests.databases import acting_as
from tests.people.make import LOGIN, PASSWORD, code_of, is_in, log_in, make_person, newest_entry
from uploads.models import AuditEntry, PersonState

pytestmark = pytest.mark.django_db


def test_password_and_code_lead_in_and_are_recorded_with_the_address(client: Client) -> None:
    person = make_person()
    first = client.post(LOGIN, {"staff_number": "370901", "password": PASSWORD}, REMOTE_ADDR="203.0.113.9")
    assert first.status_code == 302
    page = client.get(first["Location"])
    assert 'name="otp"' in page.content.decode()
    second = client.post(LOGIN, {"otp": code_of(person)}, REMOTE_ADDR="203.0.113.9")
    assert (second.status_code, second["Location"]) == (302, "/staff/")
    assert is_in(client)
    entry = newest_entry("login")
    assert (entry.person_id, entry.address, entry.outcome) == (person.pk, "203.0.113.9", "done")


def test_one_is_led_to_the_page_that_was_asked_for_and_to_no_other_site(client: Client) -> None:
    person = make_person()
    asked = client.get("/staff/account/?a=1")
    assert asked["Location"] == "/staff/login/?next=/staff/account/%3Fa%3D1"
    client.post(LOGIN, {"staff_number": "370901", "password": PASSWORD, "next": "/staff/account/?a=1"})
    done = client.post(LOGIN, {"otp": code_of(person), "next": "/staff/account/?a=1"})
    assert done["Location"] == "/staff/account/?a=1"
    for elsewhere in ("https://example.org/staff/", "//example.org/staff/", "/lookup/", "javascript:1"):
        assert client.get(LOGIN, {"next": elsewhere})["Location"] == "/staff/"


def test_the_password_alone_opens_nothing(client: Client) -> None:
    make_person()
    client.post(LOGIN, {"staff_number": "370901", "password": PASSWORD})
    assert not is_in(client)


def test_a_code_without_the_password_before_it_opens_nothing(client: Client) -> None:
    person = make_person()
    answer = client.post(LOGIN, {"otp": code_of(person)})
    assert "请重新输入工号和密码" in answer.content.decode()
    assert not is_in(client)


def test_a_wrong_password_an_unknown_number_and_a_frozen_account_get_the_same_answer(client: Client) -> None:
    make_person()
    frozen = make_person("370902", "张伟")
    frozen.state = PersonState.FROZEN
    with acting_as("owner"):
        frozen.save()
    answers = set()
    for number, password in (("370901", "no-such-password-1"), ("379999", PASSWORD), ("370902", PASSWORD)):
        page = client.post(LOGIN, {"staff_number": number, "password": password}).content.decode()
        assert "工号或密码不正确" in page
        answers.add(page.split('class="error-summary"')[1].split("</div>")[0])
    assert len(answers) == 1


def test_a_failed_login_is_recorded_without_what_was_typed(client: Client) -> None:
    make_person()
    client.post(LOGIN, {"staff_number": "370901", "password": "no-such-password-1"})
    entry = newest_entry("login")
    assert (entry.outcome, entry.subject_id, entry.person_id) == ("refused", "370901", None)
    client.post(LOGIN, {"staff_number": "my-secret-password", "password": "x"})
    entry = newest_entry("login")
    assert (entry.outcome, entry.subject_id, entry.detail) == (
        "refused",
        "",
        {"known": False, "reason": "wrong_password"},
    )
    assert not any("password-1" in str(entry.detail) for entry in AuditEntry.objects.all())


def test_a_wrong_code_is_refused_and_recorded(client: Client) -> None:
    person = make_person()
    wrong = f"{(int(code_of(person)) + 1) % 1_000_000:06d}"
    client.post(LOGIN, {"staff_number": "370901", "password": PASSWORD})
    page = client.post(LOGIN, {"otp": wrong}).content.decode()
    assert "动态码不正确" in page
    assert not is_in(client)
    assert newest_entry("login").detail == {"known": True, "reason": "code_wrong"}


def test_an_account_without_a_device_does_not_open(client: Client) -> None:
    person = make_person()
    person.totpdevice_set.all().delete()
    page = client.post(LOGIN, {"staff_number": "370901", "password": PASSWORD}).content.decode()
    assert "还没有登记身份验证器" in page


def test_the_session_id_changes_at_each_step(client: Client) -> None:
    person = make_person()
    seen = set()
    client.post(LOGIN, {"staff_number": "370901", "password": PASSWORD})
    seen.add(client.cookies["sessionid"].value)
    client.post(LOGIN, {"otp": code_of(person)})
    seen.add(client.cookies["sessionid"].value)
    assert len(seen) == 2
    assert Session.objects.count() == 1


def test_full_width_digits_and_spaces_are_forgiven(client: Client) -> None:
    person = make_person()
    client.post(LOGIN, {"staff_number": " ３７０９０１ ", "password": PASSWORD})
    code = code_of(person)
    client.post(LOGIN, {"otp": f"{code[:3]} {code[3:]}"})
    assert is_in(client)


def test_another_staff_number_after_all(client: Client) -> None:
    make_person()
    client.post(LOGIN, {"staff_number": "370901", "password": PASSWORD})
    client.post("/staff/login/restart/")
    assert 'name="staff_number"' in client.get(LOGIN).content.decode()


def test_logging_out_ends_the_session_and_is_recorded(client: Client) -> None:
    person = make_person()
    log_in(client, person)
    assert client.get("/staff/logout/").status_code == 405
    assert is_in(client)
    client.post("/staff/logout/")
    assert not is_in(client)
    assert newest_entry("logout").person_id == person.pk


def test_a_form_without_its_token_is_refused_in_words() -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(LOGIN, {"staff_number": "370901", "password": PASSWORD})
    assert answer.status_code == 403
    assert "页面已过期" in answer.content.decode()
