"""publish(): checks everything once more, then every signed row or none is public."""

import threading

import pytest
from django.db import connection, connections

from certificates.models import Certificate, Publication
from tests.databases import Copy
from tests.make import (
    Cast,
    make_published_release,
    make_row,
    make_rows,
    make_signed_release,
    make_submitted_batch,
    make_tampering,
)
from uploads.models import AuditEntry, Batch, Release
from uploads.refusals import Refusal, refusals
from uploads.release.assemble import assemble_release, collectable, order_publication
from uploads.release.publish import publish_release
from uploads.signoff.sign import digest_of_release, sign_release


def order(cast: Cast, release: Release) -> None:
    order_publication(by=cast.deputy_director, period=release.period, reason="测试")
    sign_release(by=cast.network_administrator, release=release, digest=digest_of_release(release))


@pytest.mark.django_db
def test_the_rows_signed_are_the_rows_published_in_their_order() -> None:
    release = make_published_release(Cast(), rows=make_rows(5))
    publication = release.publication
    assert publication is not None
    assert (publication.row_count, publication.searchable_before, publication.searchable_after) == (5, 0, 5)
    assert bytes(publication.digest) == bytes(release.digest or b"")
    published = Certificate.objects.filter(publication=publication).order_by("position")
    assert [certificate.position for certificate in published] == [0, 1, 2, 3, 4]
    assert [certificate.certificate_number for certificate in published] == [row["证书编号"] for row in make_rows(5)]
    assert Batch.objects.get(release_items__release=release).state == "published"
    assert AuditEntry.objects.filter(action="release.published").count() == 1


@pytest.mark.django_db
def test_a_second_run_of_the_job_changes_nothing() -> None:
    release = make_published_release(Cast())
    publish_release(release.id)
    assert (Publication.objects.count(), Certificate.objects.count()) == (1, 3)


@pytest.mark.django_db
def test_nothing_is_published_before_all_have_signed() -> None:
    cast = Cast()
    release = make_signed_release(cast)
    with pytest.raises(Refusal) as refusal, refusals(), connection.cursor() as cursor:
        cursor.execute("SELECT publish(%s)", [release.id])
    assert refusal.value.key == "release_is_not_to_be_published"


@pytest.mark.django_db
def test_a_row_altered_behind_the_signatures_stops_the_publication() -> None:
    cast = Cast()
    release = make_signed_release(cast)
    order(cast, release)
    with make_tampering("staged_row", "signature") as cursor:
        cursor.execute("UPDATE staged_row SET holder_name = '李换' WHERE row_number = 2")
    publish_release(release.id)
    release.refresh_from_db()
    assert (release.state, Certificate.objects.count(), Publication.objects.count()) == ("publishing", 0, 0)
    assert "不能上网" in release.publication_problem
    assert AuditEntry.objects.filter(action="release.publish", outcome="refused").count() == 1


@pytest.mark.django_db
def test_a_certificate_that_came_into_the_register_meanwhile_stops_the_whole_release() -> None:
    first = Cast("3702")
    make_published_release(first, rows=make_rows(2))
    second = Cast("3701")
    # Its file was checked before the other was published: nothing was wrong with it then.
    batch = make_submitted_batch(second, rows=[make_row(seed=20)])
    with make_tampering("staged_row", "signature") as cursor:
        cursor.execute("SELECT certificate_number FROM certificate LIMIT 1")
        number = cursor.fetchone()[0]
        cursor.execute(
            "UPDATE staged_row SET certificate_number = %s WHERE attempt_id = %s", [number, batch.attempt_id]
        )
        cursor.execute("UPDATE signature SET digest = batch_digest(%s) WHERE batch_id = %s", [batch.id, batch.id])
    release = assemble_release(by=second.network_administrator, period=batch.period, batches=collectable(batch.period))
    assert release.kind == "supplementary"
    for signer in second.release_signers:
        sign_release(by=signer, release=release, digest=digest_of_release(release))
    order(second, release)
    publish_release(release.id)
    release.refresh_from_db()
    assert release.state == "publishing"
    assert number in release.publication_problem
    assert Certificate.objects.count() == 2


def test_two_releases_published_at_once_give_one_publication_each_and_their_counted_rows(
    fresh_database: Copy,
) -> None:
    first, second = Cast("3702"), Cast("3701")
    releases = []
    for cast, start in ((first, 0), (second, 100)):
        release = make_signed_release(cast, rows=make_rows(40, first=start))
        order(cast, release)
        releases.append(release)
    barrier = threading.Barrier(4)

    def press(release_id: int) -> None:
        barrier.wait()
        publish_release(release_id)
        connections.close_all()

    threads = [threading.Thread(target=press, args=[release.id]) for release in releases for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert Certificate.objects.count() == 80
    counts = list(Publication.objects.order_by("id").values_list("row_count", "searchable_before", "searchable_after"))
    assert counts == [(40, 0, 40), (40, 40, 80)]
