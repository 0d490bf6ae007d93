"""Offices, bodies, coverage, days off and publications are held in memory, yet no page is ever behind the database."""

from datetime import date

import pytest
from django.db import transaction
from django.test import Client

from certificates.held import reference
from certificates.models import AssessmentBody, Coverage, HolidayOverride, HolidayYear, Office, ReferenceVersion
from tests.certificates_pages.reading import ABSENT_ID, ABSENT_NUMBER, look_up, publish
from tests.databases import acting_as
from tests.make import Cast, make_published_release, make_row

pytestmark = pytest.mark.django_db

HELD = {"assessment_body", "coverage", "holiday_override", "holiday_year", "office", "publication"}


def versions() -> dict[str, int]:
    return dict(ReferenceVersion.objects.values_list("table_name", "version"))


def test_every_table_that_is_held_has_a_version_that_changes_with_it() -> None:
    assert set(versions()) == HELD
    before = versions()
    with acting_as("owner"):
        AssessmentBody.objects.create(name="平度市职业技能鉴定所", office_id="3702")
        Coverage.objects.update_or_create(office_id="3702", defaults={"state": "not_begun", "complete_from": None})
        HolidayOverride.objects.create(day=date(2031, 5, 1), is_working=False, notice_number="国办发明电〔2030〕1号")
        HolidayYear.objects.create(year=2031, notice_number="国办发明电〔2030〕1号")
        Office.objects.filter(code="3702").update(contact_phone="0532-88000001")
    make_published_release(Cast(), rows=[make_row()])
    after = versions()
    assert [table for table in HELD if after[table] == before[table]] == []


def test_a_phone_number_that_changes_between_two_lookups_is_new_in_the_second(client: Client) -> None:
    [pair] = publish(make_row(鉴定机构="青岛市职业技能鉴定中心"))
    for phone in ("0532-88000001", "0532-88000002"):
        with acting_as("owner"):
            Office.objects.filter(code="3702").update(contact_phone=phone)
        assert phone in look_up(client, pair.id_number, pair.certificate_number).content.decode()


def test_the_page_for_not_found_follows_the_coverage(client: Client) -> None:
    for day, said in (
        (date(2009, 1, 1), "2009 年 1 月 1 日起的已齐全"),
        (date(2011, 1, 1), "2011 年 1 月 1 日起的已齐全"),
    ):
        with acting_as("owner"):
            Coverage.objects.update_or_create(office_id="3702", defaults={"state": "complete", "complete_from": day})
        assert said in look_up(client, ABSENT_ID, ABSENT_NUMBER).content.decode()


def test_what_is_rolled_back_is_shown_no_longer() -> None:
    before = reference()
    with transaction.atomic():
        with acting_as("owner"):
            Office.objects.filter(code="3702").update(contact_phone="0532-88000009")
        assert reference().offices["3702"].contact_phone == "0532-88000009"
        transaction.set_rollback(True)
    assert reference() is before
