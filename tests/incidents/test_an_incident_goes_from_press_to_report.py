"""An incident is opened by who may, known to the leaders, closed with a report, and then never changes: on both levels."""

from datetime import timedelta

import psycopg
import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from tests.databases import acting_as
from tests.incidents.make import Watch, make_incident
from tests.make import make_actor, make_person
from uploads.actor import Actor
from uploads.models import AuditEntry, Capacity, Incident, IncidentKind, PersonState
from uploads.oversight.incidents import acknowledge_incident, close_incident, open_incident, revise_incident
from uploads.people.accounts import freeze_account
from uploads.refusals import Refusal

pytestmark = pytest.mark.django_db


def outcomes(action: str) -> list[str]:
    return list(AuditEntry.objects.filter(action=action).values_list("outcome", flat=True))


@pytest.mark.parametrize("who", ["self", "security", "head", "deputy"])
def test_a_freeze_opens_one_with_the_same_press(who: str) -> None:
    watch = Watch()
    by = Actor(watch.account) if who == "self" else getattr(watch, who)
    freezing = freeze_account(person=watch.account, reason="手机遗失", by=by)
    incident = Incident.objects.get()
    assert incident.pk == freezing.incident
    assert (incident.account, incident.opened_by, incident.kind) == (watch.account, by.person, "account_loss")
    assert incident.description == "手机遗失"
    assert timedelta(days=6) < timezone.now() - incident.since < timedelta(days=8)
    opened = AuditEntry.objects.get(action="incident.opened")
    assert (opened.person_id, opened.subject_id) == (by.person.pk, str(incident.pk))


def test_a_freeze_that_is_refused_opens_none() -> None:
    watch = Watch()
    with pytest.raises(Refusal):
        freeze_account(person=watch.account, reason="手机遗失", by=watch.system)
    watch.account.refresh_from_db()
    assert watch.account.state == PersonState.ACTIVE
    assert not Incident.objects.exists()


@pytest.mark.parametrize("capacity", sorted(set(Capacity) - {Capacity.SECURITY_ADMINISTRATOR}))
def test_by_hand_only_the_security_administrator_opens_one(capacity: Capacity) -> None:
    by = make_actor(capacity, "3702" if capacity.belongs_to_an_office else None)
    with pytest.raises(Refusal, match="person_not_entitled"):
        open_incident(
            by=by,
            kind=IncidentKind.DATA,
            account=None,
            since=timezone.now(),
            description="数据不符",
            suspected_crime=False,
        )
    assert outcomes("incident.open") == ["refused"]


def test_a_capacity_that_is_only_claimed_opens_none() -> None:
    claimed = Actor(make_person(), Capacity.SECURITY_ADMINISTRATOR)
    with pytest.raises(Refusal, match="person_not_entitled"):
        open_incident(
            by=claimed,
            kind=IncidentKind.DATA,
            account=None,
            since=timezone.now(),
            description="x",
            suspected_crime=False,
        )


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"since": timezone.now() + timedelta(days=1)}, "incident_begins_in_the_future"),
        ({"description": "  "}, "incident_without_a_description"),
        ({"kind": IncidentKind.ACCOUNT_LOSS}, "incident_without_an_account"),
    ],
)
def test_what_is_missing_is_named(changed: dict[str, object], reason: str) -> None:
    given = {"kind": IncidentKind.OTHER, "account": None, "since": timezone.now(), "description": "x"} | changed
    with pytest.raises(Refusal, match=reason):
        open_incident(by=Watch().security, suspected_crime=False, **given)  # type: ignore[arg-type]


def test_it_is_closed_by_a_security_administrator_with_a_report() -> None:
    watch = Watch()
    incident = make_incident(watch)
    for by in (watch.head, watch.deputy, watch.auditor, watch.system):
        with pytest.raises(Refusal, match="person_not_entitled"):
            close_incident(by=by, incident=incident, report="查明")
    with pytest.raises(Refusal, match="incident_without_a_report"):
        close_incident(by=watch.security, incident=incident, report=" \n ")
    close_incident(by=watch.security, incident=incident, report="手机找回，没有损失。")
    incident.refresh_from_db()
    assert (incident.closed_by, incident.report) == (watch.security.person, "手机找回，没有损失。")
    assert outcomes("incident.close") == ["refused"] * 5
    assert outcomes("incident.closed") == ["done"]
    with pytest.raises(Refusal, match="incident_is_closed"):
        close_incident(by=watch.security, incident=incident, report="再次")


