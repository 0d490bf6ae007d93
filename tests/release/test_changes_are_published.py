"""Corrections, revocations and reinstatements, the whole way: each makes a new revision, and the earlier ones stay."""

import pytest

from certificates.models import Certificate, Revision
from tests.make import (
    Cast,
    make_actor,
    make_change_attempt,
    make_correction,
    make_paper,
    make_published_change,
    make_published_release,
    make_reinstatement,
    make_revocation,
    make_rows,
)
from tests.oversight.register import in_register
from uploads.models import BatchKind, Capacity
from uploads.oversight.roots import store_root
from uploads.release.assemble import assemble_release, collectable
from uploads.release.counts import count_publication
from uploads.release.publish import publish_release
from uploads.signoff.sign import digest_of_batch, digest_of_release, sign_release, submit_batch

pytestmark = pytest.mark.django_db


def test_a_correction_a_revocation_and_a_reinstatement_follow_each_other() -> None:
    cast = Cast()
    first = make_published_release(cast, rows=make_rows(3))
    number = str(make_rows(3)[1]["证书编号"])
    before = Certificate.objects.get(pk=number)
    correction = make_published_change(cast, BatchKind.CORRECTION, [make_correction(number, 姓名="李更正")])
    revocation = make_published_change(cast, BatchKind.REVOCATION, [make_revocation(number)])
    reinstatement = make_published_change(cast, BatchKind.REINSTATEMENT, [make_reinstatement(number)])
    for release in (first, correction, revocation, reinstatement):
        assert release.publication is not None, release.publication_problem
        store_root(release.publication.pk)
    assert correction.publication is not None
    assert (correction.kind, correction.publication.kind) == ("replacement", "replacement")
    assert (correction.publication.corrected_count, correction.publication.searchable_after) == (1, 3)
    now = Certificate.objects.get(pk=number)
    assert (now.kind, now.holder_name, now.revision_number) == ("reinstated", "李更正", 4)
    assert bytes(now.id_commitment) == bytes(before.id_commitment)
    kinds = (
        Revision.objects.filter(certificate_number=number).order_by("revision_number").values_list("kind", flat=True)
    )
    assert list(kinds) == ["issued", "corrected", "revoked"]
    assert in_register() == []


def test_changes_come_in_on_paper_and_from_the_province_too() -> None:
    cast = Cast()
    make_published_release(cast, rows=make_rows(3))
    numbers = [str(row["证书编号"]) for row in make_rows(3)]
    importer = make_actor(Capacity.PROVINCIAL_OPERATOR)
    paper = make_paper(cast.operator.person, cast.director.person, stated_count=1)
    on_paper = make_change_attempt(
        by=importer, kind=BatchKind.CORRECTION, rows=[make_correction(numbers[0], 姓名="李更正")], paper=paper
    ).batch
    own = make_change_attempt(
        by=importer, office="3700", kind=BatchKind.REVOCATION, rows=[make_revocation(numbers[1])]
    ).batch
    for batch in (on_paper, own):
        submit_batch(by=importer, batch=batch, digest=digest_of_batch(batch))
    release = assemble_release(
        by=cast.network_administrator, period=own.period, batches=collectable(own.period, changes=True)
    )
    for signer in (*cast.release_signers, cast.network_administrator):
        sign_release(by=signer, release=release, digest=digest_of_release(release))
    publish_release(release.id)
    release.refresh_from_db()
    assert release.publication is not None, release.publication_problem
    assert (release.publication.corrected_count, release.publication.revoked_count) == (1, 1)
    counts = count_publication(release)
    assert counts is not None
    assert counts.agree
    assert [(kind.label, kind.published) for kind in counts.kinds] == [("已更正", 1), ("已撤销", 1)]
