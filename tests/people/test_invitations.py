"""An invited person sets the password and enrols the device; the link works once, for a week, for that person."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from tests.commands import manage
from tests.databases import Copy
from tests.people.make import LOGIN, PASSWORD, code_of, is_in, log_in, make_person, newest_entry
from uploads.actor import Actor
from uploads.models import Capacity, CapacityGrant, Person, PersonState
from uploads.people.accounts import create_person
from uploads.people.invitations import Invitation, accept_invitation, invite
from uploads.people.twofactor import secret_of, unconfirmed_device
from uploads.refusals import Refusal


def invited(number: str = "370205") -> tuple[Person, Invitation]:
    administrator = make_person("370909", "刘洋", [Capacity.SYSTEM_ADMINISTRATOR])
    by = Actor(administrator, Capacity.SYSTEM_ADMINISTRATOR)
    person = create_person(staff_number=number, name="陈静", by=by)
    return person, invite(person=person, by=by)


def page_of(invitation: Invitation) -> str:
    return f"/staff/invitations/{invitation.token}/"


@pytest.mark.django_db
def test_the_page_shows_the_secret_as_picture_as_text_and_as_link(client: Client) -> None:
    person, invitation = invited()
    page = client.get(page_of(invitation)).content.decode()
    device = unconfirmed_device(person)
    assert device is not None
    assert f"otpauth://totp/certlookup:370205?secret={secret_of(device)}" in page
    assert secret_of(device)[:4] in page
    assert "<svg" in page
    assert "style=" not in page


@pytest.mark.django_db
def test_with_password_and_first_code_the_account_opens_and_logs_in(client: Client) -> None:
    person, invitation = invited()
    code = code_of(person)
    data = {"new_password": PASSWORD, "new_password_again": PASSWORD, "otp": code}
    answer = client.post(page_of(invitation), data, REMOTE_ADDR="203.0.113.9")
    assert (answer.status_code, answer["Location"]) == (302, LOGIN)
    person.refresh_from_db()
    assert person.state == PersonState.ACTIVE
    entry = newest_entry("account.opened")
    assert (entry.person_id, entry.address) == (person.pk, "203.0.113.9")
    log_in(client, person, code=code_of(person, steps=1))
    assert is_in(client)


@pytest.mark.django_db
def test_the_link_works_once(client: Client) -> None:
    person, invitation = invited()
    accept_invitation(token=invitation.token, password=PASSWORD, code=code_of(person))
    assert client.get(page_of(invitation)).status_code == 410
    with pytest.raises(Refusal, match="invitation_is_void"):
        accept_invitation(token=invitation.token, password=PASSWORD, code=code_of(person, steps=1))


@pytest.mark.django_db
def test_the_link_lasts_seven_days(client: Client) -> None:
    _, invitation = invited()
    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=-1), tick=False):
        assert client.get(page_of(invitation)).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1), tick=False):
        assert client.get(page_of(invitation)).status_code == 410


@pytest.mark.django_db
def test_an_altered_link_invites_nobody(client: Client) -> None:
    _, invitation = invited()
    assert client.get(page_of(invitation).replace("/invitations/e", "/invitations/f")).status_code == 410


@pytest.mark.django_db
def test_a_newer_invitation_replaces_the_link_and_the_secret(client: Client) -> None:
    person, first = invited()
    old = unconfirmed_device(person)
    by = Actor(Person.objects.get(staff_number="370909"), Capacity.SYSTEM_ADMINISTRATOR)
    second = invite(person=person, by=by)
    new = unconfirmed_device(person)
    assert old is not None
    assert new is not None
    assert old.key != new.key
    assert client.get(page_of(first)).status_code == 410
    assert client.get(page_of(second)).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"new_password": "kurz", "new_password_again": "kurz"}, "至少 12 个字符"),
        ({"new_password": PASSWORD, "new_password_again": PASSWORD + "x"}, "两次输入的密码不一样"),
        ({"new_password": PASSWORD, "new_password_again": PASSWORD, "otp": "12"}, "动态码是 6 位数字"),
        ({"new_password": PASSWORD, "new_password_again": PASSWORD, "otp": ""}, "请输入动态码"),
    ],
)
def test_what_is_wrong_is_said_and_no_code_is_spent(client: Client, data: dict[str, str], message: str) -> None:
    person, invitation = invited()
    page = client.post(page_of(invitation), {"otp": code_of(person), **data}).content.decode()
    assert message in page
    device = unconfirmed_device(person)
    assert device is not None
    assert device.last_t == -1


@pytest.mark.django_db
def test_a_wrong_code_leaves_the_account_shut(client: Client) -> None:
    person, invitation = invited()
    wrong = f"{(int(code_of(person)) + 1) % 1_000_000:06d}"
    data = {"new_password": PASSWORD, "new_password_again": PASSWORD, "otp": wrong}
    assert "动态码不正确" in client.post(page_of(invitation), data).content.decode()
    person.refresh_from_db()
    assert person.state == PersonState.NO_ACCOUNT
    assert newest_entry("account.opened").outcome == "refused"


@pytest.mark.django_db
def test_an_open_account_is_not_invited_again_and_only_administrators_invite() -> None:
    person, _ = invited()
    administrator = Person.objects.get(staff_number="370909")
    with pytest.raises(Refusal, match="account_is_active"):
        invite(person=administrator, by=Actor(administrator, Capacity.SYSTEM_ADMINISTRATOR))
    with pytest.raises(Refusal, match="person_not_entitled"):
        invite(person=person, by=Actor(make_person(), Capacity.NETWORK_ADMINISTRATOR))


def test_the_command_prints_the_first_account_s_link(fresh_database: Copy, client: Client) -> None:
    arguments = ("370001", "--capacity", "system_administrator", "--name", "李建国")
    done = manage(fresh_database.environment(), "invite", *arguments)
    assert done.returncode == 0, done.stderr
    found = re.fullmatch(r"http://localhost:8000(/staff/invitations/\S+/)\n", done.stdout)
    assert found
    assert client.get(found[1]).status_code == 200
    person = Person.objects.get(staff_number="370001")
    assert CapacityGrant.objects.get(person=person).capacity == Capacity.SYSTEM_ADMINISTRATOR
    again = manage(fresh_database.environment(), "invite", *arguments)
    assert again.returncode == 0
    assert CapacityGrant.objects.filter(person=person).count() == 1
    assert client.get(found[1]).status_code == 410


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("370001", "--capacity", "system_administrator"), "say whose it is with --name"),
        (("370101", "--capacity", "city_operator", "--name", "陈静"), "--office is needed"),
        (("370101", "--capacity", "city_operator", "--name", "陈静", "--office", "9999"), "no office 9999"),
        (("no number", "--capacity", "keeper", "--name", "陈静"), "工号是 3 至 20 位"),
    ],
)
def test_the_command_refuses_in_one_sentence(fresh_database: Copy, arguments: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("invite", *arguments)
    assert sentence in str(refused.value)
    assert not Person.objects.exists()
