"""Triggers hold what rights can't: even the tables' owner and the superuser meet them."""

import psycopg
import pytest
from django.db import connection

from tests.databases import acting_as
from tests.make import Cast, make_attempt, make_checked_batch, make_published_release, make_rows
from uploads.models import Attempt

pytestmark = pytest.mark.django_db


def refusal_of(statement: str, role: str) -> str:
    """The key with which the database refuses the statement under the role."""
    with acting_as(role), connection.cursor() as cursor:
        # Foreign keys are checked at the end of a transaction; TRUNCATE waits for them.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SAVEPOINT attack")
        with pytest.raises(psycopg.Error) as error:
            connection.connection.execute(statement)
        connection.connection.execute("ROLLBACK TO SAVEPOINT attack")
    assert error.value.sqlstate == "CL001", error.value
    return error.value.diag.message_primary or ""


@pytest.mark.parametrize("role", ["owner", "superuser"])
@pytest.mark.parametrize(
    ("statement", "key"),
    [
        ("UPDATE signature SET digest = ''", "signature_never_changes"),
        ("DELETE FROM signature", "signature_never_changes"),
        ("TRUNCATE signature CASCADE", "signature_never_changes"),
        ("UPDATE audit_entry SET action = 'x'", "audit_entry_never_changes"),
        ("DELETE FROM audit_entry", "audit_entry_never_changes"),
        ("TRUNCATE audit_entry", "audit_entry_never_changes"),
        ("UPDATE publication SET row_count = 0", "publication_never_changes"),
        ("UPDATE publication SET root = ''", "publication_never_changes"),
        ("DELETE FROM publication", "publication_never_changes"),
        ("TRUNCATE publication CASCADE", "publication_never_changes"),
        ("UPDATE capacity_grant SET valid_to = NULL", "grant_only_ends_earlier"),
        ("UPDATE capacity_grant SET capacity = 'keeper'", "grant_only_ends_earlier"),
        ("DELETE FROM capacity_grant", "grant_only_ends_earlier"),
        ("TRUNCATE capacity_grant CASCADE", "capacity_grant_never_changes"),
        ("DELETE FROM act", "act_never_changes"),
        ("UPDATE act SET capacity = 'x'", "act_never_changes"),
        ("UPDATE staged_row SET holder_name = 'x'", "staged_row_never_changes"),
        ("DELETE FROM staged_row", "staged_row_never_changes"),
        ("UPDATE attempt SET digest = ''", "attempt_never_changes"),
        ("DELETE FROM attempt", "attempt_never_changes"),
        ("UPDATE installation SET demo = false", "installation_never_changes"),
        ("DELETE FROM installation", "installation_never_changes"),
    ],
)
def test_nothing_done_is_changed_or_deleted(role: str, statement: str, key: str) -> None:
    release = make_published_release(Cast())
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_root(%s, %s)", [release.publication_id, b"r" * 32])
    assert refusal_of(statement, role) == key


def test_a_checked_file_takes_no_further_rows() -> None:
    cast = Cast()
    attempt = make_attempt(by=cast.operator, office=cast.office)
    copy = (
        "INSERT INTO staged_row SELECT (jsonb_populate_record(s, jsonb_build_object('row_number', 999, "
        f"'certificate_number', '2615020003300999'))).* FROM staged_row s WHERE attempt_id = {attempt.id} LIMIT 1"
    )
    assert refusal_of(copy, "staff") == "attempt_is_not_being_checked"
    assert (
        refusal_of(
            'INSERT INTO row_problem (attempt_id, row_number, "column", field, rule, severity, message) '
            f"VALUES ({attempt.id}, 2, '', '', 'R-101', 'note', '')",
            "staff",
        )
        == "attempt_is_not_being_checked"
    )


