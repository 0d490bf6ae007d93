"""查不到证书登记 on the public site: left, found again by receipt and ID number, and kept from everybody else."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client, override_settings
from pytest_django import Settings

from certificates.enquiries import open_enquiry
from certificates.models import Enquiry, ForgeryPhoto, ForgeryReport
from certlookup.sealing import SealedId
from tests.certificates_pages.reading import ABSENT_ID, ABSENT_NUMBER, look_up, message_at, publish, read, value_of
from tests.databases import acting_as
from tests.enquiries.make import FILLED, REPORTED, ask_after, leave_enquiry, make_enquiry, make_jpeg, make_png
from tests.make import make_id_number, make_row
from tests.oversight.scanner import EICAR, running_clamd

pytestmark = pytest.mark.django_db


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "image/jpeg")


def stored(enquiry: Enquiry) -> SealedId:
    return SealedId(
        bytes(enquiry.id_commitment), bytes(enquiry.id_sealed), bytes(enquiry.id_index), enquiry.key_version
    )


def test_from_not_found_to_a_receipt_and_the_answer(client: Client) -> None:
    missed = look_up(client, ABSENT_ID, ABSENT_NUMBER)
    assert "登记查不到的证书" in read(missed).text
    form = client.post("/enquiries/", {"query": value_of(missed, "query")})
    assert "这是您刚才查询的两个号码" in read(form).text
    assert ABSENT_ID not in form.content.decode()
    fields = {name: value for name, value in FILLED.items() if not name.endswith("number")}
    left = client.post("/enquiries/", fields | {"query": value_of(form, "query"), "receipt": value_of(form, "receipt")})
    shown = read(left)
    assert shown.outcome == "enquiry-left"
    receipt = shown.fields["receipt"]
    assert re.fullmatch(r"[2-9A-Z]{4}(-[2-9A-Z]{4}){2}", receipt)

    for typed in (receipt, receipt.lower().replace("-", " ")):
        answer = ask_after(client, typed)
        assert read(answer).outcome == "enquiry-waiting"
        assert ABSENT_ID not in answer.content.decode()
    assert read(ask_after(client, receipt, path="/en/enquiries/answer/")).title.startswith("Answer to the enquiry")
    wrong = [
        ask_after(client, receipt, make_id_number(seed=5)),
        ask_after(client, "2222-2222-2222"),
        ask_after(client, "x"),
    ]
    assert {read(answer).outcome for answer in wrong} == {"enquiry-unknown"}
    assert len({answer.content for answer in wrong}) == 1


def test_what_is_left_is_sealed(client: Client) -> None:
    make_enquiry(client)
    with acting_as("superuser"), connection.cursor() as cursor:
        cursor.execute("SELECT enquiry::text FROM enquiry")
        row = cursor.fetchone()[0]
        for secret in (ABSENT_ID, FILLED["name"], FILLED["contact"], FILLED["note"]):
            assert secret not in row
            assert secret.encode().hex() not in row
    [enquiry] = Enquiry.objects.all()
    id_number, person = open_enquiry(stored(enquiry))
    assert (id_number, person.name, person.contact, person.note) == (ABSENT_ID, "王登记", "13800138000", "考试在即墨")
    assert (enquiry.office_id, str(enquiry.received_on), enquiry.issued_on) == ("3702", "2026-10-01", None)


def test_a_form_that_is_sent_twice_is_one_enquiry_and_another_certificate_is_another(client: Client) -> None:
    page = client.get("/enquiries/")
    fields = FILLED | {"receipt": value_of(page, "receipt")}
    receipts = [read(client.post("/enquiries/", fields)).fields["receipt"] for _ in range(2)]
    assert receipts[0] == receipts[1]
    other = read(client.post("/enquiries/", fields | {"certificate_number": "0815012003400002"})).fields["receipt"]
    assert other != receipts[0]
    assert Enquiry.objects.count() == 2


def test_a_certificate_that_can_be_found_needs_no_enquiry(client: Client) -> None:
    [pair] = publish(make_row(seed=1))
    answer = leave_enquiry(client, id_number=pair.id_number, certificate_number=pair.certificate_number)
    assert read(answer).outcome == "enquiry-found"
    assert read(client.post("/lookup/", {"query": value_of(answer, "query")})).outcome == "found"
    assert not Enquiry.objects.exists()


def test_what_is_missing_or_odd_is_said_at_its_field(client: Client) -> None:
    answer = leave_enquiry(client, name=" ", contact="", received_on="昨天", issued_on="2099-01-01", id_number="12")
    assert message_at(answer, "name") == "请填写姓名。"
    assert message_at(answer, "contact") == "请填写联系方式。"
    assert "请写成 2026-11-03" in message_at(answer, "received_on")
    assert "在今天以后" in message_at(answer, "issued_on")
    assert message_at(answer, "id_number")
    assert value_of(answer, "certificate_number") == ABSENT_NUMBER
    later = leave_enquiry(client, issued_on="2026-10-02")
    assert "发证日期在领证日期以后" in message_at(later, "issued_on")
    assert "请在列表中选择" in leave_enquiry(client, office="9999").content.decode()
    assert read(leave_enquiry(client, name="\0<b>", path="/en/enquiries/")).outcome == "enquiry-left"
    assert client.put("/enquiries/").status_code == 405
    assert client.get("/enquiries/answer/").headers["Location"] == "/enquiries/#progress"
    assert "现已清除" in read(client.post("/enquiries/", {"filled": "x"})).text


def test_three_waiting_enquiries_for_one_id_number_are_the_most(client: Client) -> None:
    for last in "123":
        make_enquiry(client, certificate_number=f"081501200340010{last}")
    answer = leave_enquiry(client)
    assert read(answer).outcome == "enquiry-refused"
    with override_settings(ENQUIRIES_AT_MOST=3):
        other = leave_enquiry(client, id_number=make_id_number(seed=9))
        assert read(other).outcome == "enquiry-refused"
    assert Enquiry.objects.count() == 3


@override_settings(RATE_ENQUIRIES="2/h", RATE_REPORTS="1/h")
def test_one_address_leaves_and_asks_so_often_and_no_more(client: Client) -> None:
    assert [leave_enquiry(client).status_code for _ in range(3)] == [200, 200, 429]
    assert [ask_after(client, "2222-2222-2222").status_code for _ in range(3)] == [200, 200, 429]
    answers = [client.post("/reports/", REPORTED) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert int(answers[1].headers["Retry-After"]) > 0
    assert "省职业技能鉴定指导中心" in read(answers[1]).text


@override_settings(CHALLENGE_ID=1)
def test_a_challenge_carries_the_whole_form_without_showing_it(client: Client) -> None:
    leave_enquiry(client)
    challenged = leave_enquiry(client, certificate_number="0815012003400002")
    assert read(challenged).outcome == "challenge"
    assert FILLED["contact"] not in challenged.content.decode()
    assert ABSENT_ID not in challenged.content.decode()
    again = client.post("/enquiries/", {"filled": value_of(challenged, "filled")})
    assert read(again).outcome == "challenge"


def test_a_report_is_sealed_with_its_photo(client: Client) -> None:
    photo = make_jpeg((0xE1, b"Exif secret"))
    page = client.get("/reports/")
    sent = REPORTED | {"receipt": value_of(page, "receipt"), "photo": upload("证.html", photo)}
    answer = read(client.post("/reports/", sent))
    assert answer.outcome == "report-left"
    again = read(client.post("/reports/", REPORTED | {"receipt": value_of(page, "receipt")}))
    assert again.fields["receipt"] == answer.fields["receipt"]
    assert ForgeryReport.objects.count() == 1
    [kept] = ForgeryPhoto.objects.all()
    assert kept.kind == "jpg"
    assert b"\xff\xd8" not in bytes(kept.content)[:40]
    with acting_as("superuser"), connection.cursor() as cursor:
        cursor.execute("SELECT forgery_report::text FROM forgery_report")
        assert REPORTED["issuer"].encode().hex() not in cursor.fetchone()[0]


def test_a_photo_is_scanned_where_something_scans(client: Client, settings: Settings) -> None:
    def send(content: bytes) -> HttpResponse:
        return client.post("/reports/", REPORTED | {"photo": upload("a.jpg", content)})

    with running_clamd() as server:
        settings.CLAMD_ADDRESS = server.address
        # In a part that belongs to the picture.
        assert "查出了病毒" in message_at(send(make_jpeg((0xDB, EICAR))), "photo")
        assert read(send(make_jpeg())).outcome == "report-left"
        assert server.scanned[-1] == make_jpeg()
    assert "现在不能查毒" in message_at(send(make_jpeg()), "photo")
    assert ForgeryReport.objects.count() == 1


def test_a_report_with_a_hostile_file_is_sent_back(client: Client) -> None:
    for content in (b"<svg onload=alert(1)>", b"\xff\xd8\xff<?php", b"x" * (5 * 1024 * 1024 + 1)):
        answer = client.post("/reports/", REPORTED | {"photo": upload("a.jpg", content)})
        assert message_at(answer, "photo"), content[:20]
        assert value_of(answer, "issuer") == REPORTED["issuer"]
    assert client.post("/reports/", REPORTED | {"photo": upload("a.jpg", bytes(7 * 1024 * 1024))}).status_code == 413
    assert client.post("/enquiries/", FILLED | {"note": "x" * 70_000}).status_code == 413
    assert not ForgeryReport.objects.exists()
    with override_settings(REPORT_PHOTOS_AT_MOST=1):
        for outcome in ("report-left", "report-refused"):
            assert read(client.post("/reports/", REPORTED | {"photo": upload("a.png", make_png())})).outcome == outcome
