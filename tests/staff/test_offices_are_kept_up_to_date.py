"""上报单位: the system administrator records whom to call; colleagues and visitors read it where they need it."""

import pytest

from certificates.models import Office
from tests.make import Cast, make_actor
from tests.people.make import newest_entry
from tests.staff.make import sign_in, text_of
from uploads.intake.offices import OfficeDetails, change_office
from uploads.models import Capacity
from uploads.refusals import Refusal

pytestmark = pytest.mark.django_db
LIST, QINGDAO = "/staff/offices/", "/staff/offices/3702/"
DETAILS = {
    "responsible_person": "孙  专责", "responsible_phone": "0532-55550102", "contact_phone": "0532-55550100",
    "contact_address": "青岛市示例路1号", "issuing_authority": "青岛市人力资源和社会保障局",
}  # fmt: skip


def test_an_office_is_changed_and_the_public_contacts_say_so_at_once() -> None:
    keeper = sign_in(make_actor(Capacity.SYSTEM_ADMINISTRATOR))
    assert "未登记" in text_of(keeper.get(LIST))
    said = text_of(keeper.post(QINGDAO, DETAILS, follow=True))
    assert "青岛市的联系方式已保存" in said
    assert "孙 专责" in said
    changed = newest_entry("office.changed")
    assert changed.detail["responsible_phone"] == ["", "0532-55550102"]
    assert "0532-55550100" in text_of(keeper.get("/contacts/"))
    assert "0532-55550102" not in text_of(keeper.get("/contacts/"))


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_saved() -> None:
    keeper = sign_in(make_actor(Capacity.SYSTEM_ADMINISTRATOR))
    assert "电话只写数字" in text_of(keeper.post(QINGDAO, DETAILS | {"contact_phone": "<b>0532</b>"}))
    assert "看不见的字符" in text_of(keeper.post(QINGDAO, DETAILS | {"contact_address": "青岛\u200b市"}))
    assert not Office.objects.exclude(responsible_person="").filter(code="3702").exists()


def test_saving_without_a_change_leaves_no_entry() -> None:
    keeper = sign_in(make_actor(Capacity.SYSTEM_ADMINISTRATOR))
    keeper.post(QINGDAO, DETAILS)
    first = newest_entry("office.changed").number
    keeper.post(QINGDAO, DETAILS)
    assert newest_entry("office.changed").number == first


def test_nobody_else_changes_an_office() -> None:
    cast = Cast()
    office = Office.objects.get(code="3702")
    with pytest.raises(Refusal) as refused:
        change_office(by=cast.director, office=office, details=OfficeDetails.of(office))
    assert refused.value.key == "person_not_entitled"
    assert sign_in(cast.director).get(LIST).status_code == 403
    assert sign_in(make_actor(Capacity.SYSTEM_ADMINISTRATOR)).get("/staff/offices/9999/").status_code == 404
