"""What the database has is compared with what is written: every right, function and trigger that differs is named."""

import pytest
from django.db import connection

from certlookup.roles import Login
from tests.databases import ROLES, acting_as
from uploads.oversight.entitlements import differences, written_functions, written_triggers

pytestmark = pytest.mark.django_db

LOGINS = {work: Login(name, "") for work, name in ROLES.items() if work != "superuser"}


def found_after(*statements: str) -> list[str]:
    with acting_as("superuser"), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    with acting_as("staff"):
        return differences(LOGINS)


def test_a_database_as_it_was_set_up_has_no_differences() -> None:
    assert found_after() == []
    assert len(written_functions()) > 30
    assert len(written_triggers()) > 15


STAFF, PUBLIC, REKEY = ROLES["staff"], ROLES["public"], ROLES["rekey"]


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        (f"GRANT UPDATE ON certificate TO {STAFF}", "staff may UPDATE certificate"),
        (f"GRANT INSERT ON signature TO {PUBLIC}", "public may INSERT signature"),
        (f"GRANT TRUNCATE ON act TO {STAFF}", "staff may TRUNCATE act"),
        ("GRANT DELETE ON audit_entry TO PUBLIC", "staff may DELETE audit_entry"),
        (f"REVOKE SELECT ON certificate FROM {STAFF}", "staff may not SELECT certificate"),
        (f"GRANT SELECT (id_sealed) ON certificate TO {PUBLIC}", "public may SELECT certificate.id_sealed"),
        (f"GRANT UPDATE (holder_name) ON certificate TO {REKEY}", "rekey may UPDATE certificate.holder_name"),
        (f"REVOKE SELECT (level) ON certificate FROM {PUBLIC}", "public may not SELECT certificate.level"),
        (f"GRANT {ROLES['owner']} TO {STAFF}", f"role {STAFF} can become {ROLES['owner']}"),
        (f"ALTER ROLE {STAFF} SUPERUSER", f"role {STAFF} stands above the rules"),
        ("ALTER TABLE signature DISABLE TRIGGER signature_never_changes",
         "trigger signature_never_changes on signature is switched off or does not fire always"),
        ("ALTER TABLE signature ENABLE TRIGGER signature_never_changes",
         "trigger signature_never_changes on signature is switched off or does not fire always"),
        ("DROP TRIGGER act_only_gains_its_signature ON act", "trigger act_only_gains_its_signature on act is missing"),
        ("CREATE TRIGGER helper BEFORE INSERT ON signature FOR EACH ROW EXECUTE FUNCTION never_changes()",
         "trigger helper on signature is not written"),
        ("CREATE OR REPLACE FUNCTION is_demo() RETURNS boolean LANGUAGE sql STABLE AS 'SELECT true'",
         "function is_demo is not the one that is written, or is missing"),
        ("CREATE FUNCTION back_door() RETURNS void LANGUAGE sql AS ''",
         "function back_door is there in a form that is not written"),
        ("ALTER FUNCTION sign(text, bigint, bigint, text, bytea, text, timestamptz) SECURITY INVOKER",
         "function sign is not the one that is written, or is missing"),
        ("ALTER FUNCTION set_root(bigint, bytea) SET search_path = public",
         "function set_root is not the one that is written, or is missing"),
        ("CREATE TABLE aside (x integer)", "table aside is not one of ours"),
        ("ALTER TABLE act OWNER TO postgres", "act belongs to another role than the owner"),
    ],
)  # fmt: skip
def test_what_was_changed_is_named(statement: str, named: str) -> None:
    assert named in found_after("SET search_path = certlookup", statement)
