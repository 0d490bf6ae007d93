"""The result names the body that issued the certificate, and whom to turn to: itself, its successor, its office (R5)."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from certificates.models import AssessmentBody, Office
from tests.certificates_pages.reading import look_up, publish, read
from tests.databases import acting_as
from tests.make import make_row

pytestmark = pytest.mark.django_db

BODY = "平度市职业技能鉴定所"
SUCCEEDED = "该机构的业务现由以下单位受理"
NO_CONTACT = "本网未登记该机构的联系方式"
LONG_AGO = date(2010, 1, 1)


def record_body(name: str = BODY, **given: object) -> AssessmentBody:
    with acting_as("owner"):
        return AssessmentBody.objects.create(name=name, office_id="3702", **given)


def record_office_contact(code: str) -> None:
    with acting_as("owner"):
        Office.objects.filter(code=code).update(contact_phone=f"0532-{code}0000", contact_address=f"{code}号")


def said_about(client: Client, body: str = BODY) -> str:
    """What the page says beside the certificate."""
    [pair] = publish(make_row(鉴定机构=body))
    return read(look_up(client, pair.id_number, pair.certificate_number)).text.split("信息有误？")[1]


def test_a_body_is_named_with_its_own_contact(client: Client) -> None:
    record_body(phone="0532-88000001", address="平度市人民路1号")
    said = said_about(client)
    assert "0532-88000001" in said
    assert said.count(BODY) == 1
    assert SUCCEEDED not in said
    assert NO_CONTACT not in said


def test_a_body_that_has_a_successor_leads_to_it(client: Client) -> None:
    successor = record_body("青岛市西海岸鉴定所", phone="0532-88000002")
    record_body(phone="0532-88000001", valid_to=LONG_AGO, successor=successor)
    said = said_about(client)
    assert BODY in said
    assert f"{SUCCEEDED}：" in said
    assert said.index(SUCCEEDED) < said.index("青岛市西海岸鉴定所") < said.index("0532-88000002")
    assert "0532-88000001" not in said


def test_a_body_that_is_no_more_leads_to_its_office(client: Client) -> None:
    record_office_contact("3702")
    record_body(phone="0532-88000001", valid_to=timezone.localdate() - timedelta(days=1))
    said = said_about(client)
    assert said.index(SUCCEEDED) < said.index("青岛市职业技能鉴定中心") < said.index("0532-37020000")


def test_a_body_without_contact_leads_to_its_office(client: Client) -> None:
    record_office_contact("3702")
    record_body()
    said = said_about(client)
    assert f"{NO_CONTACT}，可联系其所属的单位：" in said
    assert "0532-37020000" in said
    assert SUCCEEDED not in said


def test_an_office_that_assesses_itself_is_named(client: Client) -> None:
    record_office_contact("3702")
    said = said_about(client, "青岛市职业技能鉴定中心")
    assert "0532-37020000" in said
    assert said.count("青岛市职业技能鉴定中心") == 1
    assert SUCCEEDED not in said


def test_laiwu_is_led_to_jinan(client: Client) -> None:
    record_office_contact("3701")
    said = said_about(client, "莱芜市职业技能鉴定中心")
    assert said.index("莱芜市") < said.index(SUCCEEDED) < said.index("济南市职业技能鉴定中心")
    assert "0532-37010000" in said


def test_a_body_nobody_recorded_leads_to_the_provincial_centre(client: Client) -> None:
    said = said_about(client, "从未登记的鉴定所")
    assert f"{NO_CONTACT}，可联系省职业技能鉴定指导中心：" in said
    assert "山东省职业技能鉴定指导中心" in said
    assert SUCCEEDED not in said