def test_a_staged_row_belongs_to_an_attempt_that_is_there() -> None:
    attempt = make_checked_batch(by=Cast().operator).attempt
    copy = f"""CREATE TEMP TABLE taken AS SELECT * FROM staged_row WHERE attempt_id = {attempt.id};
        UPDATE taken SET attempt_id = {attempt.id + 1_000_000};
        INSERT INTO staged_row SELECT * FROM taken"""
    assert refusal_of(copy, "superuser") == "attempt_is_not_being_checked"


@pytest.mark.parametrize("state", ["signed", "submitted", "published", "in_release"])
def test_a_state_that_a_signature_makes_is_not_set_by_hand(state: str) -> None:
    make_checked_batch(by=Cast().operator)
    assert refusal_of(f"UPDATE batch SET state = '{state}'", "staff") == "state_does_not_move_that_way"


def test_a_batch_does_not_begin_in_the_middle() -> None:
    cast = Cast()
    batch = make_checked_batch(by=cast.operator)
    statement = (
        "INSERT INTO batch (office_id, period_id, kind, way_in, state, round, declares_no_data, created_by_id, created_at, "
        f"state_since, return_reason) VALUES ('3701', '{batch.period_id}', 'regular', 'account', 'submitted', 1, false, "
        f"{cast.operator.person.id}, now(), now(), '')"
    )
    assert refusal_of(statement, "staff") == "state_begins_at_the_beginning"


def test_a_batch_does_not_begin_with_another_batchs_file() -> None:
    cast = Cast()
    batch = make_checked_batch(by=cast.operator)
    statement = (
        "INSERT INTO batch (office_id, period_id, kind, way_in, state, round, attempt_id, declares_no_data, "
        "created_by_id, created_at, state_since, return_reason) VALUES "
        f"('3701', '{batch.period_id}', 'regular', 'account', 'draft', 1, {batch.attempt_id}, false, "
        f"{cast.operator.person.id}, now(), now(), '')"
    )
    assert refusal_of(statement, "staff") == "state_begins_at_the_beginning"


@pytest.mark.parametrize("role", ["owner", "superuser"])
def test_an_ended_grant_is_not_prolonged(role: str) -> None:
    actor = Cast().operator
    with acting_as("owner"), connection.cursor() as cursor:
        cursor.execute("UPDATE capacity_grant SET valid_to = now() WHERE person_id = %s", [actor.person.id])
    statement = f"UPDATE capacity_grant SET valid_to = now() + interval '1 day' WHERE person_id = {actor.person.id}"
    assert refusal_of(statement, role) == "grant_only_ends_earlier"


def test_the_mark_of_a_demo_is_not_set_a_second_time() -> None:
    with acting_as("owner"), connection.cursor() as cursor:
        cursor.execute("SAVEPOINT attack")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.connection.execute("INSERT INTO installation (id, demo, created_at) VALUES (1, true, now())")
        connection.connection.execute("ROLLBACK TO SAVEPOINT attack")
    assert make_rows(1)


def test_a_release_in_the_name_of_someone_who_may_not_assemble_is_refused() -> None:
    cast = Cast()
    batch = make_checked_batch(by=cast.operator)
    statement = (
        "INSERT INTO release (number, period_id, kind, state, round, assembled_by_id, assembled_at, state_since, "
        "return_reason, late_reason, publication_problem) VALUES "
        f"('x', '{batch.period_id}', 'regular', 'assembled', 1, {cast.operator.person.id}, now(), now(), '', '', '')"
    )
    assert refusal_of(statement, "staff") == "person_not_entitled"


def test_a_hand_made_file_without_a_reason_is_not_opened_by_the_database() -> None:
    cast = Cast()
    batch = make_checked_batch(by=cast.operator)
    attempt = Attempt.objects.create(
        batch=batch, number=2, original_name="x", byte_count=1, file_digest=b"", origin="hand_made",
        uploaded_by=cast.operator.person, received_at=batch.created_at,
    )  # fmt: skip
    statement = f"SELECT open_attempt({batch.id}, {attempt.id}, {cast.operator.person.id}, '')"
    assert refusal_of(statement, "staff") == "hand_made_without_a_reason"
