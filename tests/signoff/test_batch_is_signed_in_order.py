"""A city's batch: the operator first, then the director, each once, in his own office, on what he saw."""

import pytest

from tests.databases import acting_as
from tests.make import Cast, make_actor, make_attempt, make_checked_batch, make_extension, make_row, make_rows
from uploads.actor import Actor
from uploads.models import Batch, Capacity, PersonState, Signature
from uploads.refusals import Refusal
from uploads.signoff.permissions import signature_due_on_batch, why_not_sign_batch
from uploads.signoff.sign import digest_of_batch, sign_batch

pytestmark = pytest.mark.django_db


def refusal_of(by: Actor, batch: Batch, digest: bytes | None = None) -> str:
    with pytest.raises(Refusal) as refusal:
        sign_batch(by=by, batch=batch, digest=digest or digest_of_batch(batch))
    return refusal.value.key


def test_operator_then_director_submit_a_batch() -> None:
    cast = Cast()
    batch = make_checked_batch(by=cast.operator)
    make_extension(by=cast.department_head)
    sign_batch(by=cast.operator, batch=batch, digest=digest_of_batch(batch))
    batch.refresh_from_db()
    assert batch.state == "signed"
    sign_batch(by=cast.director, batch=batch, digest=digest_of_batch(batch))
    batch.refresh_from_db()
    assert (batch.state, batch.submitted_at is not None) == ("submitted", True)
    assert list(Signature.objects.filter(batch=batch).values_list("capacity", flat=True)) == [
        "city_operator",
        "city_director",
    ]


def test_a_director_cannot_sign_before_the_operator() -> None:
    cast = Cast()
    batch = make_checked_batch(by=cast.operator)
    assert refusal_of(cast.director, batch) == "signature_is_not_due"
    assert signature_due_on_batch(batch).capacity == "city_operator"  # type: ignore[union-attr]


def test_an_operator_cannot_sign_twice() -> None:
    cast = Cast()
    batch = make_checked_batch(by=cast.operator)
    sign_batch(by=cast.operator, batch=batch, digest=digest_of_batch(batch))
    assert refusal_of(cast.operator, batch) == "signature_is_not_due"


def test_a_director_cannot_sign_what_he_imported() -> None:
    cast = Cast()
    both = make_actor(Capacity.CITY_DIRECTOR, cast.office, person=cast.operator.person)
    batch = make_checked_batch(by=cast.operator)
    sign_batch(by=cast.operator, batch=batch, digest=digest_of_batch(batch))
    make_extension(by=cast.department_head)
    batch.refresh_from_db()
    assert why_not_sign_batch(both.person, batch) == "person_acted_in_another_capacity"
    assert refusal_of(both, batch) == "person_acted_in_another_capacity"


def test_another_operator_cannot_sign_what_a_colleague_uploaded() -> None:
    cast = Cast()
    colleague = make_actor(Capacity.CITY_OPERATOR, cast.office)
    batch = make_checked_batch(by=cast.operator)
    assert why_not_sign_batch(colleague.person, batch) == "another_person_has_that_capacity"
    assert refusal_of(colleague, batch) == "another_person_has_that_capacity"


def test_another_citys_operator_cannot_sign() -> None:
    cast = Cast()
    stranger = make_actor(Capacity.CITY_OPERATOR, "3701")
    batch = make_checked_batch(by=cast.operator)
    assert why_not_sign_batch(stranger.person, batch) == "person_not_entitled"
    assert refusal_of(stranger, batch) == "person_not_entitled"


def test_a_frozen_account_cannot_sign() -> None:
    cast = Cast()
    batch = make_checked_batch(by=cast.operator)
    cast.operator.person.state = PersonState.FROZEN
    with acting_as("owner"):
        cast.operator.person.save()
    assert refusal_of(cast.operator, batch) == "person_not_entitled"


def test_a_batch_with_one_refused_row_cannot_be_signed() -> None:
    cast = Cast()
    attempt = make_attempt(by=cast.operator, office=cast.office, rows=[*make_rows(2), make_row(seed=9, 性别="女")])
    assert (attempt.read_count, attempt.accepted_count, attempt.refused_count) == (3, 2, 1)
    assert attempt.batch.state == "draft"
    assert refusal_of(cast.operator, attempt.batch) == "signature_is_not_due"


def test_what_changed_since_it_was_seen_is_not_signed() -> None:
    cast = Cast()
    batch = make_checked_batch(by=cast.operator)
    seen = digest_of_batch(batch)
    make_attempt(by=cast.operator, office=cast.office, rows=make_rows(4))
    batch.refresh_from_db()
    assert refusal_of(cast.operator, batch, seen) == "content_changed_since_seen"


def test_a_director_cannot_submit_outside_the_window_without_an_extension() -> None:
    cast = Cast()
    batch = make_checked_batch(by=cast.operator)
    long_ago = batch.period
    with_window_closed = long_ago.closes_at.replace(year=2020)
    type(long_ago).objects.filter(code=long_ago.code).update(
        opens_at=with_window_closed.replace(hour=1), closes_at=with_window_closed
    )
    sign_batch(by=cast.operator, batch=batch, digest=digest_of_batch(batch))
    assert refusal_of(cast.director, batch) == "outside_the_window"
    make_extension(by=cast.department_head, office="3701")
    assert refusal_of(cast.director, batch) == "outside_the_window"
    make_extension(by=cast.department_head, office=cast.office)
    sign_batch(by=cast.director, batch=batch, digest=digest_of_batch(batch))
    batch.refresh_from_db()
    assert batch.state == "submitted"
