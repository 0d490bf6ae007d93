"""One's own signature can be taken back until the next step; a new round begins, and nothing of the old one counts."""

import pytest

from certificates.models import Certificate, Publication
from tests.cases import RACES
from tests.databases import Copy
from tests.make import (
    Cast,
    make_actor,
    make_checked_batch,
    make_extension,
    make_release,
    make_rows,
    make_signed_release,
    make_submitted_batch,
)
from tests.signoff.races import at_once
from uploads import jobs
from uploads.models import Act, AuditEntry, Batch, Capacity, Release, Signature, SignatureWithdrawal
from uploads.refusals import Refusal
from uploads.release.assemble import assemble_release, collectable, order_publication
from uploads.release.publish import publish_release
from uploads.signoff.permissions import capacity_to_withdraw, why_not_sign_batch
from uploads.signoff.sign import (
    digest_of_batch,
    digest_of_release,
    return_release,
    sign_batch,
    sign_release,
    withdraw_signature,
)

WHY = "发现一条记录的姓名有误"


def refusal_of(by: object, subject: Batch | Release, reason: str = WHY) -> str:
    with pytest.raises(Refusal) as refusal:
        withdraw_signature(by=by, subject=subject, reason=reason)  # type: ignore[arg-type]
    return refusal.value.key


def make_ordered_release(cast: Cast, *, rows: int = 3) -> Release:
    """Signed by all three, its publication ordered, the worker not yet at it."""
    release = make_signed_release(cast, rows=make_rows(rows))
    order_publication(by=cast.deputy_director, period=release.period, reason="测试提前")
    sign_release(by=cast.network_administrator, release=release, digest=digest_of_release(release))
    release.refresh_from_db()
    return release


@pytest.mark.django_db
def test_the_operator_takes_his_signature_back_and_signs_anew() -> None:
    cast = Cast()
    batch = make_checked_batch(by=cast.operator)
    sign_batch(by=cast.operator, batch=batch, digest=digest_of_batch(batch))
    batch.refresh_from_db()
    before = batch.round
    assert capacity_to_withdraw(cast.operator.person, batch) == "city_operator"
    withdraw_signature(by=cast.operator, subject=batch, reason=WHY)
    batch.refresh_from_db()
    assert (batch.state, batch.round) == ("checked", before + 1)
    assert not Act.objects.filter(batch=batch, round=batch.round, signature__isnull=False).exists()
    withdrawn = SignatureWithdrawal.objects.get()
    assert (withdrawn.reason, withdrawn.signature.person) == (WHY, cast.operator.person)
    entry = AuditEntry.objects.get(action="batch.signature_withdrawn")
    assert (entry.capacity, entry.detail["reason"]) == ("city_operator", WHY)
    sign_batch(by=cast.operator, batch=batch, digest=digest_of_batch(batch))


@pytest.mark.django_db
def test_whoever_uploaded_remains_the_operator_after_a_withdrawal() -> None:
    cast = Cast()
    both = make_actor(Capacity.CITY_DIRECTOR, cast.office, person=cast.operator.person)
    colleague = make_actor(Capacity.CITY_OPERATOR, cast.office)
    batch = make_checked_batch(by=cast.operator)
    sign_batch(by=cast.operator, batch=batch, digest=digest_of_batch(batch))
    withdraw_signature(by=cast.operator, subject=batch, reason=WHY)
    batch.refresh_from_db()
    assert why_not_sign_batch(colleague.person, batch) == "another_person_has_that_capacity"
    with pytest.raises(Refusal) as refusal:
        sign_batch(by=colleague, batch=batch, digest=digest_of_batch(batch))
    assert refusal.value.key == "another_person_has_that_capacity"
    sign_batch(by=cast.operator, batch=batch, digest=digest_of_batch(batch))
    make_extension(by=cast.department_head)
    with pytest.raises(Refusal) as refusal:
        sign_batch(by=both, batch=batch, digest=digest_of_batch(batch))
    assert refusal.value.key == "person_acted_in_another_capacity"


@pytest.mark.django_db
def test_the_director_takes_his_back_until_the_batch_is_collected() -> None:
    cast = Cast()
    batch = make_submitted_batch(cast)
    assert refusal_of(cast.operator, batch) == "signature_is_not_to_be_withdrawn"
    assert capacity_to_withdraw(cast.operator.person, batch) == ""
    withdraw_signature(by=cast.director, subject=batch, reason=WHY)
    batch.refresh_from_db()
    assert (batch.state, batch.submitted_at) == ("checked", None)
    for signer in (cast.operator, cast.director):
        sign_batch(by=signer, batch=batch, digest=digest_of_batch(batch))
    release = assemble_release(by=cast.network_administrator, period=batch.period, batches=collectable(batch.period))
    batch.refresh_from_db()
    assert capacity_to_withdraw(cast.director.person, batch) == ""
    assert refusal_of(cast.director, batch) == "signature_is_not_to_be_withdrawn"
    return_release(by=cast.department_head, release=release, reason="重新汇总")
    batch.refresh_from_db()
    withdraw_signature(by=cast.director, subject=batch, reason=WHY)


