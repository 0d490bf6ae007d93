"""A release: three of the province in order, none of whom had a hand in its batches, then the publisher."""

import pytest

from certificates.models import Office
from tests.databases import acting_as
from tests.make import (
    Cast,
    make_actor,
    make_attempt,
    make_extension,
    make_paper,
    make_person,
    make_published_release,
    make_release,
    make_rows,
    make_signed_release,
    make_submitted_batch,
)
from tests.staff.make import move_publication_day
from uploads.actor import Actor
from uploads.models import Act, Batch, Capacity, Release
from uploads.refusals import Refusal
from uploads.release.assemble import assemble_release, collectable, explain_lateness
from uploads.release.publish import publish_release
from uploads.signoff.permissions import may_submit, why_not_sign_release
from uploads.signoff.sign import (
    digest_of_batch,
    digest_of_release,
    return_batch,
    return_release,
    sign_release,
    submit_batch,
)

pytestmark = pytest.mark.django_db


def refusal_of(by: Actor, release: Release) -> str:
    with pytest.raises(Refusal) as refusal:
        sign_release(by=by, release=release, digest=digest_of_release(release))
    return refusal.value.key


def make_paper_batch(importer: Actor, office: str = "3702", **stated: object) -> Batch:
    operator, director = make_person(office=office), make_person(office=office)
    attempt = make_attempt(
        by=importer, office=office, rows=make_rows(3, first=50), paper=make_paper(operator, director, **stated)
    )
    return Batch.objects.get(id=attempt.batch_id)


def test_six_different_people_bring_a_batch_to_the_register() -> None:
    release = make_published_release(Cast())
    assert release.state == "published"
    acts = Act.objects.filter(batch__release_items__release=release)
    assert acts.count() == acts.values("person").distinct().count() == 6


def test_the_three_sign_in_order_only() -> None:
    cast = Cast()
    release = make_release(cast)
    assert refusal_of(cast.department_head, release) == "signature_is_not_due"
    sign_release(by=cast.provincial_operator, release=release, digest=digest_of_release(release))
    assert refusal_of(cast.deputy_director, release) == "signature_is_not_due"
    assert refusal_of(cast.provincial_operator, release) == "signature_is_not_due"


def test_the_assembler_cannot_sign_the_release() -> None:
    cast = Cast()
    release = make_release(cast)
    both = make_actor(Capacity.PROVINCIAL_OPERATOR, person=cast.network_administrator.person)
    assert why_not_sign_release(both.person, release) == "person_acted_in_another_capacity"
    assert refusal_of(both, release) == "person_acted_in_another_capacity"


def test_one_person_cannot_sign_a_release_in_two_capacities() -> None:
    cast = Cast()
    release = make_release(cast)
    sign_release(by=cast.provincial_operator, release=release, digest=digest_of_release(release))
    both = make_actor(Capacity.DEPARTMENT_HEAD, person=cast.provincial_operator.person)
    release.refresh_from_db()
    assert why_not_sign_release(both.person, release) == "person_acted_in_another_capacity"
    assert refusal_of(both, release) == "person_acted_in_another_capacity"


def test_the_importer_of_a_paper_batch_cannot_sign_its_release() -> None:
    cast = Cast()
    batch = make_paper_batch(cast.provincial_operator)
    make_extension(by=cast.department_head)
    submit_batch(by=cast.provincial_operator, batch=batch, digest=digest_of_batch(batch))
    release = assemble_release(by=cast.network_administrator, period=batch.period, batches=collectable(batch.period))
    assert why_not_sign_release(cast.provincial_operator.person, release) == "person_acted_in_another_capacity"
    assert refusal_of(cast.provincial_operator, release) == "person_acted_in_another_capacity"
    other = make_actor(Capacity.PROVINCIAL_OPERATOR)
    sign_release(by=other, release=release, digest=digest_of_release(release))


def test_a_paper_signer_cannot_sign_the_release() -> None:
    cast = Cast()
    batch = make_paper_batch(cast.provincial_operator)
    make_extension(by=cast.department_head)
    submit_batch(by=cast.provincial_operator, batch=batch, digest=digest_of_batch(batch))
    release = assemble_release(by=cast.network_administrator, period=batch.period, batches=collectable(batch.period))
    signer = Act.objects.get(batch=batch, capacity="city_operator").person
    signer.state = "active"
    with acting_as("owner"):
        signer.save()
    assert refusal_of(make_actor(Capacity.PROVINCIAL_OPERATOR, person=signer), release) == (
        "person_acted_in_another_capacity"
    )


@pytest.mark.parametrize("stated", [{"stated_count": 4}, {"stated_digest": b"x" * 32}])
def test_paper_that_states_something_else_is_refused(stated: dict[str, object]) -> None:
    cast = Cast()
    batch = make_paper_batch(cast.provincial_operator, **stated)
    make_extension(by=cast.department_head)
    with pytest.raises(Refusal) as refusal:
        submit_batch(by=cast.provincial_operator, batch=batch, digest=digest_of_batch(batch))
    assert refusal.value.key == "paper_sheet_states_something_else"


