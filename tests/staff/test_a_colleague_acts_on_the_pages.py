"""委托代理 on the pages: given on 我的账号 or by the department head, shown on signatures, ended early."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.make import Cast, make_checked_batch, make_extension, make_person
from tests.people.make import code_of
from tests.staff.make import sign_in, text_of
from uploads.actor import Actor
from uploads.models import Capacity, CapacityGrant, Person
from uploads.people.entitlement import grants_of
from uploads.signoff.sign import digest_of_batch, sign_batch

pytestmark = pytest.mark.django_db
OWN = "/staff/account/delegate/"


def fields(holder: Actor, to: Person, signer: Actor, *, days: int = 10, **more: str) -> dict[str, str]:
    """What the form sends, with the signer's code of this moment."""
    given = CapacityGrant.objects.get(person=holder.person, delegated_by=None)
    signer.person.totpdevice_set.update(last_t=-1)
    last = timezone.localdate() + timedelta(days=days)
    return {
        "grant": str(given.pk),
        "staff_number": to.staff_number,
        "last_day": last.isoformat(),
        "otp": code_of(signer.person),
        **more,
    }


def test_a_director_delegates_and_the_signature_says_so() -> None:
    cast = Cast()
    colleague = make_person(name="代办人", office="3702")
    client = sign_in(cast.director)
    assert "委托代理" in text_of(client.get("/staff/account/"))
    assert "代理最长 30 天" in text_of(client.post(OWN, fields(cast.director, colleague, cast.director, days=31)))
    assert client.post(OWN, fields(cast.director, colleague, cast.director))["Location"] == "/staff/account/"
    assert "代办人代理您的市鉴定中心主任" in text_of(client.get("/staff/account/"))
    assert f"代理{cast.director.person.name}" in text_of(sign_in(Actor(colleague)).get("/staff/account/"))

    batch = make_checked_batch(by=cast.operator)
    make_extension(by=cast.department_head)
    sign_batch(by=cast.operator, batch=batch, digest=digest_of_batch(batch))
    sign_batch(by=Actor(colleague, Capacity.CITY_DIRECTOR), batch=batch, digest=digest_of_batch(batch))
    shown = text_of(client.get(f"/staff/batches/{batch.id}/"))
    assert "市鉴定中心主任（代理）" in shown
    assert "市经办人（代理）" not in shown


def test_whoever_holds_the_capacity_himself_signs_without_the_word() -> None:
    cast = Cast()
    batch = make_checked_batch(by=cast.operator)
    make_extension(by=cast.department_head)
    sign_batch(by=cast.operator, batch=batch, digest=digest_of_batch(batch))
    sign_batch(by=cast.director, batch=batch, digest=digest_of_batch(batch))
    assert "（代理）" not in text_of(sign_in(cast.director).get(f"/staff/batches/{batch.id}/"))


def test_the_department_head_delegates_for_somebody_who_is_away() -> None:
    cast = Cast()
    colleague = make_person(name="代办人", office="3702")
    client = sign_in(cast.department_head)
    page = f"/staff/people/{cast.director.person.pk}/delegate/"
    sent = fields(cast.director, colleague, cast.department_head, capacity="department_head")
    assert client.post(page, sent).status_code == 302
    assert grants_of(colleague, timezone.now())[0].delegated_by == cast.director.person
    assert "代办人代理市鉴定中心主任" in text_of(client.get(page))


def test_it_is_ended_by_one_press() -> None:
    cast = Cast()
    colleague = make_person(office="3702")
    client = sign_in(cast.director)
    client.post(OWN, fields(cast.director, colleague, cast.director))
    given = CapacityGrant.objects.get(person=colleague)
    assert sign_in(cast.operator).post(f"/staff/delegations/{given.pk}/end/").status_code == 404
    assert client.post(f"/staff/delegations/{given.pk}/end/").status_code == 302
    assert not grants_of(colleague, timezone.now())


def test_a_delegate_gives_it_back_and_logs_in_anew() -> None:
    cast = Cast()
    colleague = make_person(office="3702")
    sign_in(cast.director).post(OWN, fields(cast.director, colleague, cast.director))
    given = CapacityGrant.objects.get(person=colleague)
    client = sign_in(Actor(colleague))
    assert client.post(f"/staff/delegations/{given.pk}/end/")["Location"] == "/staff/login/"
    assert client.get("/staff/account/").status_code == 302


@pytest.mark.parametrize(("office", "sentence"), [("3701", "同一单位"), ("", "没有这个工号")])
def test_the_page_says_why_not(office: str, sentence: str) -> None:
    cast = Cast()
    to = make_person(office=office) if office else Person(staff_number="NOBODY")
    answer = sign_in(cast.director).post(OWN, fields(cast.director, to, cast.director))
    assert sentence in text_of(answer)


def test_an_own_grant_of_another_is_not_delegated_by_its_number() -> None:
    cast = Cast()
    client = sign_in(cast.director)
    sent = fields(cast.department_head, make_person(office="3702"), cast.director)
    assert "请从列表中选择身份" in text_of(client.post(OWN, sent))


def test_whoever_has_nothing_to_delegate_is_told() -> None:
    cast = Cast()
    assert "没有可以委托的身份" in text_of(sign_in(Actor(make_person())).get(OWN))
    assert cast.office == "3702"
