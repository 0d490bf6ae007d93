"""查不到登记 and 举报 on the staff's pages: who sees what, the answer, the end, what is recorded."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client

from certificates.models import Enquiry, EnquiryState, ForgeryReport
from tests.certificates_pages.reading import ABSENT_ID, read
from tests.enquiries.make import REPORTED, ask_after, make_enquiry, make_jpeg
from tests.make import make_actor, make_tampering
from tests.staff.make import sign_in, text_of
from uploads.enquiries.answering import answer_enquiry
from uploads.models import AuditEntry, Capacity
from uploads.refusals import Refusal

pytestmark = pytest.mark.django_db
ANSWER = "经查档，您的证书将于11月30日上网。"


def recorded(action: str) -> int:
    return AuditEntry.objects.filter(action=action).count()


def test_an_enquiry_is_answered_by_its_office_and_the_holder_reads_it() -> None:
    visitor = Client()
    receipt = make_enquiry(visitor)
    [enquiry] = Enquiry.objects.all()
    staff = sign_in(make_actor(Capacity.CITY_OPERATOR, "3702"))
    assert receipt in text_of(staff.get("/staff/enquiries/"))
    page = f"/staff/enquiries/{enquiry.pk}/"
    shown = text_of(staff.get(page))
    assert "王登记" in shown
    assert "13800138000" in shown
    assert "没有这个编号" in shown
    assert ABSENT_ID not in shown
    assert ABSENT_ID in text_of(staff.post(page, {"act": "show_id"}))
    assert (recorded("enquiry.viewed"), recorded("enquiry.id_shown")) == (1, 1)

    assert "请填写答复" in text_of(staff.post(page, {"text": " "}))
    assert "不能写证件号码" in text_of(staff.post(page, {"text": f"您的号码{ABSENT_ID}有误"}))
    assert "已答复" in text_of(staff.post(page, {"text": ANSWER}, follow=True))
    answer = read(ask_after(visitor, receipt))
    assert answer.outcome == "enquiry-answered"
    assert ANSWER in answer.text
    assert "已办结" in text_of(staff.post(page, {"act": "close"}, follow=True))
    assert read(ask_after(visitor, receipt)).outcome == "enquiry-closed"
    assert "已经办结" in text_of(staff.post(page, {"text": "再答"}, follow=True))
    assert receipt not in text_of(staff.get("/staff/enquiries/"))
    assert receipt in text_of(staff.get("/staff/enquiries/", {"state": "closed"}))
    assert ANSWER not in str(list(AuditEntry.objects.values_list("detail", flat=True)))


def test_other_offices_see_nothing_and_the_province_answers_for_who_does_not_know() -> None:
    visitor = Client()
    make_enquiry(visitor)
    nowhere = make_enquiry(visitor, office="", certificate_number="0815012003400002")
    mine, unknown = Enquiry.objects.order_by("pk")
    other = sign_in(make_actor(Capacity.CITY_OPERATOR, "3701"))
    assert "没有符合条件的登记" in text_of(other.get("/staff/enquiries/"))
    assert other.get(f"/staff/enquiries/{mine.pk}/").status_code == 404
    assert sign_in(make_actor(Capacity.SYSTEM_ADMINISTRATOR)).get("/staff/enquiries/").status_code == 403

    province = sign_in(make_actor(Capacity.PROVINCIAL_OPERATOR))
    listed = text_of(province.get("/staff/enquiries/", {"office": "none"}))
    assert nowhere in listed
    assert province.post(f"/staff/enquiries/{unknown.pk}/", {"text": ANSWER, "close": "on"}).status_code == 302
    unknown.refresh_from_db()
    assert unknown.state == EnquiryState.CLOSED
    head = sign_in(make_actor(Capacity.DEPARTMENT_HEAD))
    assert "由办证单位或省经办人答复" in text_of(head.get(f"/staff/enquiries/{mine.pk}/"))
    assert head.post(f"/staff/enquiries/{mine.pk}/", {"text": ANSWER}).status_code == 403
    with pytest.raises(Refusal, match="person_not_entitled"):
        answer_enquiry(by=make_actor(Capacity.CITY_OPERATOR, "3701"), enquiry=mine, text=ANSWER, close=False)


def test_an_old_enquiry_is_red() -> None:
    make_enquiry(Client())
    with make_tampering("enquiry") as cursor:
        cursor.execute("UPDATE enquiry SET created_at = created_at - %s", [timedelta(days=11)])
    director = sign_in(make_actor(Capacity.CITY_DIRECTOR, "3702"))
    assert "已 11 天" in text_of(director.get("/staff/enquiries/"))
    with make_tampering("enquiry") as cursor:
        cursor.execute("UPDATE enquiry SET created_at = created_at - %s", [timedelta(days=1)])
    assert "1 项，其中 1 项已超过 10 天" in text_of(director.get("/staff/"))
    assert "查不到登记待答复" not in text_of(sign_in(make_actor(Capacity.CITY_DIRECTOR, "3701")).get("/staff/"))


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "closed"},
        {"state": "answered"},
        {"answer": "x"},
        {"state": "closed", "closing": "published", "closed_at": "2026-11-24T00:00:00Z"},
        {"state": "closed", "closing": "staff", "closed_by": "1", "closed_at": "2026-11-24T00:00:00Z"},
        {"certificate_number": "1"},
        {"receipt": "222222222222"},
        {"id_sealed": b"x"},
    ],
)
def test_the_database_keeps_enquiries_in_order(changes: dict[str, object]) -> None:
    make_enquiry(Client())
    with pytest.raises(DatabaseError), transaction.atomic():
        Enquiry.objects.update(**changes)


def test_a_report_goes_to_the_provincial_centre_alone() -> None:
    visitor = Client()
    photo = make_jpeg()
    fields = REPORTED | {"photo": SimpleUploadedFile("x.jpg", photo, "text/html")}
    receipt = read(visitor.post("/reports/", fields)).fields["receipt"]
    [report] = ForgeryReport.objects.all()
    page = f"/staff/forgeries/{report.pk}/"
    assert sign_in(make_actor(Capacity.CITY_OPERATOR, "3702")).get(page).status_code == 403

    staff = sign_in(make_actor(Capacity.PROVINCIAL_OPERATOR))
    assert receipt in text_of(staff.get("/staff/forgeries/"))
    shown = text_of(staff.get(page))
    assert "某某人社局" in shown
    assert "没有这个编号" in shown
    handed = staff.post(f"{page}photo/")
    assert handed.content == photo
    assert handed.headers["Content-Disposition"] == f'attachment; filename="{receipt}.jpg"'
    assert handed.headers["Content-Type"] == "application/octet-stream"
    assert recorded("forgery.photo_handed_out") == 1
    assert "请填写办理情况" in text_of(staff.post(page, {"handling": ""}))
    assert "已办结" in text_of(staff.post(page, {"handling": "经核实为假证，已移交公安。"}, follow=True))
    assert "已经办结" in text_of(staff.post(page, {"handling": "再"}, follow=True))
