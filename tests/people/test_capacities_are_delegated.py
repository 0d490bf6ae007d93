"""Delegation: by the holder or the department head, one capacity, thirty days at most, inside the office, recorded."""

import re
from datetime import datetime, timedelta

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from certificates.models import Office
from tests.databases import acting_as
from tests.make import Cast, make_actor, make_checked_batch, make_extension, make_person
from uploads.actor import Actor
from uploads.models import AuditEntry, Capacity, CapacityGrant, Person
from uploads.people.capacities import DELEGATED, delegate_capacity, end_grant
from uploads.people.entitlement import grants_of
from uploads.refusals import Refusal
from uploads.signoff.sign import digest_of_batch, sign_batch

pytestmark = pytest.mark.django_db


def delegate(
    holder: Actor, to: Person, *, by: Actor | None = None, days: float = 10, valid_from: datetime | None = None
) -> CapacityGrant:
    """The holder's capacity to somebody, for so many days."""
    capacity = Capacity(holder.capacity)
    delegate_capacity(
        holder=holder.person,
        capacity=capacity,
        office=Office.objects.get(code="3702") if capacity.belongs_to_an_office else None,
        to=to,
        valid_from=valid_from,
        valid_to=timezone.now() + timedelta(days=days),
        by=by or holder,
    )
    return CapacityGrant.objects.filter(person=to).order_by("-id")[0]


def test_a_director_lets_a_colleague_act_and_both_names_are_on_record() -> None:
    cast = Cast()
    colleague = make_person(name="代主任", office="3702")
    grant = delegate(cast.director, colleague)
    assert (grant.delegated_by, grant.granted_by, grant.office_id) == (
        cast.director.person,
        cast.director.person,
        "3702",
    )
    entry = AuditEntry.objects.get(action="capacity.delegated")
    assert (entry.person_id, entry.subject_id) == (cast.director.person.pk, colleague.staff_number)
    assert entry.detail["delegated_by"] == cast.director.person.staff_number
    batch = make_checked_batch(by=cast.operator)
    make_extension(by=cast.department_head)
    sign_batch(by=cast.operator, batch=batch, digest=digest_of_batch(batch))
    acting = Actor(colleague, Capacity.CITY_DIRECTOR)
    sign_batch(by=acting, batch=batch, digest=digest_of_batch(batch))


def test_a_delegate_does_not_sign_the_same_data_in_two_capacities() -> None:
    cast = Cast()
    delegate(cast.director, cast.operator.person)
    batch = make_checked_batch(by=cast.operator)
    make_extension(by=cast.department_head)
    sign_batch(by=cast.operator, batch=batch, digest=digest_of_batch(batch))
    with pytest.raises(Refusal, match="person_acted_in_another_capacity"):
        sign_batch(by=Actor(cast.operator.person, Capacity.CITY_DIRECTOR), batch=batch, digest=digest_of_batch(batch))


def test_the_department_head_delegates_for_somebody_who_is_away() -> None:
    cast = Cast()
    colleague = make_person(office="3702")
    grant = delegate(cast.director, colleague, by=cast.department_head)
    assert (grant.delegated_by, grant.granted_by) == (cast.director.person, cast.department_head.person)


@pytest.mark.parametrize(
    "capacity", [Capacity.CITY_OPERATOR, Capacity.DEPUTY_DIRECTOR, Capacity.SECURITY_ADMINISTRATOR]
)
def test_nobody_else_delegates_for_another(capacity: Capacity) -> None:
    cast = Cast()
    by = make_actor(capacity, "3702" if capacity.belongs_to_an_office else None)
    with pytest.raises(Refusal, match="person_not_entitled"):
        delegate(cast.director, make_person(office="3702"), by=by)


def test_it_lasts_thirty_days_at_most_and_never_in_the_past() -> None:
    cast = Cast()
    colleague = make_person(office="3702")
    for days in (30.1, 0, -3):
        with pytest.raises(Refusal, match="delegation_lasts_thirty_days_at_most"):
            delegate(cast.director, colleague, days=days)
    early = timezone.now() - timedelta(days=20)
    grant = delegate(cast.director, colleague, days=9, valid_from=early)
    assert timezone.now() - grant.valid_from < timedelta(minutes=1)


def test_it_stays_inside_the_office() -> None:
    cast = Cast()
    with pytest.raises(Refusal, match="delegate_of_another_office"):
        delegate(cast.director, make_person(office="3701"))
    with pytest.raises(Refusal, match="delegate_of_another_office"):
        delegate(cast.department_head, make_person(office="3702"))
    delegate(cast.department_head, make_person(office="3700"))


