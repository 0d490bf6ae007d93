"""证书版本: every state of a certificate, for the province's signers and the city that published it; each view is recorded."""

import pytest

from tests.make import (
    Cast,
    make_actor,
    make_correction,
    make_id_number,
    make_published_change,
    make_published_release,
    make_reinstatement,
    make_revocation,
    make_rows,
)
from tests.staff.make import sign_in, text_of
from uploads.actor import Actor
from uploads.models import AuditEntry, BatchKind, Capacity

pytestmark = pytest.mark.django_db
PAGE = "/staff/certificates/"


@pytest.fixture
def cast() -> Cast:
    cast = Cast()
    make_published_release(cast, rows=make_rows(3))
    return cast


def number() -> str:
    return str(make_rows(3)[1]["证书编号"])


def asked(actor: Actor, text: str) -> str:
    answer = sign_in(actor).post(PAGE, {"text": text})
    assert answer.status_code == 200
    return text_of(answer)


def test_every_revision_stands_there_in_order_with_what_it_changed(cast: Cast) -> None:
    make_published_change(cast, BatchKind.CORRECTION, [make_correction(number(), 姓名="李更正", 更正原因="姓名录错")])
    make_published_change(cast, BatchKind.REVOCATION, [make_revocation(number())])
    make_published_change(cast, BatchKind.REINSTATEMENT, [make_reinstatement(number())])
    shown = asked(cast.department_head, number())
    places = [shown.index(f"版本 {place}") for place in (1, 2, 3, 4)]
    assert places == sorted(places)
    assert "姓名 张𠮷 李更正" in shown
    assert "姓名录错" in shown
    assert "鲁人社撤〔2026〕3号" in shown
    assert "鲁人社复〔2026〕8号" in shown
    assert shown.index("首次上网") < shown.index("已更正") < shown.index("已撤销") < shown.rindex("恢复有效")


def test_the_id_number_is_masked_and_in_no_entry_of_the_audit(cast: Cast) -> None:
    id_number = make_id_number(seed=1)
    shown = asked(cast.provincial_operator, id_number)
    assert id_number not in shown
    assert f"{id_number[:3]}***" in shown
    assert "找到 1 本证书" in shown
    viewed = AuditEntry.objects.get(action="certificate.viewed")
    assert (viewed.subject_id, viewed.staff_number) == (number(), cast.provincial_operator.person.staff_number)
    searched = AuditEntry.objects.get(action="certificate.searched")
    assert (searched.subject_id, searched.detail) == ("", {"method": "证件号码", "found": 1})
    assert all(id_number not in str(entry.detail) + entry.subject_id for entry in AuditEntry.objects.all())


def test_a_city_sees_what_it_published_itself(cast: Cast) -> None:
    for actor in (cast.operator, cast.director):
        assert "找到 1 本证书" in asked(actor, number())


def test_another_citys_is_as_unknown_as_one_that_is_not_there(cast: Cast) -> None:
    stranger = make_actor(Capacity.CITY_OPERATOR, "3701")
    assert asked(stranger, number()) == asked(stranger, "0915000000300123").replace("0915000000300123", number())
    assert "没有找到" in asked(stranger, number())
    assert "没有找到" in asked(stranger, make_id_number(seed=1))
    assert not AuditEntry.objects.filter(action="certificate.viewed").exists()
    assert AuditEntry.objects.filter(action="certificate.searched").count() == 4


def test_only_who_signs_asks(cast: Cast) -> None:
    for capacity in (Capacity.SYSTEM_ADMINISTRATOR, Capacity.AUDIT_ADMINISTRATOR, Capacity.KEEPER):
        assert sign_in(make_actor(capacity)).post(PAGE, {"text": number()}).status_code == 403
    assert "查找" in text_of(sign_in(cast.deputy_director).get(PAGE))


@pytest.mark.parametrize("text", ["", "张三", "12", "x" * 90])
def test_what_is_no_number_is_said(text: str, cast: Cast) -> None:
    shown = asked(cast.network_administrator, text)
    assert "请改正以下内容" in shown
