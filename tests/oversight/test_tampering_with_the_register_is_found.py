"""Whoever holds the whole server can change the register, but not unseen: each change is named."""

import pytest
from django.db import connection

from certificates.leaves import LEAF_FIELDS
from certificates.models import Certificate
from tests.make import Cast, make_actor, make_correction, make_published_change, make_tampering
from tests.oversight.register import in_register, make_register
from uploads.models import BatchKind, Capacity
from uploads.oversight.roots import store_root
from uploads.release.reviews import order_review

pytestmark = pytest.mark.django_db


def number_at(position: int) -> str:
    return Certificate.objects.get(position=position).pk


def test_an_untouched_register_has_no_differences() -> None:
    make_register()
    assert in_register() == []


def test_a_register_with_a_correction_and_a_second_publication_has_no_differences() -> None:
    make_register(3)
    release = make_published_change(
        Cast(), BatchKind.CORRECTION, [make_correction(number_at(1), **{"职业(工种)": "焊工"})]
    )
    assert release.publication_id is not None, release.publication_problem
    store_root(release.publication_id)
    assert in_register() == []


def test_a_field_falsely_said_to_be_corrected_is_found() -> None:
    make_register(3)
    number = number_at(1)
    release = make_published_change(Cast(), BatchKind.CORRECTION, [make_correction(number, 姓名="李更正")])
    assert release.publication_id is not None, release.publication_problem
    store_root(release.publication_id)
    with make_tampering("certificate") as cursor:
        cursor.execute("UPDATE certificate SET changed_fields = '{sex}' WHERE certificate_number = %s", [number])
    assert in_register() == [("changed_fields_differ", number)]


@pytest.mark.parametrize(
    "column", [name for name in LEAF_FIELDS if name not in {"certificate_number", "id_commitment"}]
)
def test_a_changed_field_is_found_and_the_certificate_named(column: str) -> None:
    make_register()
    number = number_at(2)
    changed = {"kind": "'revoked'", "level": "1", "sex": "'女'"}.get(column, "'1999-01-01'")
    with make_tampering("certificate") as cursor:
        cursor.execute(f"UPDATE certificate SET {column} = {changed} WHERE certificate_number = %s", [number])
    assert ("row_differs", number) in in_register(unseal=False)


def test_a_deleted_certificate_is_named_as_missing() -> None:
    publication = make_register()
    number = number_at(4)
    with make_tampering("certificate") as cursor:
        cursor.execute("DELETE FROM certificate WHERE certificate_number = %s", [number])
    found = in_register()
    assert ("row_missing", number) in found
    assert ("count_differs", f"publication {publication.number}") in found
    assert ("searchable_differs", "register") in found


def test_an_inserted_certificate_is_named_as_extra() -> None:
    make_register()
    others = ", ".join(
        field.column for field in Certificate._meta.fields if field.column not in {"certificate_number", "position"}
    )
    with make_tampering("certificate") as cursor:
        cursor.execute(
            f"INSERT INTO certificate (certificate_number, position, {others}) SELECT '9999000000000001', 5, {others} "
            "FROM certificate WHERE position = 0"
        )
    assert ("row_extra", "9999000000000001") in in_register()


def test_two_people_whose_id_columns_were_swapped_are_both_named() -> None:
    make_register()
    pair = [number_at(1), number_at(3)]
    with make_tampering("certificate") as cursor:
        cursor.execute(
            "UPDATE certificate c SET id_sealed = o.id_sealed, id_index = o.id_index, key_version = o.key_version "
            "FROM certificate o WHERE c.certificate_number <> o.certificate_number "
            "AND c.certificate_number = ANY(%s) AND o.certificate_number = ANY(%s)",
            [pair, pair],
        )
    # No digest covers these columns, which change with the keys: only opening them shows it.
    assert in_register(unseal=False) == []
    assert in_register() == [("id_does_not_open", number) for number in pair]


