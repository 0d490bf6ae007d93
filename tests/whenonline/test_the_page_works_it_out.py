"""The small form on the not-found page, and its answers in words."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.certificates_pages.reading import ABSENT_ID, ABSENT_NUMBER, look_up, publish, read, value_of
from tests.certificates_pages.test_pages_speak_english_too import chinese_outside_data
from tests.make import make_period, make_tampering

pytestmark = pytest.mark.django_db


def ask(client: Client, basis: str, days: object, office: str = "", *, prefix: str = "", **more: str) -> str:
    return read(client.post(f"{prefix}/when/", {"basis": basis, "days": str(days), "office": office} | more)).text


def test_the_not_found_page_has_the_form_the_phone_and_the_enquiry(client: Client) -> None:
    missed = look_up(client, ABSENT_ID, ABSENT_NUMBER)
    text = read(missed).text
    for part in ("我的证书什么时候上网？", "领到证书的日期", "山东省职业技能鉴定指导中心", "登记查不到的证书"):
        assert part in text
    answer = client.post("/when/", {"basis": "received", "days": "2026", "query": value_of(missed, "query")})
    assert "核对号码后再查" in read(answer).text
    assert "登记查不到的证书" in read(answer).text
    assert ABSENT_ID not in answer.content.decode()
    form = client.post("/lookup/", {"query": value_of(answer, "query"), "edit": "1"})
    assert value_of(form, "certificate_number") == ABSENT_NUMBER


def test_what_is_online_should_be_found_and_other_offices_are_missing(client: Client) -> None:
    publish()
    day = make_period().first_day
    assert "应当查得到" in ask(client, "issued", day)
    assert "应当查得到" in ask(client, "issued", day, "3702")
    assert "其中还没有济南市的" in ask(client, "issued", day, "3701")
    assert "It should be found" in ask(client, "issued", day, "3702", prefix="/en")
    assert "最迟在这一期" in ask(client, "received", day, "3702")


def test_every_answer_is_there_in_english(client: Client) -> None:
    publish()
    day = make_period().first_day
    for basis, days, office in (
        ("issued", day, "3701"), ("received", day, "3702"), ("about", "2008", "3701"), ("about", "2026", ""),
        ("issued", timezone.localdate(), ""), ("received", timezone.localdate() - timedelta(days=40), ""),
    ):  # fmt: skip
        answer = client.post("/en/when/", {"basis": basis, "days": str(days), "office": office})
        assert not chinese_outside_data(answer.content.decode()), (basis, days, office)
    for path in ("/en/when/", "/en/enquiries/", "/en/reports/", "/en/codes/"):
        assert not chinese_outside_data(client.get(path).content.decode()), path


def test_lateness_and_no_data_are_told(client: Client) -> None:
    publish()
    day = make_period().first_day
    with make_tampering("publication", "batch") as cursor:
        cursor.execute(
            "UPDATE publication SET published_on = %s", [make_period().nominal_publication_day + timedelta(days=9)]
        )
        assert "晚了" in ask(client, "issued", day, "3702")
        cursor.execute("UPDATE batch SET declares_no_data = true")
        assert "青岛市在" in ask(client, "issued", day, "3702")
        assert "没有数据" in ask(client, "issued", day, "3702")


def test_older_certificates_are_a_matter_of_collecting(client: Client) -> None:
    publish()
    with make_tampering("coverage") as cursor:
        cursor.execute(
            "INSERT INTO coverage (office_id, state, complete_from) VALUES ('3701', 'collecting', '2009-01-01')"
        )
    assert "济南市在 2009 年 1 月 1 日以前的证书仍在整理" in ask(client, "about", "2008", "3701")
    assert "济南市这段时间的证书已经齐全" in ask(client, "about", "2012", "3701")
    assert "选择办证的市" in ask(client, "about", "2008")


def test_what_is_to_come_has_its_day_and_thirty_days_count_from_the_receipt(client: Client) -> None:
    today = timezone.localdate()
    told = ask(client, "received", today)
    assert "办理的证书" in told
    assert "满 30 天；那时仍查不到的" in told
    assert "已满 30 天" in ask(client, "received", today - timedelta(days=30))
    assert "30 天从领到证书的那天算起" in ask(client, "issued", today)


def test_a_form_with_a_mistake_says_which(client: Client) -> None:
    answer = client.post("/when/", {"basis": "x", "days": "2026-13", "office": "1"})
    text = read(answer).text
    assert read(answer).title.startswith("错误：")
    for message in ("请选择一项。", "没有这个日期", "请在列表中选择。"):
        assert message in text
    assert client.get("/when/").status_code == 200
    assert client.delete("/when/").status_code == 405
