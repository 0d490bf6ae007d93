"""核查: a leader's order hides one record at once; he lifts or confirms it in time, and a revocation ends it (R6)."""

from datetime import timedelta

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from certificates.idnumber import parse
from certificates.lookup import Found, Revoked, UnderReview, find, question
from certificates.models import Certificate
from certlookup.databases import public_site
from tests.make import (
    Cast,
    make_id_number,
    make_published_change,
    make_published_release,
    make_revocation,
    make_row,
    make_rows,
    make_tampering,
)
from tests.oversight.register import in_register
from tests.staff.make import confirmation, sign_in, text_of
from uploads.models import AuditEntry, BatchKind, ReviewOrder
from uploads.refusals import Refusal
from uploads.release.reviews import confirm_review, lift_review, open_reviews, order_review

pytestmark = pytest.mark.django_db

WHY = "有人举报成绩造假"


def number() -> str:
    """The certificate that is hidden."""
    return str(make_row(seed=1)["证书编号"])


@pytest.fixture
def cast() -> Cast:
    """The people of a city that has published three certificates."""
    cast = Cast()
    make_published_release(cast, rows=make_rows(3))
    return cast


def looked_up(seed: int = 1) -> object:
    with public_site():
        asked = question(parse(make_id_number(seed=seed)), str(make_row(seed=seed)["证书编号"]))
        return find(asked, timezone.localdate())


def hide(cast: Cast) -> ReviewOrder:
    order_id = order_review(
        by=cast.deputy_director, certificate_number=number(), reason=WHY, document="鲁鉴查〔2026〕1号"
    )
    return ReviewOrder.objects.get(id=order_id)


def test_a_lookup_shows_under_review_at_once_and_the_others_stay(cast: Cast) -> None:
    assert isinstance(looked_up(), Found)
    order = hide(cast)
    assert isinstance(looked_up(), UnderReview)
    assert isinstance(looked_up(2), Found)
    assert order.decide_by == timezone.localdate() + timedelta(days=settings.REVIEW_DAYS)
    entry = AuditEntry.objects.get(action="certificate.review_ordered")
    assert (entry.subject_id, entry.person_id, entry.detail["reason"]) == (
        number(), cast.deputy_director.person.id, WHY,
    )  # fmt: skip
    assert {found[0] for found in in_register()} <= {"root_missing"}


def test_lifting_it_shows_the_certificate_again(cast: Cast) -> None:
    order = hide(cast)
    lift_review(by=cast.deputy_director, order=order, reason="查无此事")
    assert isinstance(looked_up(), Found)
    order.refresh_from_db()
    assert (order.lifted_by, order.lift_reason, order.ended_at is not None) == (
        cast.deputy_director.person, "查无此事", True,
    )  # fmt: skip
    assert open_reviews(timezone.localdate()) == []
    with pytest.raises(Refusal) as refusal:
        lift_review(by=cast.deputy_director, order=order, reason="再次")
    assert refusal.value.key == "review_is_decided_already"


def test_a_confirmed_one_stays_hidden_until_its_revocation_is_published(cast: Cast) -> None:
    order = hide(cast)
    confirm_review(by=cast.deputy_director, order=order, reason="查实")
    assert isinstance(looked_up(), UnderReview)
    release = make_published_change(cast, BatchKind.REVOCATION, [make_revocation(number())])
    assert release.state == "published"
    assert isinstance(looked_up(), Revoked)
    order.refresh_from_db()
    assert (order.revoked_by, order.ended_at is not None) == (release.publication, True)
    with pytest.raises(Refusal) as refusal:
        order_review(by=cast.deputy_director, certificate_number=number(), reason=WHY, document="")
    assert refusal.value.key == "certificate_is_revoked_already"
    assert {found[0] for found in in_register()} <= {"root_missing"}


@pytest.mark.parametrize(
    ("wanted", "reason", "key"),
    [
        ("2615020003309999", WHY, "no_such_certificate"),
        ("", "  ", "review_without_a_reason"),
    ],
)
def test_an_order_without_a_certificate_or_reason_is_refused(cast: Cast, wanted: str, reason: str, key: str) -> None:
    with pytest.raises(Refusal) as refusal:
        order_review(by=cast.deputy_director, certificate_number=wanted or number(), reason=reason, document="")
    assert refusal.value.key == key
    assert AuditEntry.objects.filter(action="certificate.order_review", outcome="refused").exists()


def test_only_the_deputy_director_orders_and_only_once(cast: Cast) -> None:
    for other in (cast.operator, cast.department_head, cast.network_administrator):
        with pytest.raises(Refusal) as refusal:
            order_review(by=other, certificate_number=number(), reason=WHY, document="")
        assert refusal.value.key == "person_not_entitled"
    order = hide(cast)
    with pytest.raises(Refusal) as refusal:
        hide(cast)
    assert refusal.value.key == "certificate_is_under_review_already"
    with pytest.raises(Refusal) as refusal:
        lift_review(by=cast.department_head, order=order, reason="x")
    assert refusal.value.key == "person_not_entitled"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE certificate SET under_review_since = now()",
        "UPDATE certificate SET under_review_since = NULL",
        "UPDATE review_order SET ended_at = now()",
        "DELETE FROM review_order",
        "INSERT INTO review_order (certificate_number, ordered_by_id) VALUES ('x', 1)",
        "SELECT end_reviews(1)",
    ],
)
def test_staff_hides_and_shows_nothing_past_the_functions(cast: Cast, statement: str) -> None:
    hide(cast)
    with connection.cursor() as cursor:
        cursor.execute("SAVEPOINT attack")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.connection.execute(statement)
        cursor.execute("ROLLBACK TO SAVEPOINT attack")
    assert Certificate.objects.get(pk=number()).under_review_since is not None


def page(client: Client, address: str = "/staff/reviews/") -> str:
    return text_of(client.get(address))


def test_the_pages_lead_from_the_order_to_the_decision(cast: Cast) -> None:
    leader = sign_in(cast.deputy_director)
    fields = {"certificate_number": number(), "reason": WHY, "document": ""}
    refused = leader.post("/staff/reviews/new/", fields | {"otp": "", "capacity": "deputy_director"})
    assert "请输入动态码" in text_of(refused)
    assert isinstance(looked_up(), Found)
    done = leader.post("/staff/reviews/new/", confirmation(cast.deputy_director, **fields), follow=True)
    assert "已隐藏" in text_of(done)
    assert isinstance(looked_up(), UnderReview)
    order = ReviewOrder.objects.get()
    assert f"还有 {settings.REVIEW_DAYS} 天" in page(leader)
    assert "核查待决定" in page(leader, "/staff/")
    assert "核查待决定" not in page(sign_in(cast.department_head), "/staff/")
    with make_tampering("review_order") as cursor:
        cursor.execute("UPDATE review_order SET decide_by = (now() AT TIME ZONE 'Asia/Shanghai')::date - 3")
    assert "逾期 3 天" in page(leader)
    assert "逾期" in page(leader, "/staff/")
    shown = leader.post("/staff/certificates/", {"text": number()})
    assert WHY in text_of(shown)
    decision = confirmation(cast.deputy_director, decision="lifted", reason="查无此事")
    assert "已解除核查" in text_of(leader.post(f"/staff/reviews/{order.id}/", decision, follow=True))
    assert isinstance(looked_up(), Found)
    assert sign_in(cast.operator).get("/staff/reviews/").status_code == 403
    assert sign_in(cast.department_head).get("/staff/reviews/new/").status_code == 403
