"""An entry that was changed, removed, put in or cut off shows in the chain, or in what was noted elsewhere."""

import pytest

from tests.make import Cast, make_checked_batch, make_extension, make_person, make_tampering
from tests.oversight.register import in_trail, make_register
from uploads.actor import Actor
from uploads.models import AuditEntry
from uploads.people.accounts import freeze_account
from uploads.signoff.sign import digest_of_batch, sign_batch

pytestmark = pytest.mark.django_db


def entry(action: str) -> AuditEntry:
    found = AuditEntry.objects.filter(action=action).first()
    assert found is not None
    return found


def cut_after(number: int) -> None:
    """The tail cut off, and the head set back so that the chain is whole in itself."""
    with make_tampering("audit_entry", "audit_head") as cursor:
        cursor.execute("DELETE FROM audit_entry WHERE number > %s", [number])
        cursor.execute(
            "UPDATE audit_head SET (number, hash) = (SELECT number, hash FROM audit_entry WHERE number = %s)", [number]
        )


def test_an_untouched_trail_has_no_differences() -> None:
    make_register()
    assert in_trail() == []


@pytest.mark.parametrize(
    "change",
    ["staff_number = 'X'", "recorded_at = recorded_at + interval '1 microsecond'", "detail = '{}'", "outcome = 'refused'",
     "address = '10.0.0.1'", "person_id = NULL", "database_role = 'postgres'"],
)  # fmt: skip
def test_a_changed_entry_is_named(change: str) -> None:
    make_register()
    number = entry("release.signed").number
    with make_tampering("audit_entry") as cursor:
        cursor.execute(f"UPDATE audit_entry SET {change} WHERE number = %s", [number])
    assert ("entry_differs", f"entry {number}") in in_trail()


def test_a_changed_entry_with_its_own_hash_made_to_fit_shows_in_the_next_one() -> None:
    make_register()
    number = entry("release.signed").number
    with make_tampering("audit_entry") as cursor:
        cursor.execute("UPDATE audit_entry SET address = '10.0.0.1' WHERE number = %s", [number])
        cursor.execute(
            "UPDATE audit_entry e SET hash = audit_hash((SELECT hash FROM audit_entry WHERE number = %s), e) "
            "WHERE number = %s",
            [number - 1, number],
        )
    assert ("entry_differs", f"entry {number + 1}") in in_trail()


def test_a_removed_entry_is_named() -> None:
    make_register()
    number = entry("release.signed").number
    with make_tampering("audit_entry") as cursor:
        cursor.execute("DELETE FROM audit_entry WHERE number = %s", [number])
    assert ("entry_missing", f"entry {number}") in in_trail()


def test_a_cut_tail_shows_at_the_head() -> None:
    make_register()
    with make_tampering("audit_entry") as cursor:
        cursor.execute("DELETE FROM audit_entry WHERE number > (SELECT number - 3 FROM audit_head)")
    assert ("head_differs", "audit trail") in in_trail()


def test_a_cut_tail_with_the_head_set_back_shows_in_the_publication_that_noted_a_later_state() -> None:
    publication = make_register()
    cut_after(entry("release.publication_ordered").number - 1)
    found = in_trail()
    assert ("anchor_missing", f"publication {publication.number}") in found
    assert ("act_without_entry", f"publication {publication.number}") in found


def test_a_cut_tail_with_the_head_set_back_shows_in_a_signature_without_its_entry() -> None:
    cast = Cast()
    batch = make_checked_batch(by=cast.operator)
    make_extension(by=cast.department_head)
    before = AuditEntry.objects.order_by("-number").values_list("number", flat=True)[0]
    signature = sign_batch(by=cast.operator, batch=batch, digest=digest_of_batch(batch))
    assert in_trail() == []
    cut_after(before)
    assert [key for key, _ in in_trail()] == ["act_without_entry"], signature


def kinds_found(statement: str, *parameters: object) -> set[tuple[str, str]]:
    """What is found, by kind of subject, once a superuser has done this with every trigger off."""
    assert in_trail() == []
    with make_tampering("signature", "act", "capacity_grant", "person") as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement, parameters)
        cursor.execute("SET session_replication_role = origin")
    return {(key, subject.split()[0]) for key, subject in in_trail()}


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        (
            "UPDATE signature SET person_id = %s WHERE capacity = 'department_head'",
            {("act_without_entry", "signature"), ("act_without_entry", "act"), ("entry_without_act", "entry")},
        ),
        ("UPDATE act SET person_id = %s WHERE capacity = 'department_head'", {("act_without_entry", "act")}),
        (
            "DELETE FROM signature WHERE capacity = 'department_head' AND person_id <> %s",
            {("act_without_entry", "act"), ("entry_without_act", "entry")},
        ),
        (
            "UPDATE capacity_grant SET person_id = %s WHERE capacity = 'department_head'",
            {("act_without_entry", "grant")},
        ),
        (
            "UPDATE capacity_grant SET valid_from = '2001-01-01' WHERE capacity = 'department_head' AND person_id <> %s",
            {("act_without_entry", "grant")},
        ),
    ],
)
def test_an_act_or_a_grant_put_under_another_name_or_time_or_removed_is_named(
    statement: str, found: set[tuple[str, str]]
) -> None:
    make_register()
    assert kinds_found(statement, make_person().pk) == found


def test_a_frozen_account_that_a_superuser_opens_again_is_named() -> None:
    lost = make_person()
    freeze_account(person=lost, reason="报失", by=Actor(lost))
    found = kinds_found("UPDATE person SET state = 'active' WHERE id = %s", lost.pk)
    assert found == {("act_without_entry", "account")}