def test_nobody_handles_an_incident_about_the_own_account() -> None:
    watch = Watch()
    own = Watch(account=watch.security.person)
    incident = make_incident(own)
    with pytest.raises(Refusal, match="incident_of_the_own_account"):
        close_incident(by=watch.security, incident=incident, report="没事")
    with pytest.raises(Refusal, match="incident_of_the_own_account"):
        revise_incident(by=watch.security, incident=incident, since=timezone.now(), suspected_crime=False)


def test_a_suspected_crime_is_closed_only_when_a_leader_knows() -> None:
    watch = Watch()
    incident = make_incident(watch, suspected_crime=True)
    acknowledge_incident(by=watch.security, incident=incident)
    with pytest.raises(Refusal, match="incident_unknown_to_leaders"):
        close_incident(by=watch.security, incident=incident, report="查明")
    acknowledge_incident(by=watch.deputy, incident=incident)
    close_incident(by=watch.security, incident=incident, report="查明")


def test_each_who_is_told_acknowledges_once() -> None:
    watch = Watch()
    incident = make_incident(watch)
    for by in watch.notified:
        acknowledge_incident(by=by, incident=incident)
    with pytest.raises(Refusal, match="incident_is_acknowledged"):
        acknowledge_incident(by=watch.head, incident=incident)
    with pytest.raises(Refusal, match="person_not_entitled"):
        acknowledge_incident(by=watch.auditor, incident=incident)
    assert incident.acknowledgements.count() == 3


def test_a_suspicion_can_be_added_and_never_taken_back() -> None:
    watch = Watch()
    incident = make_incident(watch)
    earlier = timezone.now() - timedelta(days=30)
    revise_incident(by=watch.security, incident=incident, since=earlier, suspected_crime=True)
    with pytest.raises(Refusal, match="incident_suspicion_stays"):
        revise_incident(by=watch.security, incident=incident, since=earlier, suspected_crime=False)
    incident.refresh_from_db()
    assert (incident.suspected_crime, incident.since) == (True, earlier)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO incident DEFAULT VALUES",
        "UPDATE incident SET suspected_crime = false",
        "DELETE FROM incident",
        "TRUNCATE incident CASCADE",
        "DELETE FROM incident_acknowledgement",
        "UPDATE incident_acknowledgement SET acknowledged_at = now()",
        "ALTER TABLE incident DISABLE TRIGGER ALL",
    ],
)
def test_under_the_applications_role_nothing_is_written_directly(statement: str) -> None:
    watch = Watch()
    acknowledge_incident(by=watch.head, incident=make_incident(watch, suspected_crime=True))
    with pytest.raises(DatabaseError) as caught, connection.cursor() as cursor:
        cursor.execute(statement)
    assert caught.value.__cause__.sqlstate == psycopg.errors.InsufficientPrivilege.sqlstate  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE incident SET report = 'x' || report",
        "UPDATE incident SET closed_at = NULL, closed_by_id = NULL, report = ''",
        "UPDATE incident SET description = 'x'",
        "DELETE FROM incident",
        "TRUNCATE incident CASCADE",
        "DELETE FROM incident_acknowledgement",
    ],
)
def test_a_closed_one_never_changes_for_the_owner_neither(statement: str) -> None:
    watch = Watch()
    incident = make_incident(watch, suspected_crime=True)
    acknowledge_incident(by=watch.head, incident=incident)
    close_incident(by=watch.security, incident=incident, report="查明")
    with acting_as("owner"), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(DatabaseError, match="never_changes"):
            cursor.execute(statement)


@pytest.mark.parametrize("change", ["description = 'x'", "suspected_crime = false", "opened_by_id = opened_by_id + 1"])
def test_an_open_one_only_goes_on(change: str) -> None:
    make_incident(Watch(), suspected_crime=True)
    with (
        acting_as("owner"),
        connection.cursor() as cursor,
        pytest.raises(DatabaseError, match="incident_never_changes"),
    ):
        cursor.execute(f"UPDATE incident SET {change}")


def test_no_report_no_closing_for_the_owner_neither() -> None:
    make_incident(Watch())
    with (
        acting_as("owner"),
        connection.cursor() as cursor,
        pytest.raises(DatabaseError, match="incident_is_closed_with_a_report"),
    ):
        cursor.execute("UPDATE incident SET closed_at = now(), closed_by_id = opened_by_id, report = '  '")
