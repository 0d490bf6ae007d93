"""R8's separations against whoever calls the database's functions directly, as the staff role, past all of Python."""

from collections.abc import Callable

import pytest
from django.db import connection

from tests.databases import acting_as
from tests.make import (
    Cast,
    make_actor,
    make_attempt,
    make_checked_batch,
    make_extension,
    make_paper,
    make_person,
    make_release,
    make_rows,
    make_signed_release,
)
from uploads.models import Act, Batch, Capacity, Person, PersonState, Release
from uploads.refusals import Refusal, refusals
from uploads.release.assemble import assemble_release, collectable, order_publication
from uploads.signoff.sign import digest_of_batch, digest_of_release, sign_batch, sign_release, submit_batch

pytestmark = pytest.mark.django_db

RELEASE_CAPACITIES = (
    Capacity.PROVINCIAL_OPERATOR,
    Capacity.DEPARTMENT_HEAD,
    Capacity.DEPUTY_DIRECTOR,
    Capacity.NETWORK_ADMINISTRATOR,
)


def why_not(person: Person, capacity: str, subject: Batch | Release, digest: bytes | None = None) -> str:
    """What the database answers to sign(), called with raw SQL; '' for a signature."""
    kind = "batch" if isinstance(subject, Batch) else "release"
    present = digest_of_batch(subject) if isinstance(subject, Batch) else digest_of_release(subject)
    content = present if digest is None else digest
    try:
        with refusals(), connection.cursor() as cursor:
            cursor.execute("SAVEPOINT attack")
            cursor.execute("SELECT sign(%s, %s, %s, %s, %s, '')", [kind, subject.id, person.id, capacity, content])
    except Refusal as refusal:
        connection.connection.execute("ROLLBACK TO SAVEPOINT attack")
        return refusal.key
    return ""


def next_in_line(release: Release, cast: Cast, capacity: Capacity) -> None:
    """Let all before that capacity sign, and the day allow the publication."""
    order_publication(by=cast.deputy_director, period=release.period, reason="测试")
    for place in RELEASE_CAPACITIES[: RELEASE_CAPACITIES.index(capacity)]:
        sign_release(by=make_actor(place), release=release, digest=digest_of_release(release))


def by_account(cast: Cast) -> tuple[Release, dict[str, Person]]:
    release = make_release(cast)
    return release, {"city_operator": cast.operator.person, "city_director": cast.director.person}


def on_paper(cast: Cast) -> tuple[Release, dict[str, Person]]:
    signers = make_person(office="3702"), make_person(office="3702")
    batch = make_attempt(by=cast.provincial_operator, office="3702", paper=make_paper(*signers)).batch
    return collected(cast, batch), dict(
        zip(("city_operator", "city_director", "importer"), (*signers, cast.provincial_operator.person), strict=True)
    )


def of_the_province(cast: Cast) -> tuple[Release, dict[str, Person]]:
    batch = make_attempt(by=cast.provincial_operator, office="3700", rows=make_rows(2)).batch
    return collected(cast, batch), {"submitter": cast.provincial_operator.person}


def collected(cast: Cast, batch: Batch) -> Release:
    make_extension(by=cast.department_head)
    submit_batch(by=cast.provincial_operator, batch=batch, digest=digest_of_batch(batch))
    return assemble_release(by=cast.network_administrator, period=batch.period, batches=collectable(batch.period))


Way = Callable[[Cast], tuple[Release, dict[str, Person]]]


@pytest.mark.parametrize("capacity", RELEASE_CAPACITIES)
@pytest.mark.parametrize("way", [by_account, on_paper, of_the_province])
def test_whoever_had_a_part_in_a_batch_signs_and_publishes_nothing_in_its_release(way: Way, capacity: Capacity) -> None:
    cast = Cast()
    release, people = way(cast)
    next_in_line(release, cast, capacity)
    for part, person in people.items():
        with acting_as("owner"):
            Person.objects.filter(id=person.id).update(state=PersonState.ACTIVE)
        make_actor(capacity, person=person)
        assert why_not(person, capacity, release) == "person_acted_in_another_capacity", part
    assert why_not(make_actor(capacity).person, capacity, release) == ""


