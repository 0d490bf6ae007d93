"""publish() trusts nothing that was checked before: signatures, persons, grants at the time, digests, all once more."""

import pytest
from django.db import connection

from certificates.models import Certificate, Publication
from tests.databases import acting_as
from tests.make import Cast, make_release, make_rows, make_signed_release, make_tampering
from uploads.models import PersonState, Release
from uploads.refusals import Refusal, refusals
from uploads.release.assemble import order_publication
from uploads.release.publish import publish_release
from uploads.signoff.sign import digest_of_release, sign_release

pytestmark = pytest.mark.django_db

TABLES = ("signature", "act", "capacity_grant", "release", "batch", "staged_row", "sample_comparison", "attempt")


def make_ordered(cast: Cast) -> Release:
    release = make_signed_release(cast, rows=make_rows(3))
    order_publication(by=cast.deputy_director, period=release.period, reason="测试提前")
    sign_release(by=cast.network_administrator, release=release, digest=digest_of_release(release))
    return release


def why_not_published(release: Release) -> str:
    try:
        with refusals(), connection.cursor() as cursor:
            cursor.execute("SAVEPOINT attempted")
            cursor.execute("SELECT publish(%s)", [release.id])
    except Refusal as refusal:
        connection.connection.execute("ROLLBACK TO SAVEPOINT attempted")
        assert not Certificate.objects.exists()
        assert not Publication.objects.exists()
        return refusal.key
    return ""


@pytest.mark.parametrize(
    ("tampering", "key"),
    [
        ("DELETE FROM act WHERE capacity = 'city_director'", "batch_signatures_incomplete"),
        ("DELETE FROM act WHERE capacity = 'department_head'", "batch_signatures_incomplete"),
        ("UPDATE act SET signature_id = NULL WHERE capacity = 'city_operator'", "batch_signatures_incomplete"),
        ("UPDATE act SET capacity = 'importer' WHERE capacity = 'deputy_director'", "batch_signatures_incomplete"),
        ("UPDATE batch SET round = round + 1", "batch_signatures_incomplete"),
        ("UPDATE release SET round = round + 1", "release_signatures_incomplete"),
        ("UPDATE signature SET round = 7 WHERE capacity = 'deputy_director'", "release_signatures_incomplete"),
        ("UPDATE signature SET digest = sha256('x') WHERE batch_id IS NOT NULL", "batch_signatures_incomplete"),
        ("UPDATE signature SET digest = sha256('x') WHERE release_id IS NOT NULL", "release_signatures_incomplete"),
        ("UPDATE signature SET on_paper = true WHERE batch_id IS NOT NULL", "batch_signatures_incomplete"),
        ("UPDATE signature SET on_paper = true WHERE release_id IS NOT NULL", "release_signatures_incomplete"),
        ("UPDATE staged_row SET holder_name = '李换' WHERE row_number = 2", "release_signatures_incomplete"),
        ("UPDATE staged_row SET id_commitment = sha256('x') WHERE row_number = 3", "release_signatures_incomplete"),
        ("UPDATE attempt SET refused_count = 1, read_count = read_count + 1", "batch_has_refused_rows"),
        ("UPDATE sample_comparison SET differing_count = 1", "sample_differs_from_the_archive"),
        ("UPDATE batch SET state = 'submitted'", "batch_is_not_in_release"),
    ],
)
def test_what_was_altered_after_the_signatures_stops_it(tampering: str, key: str) -> None:
    release = make_ordered(Cast())
    with make_tampering(*TABLES) as cursor:
        cursor.execute(tampering)
    assert why_not_published(release) == key


@pytest.mark.parametrize("capacity", ["city_operator", "city_director", "provincial_operator", "department_head",
                                      "deputy_director", "network_administrator"])  # fmt: skip
@pytest.mark.parametrize(
    "change",
    ["valid_from = now() + interval '1 day'", "valid_to = now() - interval '1 day'"],
)
def test_a_signer_without_the_grant_at_the_time_voids_it(capacity: str, change: str) -> None:
    release = make_ordered(Cast())
    with make_tampering(*TABLES) as cursor:
        cursor.execute(f"UPDATE capacity_grant SET {change} WHERE capacity = %s", [capacity])
    assert why_not_published(release).endswith("_signatures_incomplete")


def test_a_grant_of_another_office_at_the_time_voids_it() -> None:
    release = make_ordered(Cast())
    with make_tampering(*TABLES) as cursor:
        cursor.execute("UPDATE capacity_grant SET office_id = '3701' WHERE capacity = 'city_director'")
    assert why_not_published(release) == "batch_signatures_incomplete"


def test_one_person_behind_two_acts_voids_it_even_without_the_constraint() -> None:
    cast = Cast()
    release = make_ordered(cast)
    people = [cast.department_head.person.id, cast.deputy_director.person.id]
    with make_tampering(*TABLES) as cursor:
        cursor.execute("ALTER TABLE act DROP CONSTRAINT act_one_capacity_per_person_per_round")
        cursor.execute("ALTER TABLE signature DROP CONSTRAINT release_signature_one_per_person_per_round")
        for table in ("act", "signature", "capacity_grant"):
            cursor.execute(f"UPDATE {table} SET person_id = %s WHERE person_id = %s", people)
    assert why_not_published(release) == "batch_signatures_incomplete"


def test_an_account_frozen_or_a_grant_ended_after_signing_voids_nothing() -> None:
    cast = Cast()
    release = make_ordered(cast)
    person = cast.department_head.person
    person.state = PersonState.FROZEN
    with acting_as("owner"):
        person.save()
    with make_tampering("capacity_grant") as cursor:
        cursor.execute("UPDATE capacity_grant SET valid_to = clock_timestamp()")
    publish_release(release.id)
    release.refresh_from_db()
    assert release.state == "published"


def test_a_release_that_was_never_ordered_is_not_published() -> None:
    assert why_not_published(make_release(Cast())) == "release_is_not_to_be_published"