def test_two_people_swapped_with_their_commitments_are_both_named_without_the_keys() -> None:
    make_register()
    pair = [number_at(1), number_at(3)]
    with make_tampering("certificate") as cursor:
        cursor.execute(
            "UPDATE certificate c SET id_sealed = o.id_sealed, id_index = o.id_index, id_commitment = o.id_commitment "
            "FROM certificate o WHERE c.certificate_number <> o.certificate_number "
            "AND c.certificate_number = ANY(%s) AND o.certificate_number = ANY(%s)",
            [pair, pair],
        )
    found = in_register(unseal=False)
    assert [subject for key, subject in found if key == "row_differs"] == pair


def test_a_certificate_moved_to_another_persons_id_number_is_named() -> None:
    make_register()
    number = number_at(1)
    with make_tampering("certificate") as cursor:
        cursor.execute(
            "UPDATE certificate SET id_index = (SELECT id_index FROM certificate WHERE position = 3) WHERE position = 1"
        )
    assert in_register() == [("index_differs", number)]


def test_a_changed_row_is_found_even_if_root_and_digests_were_made_to_fit_it() -> None:
    publication = make_register(1)
    with make_tampering("certificate", "publication", "staged_row") as cursor:
        cursor.execute("UPDATE certificate SET level = 1")
        cursor.execute("UPDATE staged_row SET level = 1")
        cursor.execute("UPDATE publication SET root = (SELECT leaf FROM published_leaf)")
    found = in_register(unseal=False)
    assert ("digest_differs", f"publication {publication.number}") in found
    assert [key for key, _ in found if key == "batch_digest_differs"]


def test_a_row_with_triggers_off_in_no_publication_is_named() -> None:
    make_register(2)
    number = number_at(0)
    with make_tampering("certificate") as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE certificate SET publication_id = 999999 WHERE position = 0")
        cursor.execute("SET session_replication_role = origin")
    found = in_register()
    assert ("publication_unknown", number) in found
    assert ("row_missing", number) in found
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def test_a_publication_that_was_deleted_shows_in_the_counts() -> None:
    make_register(2)
    with make_tampering("certificate", "publication") as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("DELETE FROM publication")
        cursor.execute("SET session_replication_role = origin")
    assert ("searchable_differs", "register") in in_register()


def test_a_certificate_hidden_without_an_order_or_shown_against_one_is_named() -> None:
    make_register(3)
    hidden, ordered = number_at(0), number_at(1)
    leader = make_actor(Capacity.DEPUTY_DIRECTOR)
    order_review(by=leader, certificate_number=ordered, reason="举报", document="")
    assert in_register() == []
    with make_tampering("certificate") as cursor:
        cursor.execute("UPDATE certificate SET under_review_since = now() WHERE certificate_number = %s", [hidden])
        cursor.execute("UPDATE certificate SET under_review_since = NULL WHERE certificate_number = %s", [ordered])
    assert in_register() == [("review_without_an_order", hidden), ("review_not_in_force", ordered)]


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ("UPDATE revision SET holder_name = '李改'", "root_differs"),
        ("DELETE FROM revision", "revisions_incomplete"),
        ("UPDATE revision SET id_index = '\\x00'", "index_differs"),
        ("UPDATE certificate SET first_published_on = first_published_on - 1", "first_day_differs"),
        ("UPDATE publication SET row_count = row_count + 1, corrected_count = corrected_count + 1", "count_differs"),
        ("UPDATE publication SET published_on = published_on - 1", "chain_differs"),
        ("UPDATE publication SET audit_head = digest", "chain_differs"),
        ("UPDATE signature SET digest = sha256('')", "batch_digest_differs"),
    ],
)
def test_whatever_else_is_changed_is_found(change: str, key: str) -> None:
    make_register(2)
    release = make_published_change(Cast(), BatchKind.CORRECTION, [make_correction(number_at(1), 姓名="李更正")])
    assert release.publication_id is not None, release.publication_problem
    store_root(release.publication_id)
    assert in_register() == []
    with make_tampering("certificate", "revision", "publication", "signature") as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(change)
        cursor.execute("SET session_replication_role = origin")
    assert key in {key for key, _ in in_register()}
