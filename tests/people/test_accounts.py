"""Who makes, freezes and opens accounts, and gives capacities; every refusal is in the trail."""

import pytest
from django.core.exceptions import ValidationError

from tests.databases import acting_as
from tests.people.make import PASSWORD, code_of, make_person, newest_entry
from uploads.actor import Actor
from uploads.models import Capacity, CapacityGrant, Person, PersonState
from uploads.people.accounts import (
    AccountRefusal,
    create_person,
    freeze_account,
    log_out_everywhere,
    unfreeze_account,
    withdraw_credentials,
)
from uploads.people.capacities import grant_capacity
from uploads.people.invitations import accept_invitation, invite
from uploads.people.passwordchange import change_password
from uploads.people.twofactor import confirmed_device
from uploads.refusals import Refusal

pytestmark = pytest.mark.django_db


def actor(capacity: Capacity, number: str = "370909") -> Actor:
    return Actor(make_person(number, "刘洋", [capacity]), capacity, "203.0.113.9")


def test_a_system_administrator_makes_a_person_without_an_account() -> None:
    by = actor(Capacity.SYSTEM_ADMINISTRATOR)
    person = create_person(staff_number="370205", name="陈静", by=by)
    assert (person.state, person.has_usable_password()) == (PersonState.NO_ACCOUNT, False)
    entry = newest_entry("person.created")
    assert (entry.person_id, entry.subject_id, entry.capacity) == (by.person.pk, "370205", "system_administrator")


@pytest.mark.parametrize("capacity", [capacity for capacity in Capacity if not capacity.belongs_to_an_office])
def test_nobody_else_makes_persons(capacity: Capacity) -> None:
    if capacity is Capacity.SYSTEM_ADMINISTRATOR:
        by = Actor(actor(Capacity.KEEPER).person, capacity)
    else:
        by = actor(capacity)
    with pytest.raises(Refusal):
        create_person(staff_number="370205", name="陈静", by=by)
    assert not Person.objects.filter(staff_number="370205").exists()
    entry = newest_entry("person.created")
    assert (entry.outcome, entry.detail) == ("refused", {"reason": "person_not_entitled"})


def test_a_staff_number_belongs_to_one_person_and_has_a_form() -> None:
    by = actor(Capacity.SYSTEM_ADMINISTRATOR)
    with pytest.raises(Refusal, match="staff_number_is_taken"):
        create_person(staff_number=by.person.staff_number, name="陈静", by=by)
    with pytest.raises(ValidationError):
        create_person(staff_number="陈 静", name="陈静", by=by)


def test_only_a_security_administrator_gives_capacities_and_the_database_says_so_too() -> None:
    person = make_person("370902", "张伟", [])
    with pytest.raises(Refusal, match="person_not_entitled"):
        grant_capacity(person=person, capacity=Capacity.KEEPER, by=actor(Capacity.SYSTEM_ADMINISTRATOR))
    assert not CapacityGrant.objects.filter(person=person).exists()
    grant_capacity(person=person, capacity=Capacity.KEEPER, by=actor(Capacity.SECURITY_ADMINISTRATOR, "370910"))
    assert CapacityGrant.objects.get(person=person).capacity == Capacity.KEEPER
    assert newest_entry("capacity.granted").outcome == "done"


def test_nobody_gives_a_capacity_without_a_name_under_the_site_s_own_role() -> None:
    person = make_person("370902", "张伟", [])
    with pytest.raises(Refusal):
        grant_capacity(person=person, capacity=Capacity.KEEPER, by=None)
    with acting_as("owner"):
        grant_capacity(person=person, capacity=Capacity.KEEPER, by=None)


def test_the_person_a_leader_and_a_security_administrator_may_freeze() -> None:
    for number, by in (
        ("370911", None),
        ("370912", actor(Capacity.DEPUTY_DIRECTOR, "370921")),
        ("370913", actor(Capacity.DEPARTMENT_HEAD, "370922")),
        ("370914", actor(Capacity.SECURITY_ADMINISTRATOR, "370923")),
    ):
        person = make_person(number)
        freeze_account(person=person, reason="手机遗失", by=by or Actor(person))
        assert Person.objects.get(pk=person.pk).state == PersonState.FROZEN


def test_a_colleague_may_not_freeze() -> None:
    person = make_person()
    with pytest.raises(Refusal):
        freeze_account(person=person, reason="x", by=actor(Capacity.SYSTEM_ADMINISTRATOR))
    assert Person.objects.get(pk=person.pk).is_active


def test_nobody_unfreezes_the_own_account() -> None:
    by = actor(Capacity.SECURITY_ADMINISTRATOR)
    freeze_account(person=by.person, reason="手机遗失", by=by)
    with pytest.raises(Refusal):
        unfreeze_account(person=by.person, reason="找到了", by=by)
    other = actor(Capacity.SECURITY_ADMINISTRATOR, "370910")
    unfreeze_account(person=by.person, reason="找到了", by=other)
    with pytest.raises(Refusal, match="account_is_not_frozen"):
        unfreeze_account(person=by.person, reason="找到了", by=other)


def test_freezing_needs_a_reason_and_an_account_in_use() -> None:
    by = actor(Capacity.SECURITY_ADMINISTRATOR)
    person = make_person()
    with pytest.raises(Refusal, match="reason_is_missing"):
        freeze_account(person=person, reason=" ", by=by)
    freeze_account(person=person, reason="离职", by=by)
    with pytest.raises(Refusal, match="account_is_not_active"):
        freeze_account(person=person, reason="离职", by=by)


def test_a_lost_phone_takes_two_people_to_replace() -> None:
    person = make_person()
    guard, administrator = actor(Capacity.SECURITY_ADMINISTRATOR), actor(Capacity.SYSTEM_ADMINISTRATOR, "370910")
    with pytest.raises(Refusal, match="account_is_active"):
        invite(person=person, by=administrator)
    with pytest.raises(Refusal, match="person_not_entitled"):
        withdraw_credentials(person=person, reason="手机遗失", by=administrator)
    withdraw_credentials(person=person, reason="手机遗失", by=guard)
    person.refresh_from_db()
    assert (person.state, person.has_usable_password()) == (PersonState.NO_ACCOUNT, False)
    assert confirmed_device(person) is None
    with pytest.raises(Refusal, match="person_not_entitled"):
        invite(person=person, by=guard)
    invitation = invite(person=person, by=administrator)
    accept_invitation(token=invitation.token, password="sechs-gelbe-regenschirme", code=code_of(person))
    assert Person.objects.get(pk=person.pk).is_active


@pytest.mark.parametrize(
    ("present", "new", "key"),
    [
        ("not-the-present-one", "sechs-gelbe-regenschirme", "password_is_wrong"),
        (PASSWORD, PASSWORD, "password_is_the_same"),
        (PASSWORD, "shandong2026", "password_is_refused"),
    ],
)
def test_a_password_changes_only_rightly(present: str, new: str, key: str) -> None:
    person = make_person()
    with pytest.raises(AccountRefusal) as refused:
        change_password(person=person, present=present, new=new, by=Actor(person))
    assert refused.value.key == key
    assert newest_entry("password.changed").detail == {"reason": key}
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_nobody_changes_another_s_password_or_ends_another_s_sessions() -> None:
    person, other = make_person(), make_person("370902", "张伟")
    with pytest.raises(Refusal):
        change_password(person=person, present=PASSWORD, new="sechs-gelbe-regenschirme", by=Actor(other))
    with pytest.raises(Refusal):
        log_out_everywhere(person=person, by=Actor(other))
