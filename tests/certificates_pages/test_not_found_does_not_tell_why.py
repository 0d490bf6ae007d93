"""Not found says what may be the reason and what to do, and never which number is wrong."""

import re

import pytest
from django.test import Client

from tests.certificates_pages.reading import ABSENT_ID, ABSENT_NUMBER, look_up, publish, read
from tests.make import make_row

pytestmark = pytest.mark.django_db


def without_token(page: str) -> str:
    """The sealed query differs each time, the minute may."""
    return re.sub(r'name="query" value="[^"]*"|\d\d:\d\d', "", page)


def test_either_wrong_number_gets_the_same_page(client: Client) -> None:
    mine, other = publish(make_row(seed=1), make_row(seed=2))
    pages = {
        without_token(look_up(client, id_number, number).content.decode())
        for id_number, number in (
            (ABSENT_ID, mine.certificate_number),
            (mine.id_number, ABSENT_NUMBER),
            (ABSENT_ID, ABSENT_NUMBER),
            (mine.id_number, other.certificate_number),
        )
    }
    assert len(pages) == 1
    assert 'data-outcome="not-found"' in pages.pop()


def test_it_says_what_to_do(client: Client) -> None:
    answer = read(look_up(client, ABSENT_ID, ABSENT_NUMBER))
    assert answer.title.startswith("没有查到")
    assert "未查询到，不等于证书系伪造。" in answer.text
    assert "领证满 30 天仍查不到？" in answer.text
    assert "山东省职业技能鉴定指导中心" in answer.text


def test_a_number_of_another_issuer_is_led_to_the_national_site(client: Client) -> None:
    hint = "证书编号的第 3、4 位是 10"
    assert hint in read(look_up(client, ABSENT_ID, "0810012003400001")).text
    assert "证书编号的第 3、4 位" not in read(look_up(client, ABSENT_ID, ABSENT_NUMBER)).text
