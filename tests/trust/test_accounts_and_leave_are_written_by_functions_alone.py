"""Raw SQL under the staff role against accounts, capacities, extensions and orders: refused, or done by a function that tells it."""

from collections.abc import Sequence

import psycopg
import pytest
from django.db import connection

from tests.databases import acting_as
from tests.make import Cast, make_actor, make_period, make_person
from uploads.intake.periods import fix_period
from uploads.models import AuditEntry, Capacity, PersonState

pytestmark = pytest.mark.django_db

HASH = "argon2$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaA"
DIRECT = (
    "INSERT INTO certlookup.person (staff_number, name, phone, state, password) VALUES ('900900', 'x', '', 'active', 'x')",
    "UPDATE certlookup.person SET state = 'active'",
    "UPDATE certlookup.person SET password = 'x'",
    "UPDATE certlookup.person SET staff_number = '900901', name = 'x'",
    "UPDATE certlookup.person SET password_set_at = now()",
    "DELETE FROM certlookup.person",
    "UPDATE certlookup.capacity_grant SET valid_to = NULL",
    "INSERT INTO certlookup.capacity_grant DEFAULT VALUES",
    "DELETE FROM certlookup.capacity_grant",
    "INSERT INTO certlookup.extension DEFAULT VALUES",
    "UPDATE certlookup.extension SET closes_at = 'infinity'",
    "INSERT INTO certlookup.publication_order DEFAULT VALUES",
    "DELETE FROM certlookup.publication_order",
)


def answer_of(statement: str, parameters: Sequence[object] = (), role: str = "staff") -> str:
    """SQLSTATE, or for a refusal of ours its key; '' for done, which is taken back like everything."""
    with acting_as(role), connection.cursor() as cursor:
        cursor.execute("SAVEPOINT attack")
        before = AuditEntry.objects.count()
        try:
            connection.connection.execute(statement, parameters)
            return "" if AuditEntry.objects.count() == before + 1 else "done without an entry"
        except psycopg.Error as error:
            refused = error.sqlstate == "CL001"
            return (error.diag.message_primary if refused else error.sqlstate) or ""
        finally:
            connection.connection.execute("ROLLBACK TO SAVEPOINT attack")


def calls(function: str, *arguments: object) -> str:
    """What the staff role gets from the function, called past all of Python."""
    return answer_of(f"SELECT certlookup.{function}({', '.join(['%s'] * len(arguments))})", arguments)


@pytest.mark.parametrize("statement", DIRECT)
def test_the_staff_role_writes_none_of_it_directly(statement: str) -> None:
    assert answer_of(statement) == "42501"


def test_extensions_and_orders_that_were_given_stay_for_the_owner_too() -> None:
    for table in ("extension", "publication_order"):
        assert answer_of(f"DELETE FROM certlookup.{table}", role="owner") == f"{table}_never_changes"
        assert answer_of(f"UPDATE certlookup.{table} SET reason = 'x'", role="owner") == f"{table}_never_changes"


def test_leave_is_given_by_whom_it_is_due() -> None:
    cast, period = Cast(), fix_period(make_period()).code
    wrong = cast.operator.person.pk, "city_operator"
    for person, capacity, answer in (
        (*wrong, "person_not_entitled"),
        (cast.operator.person.pk, "department_head", "person_not_entitled"),
        (cast.department_head.person.pk, "department_head", ""),
    ):
        extension = (period, None, "2026-01-01", "2026-01-02", "x", person, capacity, "")
        assert calls("record_extension", *extension) == answer
    for person, capacity, answer in (
        (*wrong, "person_not_entitled"),
        (cast.department_head.person.pk, "deputy_director", "person_not_entitled"),
        (cast.deputy_director.person.pk, "deputy_director", ""),
    ):
        assert calls("order_publication", period, "x", person, capacity, "") == answer
    assert calls("order_publication", period, " ", cast.deputy_director.person.pk, "deputy_director", "") == (
        "reason_is_missing"
    )


def test_each_administrator_does_his_own_part_of_an_account_and_no_other() -> None:
    system, security, audit = (
        make_actor(capacity)
        for capacity in (Capacity.SYSTEM_ADMINISTRATOR, Capacity.SECURITY_ADMINISTRATOR, Capacity.AUDIT_ADMINISTRATOR)
    )
    active, frozen, new = (
        make_person(state=state).pk for state in (PersonState.ACTIVE, PersonState.FROZEN, PersonState.NO_ACCOUNT)
    )

    def of(actor: object) -> tuple[object, str, str]:
        return actor.person.pk, str(actor.capacity), ""  # type: ignore[attr-defined]

    acts = {
        system: [
            ("add_person", "900902", "李四", None, "", *of(system)),
            ("change_person", active, "李四", None, "", *of(system)),
            ("invite_person", new, *of(system)),
        ],
        security: [
            ("freeze_account", active, "x", *of(security), 0),
            ("unfreeze_account", frozen, "x", *of(security)),
            ("withdraw_account", active, "x", *of(security), 0),
            ("order_password_change", active, "x", *of(security), 0),
        ],
        audit: [],
    }
    for rightful, functions in acts.items():
        for function, *arguments in functions:
            assert calls(function, *arguments) == "", function
            for other in acts.keys() - {rightful}:
                # In the own capacity, and in the one it takes but that isn't held.
                in_own = [
                    dict(zip(of(rightful), of(other), strict=True)).get(value, value)
                    if value in of(rightful)[:2]
                    else value
                    for value in arguments
                ]
                claimed = [other.person.pk if value == rightful.person.pk else value for value in arguments]
                for attempt in (in_own, claimed):
                    assert calls(function, *attempt) == "person_not_entitled", (function, other.capacity)


def test_nobody_unfreezes_or_withdraws_the_own_account() -> None:
    guard = make_actor(Capacity.SECURITY_ADMINISTRATOR)
    me = guard.person.pk
    assert calls("withdraw_account", me, "x", me, "security_administrator", "", 0) == "person_not_entitled"
    assert calls("unfreeze_account", me, "x", me, "security_administrator", "") == "person_not_entitled"
    assert calls("freeze_account", me, "x", me, "", "", 0) == ""


def test_an_account_opens_with_its_newest_mark_only_and_keeps_no_password_in_the_clear() -> None:
    new, active = make_person(state=PersonState.NO_ACCOUNT), make_person()
    assert calls("open_account", new.pk, "!other", HASH, "") == "invitation_is_void"
    assert calls("open_account", active.pk, "!", HASH, "") == "invitation_is_void"
    assert calls("open_account", new.pk, "!", "plain", "") == "password_is_no_hash"
    assert calls("open_account", new.pk, "!", HASH, "") == ""
    assert calls("change_password", active.pk, "other", HASH, "", "", 0) == "account_is_not_active"
    assert calls("change_password", active.pk, "!", "plain", "", "", 0) == "password_is_no_hash"
    assert calls("change_password", active.pk, "!", HASH, "", "", 0) == ""
