"""A password is changed every ninety days, or at once when it is ordered, and none of the last five comes back (R13)."""

import itertools
from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from tests.databases import acting_as
from tests.people.make import LOGIN, PASSWORD, code_of, is_in, log_in, make_person, newest_entry
from uploads.actor import Actor
from uploads.models import Capacity, FormerPassword, Person, PersonState
from uploads.people.accounts import AccountRefusal, withdraw_credentials
from uploads.people.invitations import accept_invitation, invite
from uploads.people.passwordchange import change_password, order_password_change, order_password_change_of_all
from uploads.refusals import Refusal

pytestmark = pytest.mark.django_db
CHANGE = "/staff/account/password/"
NEW = "sechs-gelbe-regenschirme"


def change(client: Client, present: str, new: str) -> HttpResponse:
    return client.post(CHANGE, {"password": present, "new_password": new, "new_password_again": new})


def set_days_ago(person: Person, days: float) -> None:
    with acting_as("owner"):
        Person.objects.filter(pk=person.pk).update(password_set_at=timezone.now() - timedelta(days=days))


def test_an_old_password_is_changed_before_anything_else(client: Client) -> None:
    person = make_person()
    set_days_ago(person, 90.1)
    log_in(client, person)
    for path in ("/staff/", "/staff/account/", "/staff/batches/", "/staff/account/recovery-codes/"):
        answer = client.get(path)
        assert (answer.status_code, answer["Location"]) == (302, CHANGE), path
    assert client.post("/staff/releases/1/sign/").headers["Location"] == CHANGE
    page = client.get(CHANGE).content.decode()
    assert "请先更换密码" in page
    assert "90 天" in page
    assert change(client, PASSWORD, NEW).status_code == 302
    assert is_in(client)
    person.refresh_from_db()
    assert timezone.now() - person.password_set_at < timedelta(minutes=1)


def test_a_password_of_89_days_still_opens_and_the_days_left_are_said(client: Client) -> None:
    person = make_person()
    set_days_ago(person, 89)
    log_in(client, person)
    assert "还有 1 天到期" in client.get("/staff/").content.decode()


def test_the_days_are_a_setting(client: Client, settings: object) -> None:
    settings.PASSWORD_DAYS = 30  # type: ignore[attr-defined]
    person = make_person()
    set_days_ago(person, 31)
    log_in(client, person)
    assert client.get("/staff/")["Location"] == CHANGE


def test_no_work_is_interrupted_when_a_password_grows_old_meanwhile(client: Client) -> None:
    person = make_person()
    set_days_ago(person, 90 - 5 / 1440)
    log_in(client, person)
    with time_machine.travel(timezone.now() + timedelta(minutes=10), tick=False):
        assert is_in(client)


@pytest.mark.parametrize("path", ["/staff/logout/", "/staff/account/leave-everywhere/", "/staff/account/freeze/"])
def test_whoever_has_to_change_it_may_still_leave_or_report_a_loss(client: Client, path: str) -> None:
    person = make_person()
    set_days_ago(person, 100)
    log_in(client, person)
    assert client.post(path)["Location"] == LOGIN
    assert Session.objects.count() <= 1


@pytest.mark.parametrize(
    "capacity", [Capacity.DEPARTMENT_HEAD, Capacity.DEPUTY_DIRECTOR, Capacity.SECURITY_ADMINISTRATOR]
)
def test_a_leader_orders_a_change_at_once(client: Client, capacity: Capacity) -> None:
    person = make_person()
    log_in(client, person)
    by = Actor(make_person("370902", "张伟", [capacity]), capacity)
    assert order_password_change(person=person, reason="疑似泄露", by=by) == 1
    assert not is_in(client)
    assert newest_entry("password.change_ordered").detail == {"reason": "疑似泄露", "accounts": 1, "sessions_ended": 1}
    log_in(client, person, code=code_of(person, steps=1))
    assert client.get("/staff/account/")["Location"] == CHANGE
    assert "要求您立即更换密码" in client.get(CHANGE).content.decode()
    change(client, PASSWORD, NEW)
    assert is_in(client)


