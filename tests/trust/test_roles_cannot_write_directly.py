"""Raw SQL under each application role: the register, signatures, acts and audit give SQLSTATE 42501."""

import psycopg
import pytest
from django.db import connection

from tests.databases import acting_as
from tests.make import Cast, make_published_release

PROTECTED = (
    "certificate", "revision", "publication", "signature", "act", "audit_entry", "audit_head", "installation",
    "transition", "required_signature",
)  # fmt: skip
STATEMENTS = (
    "INSERT INTO {table} DEFAULT VALUES",
    "UPDATE {table} SET {column} = {column}",
    "DELETE FROM {table}",
    "TRUNCATE {table}",
    "ALTER TABLE {table} ADD COLUMN more integer",
    "ALTER TABLE {table} DISABLE TRIGGER ALL",
    "DROP TABLE {table}",
    "COPY {table} FROM STDIN",
)
COLUMN = {"certificate": "holder_name", "audit_entry": "action", "audit_head": "hash", "installation": "demo"}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def something_published() -> None:
    make_published_release(Cast())


def sqlstate_of(statement: str, role: str) -> str | None:
    """What the role gets for the statement; the transaction goes on."""
    with acting_as(role), connection.cursor() as cursor:
        cursor.execute("SAVEPOINT attack")
        try:
            connection.connection.execute(statement)
        except psycopg.Error as error:
            return error.sqlstate
        finally:
            connection.connection.execute("ROLLBACK TO SAVEPOINT attack")
    return None


@pytest.mark.parametrize("role", ["staff", "public", "rekey", "backup"])
def test_no_role_writes_what_only_the_functions_write(role: str) -> None:
    for table in PROTECTED:
        for statement in STATEMENTS:
            if role == "rekey" and table in {"certificate", "revision"} and statement.startswith("UPDATE"):
                continue
            text = statement.format(table=f"certlookup.{table}", column=COLUMN.get(table, "id"))
            assert sqlstate_of(text, role) == "42501", (role, text)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE certlookup.batch SET round = 9",
        "UPDATE certlookup.batch SET attempt_id = NULL",
        "DELETE FROM certlookup.batch",
        "UPDATE certlookup.staged_row SET holder_name = 'x'",
        "DELETE FROM certlookup.staged_row",
        (
            "INSERT INTO certlookup.capacity_grant (person_id, capacity, valid_from, granted_at) "
            "VALUES (1, 'deputy_director', now(), now())"
        ),
        "SET ROLE certlookup_owner",
        "SET SESSION AUTHORIZATION certlookup_owner",
        "CREATE TABLE certlookup.mine (id integer)",
        "CREATE FUNCTION certlookup.sign() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "SELECT certlookup.sign_batch(1, 1, 'city_operator', ''::bytea, '', NULL)",
        "SELECT certlookup.add_act(1, 1, 1, 'city_operator', NULL, now())",
        "SELECT certlookup.revise_rows(1, 1, 1)",
        "SELECT certlookup.write_bulletin(1, NULL::certlookup.release)",
        "SELECT certlookup.begin_round(1, true)",
        "ALTER FUNCTION certlookup.publish(bigint, text) OWNER TO certlookup_staff",
    ],
)
def test_the_staff_role_gets_no_further_by_other_ways(statement: str) -> None:
    if statement.startswith("SET SESSION"):
        # A test's own connection is a superuser's, which may do this; the login that staff have may not.
        with connection.cursor() as cursor:
            cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = 'certlookup_staff'")
            assert cursor.fetchone() == (False,)
        return
    assert sqlstate_of(statement, "staff") == "42501"


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM certlookup.{table}",
        "SELECT count(*) FROM certlookup.{table}",
    ],
)
@pytest.mark.parametrize(
    "table",
    ["person", "batch", "attempt", "staged_row", "row_problem", "signature", "act", "audit_entry", "procrastinate_jobs",
     "django_session", "otp_totp_totpdevice", "capacity_grant"],
)  # fmt: skip
def test_the_public_role_reads_nothing_of_uploads(statement: str, table: str) -> None:
    assert sqlstate_of(statement.format(table=table), "public") == "42501"


@pytest.mark.parametrize("column", ["id_sealed", "id_commitment"])
def test_the_public_role_reads_neither_sealed_nor_committed_id_numbers(column: str) -> None:
    assert sqlstate_of(f"SELECT {column} FROM certlookup.certificate", "public") == "42501"


@pytest.mark.parametrize("function", ["sign", "publish", "record", "submit", "return_batch", "grant_capacity"])
@pytest.mark.parametrize("role", ["public", "rekey", "backup"])
def test_only_staff_may_call_the_functions_that_write(function: str, role: str) -> None:
    with acting_as("owner"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT bool_or(has_function_privilege(%s, oid, 'EXECUTE')) FROM pg_proc "
            "WHERE proname = %s AND pronamespace = 'certlookup'::regnamespace",
            [f"certlookup_{role}", function],
        )
        assert cursor.fetchone() == (False,)


def test_the_rekey_role_changes_the_three_key_columns_and_nothing_else() -> None:
    assert sqlstate_of("UPDATE certlookup.certificate SET key_version = key_version", "rekey") is None
    assert sqlstate_of("UPDATE certlookup.certificate SET holder_name = 'x'", "rekey") == "42501"
    assert sqlstate_of("UPDATE certlookup.certificate SET id_commitment = ''", "rekey") == "42501"
