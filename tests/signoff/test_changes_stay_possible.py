"""A change is signed and published only while the certificate is still as it was when the file was checked."""

import pytest
from django.db import IntegrityError, connection, transaction

from tests.make import (
    Cast,
    make_approved_change,
    make_change_attempt,
    make_checked_batch,
    make_comparison,
    make_correction,
    make_published_change,
    make_published_release,
    make_revocation,
    make_row,
    make_rows,
    make_submitted_change,
    make_tampering,
)
from uploads.models import Batch, BatchKind, Release
from uploads.refusals import Refusal, refusals
from uploads.release.assemble import assemble_release, collectable
from uploads.release.publish import publish_release
from uploads.signoff.sign import digest_of_batch, digest_of_release, sign_batch, sign_release

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    """The people of a city that has published three certificates."""
    cast = Cast()
    make_published_release(cast, rows=make_rows(3))
    return cast


def number(seed: int) -> str:
    return str(make_row(seed=seed)["证书编号"])


def corrected_batch(cast: Cast) -> Batch:
    rows = [make_correction(number(1), 姓名="李更正")]
    return make_change_attempt(by=cast.operator, kind=BatchKind.CORRECTION, rows=rows).batch


def why_not_signed(cast: Cast, batch: Batch) -> str:
    with pytest.raises(Refusal) as refused:
        sign_batch(by=cast.operator, batch=batch, digest=digest_of_batch(batch))
    return refused.value.key


def publish(cast: Cast, release: Release) -> str:
    """The problem that kept the release from being published, or ''."""
    sign_release(by=cast.network_administrator, release=release, digest=digest_of_release(release))
    publish_release(release.id)
    release.refresh_from_db()
    return release.publication_problem


def test_a_certificate_with_a_newer_revision_stops_signing_and_publishing(cast: Cast) -> None:
    batch = corrected_batch(cast)
    other = make_approved_change(cast, BatchKind.REVOCATION, [make_revocation(number(2))])
    with make_tampering("certificate") as cursor:
        cursor.execute("UPDATE certificate SET revision_number = 2")
    assert why_not_signed(cast, batch) == "certificate_changed_meanwhile"
    problem = publish(cast, other)
    assert "新的版本" in problem
    assert number(2) in problem


def test_two_batches_of_one_release_never_change_one_certificate_twice(cast: Cast) -> None:
    """The intake refuses the second (R-401); what slips past it is refused by the database."""
    first = make_submitted_change(cast, BatchKind.CORRECTION, [make_correction(number(1), 姓名="李更正")])
    with make_tampering("staged_row") as cursor:
        cursor.execute("UPDATE staged_row SET certificate_number = %s WHERE attempt_id = %s", ["0", first.attempt_id])
    second = make_submitted_change(cast, BatchKind.REVOCATION, [make_revocation(number(1))])
    with make_tampering("staged_row") as cursor:
        query = "UPDATE staged_row SET certificate_number = %s WHERE attempt_id = %s"
        cursor.execute(query, [number(1), first.attempt_id])
    release = assemble_release(by=cast.network_administrator, period=first.period, batches=[first, second])
    for signer in cast.release_signers:
        sign_release(by=signer, release=release, digest=digest_of_release(release))
    assert "新的版本" in publish(cast, release)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ("certificate_number = '0'", "certificate_not_in_register"),
        ("base_revision = 2", "certificate_changed_meanwhile"),
        ("kind = 'reinstated', document_number = 'x'", "row_of_another_kind"),
        ("changed_fields = '{sex}'", "changed_fields_are_others"),
        ("changed_fields = '{}'", "changed_fields_are_others"),
        ("holder_name = '张𠮷', changed_fields = '{}'", "changed_fields_are_others"),
        ("occupation = '焊工'", "changed_fields_are_others"),
    ],
)
def test_rows_altered_behind_the_check_are_not_signed(cast: Cast, change: str, key: str) -> None:
    batch = corrected_batch(cast)
    with make_tampering("staged_row") as cursor:
        cursor.execute(f"UPDATE staged_row SET {change} WHERE attempt_id = {batch.attempt_id}")
    assert why_not_signed(cast, batch) == key


