"""The tests' own databases do what every other test relies on: real rights, nothing left behind."""

import threading
import urllib.error
import urllib.request

import psycopg
import pytest
from django.db import DatabaseError, connection, connections, transaction

from certlookup.databases import public_site
from tests.databases import Copy, acting_as


def session_role() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_user")
        return str(cursor.fetchone()[0])


@pytest.mark.django_db
def test_what_runs_outside_the_public_site_has_the_rights_of_staff() -> None:
    assert session_role() == "certlookup_staff"


@pytest.mark.django_db
def test_what_runs_in_the_public_site_has_the_rights_of_public() -> None:
    with public_site():
        assert session_role() == "certlookup_public"
    assert session_role() == "certlookup_staff"


@pytest.mark.django_db
def test_a_test_may_act_as_any_role_inside_one_transaction() -> None:
    for role, name in (("owner", "certlookup_owner"), ("rekey", "certlookup_rekey"), ("superuser", "postgres")):
        with acting_as(role):
            assert session_role() == name


@pytest.mark.django_db
def test_the_role_is_right_after_a_refusal_was_rolled_back() -> None:
    with public_site(), pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        connection.cursor().execute("SELECT * FROM staged_row")
    assert session_role() == "certlookup_staff"
    with public_site():
        assert session_role() == "certlookup_public"


@pytest.mark.django_db
@pytest.mark.parametrize("attempt", [1, 2])
def test_what_a_test_writes_is_gone_for_the_next(attempt: int) -> None:
    with acting_as("owner"), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM holiday_override")
        assert cursor.fetchone() == (0,)
        cursor.execute("INSERT INTO holiday_override VALUES ('2026-12-31', true, 'x', 'x')")


def test_a_fresh_database_has_real_logins_in_every_thread(fresh_database: Copy) -> None:
    found: list[str] = []
    thread = threading.Thread(target=lambda: found.extend([session_role(), connections.close_all() or ""]))
    thread.start()
    thread.join()
    assert found[0] == "certlookup_staff"
    with public_site(), connections["public"].cursor() as cursor:
        cursor.execute("SELECT session_user, current_database()")
        assert cursor.fetchone() == ("certlookup_public", fresh_database.name)


def test_a_fresh_database_takes_connections_of_each_role_but_nobody_may_become_another(fresh_database: Copy) -> None:
    for role in ("staff", "public", "rekey", "backup"):
        with fresh_database.connect(role) as own, pytest.raises(psycopg.errors.InsufficientPrivilege):
            own.execute("SET SESSION AUTHORIZATION certlookup_owner")


@pytest.mark.django_db
def test_after_a_fresh_database_the_ordinary_one_is_back() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        assert str(cursor.fetchone()[0]).startswith("test_")


def test_a_running_site_answers_under_real_logins(running_site: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as answer:
        urllib.request.urlopen(f"{running_site}/no-such-page/", timeout=10)
    assert answer.value.code == 404
