"""certlookup/roles.py says what each role may do; the database grants exactly that."""

import pytest
from django.db import connection

from certlookup.roles import FUNCTIONS, RIGHTS, WORKING_ROLES, split_rights
from tests.databases import ROLES, acting_as

pytestmark = pytest.mark.django_db

VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")


def rows_of(query: str, *parameters: object) -> list[tuple[object, ...]]:
    with acting_as("superuser"), connection.cursor() as cursor:
        cursor.execute(query, list(parameters))
        return cursor.fetchall()


def test_every_table_and_view_stands_in_the_table_of_rights() -> None:
    present = {
        row[0]
        for row in rows_of(
            "SELECT relname FROM pg_class WHERE relnamespace = 'certlookup'::regnamespace AND relkind IN ('r', 'v', 'p')"
        )
    }
    assert present == set(RIGHTS)


@pytest.mark.parametrize("work", ["staff", "public", "rekey"])
def test_a_role_may_do_to_whole_tables_what_is_written_and_nothing_more(work: str) -> None:
    for table, rights in RIGHTS.items():
        written = {right for right in split_rights(rights.get(work, "")) if "(" not in right}
        granted = {
            verb
            for verb in VERBS
            if rows_of("SELECT has_table_privilege(%s, %s, %s)", ROLES[work], f"certlookup.{table}", verb)[0][0]
        }
        assert granted == written, (work, table)


@pytest.mark.parametrize("work", ["staff", "public", "rekey"])
def test_a_role_may_do_to_columns_what_is_written_and_nothing_more(work: str) -> None:
    granted = {
        (table, verb, column)
        for table, verb, column in rows_of(
            "SELECT table_name, privilege_type, column_name FROM information_schema.column_privileges "
            "WHERE grantee = %s AND table_schema = 'certlookup'",
            ROLES[work],
        )
        if verb not in split_rights(RIGHTS[str(table)].get(work, ""))
    }
    written = {
        (table, right.split("(")[0].strip(), column.strip())
        for table, rights in RIGHTS.items()
        for right in split_rights(rights.get(work, ""))
        if "(" in right
        for column in right.split("(")[1].rstrip(")").split(",")
    }
    assert granted == written


def test_a_function_may_be_called_by_whom_is_written_and_by_nobody_else() -> None:
    for name, owner, *may in rows_of(
        "SELECT proname, pg_get_userbyid(proowner), "
        + ", ".join(f"has_function_privilege('{ROLES[work]}', oid, 'EXECUTE')" for work in WORKING_ROLES)
        + " FROM pg_proc WHERE pronamespace = 'certlookup'::regnamespace"
    ):
        assert owner == ROLES["owner"]
        wanted = [
            name in FUNCTIONS[work] or (work == "staff" and str(name).startswith("procrastinate_"))
            for work in WORKING_ROLES
        ]
        assert may == wanted, name


def test_no_working_role_is_a_member_of_another_or_stands_above_the_rules() -> None:
    ours = [ROLES[work] for work in (*WORKING_ROLES, "owner")]
    assert not rows_of(
        "SELECT m.member::regrole, m.roleid::regrole FROM pg_auth_members m "
        "WHERE m.member::regrole::text = ANY(%s) AND m.roleid::regrole::text = ANY(%s)",
        ours,
        ours,
    )
    assert not rows_of(
        "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s) AND (rolsuper OR rolcreaterole OR rolreplication "
        "OR rolbypassrls)",
        ours,
    )


def test_functions_that_run_as_owner_fix_their_search_path() -> None:
    loose = rows_of(
        "SELECT proname FROM pg_proc WHERE pronamespace = 'certlookup'::regnamespace AND prosecdef "
        "AND NOT coalesce(proconfig @> ARRAY['search_path=pg_catalog, certlookup, pg_temp'], false)"
    )
    assert loose == []


def test_our_triggers_fire_whatever_a_session_sets() -> None:
    sleepy = rows_of(
        "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "WHERE c.relnamespace = 'certlookup'::regnamespace AND NOT t.tgisinternal AND t.tgenabled <> 'A' "
        "AND c.relname NOT LIKE 'procrastinate%%'"
    )
    assert sleepy == []
