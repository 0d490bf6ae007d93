"""Two people act on the same thing in the same moment: one winner, a clear word for the other, and nothing half done."""

import pytest

from certificates.models import Certificate, Publication
from tests.cases import RACES
from tests.databases import Copy
from tests.make import Cast, make_actor, make_release, make_rows, make_signed_release, make_submitted_batch
from tests.signoff.races import at_once
from uploads.models import Batch, Capacity, Release, Signature
from uploads.release.assemble import assemble_release, collectable, order_publication
from uploads.release.publish import publish_release
from uploads.signoff.sign import digest_of_release, return_batch, return_release, sign_release


@pytest.mark.parametrize("seed", range(RACES))
def test_two_department_heads_sign_at_once_and_one_signature_stands(fresh_database: Copy, seed: int) -> None:
    cast = Cast()
    release = make_release(cast)
    digest = digest_of_release(release)
    sign_release(by=cast.provincial_operator, release=release, digest=digest)
    other = make_actor(Capacity.DEPARTMENT_HEAD)
    answers = at_once(
        seed,
        lambda: sign_release(by=cast.department_head, release=release, digest=digest),
        lambda: sign_release(by=other, release=release, digest=digest),
    )
    assert sorted(answers) == ["", "signature_is_not_due"]
    assert Signature.objects.filter(release=release, capacity="department_head").count() == 1
    assert Release.objects.get(id=release.id).state == "head_signed"


@pytest.mark.parametrize("seed", range(RACES))
def test_two_administrators_assemble_at_once_and_each_batch_is_in_one_release(fresh_database: Copy, seed: int) -> None:
    cast = Cast()
    batch = make_submitted_batch(cast)
    other = make_actor(Capacity.NETWORK_ADMINISTRATOR)
    batches = collectable(batch.period)
    answers = at_once(
        seed,
        lambda: assemble_release(by=cast.network_administrator, period=batch.period, batches=batches),
        lambda: assemble_release(by=other, period=batch.period, batches=batches),
    )
    assert sorted(answers) == ["", "state_does_not_move_that_way"]
    assert Release.objects.count() == 1
    assert batch.release_items.filter(left_at=None).count() == 1


@pytest.mark.parametrize("seed", range(RACES))
def test_a_release_is_sent_back_while_it_is_published_and_ends_as_one_of_the_two(
    fresh_database: Copy, seed: int
) -> None:
    cast = Cast()
    release = make_signed_release(cast, rows=make_rows(300))
    order_publication(by=cast.deputy_director, period=release.period, reason="测试提前")
    sign_release(by=cast.network_administrator, release=release, digest=digest_of_release(release))
    at_once(
        seed,
        lambda: publish_release(release.id),
        lambda: return_release(by=cast.deputy_director, release=release, reason="发现问题"),
    )
    release.refresh_from_db()
    batch = Batch.objects.get()
    published = Publication.objects.count()
    assert (release.state, batch.state, Certificate.objects.count(), published) in {
        ("published", "published", 300, 1),
        ("returned", "submitted", 0, 0),
    }


@pytest.mark.parametrize("seed", range(RACES))
def test_a_batch_is_sent_back_while_its_release_is_signed_and_the_signature_is_never_on_what_is_gone(
    fresh_database: Copy, seed: int
) -> None:
    first, second = Cast("3702"), Cast("3701")
    make_submitted_batch(first)
    batch = make_submitted_batch(second, rows=make_rows(3, first=10))
    release = assemble_release(by=first.network_administrator, period=batch.period, batches=collectable(batch.period))
    digest = digest_of_release(release)
    answers = at_once(
        seed,
        lambda: sign_release(by=first.provincial_operator, release=release, digest=digest),
        lambda: return_batch(by=first.department_head, batch=batch, reason="名单有误"),
    )
    assert answers[1] == ""
    assert answers[0] in {"", "content_changed_since_seen"}
    release.refresh_from_db()
    assert (release.state, release.round) == ("assembled", 2)
    assert not Signature.objects.filter(release=release, round=2).exists()