def test_a_certificate_revoked_meanwhile_is_not_corrected(cast: Cast) -> None:
    batch = corrected_batch(cast)
    with make_tampering("certificate") as cursor:
        cursor.execute("UPDATE certificate SET kind = 'revoked' WHERE certificate_number = %s", [number(1)])
    assert why_not_signed(cast, batch) == "change_not_possible_in_this_state"


def test_another_citys_certificate_is_not_changed_past_the_check(cast: Cast) -> None:
    other = Cast("3701")
    batch = make_change_attempt(
        by=other.operator, office="3701", kind=BatchKind.CORRECTION, rows=[make_correction(number(1), 姓名="李更正")]
    ).batch
    with make_tampering("row_problem", "attempt", "batch") as cursor:
        cursor.execute("DELETE FROM row_problem WHERE attempt_id = %s", [batch.attempt_id])
        cursor.execute("UPDATE attempt SET refused_count = 0, accepted_count = 1 WHERE id = %s", [batch.attempt_id])
        cursor.execute("UPDATE batch SET state = 'checked' WHERE id = %s", [batch.id])
    make_comparison(by=other.operator, batch=Batch.objects.get(id=batch.id))
    assert why_not_signed(other, batch) == "certificate_of_another_office"


def test_rows_of_another_kind_are_not_signed_in_a_regular_batch(cast: Cast) -> None:
    batch = make_checked_batch(by=cast.operator, rows=[make_row(seed=40)])
    with make_tampering("staged_row") as cursor:
        cursor.execute(
            "UPDATE staged_row SET kind = 'corrected', change_reason = 'x', base_revision = 1 WHERE attempt_id = %s",
            [batch.attempt_id],
        )
    assert why_not_signed(cast, batch) == "row_of_another_kind"


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("base_revision = NULL", "staged_change_names_its_base"),
        ("change_reason = NULL", "staged_change_has_a_reason"),
        ("change_reason = ' '", "staged_change_has_a_reason"),
        ("document_number = NULL", "staged_revocation_names_its_document"),
        ("change_reason = '别的'", "staged_revocation_has_one_of_three_reasons"),
    ],
)
def test_no_role_stages_a_revocation_without_what_it_has_to_say(cast: Cast, change: str, constraint: str) -> None:
    attempt = make_change_attempt(by=cast.operator, kind=BatchKind.REVOCATION, rows=[make_revocation(number(1))])
    with make_tampering("staged_row") as cursor, pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        cursor.execute(f"UPDATE staged_row SET {change} WHERE attempt_id = {attempt.id}")


def test_a_release_takes_only_batches_of_its_kind_on_both_levels(cast: Cast) -> None:
    correction = make_submitted_change(cast, BatchKind.CORRECTION, [make_correction(number(1), 姓名="李更正")])
    assert collectable(correction.period) == []
    assert collectable(correction.period, changes=True) == [correction]
    regular = make_checked_batch(by=cast.operator, rows=[make_row(seed=41)])
    with pytest.raises(Refusal) as refused:
        assemble_release(by=cast.network_administrator, period=correction.period, batches=[correction, regular])
    assert refused.value.key == "batch_belongs_in_another_release"
    release = assemble_release(by=cast.network_administrator, period=correction.period, batches=[correction])
    assert (release.kind, release.number) == ("replacement", f"{release.period_id}-R1")
    with pytest.raises(Refusal) as refused, refusals(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO release_item (release_id, batch_id, added_at) VALUES (%s, %s, now())", [release.id, regular.id]
        )
    assert refused.value.key == "batch_belongs_in_another_release"


def test_a_replacement_release_is_published_on_any_day(cast: Cast) -> None:
    release = make_published_change(cast, BatchKind.CORRECTION, [make_correction(number(1), 姓名="李更正")])
    assert (release.state, release.publication_problem) == ("published", "")
