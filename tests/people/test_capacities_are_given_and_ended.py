"""Who gives and ends capacities; the three administrators hold nothing else, whoever writes it (raw SQL included)."""

import threading
from datetime import timedelta

import psycopg
import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from tests.databases import Copy, acting_as
from tests.people.make import is_in, log_in, make_person, newest_entry
from uploads.actor import Actor
from uploads.models import Capacity, CapacityGrant, Person
from uploads.people.capacities import end_grant, grant_capacity
from uploads.people.entitlement import grants_of
from uploads.refusals import Refusal

ADMINISTRATORS = [capacity for capacity in Capacity if capacity.is_administrator]


def guard(number: str = "370909") -> Actor:
    person = make_person(number, "刘洋", [Capacity.SECURITY_ADMINISTRATOR])
    return Actor(person, Capacity.SECURITY_ADMINISTRATOR, "203.0.113.9")


def refusal_of(statement: str, role: str) -> str:
    with acting_as(role), connection.cursor() as cursor:
        cursor.execute("SAVEPOINT attack")
        with pytest.raises(psycopg.Error) as error:
            connection.connection.execute(statement)
        connection.connection.execute("ROLLBACK TO SAVEPOINT attack")
    return f"{error.value.sqlstate} {error.value.diag.message_primary}"


@pytest.mark.django_db
@pytest.mark.parametrize("administrator", ADMINISTRATORS)
@pytest.mark.parametrize("other", [capacity for capacity in Capacity if not capacity.belongs_to_an_office])
def test_an_administrator_is_given_nothing_else(administrator: Capacity, other: Capacity) -> None:
    if other is administrator:
        return
    for first, second in ((administrator, other), (other, administrator)):
        person = make_person("370910", "陈静", [])
        with acting_as("owner"):
            grant_capacity(person=person, capacity=first, by=None)
            with pytest.raises(Refusal, match="capacities_exclude_each_other"):
                grant_capacity(person=person, capacity=second, by=None)
            Person.objects.filter(pk=person.pk).update(staff_number=f"X-{person.pk}")


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["owner", "superuser"])
def test_not_by_raw_sql_either(role: str) -> None:
    person = make_person("370910", "陈静", [Capacity.AUDIT_ADMINISTRATOR])
    statement = (
        "INSERT INTO capacity_grant (person_id, capacity, office_id, valid_from, granted_at) "
        f"VALUES ({person.pk}, '{{}}', {{}}, now(), now())"
    )
    for capacity, office in (("keeper", "NULL"), ("system_administrator", "NULL"), ("city_director", "'3702'")):
        refused = refusal_of(statement.format(capacity, office), role)
        assert refused == "CL001 capacities_exclude_each_other"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO capacity_grant (person_id, capacity, valid_from, granted_at) SELECT id, 'keeper', now(), now() FROM person",
        "UPDATE capacity_grant SET valid_to = now()",
        "UPDATE capacity_grant SET person_id = 1",
        "DELETE FROM capacity_grant",
        "TRUNCATE capacity_grant",
    ],
)
def test_the_staff_role_writes_no_grant(statement: str) -> None:
    make_person()
    assert refusal_of(statement, "staff").startswith("42501")


@pytest.mark.django_db
def test_after_an_administrators_capacity_has_ended_another_may_follow() -> None:
    person, by = make_person("370910", "陈静", [Capacity.AUDIT_ADMINISTRATOR]), guard()
    end_grant(grant=CapacityGrant.objects.get(person=person), reason="转岗", by=by)
    grant_capacity(person=person, capacity=Capacity.KEEPER, by=by)
    assert [grant.capacity for grant in grants_of(person, timezone.now())] == [Capacity.KEEPER]
    assert newest_entry("capacity.ended").detail == {
        "capacity": "audit_administrator",
        "office": None,
        "reason": "转岗",
        "delegated_by": None,
    }