def test_paper_signers_have_to_belong_to_the_office() -> None:
    cast = Cast()
    attempt = make_attempt(
        by=cast.provincial_operator,
        office="3702",
        paper=make_paper(make_person(office="3702"), make_person(office="3701")),
    )
    make_extension(by=cast.department_head)
    batch = Batch.objects.get(id=attempt.batch_id)
    with pytest.raises(Refusal) as refusal:
        submit_batch(by=cast.provincial_operator, batch=batch, digest=digest_of_batch(batch))
    assert refusal.value.key == "paper_signer_of_another_office"


def test_the_province_submits_its_own_batch_unsigned_and_the_submitter_signs_nothing_in_its_release() -> None:
    cast = Cast()
    attempt = make_attempt(by=cast.provincial_operator, office="3700", rows=make_rows(2, first=70))
    batch = Batch.objects.get(id=attempt.batch_id)
    make_extension(by=cast.department_head)
    other = make_actor(Capacity.PROVINCIAL_OPERATOR)
    assert not may_submit(other.person, batch)
    submit_batch(by=cast.provincial_operator, batch=batch, digest=digest_of_batch(batch))
    assert Office.objects.get(code="3700").kind == "province"
    release = assemble_release(by=cast.network_administrator, period=batch.period, batches=collectable(batch.period))
    assert refusal_of(cast.provincial_operator, release) == "person_acted_in_another_capacity"


def test_publication_before_its_day_needs_an_order() -> None:
    cast = Cast()
    release = make_signed_release(cast)
    move_publication_day(release, days=1)
    assert refusal_of(cast.network_administrator, release) == "before_the_publication_day"


def test_publication_after_its_day_needs_a_reason() -> None:
    cast = Cast()
    release = make_signed_release(cast)
    move_publication_day(release, days=-1)
    assert refusal_of(cast.network_administrator, release) == "late_without_a_reason"
    explain_lateness(by=cast.network_administrator, release=release, reason="网络故障")
    sign_release(by=cast.network_administrator, release=release, digest=digest_of_release(release))
    publish_release(release.id)
    release.refresh_from_db()
    assert release.publication.late_reason == "网络故障"  # type: ignore[union-attr]


def test_a_batch_sent_back_leaves_its_release_which_is_signed_anew_while_the_others_keep_their_signatures() -> None:
    first, second = Cast("3702"), Cast("3701")
    make_submitted_batch(first, rows=make_rows(3))
    batch = make_submitted_batch(second, rows=make_rows(3, first=10))
    administrator = first.network_administrator
    release = assemble_release(by=administrator, period=batch.period, batches=collectable(batch.period))
    sign_release(by=first.provincial_operator, release=release, digest=digest_of_release(release))
    before = bytes(release.digest or b"")
    head = Actor(first.department_head.person, Capacity.DEPARTMENT_HEAD)
    return_batch(by=head, batch=batch, reason="鉴定机构有误")
    release.refresh_from_db()
    batch.refresh_from_db()
    assert (release.state, release.round, bytes(release.digest or b"") != before) == ("assembled", 2, True)
    assert (batch.state, batch.return_reason) == ("returned", "鉴定机构有误")
    assert refusal_of(first.department_head, release) == "signature_is_not_due"
    for signer in first.release_signers:
        sign_release(by=signer, release=release, digest=digest_of_release(release))
    release.refresh_from_db()
    assert release.state == "approved"


def test_a_release_sent_back_gives_its_batches_free_with_the_cities_signatures() -> None:
    cast = Cast()
    release = make_signed_release(cast)
    return_release(by=cast.network_administrator, release=release, reason="汇总表有误")
    release.refresh_from_db()
    assert (release.state, release.return_reason) == ("returned", "汇总表有误")
    again = assemble_release(by=cast.network_administrator, period=release.period, batches=collectable(release.period))
    for signer in cast.release_signers:
        sign_release(by=signer, release=again, digest=digest_of_release(again))
    again.refresh_from_db()
    assert (again.state, again.kind) == ("approved", "regular")


@pytest.mark.parametrize("reason", ["", "   "])
def test_nothing_is_returned_without_a_reason(reason: str) -> None:
    cast = Cast()
    batch = make_submitted_batch(cast)
    with pytest.raises(Refusal) as refusal:
        return_batch(by=cast.provincial_operator, batch=batch, reason=reason)
    assert refusal.value.key == "return_without_a_reason"


def test_what_is_published_is_not_returned() -> None:
    cast = Cast()
    release = make_published_release(cast)
    with pytest.raises(Refusal) as refusal:
        return_release(by=cast.deputy_director, release=release, reason="太晚")
    assert refusal.value.key == "return_is_not_possible"
