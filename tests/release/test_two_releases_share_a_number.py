"""Two releases that would publish or change the same certificate, published at the same moment: one wins, one is told."""

from functools import partial

import pytest

from certificates.models import Certificate, Publication, Revision
from tests.cases import RACES
from tests.databases import Copy
from tests.make import (
    Cast,
    make_change_attempt,
    make_checked_batch,
    make_correction,
    make_extension,
    make_published_release,
    make_revocation,
    make_row,
    make_rows,
)
from tests.signoff.races import at_once
from uploads.models import AuditEntry, Batch, BatchKind, Release
from uploads.release.assemble import assemble_release, order_publication
from uploads.release.publish import publish_release
from uploads.signoff.sign import digest_of_batch, digest_of_release, sign_batch, sign_release


def number(seed: int) -> str:
    return str(make_row(seed=seed)["证书编号"])


def renumber(copy: Copy, batch: Batch, new: str, old: str = "%") -> None:
    """What the intake would have refused: behind its back, the batch's row takes another number."""
    with copy.connect("superuser") as connection:
        connection.execute("ALTER TABLE staged_row DISABLE TRIGGER USER")
        query = "UPDATE staged_row SET certificate_number = %s WHERE attempt_id = %s AND certificate_number LIKE %s"
        connection.execute(query, [new, batch.attempt_id, old])
        connection.execute("ALTER TABLE staged_row ENABLE TRIGGER USER")


def make_ordered(cast: Cast, batch: Batch) -> Release:
    """A release of the one batch, signed by all, its publication ordered."""
    make_extension(by=cast.department_head)
    for signer in (cast.operator, cast.director):
        sign_batch(by=signer, batch=batch, digest=digest_of_batch(batch))
    release = assemble_release(by=cast.network_administrator, period=batch.period, batches=[batch])
    order_publication(by=cast.deputy_director, period=release.period, reason="测试")
    for signer in (*cast.release_signers, cast.network_administrator):
        sign_release(by=signer, release=release, digest=digest_of_release(release))
    return release


def publish_at_once(seed: int, releases: list[Release], *, swapped: bool) -> list[str]:
    """Both in the same moment, a seeded moment apart; the problems of those that weren't published."""
    acts = [partial(publish_release, release.id) for release in releases]
    assert at_once(seed, *(acts[::-1] if swapped else acts)) == ["", ""]
    for release in releases:
        release.refresh_from_db()
    assert sorted(release.state for release in releases) == ["published", "publishing"]
    assert AuditEntry.objects.filter(action="release.publish", outcome="refused").count() == 1
    return [release.publication_problem for release in releases if release.state == "publishing"]


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("seed", range(RACES))
def test_of_two_that_issue_one_number_one_is_published_with_exactly_its_rows(
    fresh_database: Copy, seed: int, swapped: bool
) -> None:
    first, second = Cast("3702"), Cast("3701")
    releases = [make_ordered(first, make_checked_batch(by=first.operator, rows=make_rows(20)))]
    batch = make_checked_batch(by=second.operator, office="3701", rows=make_rows(30, first=100))
    renumber(fresh_database, batch, number(5), number(105))
    releases.append(make_ordered(second, batch))
    (problem,) = publish_at_once(seed, releases, swapped=swapped)
    assert number(5) in problem
    assert "已在证书库中" in problem
    publication = Publication.objects.get()
    won = next(release for release in releases if release.state == "published")
    assert publication.row_count == (20 if won == releases[0] else 30)
    assert Certificate.objects.count() == publication.searchable_after == publication.row_count
    assert not Revision.objects.exists()


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("seed", range(RACES))
def test_of_two_that_change_one_certificate_one_is_published_and_one_revision_is_made(
    fresh_database: Copy, seed: int, swapped: bool
) -> None:
    cast = Cast()
    make_published_release(cast, rows=make_rows(5))
    correction = make_change_attempt(
        by=cast.operator, kind=BatchKind.CORRECTION, rows=[make_correction(number(1), 姓名="李更正")]
    ).batch
    renumber(fresh_database, correction, "0")
    revocation = make_change_attempt(
        by=cast.operator, kind=BatchKind.REVOCATION, rows=[make_revocation(number(1))]
    ).batch
    renumber(fresh_database, correction, number(1))
    releases = [make_ordered(cast, correction), make_ordered(cast, revocation)]
    (problem,) = publish_at_once(seed, releases, swapped=swapped)
    assert number(1) in problem
    assert "新的版本" in problem
    publication = Publication.objects.latest()
    assert (Publication.objects.count(), publication.row_count, publication.searchable_after) == (2, 1, 5)
    certificate = Certificate.objects.get(pk=number(1))
    assert (certificate.publication, certificate.revision_number) == (publication, 2)
    assert Revision.objects.count() == 1
