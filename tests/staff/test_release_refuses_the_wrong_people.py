"""Every step of a release is refused to whoever may not take it, and the refusal is recorded."""

import pytest
from django.test import Client

from tests.make import Cast, make_actor, make_person, make_release, make_submitted_batch
from tests.staff.make import address, confirmation, digest_on, sign_in, text_of
from uploads.actor import Actor
from uploads.models import AuditEntry, Capacity, Release, Signature

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "capacity",
    [Capacity.PROVINCIAL_OPERATOR, Capacity.DEPARTMENT_HEAD, Capacity.SYSTEM_ADMINISTRATOR, Capacity.KEEPER],
)
def test_only_the_network_administrator_assembles(capacity: Capacity) -> None:
    batch = make_submitted_batch(Cast())
    client = sign_in(make_actor(capacity))
    address = f"/staff/releases/new/?period={batch.period_id}"
    assert client.get(address).status_code == 403
    assert client.post(address, {"batches": [batch.id]}).status_code == 403
    assert not Release.objects.exists()
    assert AuditEntry.objects.filter(action="page.opened", outcome="refused").count() == 2


@pytest.mark.parametrize("name", ["department_head", "deputy_director", "network_administrator"])
def test_nobody_signs_before_his_turn(name: str) -> None:
    cast = Cast()
    release = make_release(cast)
    digest = digest_on(sign_in(cast.provincial_operator).get(address(release)))
    early = getattr(cast, name)
    answer = sign_in(early).post(address(release, "sign/"), confirmation(early, digest=digest), follow=True)
    assert "现在不轮到这一步签字" in text_of(answer)
    assert not Signature.objects.filter(release=release).exists()
    assert AuditEntry.objects.filter(action="release.sign", outcome="refused").count() == 1


def test_a_city_signs_no_release() -> None:
    cast = Cast()
    release = make_release(cast)
    digest = digest_on(sign_in(cast.provincial_operator).get(address(release)))
    answer = sign_in(cast.director).post(address(release, "sign/"), confirmation(cast.director, digest=digest))
    assert answer.status_code == 403
    assert not Signature.objects.filter(release=release).exists()


def test_who_has_signed_a_batch_is_told_why_he_cannot_sign_its_release() -> None:
    cast = Cast()
    release = make_release(cast)
    both = make_actor(Capacity.PROVINCIAL_OPERATOR, person=cast.director.person)
    page = sign_in(both).get(address(release))
    assert "同一批数据的各道签字须由不同的人完成" in text_of(page)
    assert 'name="otp"' not in page.content.decode()


def test_a_visitor_without_login_sees_no_release() -> None:
    release = make_release(Cast())
    for path in (
        address(release),
        "/staff/releases/",
        address(release, "summary.xlsx"),
        "/staff/calendar/",
        "/staff/audit/",
    ):
        answer = Client().get(path)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/staff/login/")


def test_a_person_without_any_capacity_takes_no_step() -> None:
    release = make_release(Cast())
    nobody = make_person(name="无身份")
    client = sign_in(Actor(nobody))
    assert client.post(address(release, "sign/"), {}).status_code == 403
    assert client.post(address(release, "return/"), {"reason": "x"}).status_code == 403
    assert client.post(address(release, "retry/")).status_code == 403