@pytest.mark.django_db
def test_nobody_gives_himself_a_capacity_or_ends_the_own_one() -> None:
    by = guard()
    with pytest.raises(Refusal, match="grant_to_oneself"):
        grant_capacity(person=by.person, capacity=Capacity.SECURITY_ADMINISTRATOR, by=by)
    with pytest.raises(Refusal, match="person_not_entitled"):
        end_grant(grant=CapacityGrant.objects.get(person=by.person), reason="x", by=by)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "capacity", [capacity for capacity in Capacity if capacity is not Capacity.SECURITY_ADMINISTRATOR]
)
def test_nobody_else_gives_or_ends_one(capacity: Capacity) -> None:
    person = make_person("370910", "陈静", [Capacity.KEEPER])
    office = "3702" if capacity.belongs_to_an_office else None
    by = Actor(make_person("370911", "赵敏", [capacity], office), capacity)
    with pytest.raises(Refusal, match="person_not_entitled"):
        grant_capacity(person=person, capacity=Capacity.NETWORK_ADMINISTRATOR, by=by)
    with pytest.raises(Refusal, match="person_not_entitled"):
        end_grant(grant=CapacityGrant.objects.get(person=person), reason="x", by=by)
    assert newest_entry("capacity.end").outcome == "refused"


@pytest.mark.django_db
def test_a_capacity_is_not_given_for_a_time_that_has_passed() -> None:
    person = make_person("370910", "陈静", [])
    grant_capacity(person=person, capacity=Capacity.KEEPER, valid_from=timezone.now() - timedelta(days=30), by=guard())
    assert timezone.now() - CapacityGrant.objects.get(person=person).valid_from < timedelta(minutes=1)


@pytest.mark.django_db
def test_it_begins_and_ends_on_its_days() -> None:
    person, now = make_person("370910", "陈静", []), timezone.now()
    grant_capacity(
        person=person,
        capacity=Capacity.KEEPER,
        valid_from=now + timedelta(days=2),
        valid_to=now + timedelta(days=4),
        by=guard(),
    )
    held = [bool(grants_of(person, now + timedelta(days=days))) for days in (1, 3, 5)]
    assert held == [False, True, False]


@pytest.mark.django_db
def test_ending_needs_a_reason_and_happens_once() -> None:
    person, by = make_person("370910", "陈静", [Capacity.KEEPER]), guard()
    grant = CapacityGrant.objects.get(person=person)
    with pytest.raises(Refusal, match="grant_ends_without_a_reason"):
        end_grant(grant=grant, reason=" ", by=by)
    end_grant(grant=grant, reason="转岗", by=by)
    with pytest.raises(Refusal, match="grant_has_ended"):
        end_grant(grant=grant, reason="转岗", by=by)


@pytest.mark.django_db
def test_whoever_gains_or_loses_a_capacity_logs_in_anew(client: Client) -> None:
    person, by = make_person("370910", "陈静", [Capacity.KEEPER]), guard()
    log_in(client, person)
    end_grant(grant=CapacityGrant.objects.get(person=person), reason="转岗", by=by)
    assert not is_in(client)
    person.totpdevice_set.update(last_t=-1)
    log_in(client, person)
    grant_capacity(person=person, capacity=Capacity.NETWORK_ADMINISTRATOR, by=by)
    assert not is_in(client)


def test_of_two_grants_at_once_that_exclude_each_other_one_is_given(fresh_database: Copy) -> None:
    with fresh_database.connect("owner") as owner:
        person = owner.execute(
            "INSERT INTO person (staff_number, name, password, phone, state) VALUES ('370901', '王丽华', '!', '', 'active') "
            "RETURNING id"
        ).fetchone()[0]  # type: ignore[index]
    given: list[bool] = []
    barrier = threading.Barrier(2)

    def grant(capacity: str) -> None:
        with fresh_database.connect("owner") as owner:
            barrier.wait()
            try:
                owner.execute("SELECT grant_capacity(%s, %s, NULL, now(), NULL, NULL, '')", [person, capacity])
                owner.commit()
                given.append(True)
            except psycopg.Error:
                given.append(False)

    threads = [threading.Thread(target=grant, args=[name]) for name in ("audit_administrator", "keeper")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(given) == [False, True]