@pytest.mark.parametrize("capacity", RELEASE_CAPACITIES[:3])
def test_whoever_assembled_the_release_signs_nothing_but_its_publication(capacity: Capacity) -> None:
    cast = Cast()
    release = make_release(cast)
    next_in_line(release, cast, capacity)
    make_actor(capacity, person=cast.network_administrator.person)
    assert why_not(cast.network_administrator.person, capacity, release) == "person_acted_in_another_capacity"


def test_whoever_assembled_the_release_publishes_it() -> None:
    cast = Cast()
    release = make_signed_release(cast)
    order_publication(by=cast.deputy_director, period=release.period, reason="测试")
    assert why_not(cast.network_administrator.person, "network_administrator", release) == ""


@pytest.mark.parametrize("place", [1, 2, 3])
def test_nobody_signs_a_release_twice(place: int) -> None:
    cast = Cast()
    release = make_release(cast)
    next_in_line(release, cast, RELEASE_CAPACITIES[place])
    earlier = Act.objects.filter(batch__release_items__release=release, capacity=RELEASE_CAPACITIES[place - 1]).get()
    make_actor(RELEASE_CAPACITIES[place], person=earlier.person)
    assert why_not(earlier.person, RELEASE_CAPACITIES[place], release) == "person_acted_in_another_capacity"


def test_the_uploader_signs_as_operator_and_nobody_else_does_nor_he_as_director() -> None:
    cast = Cast()
    colleague = make_actor(Capacity.CITY_OPERATOR, cast.office)
    make_actor(Capacity.CITY_DIRECTOR, cast.office, person=cast.operator.person)
    batch = make_checked_batch(by=cast.operator)
    assert why_not(colleague.person, "city_operator", batch) == "another_person_has_that_capacity"
    assert why_not(cast.operator.person, "city_director", batch) == "signature_is_not_due"
    assert why_not(cast.operator.person, "city_operator", batch) == ""
    make_extension(by=cast.department_head)
    assert why_not(cast.operator.person, "city_director", batch) == "person_acted_in_another_capacity"
    assert why_not(cast.director.person, "city_director", batch) == ""


def test_the_importer_is_neither_of_the_two_paper_signers() -> None:
    cast = Cast()
    office_person = make_person(office="3702")
    importer = make_actor(Capacity.PROVINCIAL_OPERATOR, person=office_person)
    batch = make_attempt(by=importer, office="3702", paper=make_paper(office_person, make_person(office="3702"))).batch
    make_extension(by=cast.department_head)
    with pytest.raises(Refusal) as refusal:
        submit_batch(by=importer, batch=batch, digest=digest_of_batch(batch))
    assert refusal.value.key == "person_acted_in_another_capacity"


@pytest.mark.parametrize("subject", ["batch", "release"])
def test_a_digest_of_another_content_or_of_an_earlier_round_signs_nothing(subject: str) -> None:
    """Swapped, and replayed: what was signed before a new file or after a batch has left counts for nothing now."""
    cast, other = Cast(), Cast("3701")
    batch = make_checked_batch(by=cast.operator)
    old, foreign = (
        digest_of_batch(batch),
        digest_of_batch(make_checked_batch(by=other.operator, office="3701", rows=make_rows(3, first=40))),
    )
    if subject == "batch":
        make_attempt(by=cast.operator, office=cast.office, rows=make_rows(4))
        batch.refresh_from_db()
        for digest in (old, foreign, b"", b"\0" * 32):
            assert why_not(cast.operator.person, "city_operator", batch, digest) == "content_changed_since_seen"
        return
    make_extension(by=cast.department_head)
    for signer in (cast.operator, cast.director):
        sign_batch(by=signer, batch=batch, digest=old)
    release = assemble_release(by=cast.network_administrator, period=batch.period, batches=collectable(batch.period))
    for digest in (old, foreign, b"", b"\0" * 32):
        why = why_not(cast.provincial_operator.person, "provincial_operator", release, digest)
        assert why == "content_changed_since_seen"
