"""鉴定机构: the system administrator records bodies, changes and retires them; the next file is checked by that."""

import pytest
from django.db import IntegrityError, transaction

from certificates.models import AssessmentBody, Office
from tests.make import Cast, make_actor, make_attempt, make_row
from tests.people.make import newest_entry
from tests.staff.make import sign_in, text_of
from uploads.intake.bodies import BodyDetails, add_body
from uploads.models import Capacity
from uploads.refusals import Refusal

pytestmark = pytest.mark.django_db
LIST, NEW = "/staff/bodies/", "/staff/bodies/new/"
DETAILS = BodyDetails(
    name="青岛第一鉴定站", code="15020001", is_county=False, phone="", address="", valid_from=None, valid_to=None,
    successor_id=None,
)  # fmt: skip


def described(**changes: str) -> dict[str, str]:
    return {"office": "3702", "name": "青岛第一鉴定站", "code": "15020001", "phone": "0532-55550101"} | changes


def test_a_body_is_recorded_and_the_next_file_is_checked_by_it() -> None:
    keeper, cast = sign_in(make_actor(Capacity.SYSTEM_ADMINISTRATOR)), Cast()
    assert "还没有登记" in text_of(keeper.get(LIST))
    said = text_of(keeper.post(NEW, described(), follow=True))
    assert "“青岛第一鉴定站”已登记" in said
    assert "0532-55550101" in said
    assert newest_entry("body.added").detail["office"] == "3702"
    attempt = make_attempt(by=cast.operator, office="3702", rows=[make_row(seed=1, 鉴定机构="青岛第一鉴定站")])
    assert [problem.rule for problem in attempt.problems.all()] == ["R-413"]


def test_what_is_wrong_is_said_at_its_field() -> None:
    keeper = sign_in(make_actor(Capacity.SYSTEM_ADMINISTRATOR))
    assert "请填写名称" in text_of(keeper.post(NEW, described(name=" ")))
    assert "机构代码是 8 位数字" in text_of(keeper.post(NEW, described(code="1502")))
    assert "看不见的字符" in text_of(keeper.post(NEW, described(name="青岛\u200b站")))
    assert "早于设立日期" in text_of(keeper.post(NEW, described(valid_from="2020-01-02", valid_to="2020-01-01")))
    keeper.post(NEW, described())
    assert "已经登记过" in text_of(keeper.post(NEW, described()))
    assert AssessmentBody.objects.count() == 1


def test_a_body_is_retired_with_its_successor_and_the_audit_keeps_what_changed() -> None:
    keeper = sign_in(make_actor(Capacity.SYSTEM_ADMINISTRATOR))
    old = AssessmentBody.objects.create(office_id="3702", name="青岛旧站")
    new = AssessmentBody.objects.create(office_id="3702", name="青岛新站")
    page = f"{LIST}{old.id}/"
    assert "青岛旧站" in text_of(keeper.get(page))
    assert "请填写终止日期" in text_of(keeper.post(page, {"name": old.name, "successor": str(new.id)}))
    ended = {"name": old.name, "successor": str(new.id), "valid_to": "2020-12-31"}
    said = text_of(keeper.post(page, ended, follow=True))
    assert "已停用" in said
    assert "由青岛新站承接" in said
    entry = newest_entry("body.changed")
    assert entry.subject_id == str(old.id)
    assert entry.detail["valid_to"] == [None, "2020-12-31"]
    assert "name" not in entry.detail


def test_nobody_else_opens_the_pages_or_records_a_body() -> None:
    cast = Cast()
    for actor in (cast.operator, cast.provincial_operator, make_actor(Capacity.AUDIT_ADMINISTRATOR)):
        assert sign_in(actor).get(LIST).status_code == 403
        with pytest.raises(Refusal) as refusal:
            add_body(by=actor, office=Office.objects.get(code="3702"), details=DETAILS)
        assert refusal.value.key == "person_not_entitled"
    assert not AssessmentBody.objects.exists()


def test_the_database_refuses_a_body_that_ends_before_it_begins() -> None:
    with pytest.raises(IntegrityError, match="body_validity_runs_forward"), transaction.atomic():
        AssessmentBody.objects.create(office_id="3702", name="站", valid_from="2020-01-02", valid_to="2020-01-01")


def test_the_list_shows_one_office_where_one_is_asked_for() -> None:
    keeper = sign_in(make_actor(Capacity.SYSTEM_ADMINISTRATOR))
    AssessmentBody.objects.create(office_id="3702", name="青岛旧站")
    AssessmentBody.objects.create(office_id="3701", name="济南旧站")
    shown = text_of(keeper.get(f"{LIST}?office=3702"))
    assert "青岛旧站" in shown
    assert "济南旧站" not in shown
    assert keeper.get(f"{LIST}?office=nowhere").status_code == 200
    assert keeper.get(f"{LIST}999999/").status_code == 404