def test_an_order_reaches_a_session_that_began_at_the_same_moment(client: Client) -> None:
    person = make_person()
    log_in(client, person)
    with acting_as("owner"):
        Person.objects.filter(pk=person.pk).update(password_change_ordered_at=timezone.now())
    assert client.get("/staff/")["Location"] == CHANGE


def test_a_leader_orders_it_of_everybody(client: Client) -> None:
    person, other = make_person(), make_person("370903", "李娜", [Capacity.KEEPER])
    frozen = make_person("370904", "赵敏")
    with acting_as("owner"):
        Person.objects.filter(pk=frozen.pk).update(state=PersonState.FROZEN)
    log_in(client, person)
    by = Actor(make_person("370902", "张伟", [Capacity.DEPUTY_DIRECTOR]), Capacity.DEPUTY_DIRECTOR)
    assert order_password_change_of_all(reason="口令可能外泄", by=by) == 4
    assert not is_in(client)
    for one in (person, other, frozen, by.person):
        one.refresh_from_db()
        assert one.password_change_ordered_at is not None


def test_nobody_else_orders_it_and_nobody_without_a_reason() -> None:
    person = make_person()
    for capacity in (Capacity.SYSTEM_ADMINISTRATOR, Capacity.AUDIT_ADMINISTRATOR, Capacity.CITY_DIRECTOR):
        with pytest.raises(Refusal, match="person_not_entitled"):
            order_password_change(person=person, reason="x", by=Actor(person, capacity))
    by = Actor(make_person("370902", "张伟", [Capacity.DEPUTY_DIRECTOR]), Capacity.DEPUTY_DIRECTOR)
    with pytest.raises(Refusal, match="reason_is_missing"):
        order_password_change_of_all(reason=" ", by=by)
    person.refresh_from_db()
    assert person.password_change_ordered_at is None


def test_none_of_the_last_five_comes_back_and_the_sixth_does() -> None:
    person = make_person()
    used = [PASSWORD, *(f"{word}-lange-woerter-am-fluss" for word in ("erste", "zweite", "dritte", "vierte", "fünfte"))]
    for present, new in itertools.pairwise(used):
        change_password(person=person, present=present, new=new, by=Actor(person))
    for old in used[:-1]:
        with pytest.raises(AccountRefusal, match="password_was_used_before"):
            change_password(person=person, present=used[-1], new=old, by=Actor(person))
    change_password(person=person, present=used[-1], new="sechste-lange-woerter-am-fluss", by=Actor(person))
    assert FormerPassword.objects.filter(person=person).count() == 5
    change_password(person=person, present="sechste-lange-woerter-am-fluss", new=PASSWORD, by=Actor(person))


def test_the_page_says_that_it_was_used_before(client: Client) -> None:
    person = make_person()
    change_password(person=person, present=PASSWORD, new=NEW, by=Actor(person))
    log_in(client, person, password=NEW)
    assert "以前用过" in change(client, NEW, PASSWORD).content.decode()


def test_a_session_is_no_place_to_guess_the_password(client: Client) -> None:
    person = make_person()
    log_in(client, person)
    for _ in range(4):
        assert "现在的密码不正确" in change(client, "no-such-password-1", NEW).content.decode()
    assert change(client, "no-such-password-1", NEW)["Location"] == LOGIN
    assert not is_in(client)
    assert newest_entry("password.changed").detail == {"reason": "password_is_wrong"}


def test_a_withdrawn_account_does_not_begin_again_with_its_old_password() -> None:
    person = make_person()
    guard = Actor(make_person("370902", "张伟", [Capacity.SECURITY_ADMINISTRATOR]), Capacity.SECURITY_ADMINISTRATOR)
    administrator = Actor(make_person("370903", "李娜", [Capacity.SYSTEM_ADMINISTRATOR]), Capacity.SYSTEM_ADMINISTRATOR)
    withdraw_credentials(person=person, reason="手机遗失", by=guard)
    invitation = invite(person=person, by=administrator)
    with pytest.raises(AccountRefusal, match="password_was_used_before"):
        accept_invitation(token=invitation.token, password=PASSWORD, code=code_of(person))
    accept_invitation(token=invitation.token, password=NEW, code=code_of(person))