def test_the_delegate_has_an_account_and_is_somebody_else() -> None:
    cast = Cast()
    for to in (
        cast.director.person,
        make_person(office="3702", state="no_account"),
        make_person(office="3702", state="frozen"),
    ):
        with pytest.raises(Refusal, match="delegate_without_an_account"):
            delegate(cast.director, to)


def test_no_administrator_becomes_a_delegate() -> None:
    cast = Cast()
    administrator = make_actor(Capacity.AUDIT_ADMINISTRATOR, person=make_person(office="3700"))
    with pytest.raises(Refusal, match="capacities_exclude_each_other"):
        delegate(cast.deputy_director, administrator.person)


def test_what_was_delegated_is_not_passed_on() -> None:
    cast = Cast()
    colleague = make_person(office="3702")
    delegate(cast.director, colleague)
    with pytest.raises(Refusal, match="delegation_without_the_capacity"):
        delegate(Actor(colleague, Capacity.CITY_DIRECTOR), make_person(office="3702"))


def test_one_delegate_at_a_time() -> None:
    cast = Cast()
    delegate(cast.director, make_person(office="3702"))
    with pytest.raises(Refusal, match="delegation_exists_already"):
        delegate(cast.director, make_person(office="3702"))


@pytest.mark.parametrize("who", ["holder", "delegate", "department_head", "security_administrator"])
def test_it_is_ended_early_by_those_concerned(who: str) -> None:
    cast = Cast()
    colleague = make_person(office="3702")
    grant = delegate(cast.director, colleague)
    by = {
        "holder": Actor(cast.director.person),
        "delegate": Actor(colleague),
        "department_head": cast.department_head,
        "security_administrator": make_actor(Capacity.SECURITY_ADMINISTRATOR),
    }[who]
    end_grant(grant=grant, reason="", by=by)
    assert not grants_of(colleague, timezone.now())


def test_a_colleague_does_not_end_it() -> None:
    cast = Cast()
    grant = delegate(cast.director, make_person(office="3702"))
    for by in (cast.operator, Actor(cast.operator.person), cast.network_administrator):
        with pytest.raises(Refusal, match="person_not_entitled"):
            end_grant(grant=grant, reason="", by=by)


def test_it_ends_with_the_capacity_it_came_from() -> None:
    cast = Cast()
    colleague = make_person(office="3702")
    delegate(cast.director, colleague)
    own = CapacityGrant.objects.get(person=cast.director.person)
    end_grant(grant=own, reason="离任", by=make_actor(Capacity.SECURITY_ADMINISTRATOR))
    assert not grants_of(colleague, timezone.now())


@pytest.mark.parametrize("capacity", [capacity for capacity in Capacity if capacity not in DELEGATED])
def test_the_other_capacities_are_not_delegated(capacity: Capacity) -> None:
    holder = make_actor(capacity, person=make_person(office="3700"))
    with pytest.raises(Refusal, match="capacity_is_not_delegated"):
        delegate(holder, make_person(office="3700"))


def test_the_list_stands_twice_and_is_one() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'delegation_lasts_thirty_days_at_most'"
        )
        constraint = cursor.fetchone()[0]
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'delegate_capacity'")
        function = re.search(r"NOT IN \(([^)]*)\)", cursor.fetchone()[0])
    assert function
    names = {str(capacity) for capacity in DELEGATED}
    assert set(re.findall(r"'([a-z_]+)'", function[1])) == names
    assert set(re.findall(r"'([a-z_]+)'", constraint)) == names


@pytest.mark.parametrize("role", ["owner", "superuser"])
@pytest.mark.parametrize(("capacity", "days"), [("deputy_director", "31 days"), ("keeper", "3 days")])
def test_no_longer_or_other_delegation_by_raw_sql(role: str, capacity: str, days: str) -> None:
    holder, to = make_person(), make_person()
    with acting_as(role), connection.cursor() as cursor:
        cursor.execute("SAVEPOINT attack")
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.connection.execute(
                "INSERT INTO capacity_grant (person_id, capacity, valid_from, valid_to, delegated_by_id, granted_at) "
                f"VALUES ({to.pk}, '{capacity}', now(), now() + interval '{days}', {holder.pk}, now())"
            )
        connection.connection.execute("ROLLBACK TO SAVEPOINT attack")