@pytest.mark.django_db
def test_a_signer_of_the_release_takes_his_back_and_all_three_sign_anew() -> None:
    cast = Cast()
    release = make_release(cast)
    digest = digest_of_release(release)
    for signer in (cast.provincial_operator, cast.department_head):
        sign_release(by=signer, release=release, digest=digest)
    assert refusal_of(cast.provincial_operator, release) == "signature_is_not_to_be_withdrawn"
    assert refusal_of(cast.department_head, release, " ") == "withdrawal_without_a_reason"
    withdraw_signature(by=cast.department_head, subject=release, reason=WHY)
    release.refresh_from_db()
    assert (release.state, release.round) == ("assembled", 2)
    for signer in cast.release_signers:
        sign_release(by=signer, release=release, digest=digest_of_release(release))
    assert Signature.objects.filter(release=release, round=2).count() == 3


@pytest.mark.django_db
def test_an_ordered_publication_is_taken_back_until_the_worker_comes_to_it() -> None:
    cast = Cast()
    release = make_ordered_release(cast)
    assert release.state == "publishing"
    withdraw_signature(by=cast.network_administrator, subject=release, reason=WHY)
    release.refresh_from_db()
    assert (release.state, jobs.is_queued(jobs.PUBLISH_RELEASE, release_id=release.id)) == ("assembled", True)
    publish_release(release.id)
    assert not Publication.objects.exists()
    for signer in (*cast.release_signers, cast.network_administrator):
        sign_release(by=signer, release=release, digest=digest_of_release(release))
    publish_release(release.id)
    release.refresh_from_db()
    assert release.state == "published"
    assert refusal_of(cast.network_administrator, release) == "signature_is_not_to_be_withdrawn"


@pytest.mark.parametrize("seed", range(RACES))
def test_a_signature_is_taken_back_while_the_next_is_given_and_one_of_the_two_is_told(
    fresh_database: Copy, seed: int
) -> None:
    cast = Cast()
    release = make_release(cast)
    digest = digest_of_release(release)
    sign_release(by=cast.provincial_operator, release=release, digest=digest)
    answers = at_once(
        seed,
        lambda: withdraw_signature(by=cast.provincial_operator, subject=release, reason=WHY),
        lambda: sign_release(by=cast.department_head, release=release, digest=digest),
    )
    release.refresh_from_db()
    given = set(Signature.objects.filter(release=release, round=release.round).values_list("capacity", flat=True))
    assert (answers, release.state, release.round, given) in [
        (["", "signature_is_not_due"], "assembled", 2, set()),
        (["signature_is_not_to_be_withdrawn", ""], "head_signed", 1, {"provincial_operator", "department_head"}),
    ]
    assert SignatureWithdrawal.objects.count() == release.round - 1


@pytest.mark.parametrize("seed", range(RACES))
def test_a_directors_signature_is_taken_back_while_the_batch_is_collected(fresh_database: Copy, seed: int) -> None:
    cast = Cast()
    batch = make_submitted_batch(cast)
    batches = collectable(batch.period)
    answers = at_once(
        seed,
        lambda: withdraw_signature(by=cast.director, subject=batch, reason=WHY),
        lambda: assemble_release(by=cast.network_administrator, period=batch.period, batches=batches),
    )
    batch.refresh_from_db()
    assert (answers, batch.state, Release.objects.count()) in [
        (["", "state_does_not_move_that_way"], "checked", 0),
        (["signature_is_not_to_be_withdrawn", ""], "in_release", 1),
    ]


@pytest.mark.parametrize("seed", range(RACES))
def test_a_publication_is_taken_back_while_it_is_made_and_is_whole_or_not_at_all(
    fresh_database: Copy, seed: int
) -> None:
    cast = Cast()
    release = make_ordered_release(cast, rows=100)
    answers = at_once(
        seed,
        lambda: withdraw_signature(by=cast.network_administrator, subject=release, reason=WHY),
        lambda: publish_release(release.id),
    )
    release.refresh_from_db()
    batch = Batch.objects.get()
    found = (answers[0], release.state, batch.state, Certificate.objects.count(), Publication.objects.count())
    assert found in {
        ("", "assembled", "in_release", 0, 0),
        ("signature_is_not_to_be_withdrawn", "published", "published", 100, 1),
    }
