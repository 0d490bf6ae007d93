"""Corrections, revocations and reinstatements, the whole way: each makes a new revision, and the earlier ones stay."""

import pytest

from certificates.models import Certificate, Revision
from tests.make import (
    Cast,
    make_correction,
    make_published_change,
    make_published_release,
    make_reinstatement,
    make_revocation,
    make_rows,
)
from tests.oversight.register import in_register
from uploads.models import BatchKind
from uploads.oversight.roots import store_root

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
