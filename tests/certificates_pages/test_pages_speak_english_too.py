"""Every public page stands under /en/ in English; the data stay Chinese, as certificates are."""

import re

import pytest
from django.test import Client

from tests.certificates_pages.reading import (
    ABSENT_ID,
    ABSENT_NUMBER,
    change_published,
    look_up,
    message_at,
    publish,
    read,
    value_of,
)
from tests.make import make_row

pytestmark = pytest.mark.django_db

HAN = re.compile(r"[\u3400-\u9fff]")
EN_LOOKUP = "/en/lookup/"


def chinese_outside_data(page: str) -> list[str]:
    """Chinese texts of a page that don't stand in an element marked as Chinese."""
    body = re.sub(r'<(\w+)[^>]*\blang="zh-Hans"[^>]*>.*?</\1>', "", page.split("<head>")[1], flags=re.DOTALL)
    return HAN.findall(re.sub(r"<!--.*?-->", "", body, flags=re.DOTALL))


def test_the_home_page_is_there_in_english(client: Client) -> None:
    page = client.get("/en/")
    assert '<html lang="en">' in page.content.decode()
    assert "Look up a certificate" in read(page).text
    assert not chinese_outside_data(page.content.decode())


def test_every_answer_is_given_in_english(client: Client) -> None:
    [pair] = publish(make_row(操作技能考核成绩="免考"))
    found = look_up(client, pair.id_number, pair.certificate_number, path=EN_LOOKUP)
    answer = read(found)
    assert answer.fields["level"] == "Level 3 / Advanced skilled worker"
    assert (answer.fields["result"], answer.fields["skill_score"]) == ("Pass", "Exempt")
    assert answer.fields["occupation"] == "电工"
    assert "Valid" in answer.text
    pages = [
        found,
        look_up(client, ABSENT_ID, ABSENT_NUMBER, path=EN_LOOKUP),
        look_up(client, "1", "2", path=EN_LOOKUP),
    ]
    pages.append(look_up(client, ABSENT_ID, "0810012003400001", path=EN_LOOKUP))
    change_published(pair, "kind = 'corrected', changed_fields = '{holder_name}'")
    pages.append(look_up(client, pair.id_number, pair.certificate_number, path=EN_LOOKUP))
    change_published(pair, "under_review_since = now()")
    pages.append(look_up(client, pair.id_number, pair.certificate_number, path=EN_LOOKUP))
    for page in pages:
        assert not chinese_outside_data(page.content.decode())


def test_a_message_at_a_field_is_in_english(client: Client) -> None:
    page = look_up(client, ABSENT_ID[:-1], ABSENT_NUMBER, path=EN_LOOKUP)
    assert "you entered 17" in message_at(page, "id_number")
    assert read(page).title.startswith("Error: ")


def test_a_page_that_is_not_there_says_so_in_english(client: Client) -> None:
    page = client.get("/en/nothing")
    assert page.status_code == 404
    assert "There is no such page" in read(page).text
    assert not chinese_outside_data(page.content.decode())


def test_the_switch_on_an_ordinary_page_is_a_link(client: Client) -> None:
    assert '<a href="/en/" lang="en" hreflang="en">English</a>' in client.get("/").content.decode()
    assert '<a href="/" lang="zh-Hans" hreflang="zh-Hans">中文</a>' in client.get("/en/").content.decode()


@pytest.mark.parametrize(("here", "there"), [("/lookup/", "/en/lookup/"), ("/en/lookup/", "/lookup/")])
def test_the_switch_on_an_answer_is_a_form_that_asks_again(client: Client, here: str, there: str) -> None:
    [pair] = publish()
    page = look_up(client, pair.id_number, pair.certificate_number, path=here)
    assert f'<form method="post" action="{there}">' in page.content.decode()
    other = client.post(there, {"query": value_of(page, "query")})
    assert read(other).outcome == "found"
    assert read(other).fields["certificate_number"] == pair.certificate_number
    assert ('<html lang="en">' in other.content.decode()) == (there == EN_LOOKUP)


def test_the_switch_on_a_form_with_messages_keeps_what_was_typed(client: Client) -> None:
    page = look_up(client, "12", "34")
    other = client.post(EN_LOOKUP, {"query": value_of(page, "query")})
    assert (value_of(other, "id_number"), value_of(other, "certificate_number")) == ("12", "34")
    assert read(other).outcome == "invalid"


def test_en_without_its_slash_leads_there(client: Client) -> None:
    assert client.get("/en")["Location"] == "/en/"
