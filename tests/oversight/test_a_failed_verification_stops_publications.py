"""核对: what was recomputed is kept; while the newest differs, nobody publishes, and every page of work says so."""

import pytest
from django.db import connection
from django.utils import timezone

from certificates.models import Publication
from tests.databases import acting_as
from tests.make import Cast, make_actor, make_signed_release
from uploads.models import AuditEntry, Capacity, Verification, VerificationKind
from uploads.oversight.verification import SENTENCES, Difference
from uploads.oversight.verifying import ask_for_verification, is_publication_stopped, note
from uploads.oversight.wording import DIFFERENCES
from uploads.refusals import Refusal, refusals
from uploads.release.assemble import order_publication
from uploads.release.publish import publish_release
from uploads.signoff.sign import digest_of_release, sign_release

pytestmark = pytest.mark.django_db

WRONG = Difference("row_differs", "0815012003400001")


def make_verification(*found: Difference, kind: VerificationKind = VerificationKind.REGISTER) -> Verification:
    return note(kind, found, begun_at=timezone.now(), rows=5)


def test_every_difference_is_told_in_chinese_too() -> None:
    assert set(DIFFERENCES) == set(SENTENCES)


@pytest.mark.parametrize("kind", VerificationKind)
def test_the_publisher_cannot_order_while_the_newest_verification_differs(kind: VerificationKind) -> None:
    cast = Cast()
    release = make_signed_release(cast)
    order_publication(by=cast.deputy_director, period=release.period, reason="测试")
    make_verification(WRONG, kind=kind)
    assert is_publication_stopped()
    with pytest.raises(Refusal) as refused:
        sign_release(by=cast.network_administrator, release=release, digest=digest_of_release(release))
    assert refused.value.key == "last_verification_found_differences"
    make_verification(kind=kind)
    assert not is_publication_stopped()
    sign_release(by=cast.network_administrator, release=release, digest=digest_of_release(release))


def test_a_clean_audit_trail_does_not_excuse_a_register_that_differs() -> None:
    make_verification(WRONG)
    make_verification(kind=VerificationKind.AUDIT)
    assert is_publication_stopped()


def test_an_ordered_publication_waits_too() -> None:
    cast = Cast()
    release = make_signed_release(cast)
    order_publication(by=cast.deputy_director, period=release.period, reason="测试")
    sign_release(by=cast.network_administrator, release=release, digest=digest_of_release(release))
    make_verification(WRONG)
    publish_release(release.id)
    release.refresh_from_db()
    assert "停止上网" in release.publication_problem
    assert not Publication.objects.exists()


def test_what_was_found_is_kept_and_recorded() -> None:
    run = make_verification(WRONG)
    assert run.differences == [{"key": "row_differs", "subject": "0815012003400001", "detail": ""}]
    entry = AuditEntry.objects.get(action="verification.made")
    assert entry.detail == {"kind": "register", "rows": 5, "differences": 1}


@pytest.mark.parametrize("statement", ["UPDATE verification SET difference_count = 0", "DELETE FROM verification"])
@pytest.mark.parametrize("role", ["staff", "owner"])
def test_nobody_makes_a_verification_undone(role: str, statement: str) -> None:
    make_verification(WRONG)
    with pytest.raises((Refusal, Exception)) as refused, refusals(), acting_as(role), connection.cursor() as cursor:
        cursor.execute(statement)
    assert "never_changes" in str(refused.value) or "permission denied" in str(refused.value)


def test_only_three_administrators_ask_for_one() -> None:
    for capacity in Capacity:
        actor = make_actor(capacity, "3702" if capacity.belongs_to_an_office else None)
        allowed = capacity in {
            Capacity.SYSTEM_ADMINISTRATOR, Capacity.AUDIT_ADMINISTRATOR, Capacity.NETWORK_ADMINISTRATOR,
        }  # fmt: skip
        if allowed:
            ask_for_verification(by=actor)
        else:
            with pytest.raises(Refusal):
                ask_for_verification(by=actor)
